/* quantity.c - amounts are counted in billionths, the finest step that Kubernetes keeps. */
#include "stash/quantity.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "stash/mem.h"
#include "stash/text.h"

__extension__ typedef __int128 nanos;

#define NANO 1000000000

/* 2^63 units: beyond that the API server's own type ends. */
#define NANOS_MAX (((nanos)1 << 63) * NANO)

struct suffix {
    const char *text;
    int base, exponent; /* in units; negative exponents only to base 10 */
};

static const struct suffix suffixes[] = {
    {"", 10, 0},   {"n", 10, -9}, {"u", 10, -6}, {"m", 10, -3}, {"k", 10, 3},  {"M", 10, 6},
    {"G", 10, 9},  {"T", 10, 12}, {"P", 10, 15}, {"E", 10, 18}, {"Ki", 2, 10}, {"Mi", 2, 20},
    {"Gi", 2, 30}, {"Ti", 2, 40}, {"Pi", 2, 50}, {"Ei", 2, 60},
};

/* The number before the suffix: digits without their point, and how many stood behind it. */
struct digits {
    nanos value;
    int fraction;
    bool any;
};

/* More digits than this cannot matter: 2^63 has 19, and 9 may follow the point. */
#define DIGITS_MAX   30
#define EXPONENT_MAX 99

static const char *read_digits(const char *at, struct digits *ret)
{
    bool point = false;
    int count = 0;

    for (; isdigit((unsigned char)*at) || (*at == '.' && !point); at++) {
        if (*at == '.') {
            point = true;
            continue;
        }
        if (++count > DIGITS_MAX)
            return NULL;
        ret->value = ret->value * 10 + (*at - '0');
        ret->fraction += point;
        ret->any = true;
    }
    return at;
}

/* A suffix of the table, or e/E and a signed exponent of ten. */
static bool read_suffix(const char *at, struct suffix *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
        if (strcmp(at, suffixes[i].text) == 0) {
            *ret = suffixes[i];
            return true;
        }
    }
    if (*at != 'e' && *at != 'E')
        return false;
    const char *number = at + 1 + (at[1] == '+' || at[1] == '-');
    int64_t exponent;
    if (!text_number(&number, EXPONENT_MAX, &exponent) || *number)
        return false;
    *ret = (struct suffix){"", 10, (int)exponent * (at[1] == '-' ? -1 : 1)};
    return true;
}

static bool checked_multiply(nanos *value, int base, int times)
{
    for (; times > 0; times--) {
        if (*value > NANOS_MAX / base)
            return *value == 0;
        *value *= base;
    }
    return true;
}

/* Divide and round up: a trace of a billionth counts as one. */
static void rounded_divide(nanos *value, int times)
{
    bool lost = false;

    for (; times > 0; times--) {
        lost |= *value % 10 != 0;
        *value /= 10;
    }
    *value += lost;
}

static bool parse_nanos(const char *text, nanos *ret)
{
    bool negative = *text == '-';
    struct digits digits = {0};
    struct suffix suffix;
    const char *rest = read_digits(text + (negative || *text == '+'), &digits);

    if (!rest || !digits.any || !read_suffix(rest, &suffix))
        return false;
    int tens = 9 - digits.fraction + (suffix.base == 10 ? suffix.exponent : 0);
    nanos value = digits.value;
    if (suffix.base == 2 && !checked_multiply(&value, 2, suffix.exponent))
        return false;
    if (tens < 0)
        rounded_divide(&value, -tens);
    else if (!checked_multiply(&value, 10, tens))
        return false;
    if (value >= NANOS_MAX)
        return false;
    *ret = negative ? -value : value;
    return true;
}

bool quantity_parse(const char *text, int64_t *ret_units)
{
    nanos value;

    if (!parse_nanos(text, &value))
        return false;
    int64_t whole = (int64_t)(value / NANO);
    nanos rest = value % NANO;
    *ret_units = whole + (rest > 0) - (rest < 0);
    return true;
}

bool quantity_millis(const char *text, int64_t *ret_millis)
{
    nanos value;

    if (!parse_nanos(text, &value))
        return false;
    nanos rest = value % (NANO / 1000);
    nanos millis = value / (NANO / 1000) + (rest > 0) - (rest < 0);
    if (millis > INT64_MAX || millis < -INT64_MAX)
        return false;
    *ret_millis = (int64_t)millis;
    return true;
}

bool quantity_equal(const char *one, const char *two)
{
    nanos a, b;

    return parse_nanos(one, &a) && parse_nanos(two, &b) && a == b;
}

bool quantity_compare(const char *one, const char *two, int *ret)
{
    nanos a, b;

    if (!parse_nanos(one, &a) || !parse_nanos(two, &b))
        return false;
    *ret = (a > b) - (a < b);
    return true;
}

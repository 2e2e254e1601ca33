/* Go's durations: the syntax of timeOut, retryConfig.delay and the sessionDuration that users read.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stash/timefmt.h"

#define NANOS_SECOND INT64_C(1000000000)

static const struct unit {
    const char *name;
    int64_t nanos;
} units[] = {
    /* longer names first where one is the beginning of another */
    {"ns", 1},           {"us", 1000},        {"\xc2\xb5s", 1000}, /* U+00B5 */
    {"\xce\xbcs", 1000},                                           /* U+03BC */
    {"ms", 1000000},     {"s", NANOS_SECOND}, {"m", 60 * NANOS_SECOND}, {"h", 3600 * NANOS_SECOND},
};

static const struct unit *take_unit(const char **text)
{
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        size_t len = strlen(units[i].name);
        if (strncmp(*text, units[i].name, len) == 0) {
            *text += len;
            return &units[i];
        }
    }
    return NULL;
}

/* Digits as an integer; false when they overflow. At most one of the two parts of a number may be
 * empty. */
static bool take_digits(const char **text, int64_t *ret, size_t *ret_count)
{
    int64_t value = 0;
    size_t count = 0;

    while (isdigit((unsigned char)(*text)[count])) {
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (*text)[count] - '0', &value))
            return false;
        count++;
    }
    *text += count;
    *ret = value;
    *ret_count = count;
    return true;
}

/* The fraction's digits times the unit; digits beyond a nanosecond's worth are dropped. */
static int64_t fraction_nanos(const char *start, size_t digits, int64_t unit_nanos)
{
    double value = 0, scale = 1;

    for (size_t i = 0; i < digits && i < 18; i++) {
        scale /= 10;
        value += (start[i] - '0') * scale;
    }
    return (int64_t)(value * (double)unit_nanos + 0.5);
}

/* One "12.5h" at *text, added to *total. */
static bool take_term(const char **text, int64_t *total)
{
    int64_t whole, nanos;
    size_t whole_digits, fraction_digits = 0;
    const char *fraction = NULL;

    if (!take_digits(text, &whole, &whole_digits))
        return false;
    if (**text == '.') {
        fraction = ++*text;
        fraction_digits = strspn(fraction, "0123456789");
        *text += fraction_digits;
    }
    const struct unit *unit = take_unit(text);
    if (!unit || whole_digits + fraction_digits == 0)
        return false;
    if (__builtin_mul_overflow(whole, unit->nanos, &nanos))
        return false;
    int64_t part = fraction ? fraction_nanos(fraction, fraction_digits, unit->nanos) : 0;
    return !__builtin_add_overflow(nanos, part, &nanos) &&
           !__builtin_add_overflow(*total, nanos, total);
}

bool timefmt_parse_duration(const char *text, int64_t *ret_nanos)
{
    int64_t total = 0;
    bool negative = *text == '-';

    if (*text == '-' || *text == '+')
        text++;
    if (strcmp(text, "0") == 0) {
        *ret_nanos = 0;
        return true;
    }
    if (!*text)
        return false;
    while (*text)
        if (!take_term(&text, &total))
            return false;
    *ret_nanos = negative ? -total : total;
    return true;
}

/* value/unit with the fraction's trailing zeros cut: 1500 of 1000 is "1.5". */
static void print_fraction(int64_t value, int64_t unit, const char *name, char *out, size_t size)
{
    char digits[24];

    /* adding the unit puts a 1 before the leading zeros; it is skipped */
    snprintf(digits, sizeof(digits), "%" PRId64, unit + value % unit);
    char *fraction = digits + 1;
    size_t len = strlen(fraction);
    while (len > 0 && fraction[len - 1] == '0')
        fraction[--len] = '\0';
    snprintf(out, size, "%" PRId64 "%s%s%s", value / unit, len ? "." : "", fraction, name);
}

void timefmt_duration(int64_t nanos, char out[TIMEFMT_SIZE])
{
    char seconds[24];
    const char *sign = nanos < 0 ? "-" : "";

    if (nanos == 0) {
        snprintf(out, TIMEFMT_SIZE, "0s");
        return;
    }
    if (nanos < 0)
        nanos = nanos == INT64_MIN ? INT64_MAX : -nanos;
    if (nanos < NANOS_SECOND) {
        bool micro = nanos < 1000000;
        int64_t unit = nanos < 1000 ? 1 : micro ? 1000 : 1000000;
        print_fraction(nanos, unit,
                       nanos < 1000 ? "ns"
                       : micro      ? "\xc2\xb5s"
                                    : "ms",
                       seconds, sizeof(seconds));
        snprintf(out, TIMEFMT_SIZE, "%s%s", sign, seconds);
        return;
    }
    int64_t minutes = nanos / (60 * NANOS_SECOND);
    print_fraction(nanos % (60 * NANOS_SECOND), NANOS_SECOND, "s", seconds, sizeof(seconds));
    if (minutes == 0)
        snprintf(out, TIMEFMT_SIZE, "%s%s", sign, seconds);
    else if (minutes < 60)
        snprintf(out, TIMEFMT_SIZE, "%s%" PRId64 "m%s", sign, minutes, seconds);
    else
        snprintf(out, TIMEFMT_SIZE, "%s%" PRId64 "h%" PRId64 "m%s", sign, minutes / 60,
                 minutes % 60, seconds);
}

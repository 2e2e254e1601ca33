/* What an unquoted word means: the rules of YAML 1.1 as kubectl's parser applies them. */
#include "yaml_scalar.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool one_of(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(text, *words) == 0)
            return true;
    return false;
}

static bool is_null(const char *text)
{
    return one_of(text, (const char *const[]){"", "~", "null", "Null", "NULL", NULL});
}

static bool is_true(const char *text)
{
    return one_of(text, (const char *const[]){"true", "True", "TRUE", "yes", "Yes", "YES", "on",
                                              "On", "ON", "y", "Y", NULL});
}

static bool is_false(const char *text)
{
    return one_of(text, (const char *const[]){"false", "False", "FALSE", "no", "No", "NO", "off",
                                              "Off", "OFF", "n", "N", NULL});
}

/* Decimal, 0x…, 0o…, 0b… and the old octal 0777. */
static bool parse_int(const char *text, json_int_t *ret)
{
    const char *digits = text + (*text == '-' || *text == '+');
    int base = 10;

    if (!isdigit((unsigned char)*digits))
        return false;
    if (digits[0] == '0' && digits[1]) {
        char mark = digits[1];
        base = mark == 'x' ? 16 : mark == 'b' ? 2 : 8;
        digits += mark == 'x' || mark == 'b' || mark == 'o' ? 2 : 1;
        if (!isxdigit((unsigned char)*digits))
            return false;
    }
    char *end;
    errno = 0;
    long long value = strtoll(digits, &end, base);
    if (*end || errno)
        return false;
    *ret = *text == '-' ? -value : value;
    return true;
}

static bool parse_real(const char *text, double *ret)
{
    char *end;

    if (strspn(text, "+-.0123456789eE") != strlen(text) || !strpbrk(text, "0123456789"))
        return false;
    *ret = strtod(text, &end);
    return !*end && isfinite(*ret);
}

#define NUMBER_MAX 64

/* 1_000 is a thousand. False when it cannot be a number by its first character or its length. */
static bool drop_underscores(const char *text, size_t len, char ret[NUMBER_MAX])
{
    if (len >= NUMBER_MAX || !strchr("+-.0123456789", *text))
        return false;
    while (*text) {
        if (*text != '_')
            *ret++ = *text;
        text++;
    }
    *ret = '\0';
    return true;
}

/* kubectl writes a real number without a fraction as a whole one: 1e3 is 1000, and 08 is 8. */
static json_t *parse_number(const char *text)
{
    json_int_t integer;
    double real;

    if (parse_int(text, &integer))
        return json_integer(integer);
    if (!parse_real(text, &real))
        return NULL;
    bool is_whole = real > -1e15 && real < 1e15 && (double)(json_int_t)real == real;
    return is_whole ? json_integer((json_int_t)real) : json_real(real);
}

json_t *yaml_scalar(const char *text, size_t len)
{
    char digits[NUMBER_MAX];

    if (strlen(text) != len)
        return NULL;
    if (is_null(text))
        return json_null();
    if (is_true(text))
        return json_true();
    if (is_false(text))
        return json_false();
    json_t *number = drop_underscores(text, len, digits) ? parse_number(digits) : NULL;
    return number ? number : json_stringn(text, len);
}

#include "stash/timefmt.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define DAY_SECONDS 86400

/* Days since 1970-01-01 of a date of the proleptic Gregorian calendar, and back (Howard Hinnant's
 * day algorithms). */
static int64_t days_from_civil(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t yoe = year - era * 400;
    int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

    return era * 146097 + doe - 719468;
}

static void civil_from_days(int64_t days, int64_t *year, int *month, int *day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t doe = days - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;

    *day = (int)(doy - (153 * mp + 2) / 5 + 1);
    *month = (int)(mp < 10 ? mp + 3 : mp - 9);
    *year = yoe + era * 400 + (*month <= 2);
}

static void time_format(int64_t seconds, const char *tail, char out[TIMEFMT_SIZE])
{
    int64_t days = seconds / DAY_SECONDS - (seconds % DAY_SECONDS < 0);
    int rest = (int)(seconds - days * DAY_SECONDS);
    int64_t year;
    int month, day;

    civil_from_days(days, &year, &month, &day);
    snprintf(out, TIMEFMT_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d%s", (int)year, month, day,
             rest / 3600, rest / 60 % 60, rest % 60, tail);
}

void timefmt_rfc3339(int64_t unix_seconds, char out[TIMEFMT_SIZE])
{
    time_format(unix_seconds, "Z", out);
}

void timefmt_micro(int64_t unix_micros, char out[TIMEFMT_SIZE])
{
    char tail[16];
    int64_t seconds = unix_micros / 1000000 - (unix_micros % 1000000 < 0);

    snprintf(tail, sizeof(tail), ".%06dZ", (int)(unix_micros - seconds * 1000000));
    time_format(seconds, tail, out);
}

/* Exactly `digits` decimal digits at *text, which is moved behind them. */
static bool time_number(const char **text, int digits, int *ret)
{
    int value = 0;

    for (int i = 0; i < digits; i++) {
        if (!isdigit((unsigned char)(*text)[i]))
            return false;
        value = value * 10 + ((*text)[i] - '0');
    }
    *text += digits;
    *ret = value;
    return true;
}

static bool time_literal(const char **text, char c)
{
    if (**text != c)
        return false;
    (*text)++;
    return true;
}

/* "Z" or "+hh:mm", and then the end. */
static bool time_offset(const char *text, int64_t *ret)
{
    int hours, minutes;
    int sign = *text == '-' ? -1 : 1;

    if (strcmp(text, "Z") == 0) {
        *ret = 0;
        return true;
    }
    if (*text != '+' && *text != '-')
        return false;
    text++;
    if (!time_number(&text, 2, &hours) || !time_literal(&text, ':') ||
        !time_number(&text, 2, &minutes) || *text)
        return false;
    *ret = sign * (hours * 3600 + minutes * 60);
    return hours < 24 && minutes < 60;
}

static bool in_range(int value, int low, int high)
{
    return value >= low && value <= high;
}

bool timefmt_parse(const char *text, int64_t *ret_unix_seconds)
{
    int year, month, day, hour, minute, second;
    int64_t shift;

    if (!time_number(&text, 4, &year) || !time_literal(&text, '-') ||
        !time_number(&text, 2, &month) || !time_literal(&text, '-') ||
        !time_number(&text, 2, &day) || !time_literal(&text, 'T') ||
        !time_number(&text, 2, &hour) || !time_literal(&text, ':') ||
        !time_number(&text, 2, &minute) || !time_literal(&text, ':') ||
        !time_number(&text, 2, &second))
        return false;
    if (time_literal(&text, '.')) {
        size_t digits = strspn(text, "0123456789");
        if (digits == 0)
            return false;
        text += digits;
    }
    if (!time_offset(text, &shift) || !in_range(month, 1, 12) || !in_range(day, 1, 31) ||
        hour > 23 || minute > 59 || second > 60)
        return false;
    *ret_unix_seconds = days_from_civil(year, month, day) * DAY_SECONDS + hour * 3600 +
                        minute * 60 + second - shift;
    return true;
}

/* cron_next.c - when a schedule fires next: whole days are skipped first, so that a yearly one costs no more than a daily. */
#include <string.h>
#include <time.h>

#include "cron_fields.h"
#include "stash/cron.h"
#include "stash/mem.h"
#include "stash/timefmt.h"

#define MINUTES_A_DAY 1440
#define DAY_S         86400
#define DAYS_AHEAD    (8 * 366 + 1) /* the 29th of February comes back within eight years */

static const struct word {
    const char *word, *fields;
} words[] = {
    {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}, {"@monthly", "0 0 1 * *"},
    {"@weekly", "0 0 * * 0"}, {"@daily", "0 0 * * *"},    {"@midnight", "0 0 * * *"},
    {"@hourly", "0 * * * *"},
};

static const char *fields_of(const char *schedule)
{
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strcmp(schedule, words[i].word) == 0)
            return words[i].fields;
    return schedule;
}

static bool has_bit(const struct cron_fields *fields, int field, int value)
{
    return fields->bits[field] >> value & 1;
}

/* Where both days are chosen, either will do. */
static bool is_day(const struct cron_fields *fields, const struct tm *day)
{
    bool in_month = has_bit(fields, DAY, day->tm_mday);
    bool in_week = has_bit(fields, WEEKDAY, day->tm_wday);
    bool either = !fields->any[DAY] && !fields->any[WEEKDAY];

    return has_bit(fields, MONTH, day->tm_mon + 1) &&
           (either ? in_month || in_week : in_month && in_week);
}

/* The first minute of a day, from `from` on; MINUTES_A_DAY when there is none. */
static int minute_of_day(const struct cron_fields *fields, int from)
{
    while (from < MINUTES_A_DAY &&
           !(has_bit(fields, HOUR, from / 60) && has_bit(fields, MINUTE, from % 60)))
        from++;
    return from;
}

static bool every_next(const char *schedule, int64_t after, int64_t *ret)
{
    int64_t nanos;

    if (!timefmt_parse_duration(schedule + strlen("@every "), &nanos) || nanos <= 0)
        return false;
    int64_t seconds = nanos / 1000000000;
    *ret = after + (seconds ? seconds : 1);
    return true;
}

bool cron_next(const char *schedule, int64_t after, int64_t *ret)
{
    struct cron_fields fields = {0};
    struct error ignored;

    if (strncmp(schedule, "@every ", strlen("@every ")) == 0)
        return every_next(schedule, after, ret);
    if (after < 0 || cron_fields_parse(fields_of(schedule), &fields, &ignored) < 0)
        return false;
    int64_t day = after / DAY_S;
    int from = (int)(after % DAY_S / 60) + 1;
    for (int i = 0; i < DAYS_AHEAD; i++, day++, from = 0) {
        time_t midnight = (time_t)(day * DAY_S);
        struct tm date;

        if (!gmtime_r(&midnight, &date))
            return false;
        int minute = is_day(&fields, &date) ? minute_of_day(&fields, from) : MINUTES_A_DAY;
        if (minute == MINUTES_A_DAY)
            continue;
        *ret = day * DAY_S + (int64_t)minute * 60;
        return true;
    }
    return false;
}

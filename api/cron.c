/* cron.c - one row per field; each field becomes a bit set, which also tells schedules that never fire. */
#include "stash/cron.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cron_fields.h"
#include "stash/mem.h"
#include "stash/timefmt.h"

static const char *const months[] = {"jan", "feb", "mar", "apr", "may", "jun", "jul",
                                     "aug", "sep", "oct", "nov", "dec", NULL};
static const char *const days[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat", NULL};

struct field_kind {
    const char *name;
    int min, max;
    const char *const *names; /* for min, min + 1, …; NULL: numbers only */
};

static const struct field_kind fields[CRON_FIELDS] = {
    {"minute", 0, 59, NULL},  {"hour", 0, 23, NULL},       {"day of month", 1, 31, NULL},
    {"month", 1, 12, months}, {"day of week", 0, 6, days},
};

static const char *const words[] = {"@yearly", "@annually", "@monthly", "@weekly",
                                    "@daily",  "@midnight", "@hourly"};

/* A piece of the schedule, not NUL terminated. */
struct text {
    const char *at;
    size_t len;
};

static struct text text_until(struct text text, char end, struct text *ret_rest)
{
    const char *found = memchr(text.at, end, text.len);
    size_t len = found ? (size_t)(found - text.at) : text.len;

    *ret_rest = (struct text){found ? found + 1 : NULL, found ? text.len - len - 1 : 0};
    return (struct text){text.at, len};
}

static int cron_invalid(const struct field_kind *field, struct text text, const char *why,
                        struct error *err)
{
    if (field == &fields[WEEKDAY] && text.len == 1 && *text.at == '7')
        why = "Sunday is 0 for Kubernetes";
    return error_set(err, ERR_INVALID, "%s \"%.*s\": %s (%d to %d%s)", field->name,
                     (int)(text.len < 60 ? text.len : 60), text.at, why, field->min, field->max,
                     field->names ? ", or three-letter names" : "");
}

static bool parse_number(struct text text, int *ret)
{
    int value = 0;

    if (text.len == 0 || text.len > 6)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (!isdigit((unsigned char)text.at[i]))
            return false;
        value = value * 10 + (text.at[i] - '0');
    }
    *ret = value;
    return true;
}

static bool parse_value(const struct field_kind *field, struct text text, int *ret)
{
    for (int i = 0; field->names && field->names[i]; i++) {
        if (text.len == 3 && strncasecmp(text.at, field->names[i], 3) == 0) {
            *ret = field->min + i;
            return true;
        }
    }
    return parse_number(text, ret);
}

static bool is_star(struct text text)
{
    return text.len == 1 && (*text.at == '*' || *text.at == '?');
}

struct range {
    int from, to, step;
};

/* "*", "5", "1-5", "mon-fri": the part before the step. A single value with a step runs to the end. */
static int parse_span(const struct field_kind *field, struct text span, bool stepped,
                      struct range *ret, struct error *err)
{
    struct text rest;
    struct text low = text_until(span, '-', &rest);

    if (is_star(span)) {
        ret->from = field->min;
        ret->to = field->max;
        return 0;
    }
    if (!parse_value(field, low, &ret->from))
        return cron_invalid(field, span, "not a number or name that may stand here", err);
    ret->to = stepped ? field->max : ret->from;
    if (rest.at && !parse_value(field, rest, &ret->to))
        return cron_invalid(field, span, "not a range", err);
    if (ret->from < field->min || ret->to > field->max)
        return cron_invalid(field, span, "out of range", err);
    if (ret->from > ret->to)
        return cron_invalid(field, span, "the range ends before it begins", err);
    return 0;
}

static int parse_range(const struct field_kind *field, struct text item, uint64_t *bits, bool *any,
                       struct error *err)
{
    struct text step;
    struct text span = text_until(item, '/', &step);
    struct range range = {.step = 1};
    int r;

    if (step.at && (!parse_number(step, &range.step) || range.step == 0))
        return cron_invalid(field, item, "the step must be a positive number", err);
    r = parse_span(field, span, step.at != NULL, &range, err);
    if (r < 0)
        return r;
    for (int i = range.from; i <= range.to; i += range.step)
        *bits |= UINT64_C(1) << i;
    *any = *any || (is_star(span) && range.step == 1);
    return 0;
}

static int parse_field(const struct field_kind *field, struct text list, uint64_t *bits, bool *any,
                       struct error *err)
{
    struct text rest = list;

    while (rest.at) {
        struct text item = text_until(rest, ',', &rest);
        int r = parse_range(field, item, bits, any, err);
        if (r < 0)
            return r;
    }
    return 0;
}

/* The thirtieth of February: days that none of the chosen months has. */
static bool has_a_day(const uint64_t bits[CRON_FIELDS])
{
    static const int lengths[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    for (int month = 1; month <= 12; month++) {
        uint64_t in_month = (UINT64_C(2) << lengths[month - 1]) - 2;
        if ((bits[MONTH] >> month & 1) && (bits[DAY] & in_month))
            return true;
    }
    return false;
}

static int check_at_form(const char *schedule, struct error *err)
{
    static const char every[] = "@every ";
    int64_t nanos;

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (strcmp(schedule, words[i]) == 0)
            return 0;
    }
    if (strncmp(schedule, every, strlen(every)) != 0)
        return error_set(err, ERR_INVALID,
                         "\"%.40s\" is not one of @hourly, @daily, @midnight, "
                         "@weekly, @monthly, @yearly, @annually, @every 1h30m",
                         schedule);
    if (!timefmt_parse_duration(schedule + strlen(every), &nanos) || nanos <= 0)
        return error_set(err, ERR_INVALID, "@every needs a positive duration such as 1h30m");
    return 0;
}

/* Cut the schedule at blanks; counts all fields, keeps the first five. */
static int split_fields(const char *schedule, struct text ret[CRON_FIELDS])
{
    static const char blanks[] = " \t\r\n\v\f";
    const char *at = schedule + strspn(schedule, blanks);
    int count = 0;

    for (; *at; count++) {
        size_t len = strcspn(at, blanks);
        if (count < CRON_FIELDS)
            ret[count] = (struct text){at, len};
        at += len + strspn(at + len, blanks);
    }
    return count;
}

int cron_fields_parse(const char *schedule, struct cron_fields *ret, struct error *err)
{
    struct text texts[CRON_FIELDS] = {0};
    struct cron_fields read = {0};
    int count = split_fields(schedule, texts);

    if (count != CRON_FIELDS)
        return error_set(err, ERR_INVALID,
                         "%d field%s where five are needed: minute, hour, day of month, month, day "
                         "of week, such as 0 3 * * *",
                         count, count == 1 ? "" : "s");
    for (int i = 0; i < CRON_FIELDS; i++) {
        int r = parse_field(&fields[i], texts[i], &read.bits[i], &read.any[i], err);
        if (r < 0)
            return r;
    }
    *ret = read;
    return 0;
}

static int check_fields(const char *schedule, struct error *err)
{
    struct cron_fields read = {0};
    int r = cron_fields_parse(schedule, &read, err);

    if (r < 0)
        return r;
    /* with a day of week given, either day will do */
    if (read.any[WEEKDAY] && !has_a_day(read.bits))
        return error_set(err, ERR_INVALID, "no month has such a day: it would never fire");
    return 0;
}

int cron_check(const char *schedule, struct error *err)
{
    if (strncmp(schedule, "TZ=", 3) == 0 || strncmp(schedule, "CRON_TZ=", 8) == 0)
        return error_set(err, ERR_INVALID,
                         "Kubernetes refuses a time zone in the schedule; leave \"%.*s\" away and "
                         "write the time in the zone of the cluster's controller manager, usually "
                         "UTC",
                         (int)strcspn(schedule, " "), schedule);
    return *schedule == '@' ? check_at_form(schedule, err) : check_fields(schedule, err);
}

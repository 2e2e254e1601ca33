#include "stash/ages.h"

#include <inttypes.h>
#include <stdio.h>

#include "stash/timefmt.h"

#define MINUTE INT64_C(60)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define YEAR   (365 * DAY)

/* Two units while the first one is small, so that three digits always say something. */
static const struct step {
    int64_t below, unit, second;
    char name, second_name;
} steps[] = {
    {2 * MINUTE, 1, 0, 's', 0},    {10 * MINUTE, MINUTE, 1, 'm', 's'},
    {3 * HOUR, MINUTE, 0, 'm', 0}, {8 * HOUR, HOUR, MINUTE, 'h', 'm'},
    {2 * DAY, HOUR, 0, 'h', 0},    {8 * DAY, DAY, HOUR, 'd', 'h'},
    {2 * YEAR, DAY, 0, 'd', 0},    {8 * YEAR, YEAR, DAY, 'y', 'd'},
    {INT64_MAX, YEAR, 0, 'y', 0},
};

void ages_span(int64_t seconds, char out[AGES_SIZE])
{
    const struct step *step = steps;

    if (seconds < 0)
        seconds = 0;
    while (seconds >= step->below && step->below != INT64_MAX)
        step++;
    int64_t rest = step->second ? seconds % step->unit / step->second : 0;
    int len = snprintf(out, AGES_SIZE, "%" PRId64 "%c", seconds / step->unit, step->name);
    if (rest)
        snprintf(out + len, AGES_SIZE - (size_t)len, "%" PRId64 "%c", rest, step->second_name);
}

void ages_since(const char *time, int64_t now, char out[AGES_SIZE])
{
    int64_t then;

    *out = '\0';
    if (time && timefmt_parse(time, &then))
        ages_span(now - then, out);
}

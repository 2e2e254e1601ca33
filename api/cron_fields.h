/*
 * cron_fields.h - a schedule of five fields, as bit sets.
 */
#ifndef API_CRON_FIELDS_H
#define API_CRON_FIELDS_H

#include <stdbool.h>
#include <stdint.h>

#include "stash/error.h"

enum { MINUTE, HOUR, DAY, MONTH, WEEKDAY, CRON_FIELDS };

struct cron_fields {
    uint64_t bits[CRON_FIELDS];
    bool any[CRON_FIELDS]; /* a star stands there: the field does not choose */
};

/** Read five fields; whether they can ever fire is not looked at. */
int cron_fields_parse(const char *schedule, struct cron_fields *ret, struct error *err);

#endif

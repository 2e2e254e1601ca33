/*
 * cron.h - schedules as the CronJob controller reads them: five fields, names, lists, ranges,
 * steps, and the @ forms. Pure.
 */
#ifndef STASH_CRON_H
#define STASH_CRON_H

#include <stdbool.h>
#include <stdint.h>

#include "stash/error.h"

/**
 * 0 when Kubernetes accepts the schedule and it can ever fire.
 *
 * ERR_INVALID says which field is wrong and what may stand there. A TZ= or CRON_TZ= prefix is
 * refused, as the API server refuses it.
 */
int cron_check(const char *schedule, struct error *err);

/**
 * When it fires next after that Unix second, in UTC, which is what nearly all controller managers reckon in; of @every, the
 * span later. False, and *ret untouched, when it is no schedule or never fires.
 */
bool cron_next(const char *schedule, int64_t after, int64_t *ret);

#endif

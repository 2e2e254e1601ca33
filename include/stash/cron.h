/*
 * cron.h - schedules as the CronJob controller reads them: five fields, names, lists, ranges,
 * steps, and the @ forms. Pure; only says whether and why not, never when.
 */
#ifndef STASH_CRON_H
#define STASH_CRON_H

#include "stash/error.h"

/**
 * 0 when Kubernetes accepts the schedule and it can ever fire.
 *
 * ERR_INVALID says which field is wrong and what may stand there. A TZ= or CRON_TZ= prefix is
 * refused, as the API server refuses it.
 */
int cron_check(const char *schedule, struct error *err);

#endif

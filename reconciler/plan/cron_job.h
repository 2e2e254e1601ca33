/*
 * cron_job.h - the CronJob that starts an invoker's sessions.
 */
#ifndef STASH_PLAN_CRON_JOB_H
#define STASH_PLAN_CRON_JOB_H

#include "draft.h"

/** Make the CronJob, its ServiceAccount and its RoleBinding what they should be. */
void cron_job_ensure(struct draft *draft);

#endif

/*
 * session_sidecar.h - sessions whose work is done in the workload's own pods.
 */
#ifndef STASH_PLAN_SESSION_SIDECAR_H
#define STASH_PLAN_SESSION_SIDECAR_H

#include <stdint.h>

#include "session.h"

/** How many hosts report for a target: one for a Job or a Deployment, the pods of a StatefulSet or DaemonSet. */
int64_t session_total_hosts(const struct draft *draft, const struct executor *executor);

/** Set the holder's totalHosts anew: the hosts that have reported, by name, and those of now that will. */
void session_recount_hosts(const struct draft *draft, const struct executor *executor);

/** Start, or look after, the sidecars' part of a session. */
void session_run_sidecar(struct draft *draft, const struct executor *executor,
                         void (*initiate)(struct draft *draft, const struct executor *executor));

/** The same for a restore: the workload is restarted with an init container. */
void session_run_init(struct draft *draft, const struct executor *executor,
                      void (*initiate)(struct draft *draft, const struct executor *executor));

#endif

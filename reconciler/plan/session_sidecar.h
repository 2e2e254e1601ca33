/*
 * session_sidecar.h - sessions whose work is done in the workload's own pods.
 */
#ifndef STASH_PLAN_SESSION_SIDECAR_H
#define STASH_PLAN_SESSION_SIDECAR_H

#include "session.h"

/** Start, or look after, the sidecars' part of a session. */
void session_run_sidecar(struct draft *draft, const struct executor *executor,
                         void (*initiate)(struct draft *draft, const struct executor *executor));

/** The same for a restore: the workload is restarted with an init container. */
void session_run_init(struct draft *draft, const struct executor *executor,
                      void (*initiate)(struct draft *draft, const struct executor *executor));

#endif

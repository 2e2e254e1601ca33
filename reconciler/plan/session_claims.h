/*
 * session_claims.h - the claims that a restore makes to write into (claim_set.h), before its Jobs.
 */
#ifndef STASH_PLAN_SESSION_CLAIMS_H
#define STASH_PLAN_SESSION_CLAIMS_H

#include "session.h"

/* A reason of ExecutorReady: a claim was refused, and may be made a moment later. */
#define REASON_CLAIM_NOT_CREATED "ClaimNotCreated"

/** Whether the claims can be made, or are made; if not, why is said: one of another owner ends the restore, for one that is
 * being deleted it waits. */
bool session_claims_are_free(struct draft *draft, const struct executor *executor,
                             const json_t *claims);

/** Make those that are not there. */
void session_make_claims(struct draft *draft, const struct executor *executor,
                         const json_t *claims);

/** A claim was refused before: whether it may still be tried. If not, the restore has failed with what was said then. */
bool session_claims_may_come(struct draft *draft, const struct executor *executor);

#endif

/*
 * check.h - looking whether a repository is damaged, in the turn for its maintenance.
 */
#ifndef STASH_AGENT_CHECK_H
#define STASH_AGENT_CHECK_H

#include "restic.h"

/**
 * restic check. Errors that were found beside a lock count only once the lock is gone: dead ones are removed and living
 * ones waited for by the restic's on_locked, and the check is made once more. ERR_CONFLICT: somebody was at work all the
 * time, so nothing is known; the turn may be lost then. ERR_TIMEOUT: its time was up before anything was known.
 */
int check_alone(struct restic *restic, struct restic_verdict *ret, struct error *err);

#endif

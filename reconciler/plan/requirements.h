/*
 * requirements.h - what an invoker needs before it can do anything: Repository, Secret, a valid spec, a target.
 */
#ifndef STASH_PLAN_REQUIREMENTS_H
#define STASH_PLAN_REQUIREMENTS_H

#include <stdbool.h>

#include "draft.h"

/** Set RepositoryFound, BackendSecretFound and ValidationPassed; true when all hold. */
bool requirements_check(const struct draft *draft);

/** Set the target condition (of that type) over all targets; true when all are there. */
bool requirements_targets(const struct draft *draft, const char *type);

/** Set TargetNeedsAttention: what works otherwise than people expect keeps nothing from going on. */
void requirements_advise(const struct draft *draft);

/**
 * The pods of target `index` that its workload made: others may carry the same labels. New array; NULL when the world
 * has no pods of it.
 */
json_t *requirements_pods(const struct draft *draft, size_t index);
/** The same of a row of the world's targets, or of its former ones. */
json_t *requirements_row_pods(const json_t *row);

/** World row of target `index`; NULL when the world has none. */
const json_t *requirements_target(const struct draft *draft, size_t index);
/** The target itself: a workload, claim or AppBinding. NULL: it is not there, or could not be read. */
const json_t *requirements_object(const struct draft *draft, size_t index);

#endif

/*
 * grants.h - the inventory of what was granted for an invoker: Roles and RoleBindings, wherever they lie.
 *
 * Each is marked with its invoker (LABEL_INVOKER_UID, ANNOTATION_INVOKER). A round says what it needs, by applying it;
 * whatever else the inventory (world.grants) holds is surplus and goes. So nothing has to be remembered of what the
 * invoker said before. In another namespace nothing is granted, and nothing stays, while the invoker is not valid: consent
 * and usage policy are part of that.
 */
#ifndef STASH_PLAN_GRANTS_H
#define STASH_PLAN_GRANTS_H

#include <jansson.h>

#include "draft.h"

/** The metadata of a grant for `invoker`: marked, and owned by it where it can be. New reference. */
json_t *grants_metadata(const json_t *invoker, const char *namespace, const char *name);

/** This round needs the Role or RoleBinding `desired` (taken): apply it, unless it is there already or may not be. */
void grants_apply(struct draft *draft, json_t *desired);

enum grants_scope { GRANTS_EVERYWHERE, GRANTS_ELSEWHERE };

/**
 * Delete, before anything else of the plan is done, what this round did not need; GRANTS_ELSEWHERE: only in other
 * namespaces than the invoker's. Nothing when the inventory is not known.
 */
void grants_withdraw(struct draft *draft, enum grants_scope scope);

/** The same for a round that found not everything it needs: only what is known to be missing is a reason. */
void grants_withdraw_unready(struct draft *draft);

/**
 * For an invoker that goes: delete what lies in other namespaces and has no owner there to take it along. True when the
 * inventory was read and is empty: only then may the finalizer go.
 */
bool grants_remove(struct draft *draft);

#endif

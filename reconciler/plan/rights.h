/*
 * rights.h - what an executor may do with single objects.
 *
 * A Role for each namespace where it has business, with the names of the very objects: its invoker, the Repository, the
 * AppBinding and its Secrets, and the Repository's Secret where that cannot be mounted. Written by the reconciler, which
 * can grant nothing that it lacks itself.
 */
#ifndef STASH_PLAN_RIGHTS_H
#define STASH_PLAN_RIGHTS_H

#include <stdbool.h>

#include "draft.h"
#include "rbac.h"

/** Make the Roles of member `index` and bind them to the ServiceAccount of `who`. */
void rights_ensure(struct draft *draft, const struct rbac_request *who, size_t index);

/** Add the "namespace/name" keys of these Roles and RoleBindings to plan_names()' members. */
void rights_list(const json_t *world, const json_t *invoker, size_t index, json_t *names);

#endif

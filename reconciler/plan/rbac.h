/*
 * rbac.h - who may do what: ServiceAccounts and RoleBindings of executors.
 *
 * Rights come from static ClusterRoles; here they are only bound, by exact names, in the namespaces where an executor
 * has business: its own, its Repository's and its target's.
 */
#ifndef STASH_PLAN_RBAC_H
#define STASH_PLAN_RBAC_H

#include <jansson.h>

#include "draft.h"

/** One subject, bound to one ClusterRole in some namespaces. Strings are borrowed. */
struct rbac_request {
    const json_t *invoker;
    const json_t *owner;         /* of what is in the invoker's namespace */
    const char *name;            /* of ServiceAccount and RoleBinding */
    const char *role;            /* ClusterRole */
    const char *service_account; /* the subject, in the invoker's namespace */
    const json_t *annotations;   /* for a ServiceAccount of ours, or NULL */
    bool own_account;            /* whether the ServiceAccount is ours to make */
};

/** The request for the Jobs of a member; `name` and `account` are filled with heap strings that it borrows. */
struct rbac_request rbac_for_job(const json_t *invoker, size_t index, char **name, char **account);
/** The same for the CronJob of an invoker. */
struct rbac_request rbac_for_trigger(const json_t *invoker, char **name, char **account);
/** The same for the pods of a workload that is a member's target. */
struct rbac_request rbac_for_workload(const json_t *invoker, size_t index, const json_t *workload,
                                      char **name, char **account);

/** Make what is missing, in the invoker's namespace and in `elsewhere` (namespaces; its own is skipped). */
void rbac_ensure(struct draft *draft, const struct rbac_request *request, const json_t *elsewhere);

/** Delete what has no owner to take it along: the bindings in other namespaces. */
void rbac_remove_elsewhere(struct draft *draft, const struct rbac_request *request,
                           const json_t *elsewhere);

/** The namespaces besides the invoker's where a member's executor has business. New array of strings. */
json_t *rbac_elsewhere(const json_t *invoker, size_t index);

/** Add "namespace/name" keys of the bindings of `request` to an array. */
void rbac_list_bindings(const struct rbac_request *request, const json_t *elsewhere, json_t *keys);

#endif

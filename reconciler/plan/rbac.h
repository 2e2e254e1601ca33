/*
 * rbac.h - who may do what: ServiceAccounts and RoleBindings of executors.
 *
 * What every executor of a kind may do comes from static ClusterRoles; here they are only bound, by exact names, in the
 * invoker's namespace. What single objects are about, and other namespaces, is in rights.h.
 */
#ifndef STASH_PLAN_RBAC_H
#define STASH_PLAN_RBAC_H

#include <jansson.h>

#include "draft.h"

/** One subject, bound to one ClusterRole in the invoker's namespace. Strings are borrowed. */
struct rbac_request {
    const json_t *invoker;
    const char *name;              /* of ServiceAccount and RoleBinding */
    const char *role;              /* ClusterRole */
    const char *service_account;   /* the subject */
    const char *account_namespace; /* the invoker's, or the workload's */
    const json_t *annotations;     /* for a ServiceAccount of ours, or NULL */
    bool own_account;              /* whether the ServiceAccount is ours to make */
};

/** The request for the Jobs of a member; `name` and `account` are filled with heap strings that it borrows. */
struct rbac_request rbac_for_job(const json_t *world, const json_t *invoker, size_t index,
                                 char **name, char **account);
/** The same for the CronJob of an invoker. */
struct rbac_request rbac_for_trigger(const json_t *world, const json_t *invoker, char **name,
                                     char **account);
/** The same for the pods of a workload that is a member's target. */
struct rbac_request rbac_for_workload(const json_t *world, const json_t *invoker, size_t index,
                                      const json_t *workload, char **name, char **account);

/** Make what is missing, in the invoker's namespace. */
void rbac_ensure(struct draft *draft, const struct rbac_request *request);

#endif

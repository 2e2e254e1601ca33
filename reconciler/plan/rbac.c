#include "rbac.h"

#include <string.h>

#include "ensure.h"
#include "invoker.h"
#include "job_template.h"
#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/names.h"

#define RBAC_GROUP "rbac.authorization.k8s.io"

struct rbac_request rbac_for_job(const json_t *invoker, size_t index, char **name, char **account)
{
    const json_t *member = invoker_member(invoker, index);

    *name = name_executor(jsonx_str(invoker, "kind", NULL), jsonx_name(invoker), (int)index);
    *account = job_template_service_account(invoker, index);
    return (struct rbac_request){
        .invoker = invoker,
        .owner = invoker,
        .name = *name,
        .role = invoker_is_restore(invoker) ? "stash-restore-job" : "stash-backup-job",
        .service_account = *account,
        .account_namespace = jsonx_namespace(invoker),
        .annotations =
            jsonx_get(member, "runtimeSettings", "pod", "serviceAccountAnnotations", NULL),
        .own_account = invoker_service_account(member) == NULL,
    };
}

struct rbac_request rbac_for_trigger(const json_t *invoker, char **name, char **account)
{
    const json_t *spec = jsonx_get(invoker, "spec", NULL);
    json_auto_t *ref = invoker_ref(invoker, 0);
    const char *users = invoker_service_account(spec);

    *name = name_cron_job(jsonx_name(invoker), jsonx_namespace(invoker),
                          jsonx_str(ref, "namespace", NULL));
    *account = xstrdup(users ? users : *name);
    return (struct rbac_request){
        .invoker = invoker,
        .owner = invoker,
        .name = *name,
        .role = "stash-cron-job",
        .service_account = *account,
        .account_namespace = jsonx_namespace(invoker),
        .annotations = jsonx_get(spec, "runtimeSettings", "pod", "serviceAccountAnnotations", NULL),
        .own_account = users == NULL,
    };
}

/* As the user wrote it: borrowed from the invoker. */
static const char *target_namespace(const json_t *invoker, size_t index)
{
    return jsonx_str(invoker_member(invoker, index), "target", "ref", "namespace", NULL);
}

struct rbac_request rbac_for_workload(const json_t *invoker, size_t index, const json_t *workload,
                                      char **name, char **account)
{
    const json_t *ref = jsonx_get(invoker_member(invoker, index), "target", "ref", NULL);
    const char *kind = jsonx_str(ref, "kind", NULL);
    const char *target = jsonx_str(ref, "name", NULL);
    const char *users = jsonx_str(workload, "spec", "template", "spec", "serviceAccountName", NULL);
    json_auto_t *full = invoker_ref(invoker, index);
    const char *place = jsonx_str(full, "namespace", NULL);
    bool restore = invoker_is_restore(invoker);
    bool here = strcmp(place, jsonx_namespace(invoker)) == 0;
    bool named = invoker_is_named_by_pods(invoker, index);
    AUTO(mem_free)
    char *binding = restore ? name_init_binding(kind, target) : name_sidecar_binding(kind, target);

    /* a workload elsewhere cannot own what lies here, and may have a namesake here; one that only its pods name is no
     * object, so each invoker has a binding of its own */
    if (named)
        *name = xasprintf("%s-%s", binding, jsonx_name(invoker));
    else
        *name = here ? TAKE(binding) : xasprintf("%s-%s", place, binding);
    *account = xstrdup(users && *users ? users : "default");
    return (struct rbac_request){
        .invoker = invoker,
        .owner = here && !named ? workload : invoker,
        .name = *name,
        .role = restore ? "stash-restore-init-container" : "stash-sidecar",
        .service_account = *account,
        .account_namespace = here ? jsonx_namespace(invoker) : target_namespace(invoker, index),
    };
}

static json_t *account_object(const struct rbac_request *request)
{
    return json_pack("{s:s, s:s, s:{s:s, s:s?, s:o, s:O*, s:o}}", "apiVersion", "v1", "kind",
                     "ServiceAccount", "metadata", "name", request->service_account, "namespace",
                     jsonx_namespace(request->invoker), "labels", invoker_labels(request->invoker),
                     "annotations", request->annotations, "ownerReferences",
                     invoker_owner(request->owner));
}

/* A workload's binding serves every invoker that targets it, so nothing of a single one may show in it. */
static json_t *binding_labels(const struct rbac_request *request)
{
    if (request->owner == request->invoker)
        return invoker_labels(request->invoker);
    return json_pack("{s:s}", LABEL_MANAGED_BY, STASH_GROUP);
}

static json_t *binding_object(const struct rbac_request *request)
{
    return json_pack("{s:s, s:s, s:{s:s, s:s, s:o, s:o}, s:{s:s, s:s, s:s}, s:[{s:s, s:s, s:s}]}",
                     "apiVersion", RBAC_GROUP "/v1", "kind", "RoleBinding", "metadata", "name",
                     request->name, "namespace", jsonx_namespace(request->invoker), "labels",
                     binding_labels(request), "ownerReferences", invoker_owner(request->owner),
                     "roleRef", "apiGroup", RBAC_GROUP, "kind", "ClusterRole", "name",
                     request->role, "subjects", "kind", "ServiceAccount", "name",
                     request->service_account, "namespace", request->account_namespace);
}

void rbac_ensure(struct draft *draft, const struct rbac_request *request)
{
    const char *own = jsonx_namespace(request->invoker);

    if (request->own_account)
        ensure_applied(draft,
                       ensure_find(draft->world, "serviceAccounts", own, request->service_account),
                       account_object(request));
    ensure_applied(draft, ensure_find(draft->world, "roleBindings", own, request->name),
                   binding_object(request));
}

#include "rbac.h"

#include <string.h>

#include "ensure.h"
#include "grants.h"
#include "invoker.h"
#include "naming.h"
#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/names.h"
#include "stash/pair.h"

#define RBAC_GROUP "rbac.authorization.k8s.io"

struct rbac_request rbac_for_job(const json_t *world, const json_t *invoker, size_t index,
                                 char **name, char **account)
{
    const json_t *member = invoker_member(invoker, index);
    const char *users = invoker_service_account(member);

    *name = naming_executor(world, invoker, index);
    *account = xstrdup(users ? users : *name);
    return (struct rbac_request){
        .invoker = invoker,
        .name = *name,
        .role = invoker_is_restore(invoker) ? "stash-restore-job" : "stash-backup-job",
        .service_account = *account,
        .account_namespace = jsonx_namespace(invoker),
        .annotations =
            jsonx_get(member, "runtimeSettings", "pod", "serviceAccountAnnotations", NULL),
        .own_account = users == NULL,
    };
}

struct rbac_request rbac_for_trigger(const json_t *world, const json_t *invoker, char **name,
                                     char **account)
{
    const json_t *spec = jsonx_get(invoker, "spec", NULL);
    const char *users = invoker_service_account(spec);

    *name = naming_trigger_rights(world, invoker);
    *account = xstrdup(users ? users : *name);
    return (struct rbac_request){
        .invoker = invoker,
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

/* A workload elsewhere may have a namesake here. */
static enum name_place place_of(const json_t *invoker, size_t index, const char *namespace)
{
    if (invoker_is_named_by_pods(invoker, index))
        return NAME_PLACE_PODS;
    return strcmp(namespace, jsonx_namespace(invoker)) == 0 ? NAME_PLACE_HERE
                                                            : NAME_PLACE_ELSEWHERE;
}

struct rbac_request rbac_for_workload(const json_t *world, const json_t *invoker, size_t index,
                                      const json_t *workload, char **name, char **account)
{
    const char *users = jsonx_str(workload, "spec", "template", "spec", "serviceAccountName", NULL);
    const char *elsewhere = target_namespace(invoker, index);
    json_auto_t *ref = invoker_ref(invoker, index);
    bool restore = invoker_is_restore(invoker);
    struct name_workload names = {
        .role = restore ? "stash-restore-init-container" : "stash-sidecar",
        .kind = jsonx_str(ref, "kind", NULL),
        .namespace = jsonx_str(ref, "namespace", NULL),
        .name = jsonx_str(ref, "name", NULL),
    };

    names.place = place_of(invoker, index, names.namespace);
    bool here = strcmp(names.namespace, jsonx_namespace(invoker)) == 0;
    *name = naming_binding(world, invoker, &names);
    *account = xstrdup(users && *users ? users : "default");
    return (struct rbac_request){
        .invoker = invoker,
        .name = *name,
        .role = names.role,
        .service_account = *account,
        .account_namespace = here ? jsonx_namespace(invoker) : elsewhere,
    };
}

static json_t *account_object(const struct rbac_request *request)
{
    return json_pack("{s:s, s:s, s:{s:s, s:s?, s:o, s:O*, s:o}}", PAIR("apiVersion", "v1"),
                     PAIR("kind", "ServiceAccount"),
                     PAIR("metadata", PAIR("name", request->service_account),
                          PAIR("namespace", jsonx_namespace(request->invoker)),
                          PAIR("labels", invoker_labels(request->invoker)),
                          PAIR("annotations", request->annotations),
                          PAIR("ownerReferences", invoker_owner(request->invoker))));
}

static json_t *binding_object(const struct rbac_request *request)
{
    const json_t *invoker = request->invoker;

    return json_pack(
        "{s:s, s:s, s:o, s:{s:s, s:s, s:s}, s:[{s:s, s:s, s:s}]}",
        PAIR("apiVersion", RBAC_GROUP "/v1"), PAIR("kind", "RoleBinding"),
        PAIR("metadata", grants_metadata(invoker, jsonx_namespace(invoker), request->name)),
        PAIR("roleRef", PAIR("apiGroup", RBAC_GROUP), PAIR("kind", "ClusterRole"),
             PAIR("name", request->role)),
        PAIR("subjects", PAIR("kind", "ServiceAccount"), PAIR("name", request->service_account),
             PAIR("namespace", request->account_namespace)));
}

void rbac_ensure(struct draft *draft, const struct rbac_request *request)
{
    const char *own = jsonx_namespace(request->invoker);

    if (request->own_account)
        ensure_applied(draft,
                       ensure_find(draft->world, "serviceAccounts", own, request->service_account),
                       account_object(request));
    grants_apply(draft, binding_object(request));
}

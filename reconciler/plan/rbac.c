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
        .annotations = jsonx_get(spec, "runtimeSettings", "pod", "serviceAccountAnnotations", NULL),
        .own_account = users == NULL,
    };
}

struct rbac_request rbac_for_workload(const json_t *invoker, size_t index, const json_t *workload,
                                      char **name, char **account)
{
    const json_t *ref = jsonx_get(invoker_member(invoker, index), "target", "ref", NULL);
    const char *kind = jsonx_str(ref, "kind", NULL);
    const char *target = jsonx_str(ref, "name", NULL);
    const char *users = jsonx_str(workload, "spec", "template", "spec", "serviceAccountName", NULL);
    bool restore = invoker_is_restore(invoker);

    *name = restore ? name_init_binding(kind, target) : name_sidecar_binding(kind, target);
    *account = xstrdup(users && *users ? users : "default");
    return (struct rbac_request){
        .invoker = invoker,
        .owner = workload,
        .name = *name,
        .role = restore ? "stash-restore-init-container" : "stash-sidecar",
        .service_account = *account,
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

/* In other namespaces the name tells whose it is, and nobody there can own it. */
static char *binding_name(const struct rbac_request *request, const char *namespace)
{
    const char *own = jsonx_namespace(request->invoker);

    return strcmp(own, namespace) == 0 ? xstrdup(request->name)
                                       : xasprintf("%s-%s", own, request->name);
}

/* A workload's binding serves every invoker that targets it, so nothing of a single one may show in it. */
static json_t *binding_labels(const struct rbac_request *request)
{
    if (request->owner == request->invoker)
        return invoker_labels(request->invoker);
    return json_pack("{s:s}", LABEL_MANAGED_BY, STASH_GROUP);
}

static json_t *binding_object(const struct rbac_request *request, const char *namespace)
{
    const char *own = jsonx_namespace(request->invoker);
    AUTO(mem_free) char *name = binding_name(request, namespace);
    json_t *owner = strcmp(own, namespace) == 0 ? invoker_owner(request->owner) : NULL;

    return json_pack("{s:s, s:s, s:{s:s, s:s, s:o, s:o*}, s:{s:s, s:s, s:s}, s:[{s:s, s:s, s:s}]}",
                     "apiVersion", RBAC_GROUP "/v1", "kind", "RoleBinding", "metadata", "name",
                     name, "namespace", namespace, "labels", binding_labels(request),
                     "ownerReferences", owner, "roleRef", "apiGroup", RBAC_GROUP, "kind",
                     "ClusterRole", "name", request->role, "subjects", "kind", "ServiceAccount",
                     "name", request->service_account, "namespace", own);
}

static void ensure_binding(struct draft *draft, const struct rbac_request *request,
                           const char *namespace)
{
    AUTO(mem_free) char *name = binding_name(request, namespace);

    ensure_applied(draft, ensure_find(draft->world, "roleBindings", namespace, name),
                   binding_object(request, namespace));
}

void rbac_ensure(struct draft *draft, const struct rbac_request *request, const json_t *elsewhere)
{
    const char *own = jsonx_namespace(request->invoker);
    size_t i;
    json_t *namespace;

    if (request->own_account)
        ensure_applied(draft,
                       ensure_find(draft->world, "serviceAccounts", own, request->service_account),
                       account_object(request));
    ensure_binding(draft, request, own);
    json_array_foreach (jsonx_unconst(elsewhere), i, namespace)
        ensure_binding(draft, request, json_string_value(namespace));
}

void rbac_remove_elsewhere(struct draft *draft, const struct rbac_request *request,
                           const json_t *elsewhere)
{
    size_t i;
    json_t *namespace;

    json_array_foreach (jsonx_unconst(elsewhere), i, namespace) {
        AUTO(mem_free) char *name = binding_name(request, json_string_value(namespace));
        const json_t *binding =
            ensure_find(draft->world, "roleBindings", json_string_value(namespace), name);

        if (binding)
            draft_delete(draft, binding, "Background");
    }
}

static void add_elsewhere(json_t *list, const char *namespace, const char *own)
{
    size_t i;
    json_t *item;

    if (!namespace || strcmp(namespace, own) == 0)
        return;
    json_array_foreach (list, i, item) {
        if (strcmp(json_string_value(item), namespace) == 0)
            return;
    }
    json_array_append_new(list, json_string(namespace));
}

json_t *rbac_elsewhere(const json_t *invoker, size_t index)
{
    const char *own = jsonx_namespace(invoker);
    json_t *list = json_array();
    json_auto_t *ref = invoker_ref(invoker, index);

    add_elsewhere(list, invoker_repository_namespace(invoker), own);
    add_elsewhere(list, jsonx_str(ref, "namespace", NULL), own);
    return list;
}

void rbac_list_bindings(const struct rbac_request *request, const json_t *elsewhere, json_t *keys)
{
    const char *own = jsonx_namespace(request->invoker);
    size_t i;
    json_t *namespace;

    json_array_append_new(keys, json_sprintf("%s/%s", own, request->name));
    json_array_foreach (jsonx_unconst(elsewhere), i, namespace) {
        AUTO(mem_free) char *name = binding_name(request, json_string_value(namespace));

        json_array_append_new(keys, json_sprintf("%s/%s", json_string_value(namespace), name));
    }
}

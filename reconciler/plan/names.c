#include <string.h>

#include "invoker.h"
#include "naming.h"
#include "rbac.h"
#include "rights.h"
#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/plan.h"

static void add_account(const struct rbac_request *request, json_t *names)
{
    json_array_append_new(
        json_object_get(names, "serviceAccounts"),
        json_sprintf("%s/%s", jsonx_namespace(request->invoker), request->service_account));
}

static void add_binding(const struct rbac_request *request, json_t *names)
{
    json_array_append_new(json_object_get(names, "roleBindings"),
                          json_sprintf("%s/%s", jsonx_namespace(request->invoker), request->name));
}

static void add_trigger(const json_t *world, const json_t *invoker, json_t *names)
{
    AUTO(mem_free) char *cron_job = naming_trigger(world, invoker);
    AUTO(mem_free) char *name = NULL;
    AUTO(mem_free) char *account = NULL;
    struct rbac_request request = rbac_for_trigger(world, invoker, &name, &account);

    json_object_set_new(names, "cronJob", json_string(cron_job));
    add_account(&request, names);
    add_binding(&request, names);
}

static void add_member(const json_t *world, const json_t *invoker, size_t index, json_t *names)
{
    const json_t *workload =
        jsonx_get(json_array_get(jsonx_get(world, "targets", NULL), index), "object", NULL);
    AUTO(mem_free) char *name = NULL;
    AUTO(mem_free) char *account = NULL;
    bool sidecar = invoker_is_sidecar(invoker, index);
    struct rbac_request request =
        sidecar ? rbac_for_workload(world, invoker, index, workload, &name, &account)
                : rbac_for_job(world, invoker, index, &name, &account);

    if (!sidecar)
        add_account(&request, names);
    add_binding(&request, names);
    rights_list(world, invoker, index, names);
}

static void add_claim(json_t *names, const char *claim)
{
    if (claim && *claim)
        json_array_append_new(json_object_get(names, "claims"), json_string(claim));
}

/* What a session makes for a member, and the claims its Job mounts: what is backed up, what the dump lies on. */
static void add_session(const json_t *world, const json_t *object, const json_t *invoker,
                        size_t index, json_t *names)
{
    json_auto_t *ref = invoker_ref(invoker, index);
    const char *kind = jsonx_str(ref, "kind", NULL);
    AUTO(mem_free) char *interim = NULL;

    if (kind && strcmp(kind, "PersistentVolumeClaim") == 0)
        add_claim(names, jsonx_str(ref, "name", NULL));
    if (object == invoker && !invoker_is_restore(invoker))
        return;
    interim = naming_interim(world, invoker, object, index);
    add_claim(names, interim);
    if (invoker_is_sidecar(invoker, index))
        return;
    AUTO(mem_free) char *job = naming_job(world, invoker, object, index);
    json_array_append_new(json_object_get(names, "jobs"),
                          json_sprintf("%s/%s", jsonx_namespace(object), job));
}

json_t *plan_names(const json_t *world, const json_t *object, const json_t *invoker)
{
    json_t *names = json_pack("{s:[], s:[], s:[], s:[], s:[]}", "serviceAccounts", "roles",
                              "roleBindings", "claims", "jobs");

    if (!invoker_is_named(invoker) || !invoker_is_named(object))
        return names;
    if (object == invoker && !invoker_is_restore(invoker))
        add_trigger(world, invoker, names);
    for (size_t i = 0; i < invoker_count(invoker); i++) {
        add_member(world, invoker, i, names);
        add_session(world, object, invoker, i, names);
    }
    add_claim(names, jsonx_str(world, "repository", "spec", "backend", "local",
                               "persistentVolumeClaim", "claimName", NULL));
    return names;
}

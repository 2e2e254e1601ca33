#include <string.h>

#include "invoker.h"
#include "job_template.h"
#include "rbac.h"
#include "rights.h"
#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/plan.h"

/* What very old upstream versions called it. */
#define CRON_JOB_OLD_PREFIX "stash-trigger--"

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

static void add_trigger(const json_t *invoker, json_t *names)
{
    AUTO(mem_free) char *name = NULL;
    AUTO(mem_free) char *account = NULL;
    struct rbac_request request = rbac_for_trigger(invoker, &name, &account);

    json_object_set_new(names, "cronJob", json_string(name));
    json_object_set_new(names, "oldCronJob",
                        json_sprintf(CRON_JOB_OLD_PREFIX "%s", jsonx_name(invoker)));
    add_account(&request, names);
    add_binding(&request, names);
}

static void add_member(const json_t *invoker, size_t index, const json_t *workload, json_t *names)
{
    AUTO(mem_free) char *name = NULL;
    AUTO(mem_free) char *account = NULL;
    bool sidecar = invoker_is_sidecar(invoker, index);
    struct rbac_request request = sidecar
                                      ? rbac_for_workload(invoker, index, workload, &name, &account)
                                      : rbac_for_job(invoker, index, &name, &account);

    if (!sidecar)
        add_account(&request, names);
    add_binding(&request, names);
    rights_list(invoker, index, names);
}

static void add_claim(json_t *names, const char *claim)
{
    if (claim && *claim)
        json_array_append_new(json_object_get(names, "claims"), json_string(claim));
}

/* The claims a Job of this member mounts: what is backed up, what the dump lies on, where the backup goes. */
static void add_claims(const json_t *object, const json_t *invoker, size_t index, json_t *names)
{
    json_auto_t *ref = invoker_ref(invoker, index);
    const char *kind = jsonx_str(ref, "kind", NULL);
    AUTO(mem_free) char *interim = NULL;

    if (kind && strcmp(kind, "PersistentVolumeClaim") == 0)
        add_claim(names, jsonx_str(ref, "name", NULL));
    if (object == invoker && !invoker_is_restore(invoker))
        return;
    interim = job_template_interim_name(invoker, object, index);
    add_claim(names, interim);
}

json_t *plan_names(const json_t *object, const json_t *invoker, const json_t *repository,
                   const json_t *targets)
{
    json_t *names =
        json_pack("{s:[], s:[], s:[], s:[]}", "serviceAccounts", "roles", "roleBindings", "claims");

    if (!invoker_is_named(invoker) || !invoker_is_named(object))
        return names;
    if (!invoker_is_restore(invoker))
        add_trigger(invoker, names);
    for (size_t i = 0; i < invoker_count(invoker); i++) {
        add_member(invoker, i, jsonx_get(json_array_get(targets, i), "object", NULL), names);
        add_claims(object, invoker, i, names);
    }
    add_claim(names, jsonx_str(repository, "spec", "backend", "local", "persistentVolumeClaim",
                               "claimName", NULL));
    return names;
}

#include <string.h>

#include "invoker.h"
#include "naming.h"
#include "rbac.h"
#include "rights.h"
#include "stash/claims.h"
#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/pair.h"
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

static void add_job(const json_t *world, const struct name_job *job, json_t *names)
{
    AUTO(mem_free) char *interim = naming_interim(world, job);

    add_claim(names, interim);
    if (invoker_is_sidecar(job->invoker, job->index))
        return;
    AUTO(mem_free) char *name = naming_job(world, job);
    json_array_append_new(json_object_get(names, "jobs"),
                          json_sprintf("%s/%s", jsonx_namespace(job->session), name));
}

/* The claims that a restore makes. */
static void add_made_claims(const json_t *invoker, size_t index, json_t *names)
{
    json_auto_t *made = claims_names(jsonx_get(invoker_member(invoker, index), "target", NULL));

    for (size_t i = 0; i < json_array_size(made); i++)
        add_claim(names, json_string_value(json_array_get(made, i)));
}

/* What a session makes for a member, and the claims its Jobs mount: what is backed up, what the dump lies on. */
static void add_session(const json_t *world, const json_t *object, const json_t *invoker,
                        size_t index, json_t *names)
{
    json_auto_t *ref = invoker_ref(invoker, index);
    const char *kind = jsonx_str(ref, "kind", NULL);
    size_t sets = invoker_sets(invoker, index);
    struct name_job job = {invoker, object, index, 0};

    if (kind && strcmp(kind, "PersistentVolumeClaim") == 0)
        add_claim(names, jsonx_str(ref, "name", NULL));
    if (object == invoker && !invoker_is_restore(invoker))
        return;
    if (sets == 0)
        add_job(world, &job, names);
    else
        add_made_claims(invoker, index, names);
    for (job.set = 1; job.set <= sets; job.set++)
        add_job(world, &job, names);
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

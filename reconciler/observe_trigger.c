/* The CronJob of a BackupConfiguration: who has its name, and what became of the Jobs that it made. */
#include <string.h>

#include "observe.h"
#include "stash/jsonx.h"
#include "stash/pair.h"
#include "stash/plan.h"

/* One that is not ours carries no label of ours, so memory need not know it; asked once, until we have our own. */
static json_t *name_holder(struct observation *o, const char *namespace, const char *name,
                           bool has_own)
{
    json_t *holder = store_get(o->r->store, kind_resource(KIND_CRON_JOB), namespace, name);
    struct error err = {0};

    if (holder || has_own)
        return holder;
    int r = kube_get(o->r->kube, kind_resource(KIND_CRON_JOB), namespace, name, &holder, &err);
    if (r < 0 && err.kind != ERR_NOT_FOUND)
        observe_put(o, NULL, "cronJobs", r, NULL, &err);
    return holder;
}

static bool is_named(const json_t *object, const char *name)
{
    return jsonx_name(object) && strcmp(jsonx_name(object), name) == 0;
}

/* Its own, by UID, and whoever has its name. */
static json_t *cron_jobs_of(struct observation *o, const json_t *invoker, const char *key)
{
    json_t *own = observe_session_owned(o, KIND_CRON_JOB, jsonx_uid(invoker));
    const char *name = strchr(key, '/') + 1;

    for (size_t i = 0; i < json_array_size(own); i++)
        if (is_named(json_array_get(own, i), name))
            return own;
    json_auto_t *holder = name_holder(o, jsonx_namespace(invoker), name, json_array_size(own) > 0);
    if (holder)
        json_array_append(own, holder);
    return own;
}

/* The warnings about a CronJob that the watch brought. */
static void append_warnings(struct observation *o, const json_t *cron_job, json_t *events)
{
    json_auto_t *found = observe_by_index(o, KIND_EVENT, INDEX_ABOUT, jsonx_uid(cron_job));

    json_array_extend(events, found);
}

static json_t *trigger_of(struct observation *o, const json_t *cron_jobs)
{
    json_t *jobs = json_array();
    json_t *pods = json_array();
    json_auto_t *warnings = json_array();

    for (size_t i = 0; i < json_array_size(cron_jobs); i++) {
        const json_t *cron_job = json_array_get(cron_jobs, i);
        json_auto_t *its = observe_session_owned(o, KIND_JOB, jsonx_uid(cron_job));
        json_array_extend(jobs, its);
        append_warnings(o, cron_job, warnings);
    }
    for (size_t i = 0; i < json_array_size(jobs); i++) {
        json_auto_t *its = observe_session_owned(o, KIND_POD, jsonx_uid(json_array_get(jobs, i)));
        json_array_extend(pods, its);
    }
    json_t *events = observe_events(o, jobs, pods);
    json_array_extend(events, warnings);
    return json_pack("{s:o, s:o, s:o}", PAIR("jobs", jobs), PAIR("pods", pods),
                     PAIR("events", events));
}

void observe_trigger(struct observation *o, const json_t *invoker)
{
    AUTO(mem_free) char *key = plan_trigger_key(invoker);
    AUTO(mem_free) char *old = xasprintf("stash-trigger--%s", jsonx_name(invoker));

    if (!key)
        return;
    observe_get(o, NULL, "oldCronJob", KIND_CRON_JOB, jsonx_namespace(invoker), old);
    json_t *cron_jobs = cron_jobs_of(o, invoker, key);
    json_object_set_new(o->world, "cronJobs", cron_jobs);
    json_object_set_new(o->world, "namesakes",
                        observe_by_index(o, KIND_BACKUP_CONFIGURATION, INDEX_TRIGGER, key));
    json_object_set_new(o->world, "trigger", trigger_of(o, cron_jobs));
}

/* ---- of a Job ---------------------------------------------------------------------------------------------------- */

static json_t *owner_of(struct reconciler *r, const json_t *object, enum kind kind)
{
    const json_t *owners = jsonx_get(object, "metadata", "ownerReferences", NULL);

    for (size_t i = 0; i < json_array_size(owners); i++) {
        const json_t *owner = json_array_get(owners, i);
        const char *name = jsonx_str(owner, "name", NULL);
        if (name &&
            kind_find(jsonx_str(owner, "apiVersion", NULL), jsonx_str(owner, "kind", NULL)) == kind)
            return store_get(r->store, kind_resource(kind), jsonx_namespace(object), name);
    }
    return NULL;
}

json_t *observe_trigger_invoker(struct reconciler *r, const json_t *job)
{
    json_auto_t *cron_job = owner_of(r, job, KIND_CRON_JOB);

    return cron_job ? owner_of(r, cron_job, KIND_BACKUP_CONFIGURATION) : NULL;
}

void observe_trigger_job(struct observation *o, const json_t *job)
{
    json_t *invoker = observe_trigger_invoker(o->r, job);

    json_object_set_new(o->world, "invoker", invoker ? invoker : json_null());
}

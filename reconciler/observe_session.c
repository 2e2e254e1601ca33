/* What belongs to a session: its Jobs, their Pods and Events, its siblings and rivals. */
#include <string.h>

#include "observe.h"
#include "stash/jsonx.h"
#include "stash/plan.h"

bool session_is_finished(const json_t *session)
{
    static const char *const phases[] = {"Succeeded", "Failed", "Skipped", "Unknown", "Invalid"};
    const char *phase = jsonx_str(session, "status", "phase", NULL);

    for (size_t i = 0; phase && i < ARRAY_LEN(phases); i++)
        if (strcmp(phase, phases[i]) == 0)
            return true;
    return false;
}

json_t *owned_by(struct reconciler *r, enum kind kind, const char *uid)
{
    return uid ? store_by_index(r->store, kind_resource(kind), INDEX_OWNER, uid) : json_array();
}

static void append_events(struct observation *o, json_t *events, const json_t *about)
{
    AUTO(mem_free) char *field = xasprintf("involvedObject.uid=%s", jsonx_uid(about));
    const struct kube_selector selector = {.field = field};
    json_auto_t *found = NULL;
    struct error ignored;

    if (jsonx_uid(about) && kube_list(o->r->kube, kind_resource(KIND_EVENT), jsonx_namespace(about),
                                      &selector, &found, &ignored) == 0)
        json_array_extend(events, found);
}

json_t *observe_events(struct observation *o, const json_t *jobs, const json_t *pods)
{
    json_t *events = json_array();

    for (size_t i = 0; i < json_array_size(jobs); i++)
        if (json_array_size(pods) == 0)
            append_events(o, events, json_array_get(jobs, i));
    for (size_t i = 0; i < json_array_size(pods); i++) {
        const char *phase = jsonx_str(json_array_get(pods, i), "status", "phase", NULL);
        if (phase && strcmp(phase, "Pending") == 0)
            append_events(o, events, json_array_get(pods, i));
    }
    return events;
}

/* Events explain what a Job without a pod, a pod that does not run, or an unbound claim waits for. */
static json_t *session_events(struct observation *o, const json_t *jobs, const json_t *pods)
{
    json_t *events = observe_events(o, jobs, pods);
    const char *key;
    json_t *claim;

    jsonx_foreach_member (json_object_get(o->world, "claims"), key, claim) {
        const json_t *object = jsonx_get(claim, "object", NULL);
        const char *phase = jsonx_str(object, "status", "phase", NULL);
        if (phase && strcmp(phase, "Bound") != 0)
            append_events(o, events, object);
    }
    return events;
}

static bool same_repository(const json_t *a, const json_t *b)
{
    json_auto_t *one = plan_repository_ref(a);
    json_auto_t *two = plan_repository_ref(b);

    return one && two && json_equal(one, two);
}

static bool shares_target(const json_t *a, const json_t *b)
{
    json_auto_t *one = plan_targets(a);
    json_auto_t *two = plan_targets(b);

    for (size_t i = 0; i < json_array_size(one); i++)
        for (size_t k = 0; k < json_array_size(two); k++)
            if (json_equal(json_object_get(json_array_get(one, i), "ref"),
                           json_object_get(json_array_get(two, k), "ref")))
                return true;
    return false;
}

/* Unfinished sessions of other invokers that use the same Repository or the same target. */
static json_t *find_rivals(struct observation *o, const json_t *invoker)
{
    json_auto_t *all = store_by_index(o->r->store, kind_resource(KIND_BACKUP_SESSION),
                                      INDEX_UNFINISHED, UNFINISHED);
    json_t *rivals = json_array();
    json_t *other;
    size_t i;

    json_array_foreach (all, i, other) {
        const char *kind = jsonx_str(other, "spec", "invoker", "kind", NULL);
        const char *name = jsonx_str(other, "spec", "invoker", "name", NULL);
        if (!kind || !name || kind_by_name(kind) == KIND_UNKNOWN)
            continue;
        json_auto_t *its =
            store_get(o->r->store, kind_resource(kind_by_name(kind)), jsonx_namespace(other), name);
        if (its && strcmp(jsonx_uid(its), jsonx_uid(invoker)) != 0 &&
            (same_repository(its, invoker) || shares_target(its, invoker)))
            json_array_append(rivals, other);
    }
    return rivals;
}

static void put_siblings(struct observation *o, const json_t *invoker)
{
    AUTO(mem_free) char *key = key_of(invoker);

    json_object_set_new(
        o->world, "sessions",
        store_by_index(o->r->store, kind_resource(KIND_BACKUP_SESSION), INDEX_INVOKER, key));
    json_object_set_new(o->world, "rivals", find_rivals(o, invoker));
}

void observe_jobs(struct observation *o, const json_t *session)
{
    json_t *jobs = owned_by(o->r, KIND_JOB, jsonx_uid(session));
    json_t *pods = json_array();
    json_t *job;
    size_t i;

    json_array_foreach (jobs, i, job) {
        json_auto_t *its = owned_by(o->r, KIND_POD, jsonx_uid(job));
        json_array_extend(pods, its);
    }
    json_object_set_new(o->world, "jobs", jobs);
    json_object_set_new(o->world, "pods", pods);
}

void observe_session(struct observation *o, const json_t *session, const json_t *invoker)
{
    json_object_set_new(o->world, "events",
                        session_is_finished(session)
                            ? json_array()
                            : session_events(o, json_object_get(o->world, "jobs"),
                                             json_object_get(o->world, "pods")));
    if (invoker && invoker != session)
        put_siblings(o, invoker);
}

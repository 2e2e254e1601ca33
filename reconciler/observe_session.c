/* What belongs to a session: its Jobs, their Pods and Events, its siblings and rivals. */
#include <string.h>

#include "observe.h"
#include "stash/conditions.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/plan.h"
#include "stash/text.h"
#include "stash/timefmt.h"

int64_t observe_created(const json_t *object)
{
    const char *text = jsonx_str(object, "metadata", "creationTimestamp", NULL);
    int64_t created = 0;

    if (text)
        timefmt_parse(text, &created);
    return created;
}

bool observe_session_is_finished(const json_t *session)
{
    static const char *const phases[] = {"Succeeded", "Failed", "Skipped", "Unknown", "Invalid"};
    const char *phase = jsonx_str(session, "status", "phase", NULL);

    for (size_t i = 0; phase && i < ARRAY_LEN(phases); i++)
        if (strcmp(phase, phases[i]) == 0)
            return true;
    return false;
}

bool observe_session_is_settled(const json_t *session)
{
    return observe_session_is_finished(session) &&
           condition_is_true(jsonx_get(session, "status", "conditions", NULL), "MetricsPushed");
}

json_t *observe_session_owned(struct observation *o, enum kind kind, const char *uid)
{
    return uid ? observe_by_index(o, kind, INDEX_OWNER, uid) : json_array();
}

static void append_events(struct observation *o, json_t *events, const json_t *about)
{
    AUTO(mem_free) char *field = xasprintf("involvedObject.uid=%s", jsonx_uid(about));
    const struct kube_selector selector = {.field = field, .max_weight = LIMIT_LOOK_SMALL};
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

json_t *observe_sessions(struct observation *o, const json_t *invoker)
{
    AUTO(mem_free) char *key = key_of(invoker);

    return observe_by_index(o, KIND_BACKUP_SESSION, INDEX_INVOKER, key);
}

json_t *observe_unfinished(struct observation *o, const json_t *invoker)
{
    AUTO(mem_free) char *key = key_of(invoker);

    return observe_by_index(o, KIND_BACKUP_SESSION, INDEX_UNFINISHED, key);
}

struct target_search {
    struct observation *o;
    enum kind kind;
    json_t *found;
};

/* With several targets it is met several times. */
static bool is_found(const json_t *found, const json_t *invoker)
{
    for (size_t i = 0; i < json_array_size(found); i++)
        if (text_is(jsonx_uid(json_array_get(found, i)), jsonx_uid(invoker)))
            return true;
    return false;
}

static bool add_if_it_may(void *ctx, json_t *invoker)
{
    struct target_search *search = ctx;

    if (is_found(search->found, invoker) || !observe_has_a_say(search->o, invoker))
        return true;
    json_array_append(search->found, invoker);
    return observe_fits(search->o, invoker);
}

static void add_of_target(void *ctx, const char *key)
{
    struct target_search *search = ctx;

    store_each_by_index(search->o->r->store, kind_resource(search->kind),
                        &(struct store_key){INDEX_TARGET, key, 0}, add_if_it_may, search);
}

json_t *observe_same_target(struct observation *o, const json_t *invoker, enum kind kind)
{
    struct target_search search = {o, kind, json_array()};

    snapshot_emit_targets(invoker, add_of_target, &search);
    return search.found;
}

json_t *observe_in_pods(struct observation *o, const json_t *invoker)
{
    json_t *sessions = observe_unfinished(o, invoker);
    json_auto_t *restores = observe_same_target(o, invoker, KIND_RESTORE_SESSION);
    size_t i;
    json_t *restore;

    json_array_foreach (restores, i, restore)
        if (!observe_session_is_finished(restore))
            json_array_append(sessions, restore);
    return sessions;
}

/* Unfinished sessions of other invokers that have the same target. */
static json_t *find_rivals(struct observation *o, const json_t *invoker)
{
    json_auto_t *others = observe_same_target(o, invoker, KIND_BACKUP_CONFIGURATION);
    json_t *rivals = json_array();

    for (size_t i = 0; i < json_array_size(others); i++) {
        const json_t *other = json_array_get(others, i);
        if (strcmp(jsonx_uid(other), jsonx_uid(invoker)) == 0)
            continue;
        json_auto_t *sessions = observe_unfinished(o, other);
        json_array_extend(rivals, sessions);
    }
    return rivals;
}

static void put_siblings(struct observation *o, const json_t *invoker)
{
    json_object_set_new(o->world, "sessions", observe_sessions(o, invoker));
    json_object_set_new(o->world, "rivals", find_rivals(o, invoker));
}

void observe_jobs(struct observation *o, const json_t *session)
{
    json_t *jobs = observe_session_owned(o, KIND_JOB, jsonx_uid(session));
    json_t *pods = json_array();
    json_t *job;
    size_t i;

    json_array_foreach (jobs, i, job) {
        json_auto_t *its = observe_session_owned(o, KIND_POD, jsonx_uid(job));
        json_array_extend(pods, its);
    }
    json_object_set_new(o->world, "jobs", jobs);
    json_object_set_new(o->world, "pods", pods);
}

/* What became of the metrics of a finished session. */
static json_t *find_push(struct observation *o, const json_t *session, const json_t *invoker)
{
    AUTO(mem_free) char *url = plan_push_url(o->r->plan_config, invoker);
    int64_t created = observe_created(session);

    if (!url || !created || !observe_session_is_finished(session))
        return json_null();
    json_t *outcome = pushes_outcome(o->r->pushes, url, jsonx_uid(session), created);
    return outcome ? outcome : json_null();
}

void observe_session(struct observation *o, const json_t *session, const json_t *invoker)
{
    json_object_set_new(o->world, "push", invoker ? find_push(o, session, invoker) : json_null());
    json_object_set_new(o->world, "events",
                        observe_session_is_finished(session)
                            ? json_array()
                            : session_events(o, json_object_get(o->world, "jobs"),
                                             json_object_get(o->world, "pods")));
    if (invoker && invoker != session)
        put_siblings(o, invoker);
}

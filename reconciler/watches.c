/* What is watched, and whom a change wakes. An event only names; nothing is decided here. */
#include <string.h>

#include "observe.h"
#include "room.h"
#include "stash/bounds.h"
#include "stash/jsonx.h"
#include "stash/names.h"
#include "stash/pair.h"
#include "stash/plan.h"
#include "stash/text.h"

#define OURS LABEL_MANAGED_BY "=" STASH_GROUP

/* Somebody waits for a session, and it for its Repository; all else that a start brings, thousands of objects perhaps,
 * can come after. */
#define HEAD_START_MS (10 * 60 * 1000)

/* Looked at once for all that happens in this time, where nobody waits for it. */
#define GATHER_MS         1000
#define GATHER_INVOKER_MS 5000

static void wake_soon(struct reconciler *r, enum kind kind, const char *namespace, const char *name)
{
    AUTO(mem_free) char *key = key_make(kind, namespace, name);

    wakes_add(r->wakes, namespace, key,
              kind == KIND_BACKUP_CONFIGURATION ? GATHER_INVOKER_MS : GATHER_MS);
}

/* For an object of `tenant`, which may name what there is not. */
static void wake_for(struct reconciler *r, const char *tenant, enum kind kind,
                     const char *namespace, const char *name)
{
    bool is_awaited =
        kind == KIND_BACKUP_SESSION || kind == KIND_RESTORE_SESSION || kind == KIND_REPOSITORY;
    AUTO(mem_free) char *key = key_make(kind, namespace, name);

    wakes_add(r->wakes, tenant, key, is_awaited ? -HEAD_START_MS : 0);
}

static void watches_wake(struct reconciler *r, enum kind kind, const char *namespace,
                         const char *name)
{
    wake_for(r, namespace, kind, namespace, name);
}

/* ---- waking ------------------------------------------------------------------------------------------------------ */

void wake_itself(struct reconciler *r, enum kind kind, const json_t *object)
{
    watches_wake(r, kind, jsonx_namespace(object), jsonx_name(object));
}

/* The controller of a Job, CronJob or session, when it is one of ours. An invoker has time: much happens while its
 * session runs, and little of that is its business. */
static void wake_owners(struct reconciler *r, const json_t *object)
{
    const json_t *owners = jsonx_get(object, "metadata", "ownerReferences", NULL);

    for (size_t i = 0; i < json_array_size(owners); i++) {
        const json_t *owner = json_array_get(owners, i);
        enum kind kind =
            kind_find(jsonx_str(owner, "apiVersion", NULL), jsonx_str(owner, "kind", NULL));
        if (kind == KIND_BACKUP_CONFIGURATION)
            wake_soon(r, kind, jsonx_namespace(object), jsonx_str(owner, "name", NULL));
        else if (kind < KIND_APP_BINDING)
            watches_wake(r, kind, jsonx_namespace(object), jsonx_str(owner, "name", NULL));
    }
}

static void on_object(struct reconciler *r, enum kind kind, const json_t *object)
{
    wake_itself(r, kind, object);
    wake_owners(r, object);
}

void wake_repository(struct reconciler *r, const json_t *invoker)
{
    json_auto_t *ref = plan_repository_ref(invoker);

    if (ref)
        wake_for(r, jsonx_namespace(invoker), KIND_REPOSITORY, jsonx_str(ref, "namespace", NULL),
                 jsonx_str(ref, "name", NULL));
}

/* Its Repository admits it, gives it turns, and others when it is done: what else it says all the time is its own affair. */
static void wake_repository_of(struct reconciler *r, const json_t *session, const json_t *invoker)
{
    json_auto_t *concerns = plan_repository_concerns(session);
    bool is_finished = observe_session_is_finished(session);

    if (is_finished) /* there may be thousands, and nothing of them changes */
        kept_forget(r->kept, session);
    if (is_finished || kept_is_news(r->kept, session, concerns))
        wake_repository(r, invoker);
}

/* Whoever neither works nor waits to leaves room for others. */
static void release_slot(struct reconciler *r, const json_t *session)
{
    if (jsonx_uid(session) && !plan_is_at_work(session) && !plan_awaits_admission(session))
        slots_release(r->slots, jsonx_uid(session));
}

static void on_restore(struct reconciler *r, enum kind kind, const json_t *restore)
{
    on_object(r, kind, restore);
    wake_repository_of(r, restore, restore);
}

/* All but what its sessions write into it. */
static json_t *concerns_of_configuration(const json_t *configuration)
{
    json_t *concerns = json_copy(jsonx_unconst(configuration));
    json_t *metadata = jsonx_own(concerns, "metadata");

    json_object_del(metadata, "resourceVersion");
    json_object_del(metadata, "managedFields");
    if (json_is_object(json_object_get(concerns, "status")))
        json_object_del(jsonx_own(concerns, "status"), "lastSuccessfulTime");
    return concerns;
}

static void wake_name(void *ctx, const struct resource *resource, const char *namespace,
                      const char *name)
{
    watches_wake(ctx, kind_by_name(resource->kind), namespace, name);
}

/* Those that are not at their end may wait for what this invoker says, or for a pod of its target. One runs at a time:
 * more than a few are nobody's honest work, and look again by themselves. */
#define SESSIONS_MAX 64

static void wake_sessions(struct reconciler *r, const json_t *invoker)
{
    AUTO(mem_free) char *key = key_of(invoker);

    store_names_by_index(r->store, kind_resource(KIND_BACKUP_SESSION),
                         &(struct store_key){INDEX_UNFINISHED, key, SESSIONS_MAX}, wake_name, r);
}

/* A Repository lists who uses it: it has to hear of them, last of all when they are gone. So have sessions that wait. */
static void on_configuration(struct reconciler *r, enum kind kind, const json_t *configuration)
{
    json_auto_t *concerns = concerns_of_configuration(configuration);

    if (!kept_is_news(r->kept, configuration, concerns))
        return;
    on_object(r, kind, configuration);
    wake_repository(r, configuration);
    wake_sessions(r, configuration);
}

static json_t *invoker_of(struct reconciler *r, const json_t *session)
{
    const char *name = jsonx_str(session, "spec", "invoker", "name", NULL);
    enum kind kind = kind_by_name(jsonx_str(session, "spec", "invoker", "kind", NULL));

    return name && kind != KIND_UNKNOWN
               ? store_get(r->store, kind_resource(kind), jsonx_namespace(session), name)
               : NULL;
}

static bool has_sidecars(const json_t *invoker)
{
    json_auto_t *targets = plan_targets(invoker);
    size_t i;
    json_t *target;

    json_array_foreach (targets, i, target)
        if (text_is(jsonx_str(target, "model", NULL), "sidecar"))
            return true;
    return false;
}

static void on_session(struct reconciler *r, enum kind kind, const json_t *session)
{
    json_auto_t *invoker = invoker_of(r, session);

    wake_itself(r, kind, session);
    if (has_sidecars(invoker)) /* it may wait until nobody is at work in them */
        wake_owners(r, session);
    wake_repository_of(r, session, invoker);
    release_slot(r, session);
}

/* Whom a Job works for: a session, or the invoker whose sessions it makes. */
static void wake_employer(struct reconciler *r, const json_t *job)
{
    json_auto_t *invoker =
        jsonx_label(job, LABEL_DELETE_JOB) ? observe_trigger_invoker(r, job) : NULL;

    if (invoker)
        wake_soon(r, KIND_BACKUP_CONFIGURATION, jsonx_namespace(invoker), jsonx_name(invoker));
    else
        wake_owners(r, job);
}

static void on_job(struct reconciler *r, enum kind kind, const json_t *job)
{
    if (jsonx_label(job, LABEL_DELETE_JOB))
        wake_itself(r, kind, job);
    wake_employer(r, job);
}

/* Of two invokers that took one name at the same moment, the one that lost it makes a trigger of another name. */
static void on_cron_job(struct reconciler *r, enum kind kind, const json_t *cron_job)
{
    AUTO(mem_free)
    char *key = xasprintf("%s/%s", jsonx_namespace(cron_job), jsonx_name(cron_job));
    json_auto_t *namesakes =
        store_by_index(r->store, kind_resource(KIND_BACKUP_CONFIGURATION), INDEX_TRIGGER, key);

    on_object(r, kind, cron_job);
    for (size_t i = 0; i < json_array_size(namesakes); i++)
        wake_itself(r, KIND_BACKUP_CONFIGURATION, json_array_get(namesakes, i));
}

/* A warning about a CronJob: of ours, its invoker shows it. */
static void wake_warned_trigger(struct reconciler *r, const json_t *about)
{
    const char *name = jsonx_str(about, "name", NULL);
    json_auto_t *cron_job = name ? store_get(r->store, kind_resource(KIND_CRON_JOB),
                                             jsonx_str(about, "namespace", NULL), name)
                                 : NULL;

    if (cron_job)
        wake_owners(r, cron_job);
}

/* Somebody has met locks in the repository: this pod may be the one that left them. */
static void wake_if_locked(struct reconciler *r, const json_t *invoker)
{
    json_auto_t *ref = plan_repository_ref(invoker);
    json_auto_t *repository =
        ref ? store_get(r->store, kind_resource(KIND_REPOSITORY), jsonx_str(ref, "namespace", NULL),
                        jsonx_str(ref, "name", NULL))
            : NULL;

    if (!jsonx_is_empty(jsonx_get(repository, "status", "locks", NULL)))
        wake_itself(r, KIND_REPOSITORY, repository);
}

static bool has_ended(const json_t *pod)
{
    const char *phase = jsonx_str(pod, "status", "phase", NULL);

    return text_is(phase, "Succeeded") || text_is(phase, "Failed");
}

/* A pod that begins changes several times in a second: one look at the end of it is enough. */
static void on_job_pod(struct reconciler *r, const json_t *job, const json_t *pod)
{
    const json_t *owner = json_array_get(jsonx_get(job, "metadata", "ownerReferences", NULL), 0);
    enum kind kind =
        kind_find(jsonx_str(owner, "apiVersion", NULL), jsonx_str(owner, "kind", NULL));
    bool of_session = kind == KIND_BACKUP_SESSION || kind == KIND_RESTORE_SESSION;

    if (of_session && !has_ended(pod))
        wake_soon(r, kind, jsonx_namespace(job), jsonx_str(owner, "name", NULL));
    else
        wake_employer(r, job);
    if (!of_session)
        return;
    json_auto_t *session = store_get(r->store, kind_resource(kind), jsonx_namespace(job),
                                     jsonx_str(owner, "name", NULL));
    json_auto_t *invoker =
        kind == KIND_RESTORE_SESSION ? json_incref(session) : invoker_of(r, session);
    wake_if_locked(r, invoker);
}

static bool wake_with_sessions(void *ctx, json_t *invoker)
{
    struct reconciler *r = ctx;

    wake_itself(r, kind_by_name(jsonx_str(invoker, "kind", NULL)), invoker);
    wake_sessions(r, invoker);
    wake_if_locked(r, invoker);
    return true;
}

/* A Pod of a Job of ours, or an injected pod: wake what it works for. */
static void on_pod(struct reconciler *r, enum kind kind, const json_t *pod)
{
    const json_t *owners = jsonx_get(pod, "metadata", "ownerReferences", NULL);
    const json_t *owner = json_array_get(owners, 0);
    const char *owner_kind = jsonx_str(owner, "kind", NULL);
    struct inject_workload workload;

    (void)kind;
    if (owner_kind && strcmp(owner_kind, "Job") == 0) {
        json_auto_t *job = store_get(r->store, kind_resource(KIND_JOB), jsonx_namespace(pod),
                                     jsonx_str(owner, "name", NULL));
        if (job) {
            on_job_pod(r, job, pod);
            return;
        }
    }
    if (inject_workload_of(pod, &workload) != INJECT_DONE)
        return;
    json_auto_t *ref =
        json_pack("{s:s, s:s?, s:s}", PAIR("kind", workload.kind),
                  PAIR("namespace", jsonx_namespace(pod)), PAIR("name", workload.name));
    view_targeting(r, ref, wake_with_sessions, r);
}

/* ---- pods that cannot be made ------------------------------------------------------------------------------------ */

static bool wake_one(void *ctx, json_t *invoker)
{
    wake_itself(ctx, kind_by_name(jsonx_str(invoker, "kind", NULL)), invoker);
    return true;
}

static void wake_invokers(struct reconciler *r, const char *kind, const char *namespace,
                          const char *name)
{
    json_auto_t *ref = json_pack("{s:s, s:s, s:s}", PAIR("kind", kind),
                                 PAIR("namespace", namespace), PAIR("name", name));

    view_targeting(r, ref, wake_one, r);
}

/* Controllers that cannot make pods say so again and again, and thousands of invokers may be meant. */
#define NAMED_MAX 1000

/* Whose pod it would have been, only its annotation says. */
static void wake_named_by_pods(struct reconciler *r, enum kind kind, const char *namespace)
{
    store_names_by_index(r->store, kind_resource(kind),
                         &(struct store_key){INDEX_NAMED, namespace, NAMED_MAX}, wake_name, r);
}

/* A workload's controller could not make a pod: perhaps for what we would add to it. */
static void wake_refused_workload(struct reconciler *r, const json_t *about)
{
    const char *kind = jsonx_str(about, "kind", NULL);
    const char *namespace = jsonx_str(about, "namespace", NULL);
    const char *name = jsonx_str(about, "name", NULL);
    const char *dash = name ? strrchr(name, '-') : NULL;

    if (!kind || !namespace || !name)
        return;
    wake_invokers(r, kind, namespace, name);
    wake_named_by_pods(r, KIND_BACKUP_CONFIGURATION, namespace);
    wake_named_by_pods(r, KIND_RESTORE_SESSION, namespace);
    if (!dash || strcmp(kind, "ReplicaSet") != 0)
        return;
    AUTO(mem_free) char *deployment = xstrndup(name, (size_t)(dash - name));
    wake_invokers(r, "Deployment", namespace, deployment);
}

static void on_event(struct reconciler *r, enum kind kind, const json_t *event)
{
    const json_t *about = jsonx_get(event, "involvedObject", NULL);
    const char *about_kind = jsonx_str(about, "kind", NULL);

    (void)kind;
    if (about_kind && strcmp(about_kind, "CronJob") == 0)
        wake_warned_trigger(r, about);
    else
        wake_refused_workload(r, about);
}

/* ---- what rights depend on ----------------------------------------------------------------------------------------- */

/* Who fills its share of the queue must not keep by that a right that was withdrawn. */
static void wake_surely(void *ctx, const struct resource *resource, const char *namespace,
                        const char *name)
{
    struct reconciler *r = ctx;
    AUTO(mem_free) char *key = key_make(kind_by_name(resource->kind), namespace, name);

    wakes_add_surely(r->wakes, key, -HEAD_START_MS);
}

static void wake_by_index(struct reconciler *r, const char *index, const char *key)
{
    static const enum kind kinds[] = {KIND_BACKUP_CONFIGURATION, KIND_RESTORE_SESSION};

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        store_names_by_index(r->store, kind_resource(kinds[i]), &(struct store_key){index, key, 0},
                             wake_surely, r);
}

/* Labels for usage policies, annotations for consent. */
static void on_namespace(struct reconciler *r, enum kind kind, const json_t *namespace)
{
    (void)kind;
    if (kept_is_changed(r->kept, namespace))
        wake_by_index(r, INDEX_PLACE, jsonx_name(namespace));
}

static void on_app_binding(struct reconciler *r, enum kind kind, const json_t *app)
{
    AUTO(mem_free)
    char *key =
        snapshot_target_key(kind_resource(kind)->kind, jsonx_namespace(app), jsonx_name(app));

    if (kept_is_changed(r->kept, app))
        wake_by_index(r, INDEX_TARGET, key);
}

/* Whoever names it may wait for it, or finds that it cannot be resolved any more. */
static void on_task(struct reconciler *r, enum kind kind, const json_t *task)
{
    json_auto_t *words =
        json_pack("[s*, O*]", jsonx_uid(task), jsonx_get(task, "metadata", "generation", NULL));

    (void)kind;
    if (kept_is_news(r->kept, task, words))
        wake_by_index(r, INDEX_TASK, jsonx_name(task));
}

/* Its usage policy, its Secret's name: what it says of sessions is written all the time and wakes nobody. */
static void on_repository(struct reconciler *r, enum kind kind, const json_t *repository)
{
    AUTO(mem_free)
    char *key = xasprintf("%s/%s", jsonx_namespace(repository), jsonx_name(repository));

    on_object(r, kind, repository);
    if (kept_is_changed(r->kept, repository))
        wake_by_index(r, INDEX_REPOSITORY, key);
}

/* What was made for an invoker may have been changed by somebody else, or the invoker be gone. Several are made at once,
 * and one look is enough. */
#define GRANT_MS     2000
#define IDENTITY_MAX 512 /* anybody may write one: whatever is longer is none of ours */

void wake_grantee(struct reconciler *r, enum kind kind, const json_t *grant)
{
    const char *identity = jsonx_annotation(grant, ANNOTATION_INVOKER);

    (void)kind;
    if (identity && strlen(identity) <= IDENTITY_MAX)
        wakes_add(r->wakes, jsonx_namespace(grant), identity, GRANT_MS);
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

typedef void (*changed_fn)(struct reconciler *r, enum kind kind, const json_t *object);

static void on_nothing(struct reconciler *r, enum kind kind, const json_t *object)
{
    (void)r, (void)kind, (void)object;
}

static const struct watched {
    enum kind kind;
    const char *label, *field;
    changed_fn changed;
    bool metadata_only;
} watched[] = {
    {KIND_REPOSITORY, NULL, NULL, on_repository, false},
    {KIND_BACKUP_CONFIGURATION, NULL, NULL, on_configuration, false},
    {KIND_BACKUP_SESSION, NULL, NULL, on_session, false},
    {KIND_RESTORE_SESSION, NULL, NULL, on_restore, false},
    {KIND_TASK, NULL, NULL, on_task, false},
    {KIND_FUNCTION, NULL, NULL, on_nothing, false},
    {KIND_JOB, OURS, NULL, on_job, false},
    {KIND_CRON_JOB, OURS, NULL, on_cron_job, false},
    {KIND_POD, OURS, NULL, on_pod, false},
    {KIND_POD, LABEL_INJECTED "=true", NULL, on_pod, false},
    {KIND_EVENT, NULL, "type=Warning,involvedObject.kind=CronJob", on_event, false},
    {KIND_EVENT, NULL, "reason=FailedCreate", on_event, false},
    {KIND_NAMESPACE, NULL, NULL, on_namespace, true},
    {KIND_APP_BINDING, NULL, NULL, on_app_binding, true},
    {KIND_ROLE, OURS, NULL, wake_grantee, true},
    {KIND_ROLE_BINDING, OURS, NULL, wake_grantee, true},
};

void watches_tell(struct reconciler *r, const struct resource *resource, const json_t *object)
{
    for (size_t i = 0; i < ARRAY_LEN(watched); i++)
        if (kind_resource(watched[i].kind) == resource) {
            watched[i].changed(r, watched[i].kind, object);
            return;
        }
}

static void on_change(void *ctx, const struct resource *resource, enum watch_change change,
                      const json_t *object)
{
    struct reconciler *r = ctx;

    if (change == WATCH_SYNCED)
        return;
    if (change == WATCH_REMOVED)
        kept_change(r->kept, object);
    watches_tell(r, resource, object);
    if (change == WATCH_REMOVED) {
        kept_forget(r->kept, object);
        if (resource == kind_resource(KIND_BACKUP_SESSION) && jsonx_uid(object))
            slots_release(r->slots, jsonx_uid(object));
    }
}

void watches_add(struct reconciler *r)
{
    indexes_add(r->store);
    for (size_t i = 0; i < ARRAY_LEN(watched); i++)
        watcher_add(r->watcher,
                    &(struct watch_spec){
                        .resource = kind_resource(watched[i].kind),
                        .selector = {.label = watched[i].label, .field = watched[i].field},
                        .metadata_only = watched[i].metadata_only,
                        .max_bytes = bounds_bytes(watched[i].kind),
                        .accept = bounds_bytes(watched[i].kind) > 0 ? bounds_accept : NULL,
                        .on_change = on_change,
                        .ctx = r,
                    });
}

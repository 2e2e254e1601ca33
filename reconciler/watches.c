/* What is watched, how it is indexed, and whom a change wakes. An event only names; nothing is decided here. */
#include <string.h>

#include "observe.h"
#include "room.h"
#include "stash/jsonx.h"
#include "stash/names.h"
#include "stash/plan.h"

#define OURS LABEL_MANAGED_BY "=" STASH_GROUP

/* Somebody waits for a session, and it for its Repository; all else that a start brings, thousands of objects perhaps,
 * can come after. */
#define HEAD_START_MS (10 * 60 * 1000)

static void wake(struct reconciler *r, enum kind kind, const char *namespace, const char *name)
{
    bool is_awaited =
        kind == KIND_BACKUP_SESSION || kind == KIND_RESTORE_SESSION || kind == KIND_REPOSITORY;
    AUTO(mem_free) char *key = key_make(kind, namespace, name);

    queue_add(r->queue, key, is_awaited ? -HEAD_START_MS : 0);
}

/* ---- indexes ----------------------------------------------------------------------------------------------------- */

static void index_owner(const json_t *object, store_emit_fn emit, void *ctx)
{
    const json_t *owners = jsonx_get(object, "metadata", "ownerReferences", NULL);

    for (size_t i = 0; i < json_array_size(owners); i++)
        emit(ctx, jsonx_str(json_array_get(owners, i), "uid", NULL));
}

/* Whose pod it is, as targets are indexed. */
static void index_target_of_pod(const json_t *pod, store_emit_fn emit, void *ctx)
{
    struct inject_workload workload;

    if (inject_workload_of(pod, &workload) != INJECT_DONE)
        return;
    AUTO(mem_free)
    char *key = snapshot_target_key(workload.kind, jsonx_namespace(pod), workload.name);
    emit(ctx, key);
}

static void index_invoker(const json_t *session, store_emit_fn emit, void *ctx)
{
    const char *kind = jsonx_str(session, "spec", "invoker", "kind", NULL);
    const char *name = jsonx_str(session, "spec", "invoker", "name", NULL);

    if (!kind || !name)
        return;
    AUTO(mem_free) char *key = xasprintf("%s/%s/%s", kind, jsonx_namespace(session), name);
    emit(ctx, key);
}

static void index_unfinished(const json_t *session, store_emit_fn emit, void *ctx)
{
    if (!session_is_finished(session))
        index_invoker(session, emit, ctx);
}

static void index_repository(const json_t *invoker, store_emit_fn emit, void *ctx)
{
    json_auto_t *ref = plan_repository_ref(invoker);

    if (!ref)
        return;
    AUTO(mem_free)
    char *key = xasprintf("%s/%s", jsonx_str(ref, "namespace", NULL), jsonx_str(ref, "name", NULL));
    emit(ctx, key);
}

static void index_written(const json_t *restore, store_emit_fn emit, void *ctx)
{
    json_auto_t *targets = plan_has_written(restore) ? plan_targets(restore) : NULL;
    size_t i;
    json_t *target;

    json_array_foreach (targets, i, target) {
        const char *namespace = jsonx_str(target, "ref", "namespace", NULL);

        if (namespace)
            emit(ctx, namespace);
    }
}

static void index_about(const json_t *event, store_emit_fn emit, void *ctx)
{
    emit(ctx, jsonx_str(event, "involvedObject", "uid", NULL));
}

static void index_trigger(const json_t *invoker, store_emit_fn emit, void *ctx)
{
    AUTO(mem_free) char *key = plan_trigger_key(invoker);

    if (key)
        emit(ctx, key);
}

/* The namespaces whose labels and annotations say whether an invoker may do what it asks for. */
static void index_place(const json_t *invoker, store_emit_fn emit, void *ctx)
{
    json_auto_t *targets = plan_targets(invoker);

    emit(ctx, jsonx_namespace(invoker));
    emit(ctx, invoker_repository_namespace(invoker));
    for (size_t i = 0; i < json_array_size(targets); i++)
        emit(ctx, jsonx_str(json_array_get(targets, i), "ref", "namespace", NULL));
}

static void index_grantee(const json_t *grant, store_emit_fn emit, void *ctx)
{
    const char *identity = jsonx_annotation(grant, ANNOTATION_INVOKER);

    if (identity)
        emit(ctx, identity);
}

/* Earlier versions gave a workload one binding for all of its invokers. */
static void index_former(const json_t *binding, store_emit_fn emit, void *ctx)
{
    const json_t *owner =
        json_array_get(jsonx_get(binding, "metadata", "ownerReferences", NULL), 0);
    const char *kind = jsonx_str(owner, "kind", NULL);

    if (kind && kind_is_workload(kind_by_name(kind)) &&
        !jsonx_annotation(binding, ANNOTATION_INVOKER))
        emit(ctx, jsonx_namespace(binding));
}

static void add_indexes(struct store *store)
{
    static const struct {
        enum kind kind;
        const char *index;
        store_index_fn keys;
    } rows[] = {
        {KIND_JOB, INDEX_OWNER, index_owner},
        {KIND_CRON_JOB, INDEX_OWNER, index_owner},
        {KIND_POD, INDEX_OWNER, index_owner},
        {KIND_POD, INDEX_TARGET, index_target_of_pod},
        {KIND_BACKUP_SESSION, INDEX_INVOKER, index_invoker},
        {KIND_BACKUP_SESSION, INDEX_UNFINISHED, index_unfinished},
        {KIND_BACKUP_CONFIGURATION, INDEX_TARGET, snapshot_emit_targets},
        {KIND_EVENT, INDEX_ABOUT, index_about},
        {KIND_BACKUP_CONFIGURATION, INDEX_TRIGGER, index_trigger},
        {KIND_RESTORE_SESSION, INDEX_TARGET, snapshot_emit_targets},
        {KIND_RESTORE_SESSION, INDEX_WRITTEN, index_written},
        {KIND_BACKUP_CONFIGURATION, INDEX_REPOSITORY, index_repository},
        {KIND_RESTORE_SESSION, INDEX_REPOSITORY, index_repository},
        {KIND_BACKUP_CONFIGURATION, INDEX_PLACE, index_place},
        {KIND_RESTORE_SESSION, INDEX_PLACE, index_place},
        {KIND_ROLE, INDEX_GRANTEE, index_grantee},
        {KIND_ROLE_BINDING, INDEX_GRANTEE, index_grantee},
        {KIND_ROLE_BINDING, INDEX_FORMER, index_former},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        store_index(store, kind_resource(rows[i].kind), rows[i].index, rows[i].keys);
}

/* ---- waking ------------------------------------------------------------------------------------------------------ */

static void wake_itself(struct reconciler *r, enum kind kind, const json_t *object)
{
    wake(r, kind, jsonx_namespace(object), jsonx_name(object));
}

/* The controller of a Job, CronJob or session, when it is one of ours. */
static void wake_owners(struct reconciler *r, const json_t *object)
{
    const json_t *owners = jsonx_get(object, "metadata", "ownerReferences", NULL);

    for (size_t i = 0; i < json_array_size(owners); i++) {
        const json_t *owner = json_array_get(owners, i);
        enum kind kind =
            kind_find(jsonx_str(owner, "apiVersion", NULL), jsonx_str(owner, "kind", NULL));
        if (kind < KIND_APP_BINDING)
            wake(r, kind, jsonx_namespace(object), jsonx_str(owner, "name", NULL));
    }
}

static void on_object(struct reconciler *r, enum kind kind, const json_t *object)
{
    wake_itself(r, kind, object);
    wake_owners(r, object);
}

static void wake_repository(struct reconciler *r, const json_t *invoker)
{
    json_auto_t *ref = plan_repository_ref(invoker);

    if (ref)
        wake(r, KIND_REPOSITORY, jsonx_str(ref, "namespace", NULL), jsonx_str(ref, "name", NULL));
}

/* A Repository lists who uses it: it has to hear of them, last of all when they are gone. */
static void on_invoker(struct reconciler *r, enum kind kind, const json_t *invoker)
{
    on_object(r, kind, invoker);
    wake_repository(r, invoker);
}

static json_t *invoker_of(struct reconciler *r, const json_t *session)
{
    const char *name = jsonx_str(session, "spec", "invoker", "name", NULL);
    enum kind kind = kind_by_name(jsonx_str(session, "spec", "invoker", "kind", NULL));

    return name && kind != KIND_UNKNOWN
               ? store_get(r->store, kind_resource(kind), jsonx_namespace(session), name)
               : NULL;
}

/* Its Repository admits it, gives it turns, and others when it is done. */
static void on_session(struct reconciler *r, enum kind kind, const json_t *session)
{
    json_auto_t *invoker = invoker_of(r, session);

    on_object(r, kind, session);
    wake_repository(r, invoker);
}

/* Whom a Job works for: a session, or the invoker whose sessions it makes. */
static void wake_employer(struct reconciler *r, const json_t *job)
{
    json_auto_t *invoker = jsonx_label(job, LABEL_DELETE_JOB) ? trigger_invoker(r, job) : NULL;

    if (invoker)
        wake_itself(r, KIND_BACKUP_CONFIGURATION, invoker);
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

/* The sessions that may wait for a pod of this invoker's target. */
static void wake_sessions(struct reconciler *r, const json_t *invoker)
{
    AUTO(mem_free) char *key = key_of(invoker);
    json_auto_t *sessions =
        store_by_index(r->store, kind_resource(KIND_BACKUP_SESSION), INDEX_INVOKER, key);

    for (size_t i = 0; i < json_array_size(sessions); i++)
        if (!session_is_finished(json_array_get(sessions, i)))
            wake_itself(r, KIND_BACKUP_SESSION, json_array_get(sessions, i));
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

static void on_job_pod(struct reconciler *r, const json_t *job)
{
    const json_t *owner = json_array_get(jsonx_get(job, "metadata", "ownerReferences", NULL), 0);
    enum kind kind =
        kind_find(jsonx_str(owner, "apiVersion", NULL), jsonx_str(owner, "kind", NULL));

    wake_employer(r, job);
    if (kind != KIND_BACKUP_SESSION && kind != KIND_RESTORE_SESSION)
        return;
    json_auto_t *session = store_get(r->store, kind_resource(kind), jsonx_namespace(job),
                                     jsonx_str(owner, "name", NULL));
    json_auto_t *invoker =
        kind == KIND_RESTORE_SESSION ? json_incref(session) : invoker_of(r, session);
    wake_if_locked(r, invoker);
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
            on_job_pod(r, job);
            return;
        }
    }
    if (inject_workload_of(pod, &workload) != INJECT_DONE)
        return;
    json_auto_t *invokers =
        r->view.invokers(r->view.ctx, workload.kind, jsonx_namespace(pod), workload.name);
    for (size_t i = 0; i < json_array_size(invokers); i++) {
        const json_t *invoker = json_array_get(invokers, i);
        wake_itself(r, kind_by_name(jsonx_str(invoker, "kind", NULL)), invoker);
        wake_sessions(r, invoker);
        wake_if_locked(r, invoker);
    }
}

/* ---- pods that cannot be made ------------------------------------------------------------------------------------ */

static void wake_invokers(struct reconciler *r, const char *kind, const char *namespace,
                          const char *name)
{
    json_auto_t *invokers = r->view.invokers(r->view.ctx, kind, namespace, name);

    for (size_t i = 0; i < json_array_size(invokers); i++) {
        const json_t *invoker = json_array_get(invokers, i);
        wake_itself(r, kind_by_name(jsonx_str(invoker, "kind", NULL)), invoker);
    }
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

static void wake_by_index(struct reconciler *r, const char *index, const char *key)
{
    static const enum kind kinds[] = {KIND_BACKUP_CONFIGURATION, KIND_RESTORE_SESSION};

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        json_auto_t *found = store_by_index(r->store, kind_resource(kinds[i]), index, key);

        for (size_t k = 0; k < json_array_size(found); k++)
            wake_itself(r, kinds[i], json_array_get(found, k));
    }
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

static void on_grant(struct reconciler *r, enum kind kind, const json_t *grant)
{
    const char *identity = jsonx_annotation(grant, ANNOTATION_INVOKER);

    (void)kind;
    if (identity && strlen(identity) <= IDENTITY_MAX)
        queue_add(r->queue, identity, GRANT_MS);
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
    {KIND_BACKUP_CONFIGURATION, NULL, NULL, on_invoker, false},
    {KIND_BACKUP_SESSION, NULL, NULL, on_session, false},
    {KIND_RESTORE_SESSION, NULL, NULL, on_invoker, false},
    {KIND_TASK, NULL, NULL, on_nothing, false},
    {KIND_FUNCTION, NULL, NULL, on_nothing, false},
    {KIND_JOB, OURS, NULL, on_job, false},
    {KIND_CRON_JOB, OURS, NULL, on_cron_job, false},
    {KIND_POD, OURS, NULL, on_pod, false},
    {KIND_POD, LABEL_INJECTED "=true", NULL, on_pod, false},
    {KIND_EVENT, NULL, "type=Warning,involvedObject.kind=CronJob", on_event, false},
    {KIND_EVENT, NULL, "reason=FailedCreate", on_event, false},
    {KIND_NAMESPACE, NULL, NULL, on_namespace, true},
    {KIND_APP_BINDING, NULL, NULL, on_app_binding, true},
    {KIND_ROLE, OURS, NULL, on_grant, true},
    {KIND_ROLE_BINDING, OURS, NULL, on_grant, true},
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
    if (change == WATCH_REMOVED)
        kept_forget(r->kept, object);
}

void watches_add(struct reconciler *r)
{
    add_indexes(r->store);
    for (size_t i = 0; i < ARRAY_LEN(watched); i++)
        watcher_add(r->watcher,
                    &(struct watch_spec){
                        .resource = kind_resource(watched[i].kind),
                        .selector = {.label = watched[i].label, .field = watched[i].field},
                        .metadata_only = watched[i].metadata_only,
                        .on_change = on_change,
                        .ctx = r,
                    });
}

/* How what is watched is indexed: one row for each question that is asked of the store. */
#include <string.h>

#include "observe.h"
#include "room.h"
#include "stash/jsonx.h"
#include "stash/names.h"
#include "stash/plan.h"

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

/* Whose sidecar it has. */
static void index_carried(const json_t *pod, store_emit_fn emit, void *ctx)
{
    const char *name = inject_carried_backup(pod);

    if (!name)
        return;
    AUTO(mem_free) char *key = xasprintf("%s/%s", jsonx_namespace(pod), name);
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
    if (!observe_session_is_finished(session))
        index_invoker(session, emit, ctx);
}

static void index_at_work(const json_t *session, store_emit_fn emit, void *ctx)
{
    if (plan_is_at_work(session))
        emit(ctx, jsonx_namespace(session));
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

static void index_place_of_event(const json_t *event, store_emit_fn emit, void *ctx)
{
    emit(ctx, jsonx_str(event, "involvedObject", "namespace", NULL));
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
    emit(ctx, snapshot_repository_namespace(invoker));
    for (size_t i = 0; i < json_array_size(targets); i++)
        emit(ctx, jsonx_str(json_array_get(targets, i), "ref", "namespace", NULL));
}

static void index_named(const json_t *invoker, store_emit_fn emit, void *ctx)
{
    if (plan_is_named_by_pods(invoker))
        emit(ctx, jsonx_namespace(invoker));
}

static void index_task(const json_t *invoker, store_emit_fn emit, void *ctx)
{
    const char *task = jsonx_str(invoker, "spec", "task", "name", NULL);

    if (task)
        emit(ctx, task);
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

void indexes_add(struct store *store)
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
        {KIND_POD, INDEX_CARRIED, index_carried},
        {KIND_BACKUP_SESSION, INDEX_INVOKER, index_invoker},
        {KIND_BACKUP_SESSION, INDEX_UNFINISHED, index_unfinished},
        {KIND_BACKUP_SESSION, INDEX_AT_WORK, index_at_work},
        {KIND_BACKUP_CONFIGURATION, INDEX_TARGET, snapshot_emit_targets},
        {KIND_EVENT, INDEX_ABOUT, index_about},
        {KIND_EVENT, INDEX_PLACE, index_place_of_event},
        {KIND_BACKUP_CONFIGURATION, INDEX_TRIGGER, index_trigger},
        {KIND_RESTORE_SESSION, INDEX_TARGET, snapshot_emit_targets},
        {KIND_BACKUP_CONFIGURATION, INDEX_INJECTED, inject_emit_targets},
        {KIND_RESTORE_SESSION, INDEX_INJECTED, inject_emit_targets},
        {KIND_RESTORE_SESSION, INDEX_WRITTEN, index_written},
        {KIND_BACKUP_CONFIGURATION, INDEX_REPOSITORY, index_repository},
        {KIND_RESTORE_SESSION, INDEX_REPOSITORY, index_repository},
        {KIND_BACKUP_CONFIGURATION, INDEX_PLACE, index_place},
        {KIND_RESTORE_SESSION, INDEX_PLACE, index_place},
        {KIND_BACKUP_CONFIGURATION, INDEX_NAMED, index_named},
        {KIND_RESTORE_SESSION, INDEX_NAMED, index_named},
        {KIND_BACKUP_CONFIGURATION, INDEX_TASK, index_task},
        {KIND_RESTORE_SESSION, INDEX_TASK, index_task},
        {KIND_ROLE, INDEX_GRANTEE, index_grantee},
        {KIND_ROLE_BINDING, INDEX_GRANTEE, index_grantee},
        {KIND_ROLE_BINDING, INDEX_FORMER, index_former},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        store_index(store, kind_resource(rows[i].kind), rows[i].index, rows[i].keys);
}

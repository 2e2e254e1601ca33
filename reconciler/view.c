/* The cluster as admit and inject see it: watched kinds from the store, the others from the API server. */
#include <string.h>

#include "room.h"
#include "stash/jsonx.h"

static bool is_watched(enum kind kind)
{
    switch (kind) {
    case KIND_REPOSITORY:
    case KIND_BACKUP_CONFIGURATION:
    case KIND_BACKUP_SESSION:
    case KIND_RESTORE_SESSION:
    case KIND_TASK:
    case KIND_FUNCTION:
        return true;
    default:
        return false;
    }
}

static struct reconciler *reconciler_of(void *ctx)
{
    return ((struct view_ctx *)ctx)->r;
}

/* What is not there is no failure. */
static void note_failure(void *ctx, const struct error *err)
{
    struct view_ctx *view = ctx;

    if (view->failure && err->kind != ERR_NOT_FOUND && view->failure->kind == ERR_OK)
        *view->failure = *err;
}

static json_t *view_get(void *ctx, enum kind kind, const char *namespace, const char *name)
{
    struct reconciler *r = reconciler_of(ctx);
    struct error err;
    json_t *object = NULL;

    if (is_watched(kind))
        return store_get(r->store, kind_resource(kind), namespace, name);
    if (kube_get(r->kube, kind_resource(kind), namespace, name, &object, &err) == 0)
        return object;
    note_failure(ctx, &err);
    return NULL;
}

static json_t *view_list(void *ctx, enum kind kind, const char *namespace)
{
    struct reconciler *r = reconciler_of(ctx);
    struct error err;
    json_t *items = NULL;

    if (is_watched(kind))
        return store_list(r->store, kind_resource(kind), namespace, NULL);
    if (kube_list(r->kube, kind_resource(kind), namespace, NULL, &items, &err) == 0)
        return items;
    note_failure(ctx, &err);
    return json_array();
}

static bool view_is_unread(void *ctx, enum kind kind, const char *namespace, const char *name)
{
    struct reconciler *r = reconciler_of(ctx);

    return is_watched(kind) && store_is_unread(r->store, kind_resource(kind), namespace, name);
}

/* By creation, then by name: the older invoker wins everywhere. */
static bool is_older(const json_t *a, const json_t *b)
{
    const char *time_a = jsonx_str(a, "metadata", "creationTimestamp", NULL);
    const char *time_b = jsonx_str(b, "metadata", "creationTimestamp", NULL);
    int order = strcmp(time_a ? time_a : "", time_b ? time_b : "");

    return order ? order < 0 : strcmp(jsonx_name(a), jsonx_name(b)) < 0;
}

static void insert_by_age(json_t *list, json_t *object)
{
    size_t at = json_array_size(list);

    while (at > 0 && is_older(object, json_array_get(list, at - 1)))
        at--;
    json_array_insert(list, at, object);
}

static json_t *view_invokers(void *ctx, const char *target_kind, const char *namespace,
                             const char *name)
{
    static const enum kind kinds[] = {KIND_BACKUP_CONFIGURATION, KIND_RESTORE_SESSION};
    struct reconciler *r = reconciler_of(ctx);
    AUTO(mem_free) char *key = snapshot_target_key(target_kind, namespace, name);
    json_t *sorted = json_array();

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        json_auto_t *found = store_by_index(r->store, kind_resource(kinds[i]), INDEX_TARGET, key);
        json_t *invoker;
        size_t at;
        json_array_foreach (found, at, invoker)
            insert_by_age(sorted, invoker);
    }
    return sorted;
}

static json_t *view_users(void *ctx, const char *namespace, const char *name)
{
    struct reconciler *r = reconciler_of(ctx);
    AUTO(mem_free) char *key = xasprintf("%s/%s", namespace, name);

    return store_by_index(r->store, kind_resource(KIND_BACKUP_CONFIGURATION), INDEX_REPOSITORY,
                          key);
}

void view_init(struct view_ctx *ctx, struct snapshot *ret)
{
    *ret = (struct snapshot){.ctx = ctx,
                             .get = view_get,
                             .list = view_list,
                             .invokers = view_invokers,
                             .users = view_users,
                             .is_unread = view_is_unread};
}

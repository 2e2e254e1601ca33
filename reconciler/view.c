/* The cluster as admit and inject see it: watched kinds from the store, the others from the API server. */
#include <string.h>

#include "room.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/store_snapshot.h"

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
        return store_snapshot_get(r->store, kind, namespace, name);
    AUTO(mem_free) char *key = key_make(kind, namespace, name);
    json_t *read = ((struct view_ctx *)ctx)->read;
    json_t *known = json_object_get(read, key);
    if (known)
        return json_is_null(known) ? NULL : json_incref(known);
    if (kube_get(r->kube, kind_resource(kind), namespace, name, &object, &err) == 0) {
        json_object_set(read, key, object);
        return object;
    }
    if (err.kind == ERR_NOT_FOUND)
        json_object_set_new(read, key, json_null());
    note_failure(ctx, &err);
    return NULL;
}

/* Of a kind that is not watched, all objects: listed once in a look. New reference, or NULL. */
static json_t *view_listed(struct view_ctx *view, enum kind kind, const char *namespace)
{
    AUTO(mem_free) char *key = key_make(kind, namespace, "*");
    json_t *known = json_object_get(view->read, key);
    const struct kube_selector selector = {.max_weight = LIMIT_LOOK};
    json_t *items = NULL;
    struct error err;

    if (known)
        return json_incref(known);
    if (kube_list(view->r->kube, kind_resource(kind), namespace, &selector, &items, &err) == 0)
        json_object_set(view->read, key, items);
    else
        note_failure(view, &err);
    return items;
}

static void view_each(void *ctx, enum kind kind, const char *namespace, snapshot_each_fn each,
                      void *arg)
{
    if (is_watched(kind)) {
        store_snapshot_each(reconciler_of(ctx)->store, kind, namespace, each, arg);
        return;
    }
    json_auto_t *items = view_listed(ctx, kind, namespace);
    for (size_t i = 0; i < json_array_size(items); i++)
        if (!each(arg, json_array_get(items, i)))
            return;
}

static bool view_is_unread(void *ctx, enum kind kind, const char *namespace, const char *name)
{
    struct reconciler *r = reconciler_of(ctx);

    return is_watched(kind) && store_snapshot_is_unread(r->store, kind, namespace, name);
}

/* NOLINTNEXTLINE(bugprone-easily-swappable-parameters): as the interface has them */
static void view_each_invoker(void *ctx, const char *target_kind, const char *namespace,
                              const char *name, snapshot_each_fn each, void *arg)
{
    store_snapshot_each_invoker(reconciler_of(ctx)->store, target_kind, namespace, name, each, arg);
}

static bool view_has_invoker(void *ctx, const char *target_kind, const char *namespace,
                             const char *name)
{
    return store_snapshot_has_invoker(reconciler_of(ctx)->store, target_kind, namespace, name);
}

#define TARGETING_MAX 16

/* First those of its own namespace: however many of others name it, they do not stand in their place. */
void view_targeting(struct reconciler *r, const json_t *ref, store_each_fn each, void *ctx)
{
    static const enum kind kinds[] = {KIND_BACKUP_CONFIGURATION, KIND_RESTORE_SESSION};
    static const char *const indexes[] = {INDEX_INJECTED, INDEX_TARGET};
    AUTO(mem_free)
    char *key = snapshot_target_key(jsonx_str(ref, "kind", NULL), jsonx_str(ref, "namespace", NULL),
                                    jsonx_str(ref, "name", NULL));

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        for (size_t k = 0; k < ARRAY_LEN(indexes); k++)
            store_each_by_index(r->store, kind_resource(kinds[i]),
                                &(struct store_key){indexes[k], key, TARGETING_MAX}, each, ctx);
}

static void view_each_user(void *ctx, const char *namespace, const char *name,
                           snapshot_each_fn each, void *arg)
{
    store_snapshot_each_user(reconciler_of(ctx)->store, namespace, name, each, arg);
}

void view_init(struct view_ctx *ctx, struct snapshot *ret)
{
    *ret = (struct snapshot){.ctx = ctx,
                             .get = view_get,
                             .each = view_each,
                             .each_invoker = view_each_invoker,
                             .has_invoker = view_has_invoker,
                             .each_user = view_each_user,
                             .is_unread = view_is_unread};
}

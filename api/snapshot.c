/* snapshot.c - the view over a plain list of documents, with the same two indexes as the watch-fed
 * one. */
#include "stash/snapshot.h"

#include <stdio.h>
#include <string.h>

#include "stash/claims.h"
#include "stash/jsonx.h"
#include "stash/text.h"

struct view {
    struct snapshot snapshot;
    json_t *by_key;        /* "12/demo/name" -> document; 12 is the kind */
    json_t *by_kind;       /* "12" -> [documents] */
    json_t *by_repository; /* "demo/store" -> [BackupConfigurations and BackupBatches] */
    json_t *by_target;     /* "Deployment/demo/web" -> [invokers], oldest first */
};

/* Documents from files often leave the namespace to kubectl, which takes "default". */
const char *snapshot_invoker_namespace(const json_t *invoker)
{
    const char *namespace = jsonx_namespace(invoker);

    return namespace && *namespace ? namespace : "default";
}

const char *snapshot_repository_namespace(const json_t *invoker)
{
    const char *namespace = jsonx_str(invoker, "spec", "repository", "namespace", NULL);

    return namespace && *namespace ? namespace : snapshot_invoker_namespace(invoker);
}

static const char *effective_namespace(const json_t *object, enum kind kind)
{
    return kind_resource(kind)->namespaced ? snapshot_invoker_namespace(object) : "";
}

static char *object_key(enum kind kind, const char *namespace, const char *name)
{
    return xasprintf("%d/%s/%s", (int)kind, namespace ? namespace : "", name);
}

char *snapshot_target_key(const char *kind, const char *namespace, const char *name)
{
    return xasprintf("%s/%s/%s", kind, namespace, name);
}

static void emit_target(const json_t *target, const char *own_namespace,
                        void (*emit)(void *ctx, const char *key), void *ctx)
{
    const char *kind = jsonx_str(target, "ref", "kind", NULL);
    const char *name = jsonx_str(target, "ref", "name", NULL);
    const char *namespace = jsonx_str(target, "ref", "namespace", NULL);

    if (!kind || !*kind || !name || !*name)
        return;
    AUTO(mem_free)
    char *key =
        snapshot_target_key(kind, namespace && *namespace ? namespace : own_namespace, name);
    emit(ctx, key);
}

/* What a restore makes to write into is its target as well. */
static void emit_claims(const json_t *target, const char *namespace,
                        void (*emit)(void *ctx, const char *key), void *ctx)
{
    json_auto_t *names = claims_names(target);
    size_t i;
    json_t *name;

    json_array_foreach (names, i, name) {
        AUTO(mem_free)
        char *key =
            snapshot_target_key("PersistentVolumeClaim", namespace, json_string_value(name));
        emit(ctx, key);
    }
}

void snapshot_emit_targets(const json_t *invoker, void (*emit)(void *ctx, const char *key),
                           void *ctx)
{
    const char *own = snapshot_invoker_namespace(invoker);
    const json_t *members = jsonx_get(invoker, "spec", "members", NULL);
    const json_t *target = jsonx_get(invoker, "spec", "target", NULL);

    emit_target(target, own, emit, ctx);
    emit_claims(target, own, emit, ctx);
    for (size_t i = 0; i < json_array_size(members); i++) {
        target = jsonx_get(json_array_get(members, i), "target", NULL);
        emit_target(target, own, emit, ctx);
        emit_claims(target, own, emit, ctx);
    }
}

char *snapshot_repository_key(const json_t *invoker)
{
    const char *name = jsonx_str(invoker, "spec", "repository", "name", NULL);

    return name && *name ? xasprintf("%s/%s", snapshot_repository_namespace(invoker), name) : NULL;
}

static void append_under(json_t *map, const char *key, const json_t *object)
{
    json_t *list = json_object_get(map, key);

    if (!list) {
        list = json_array();
        json_object_set_new(map, key, list);
    }
    json_array_append(list, jsonx_unconst(object));
}

static const char *created_at(const json_t *object)
{
    return text_or_empty(jsonx_str(object, "metadata", "creationTimestamp", NULL));
}

/* RFC 3339 in UTC sorts as text; the name breaks ties so that the order never depends on the
 * file's. */
static bool is_older(const json_t *one, const json_t *two)
{
    int by_time = strcmp(created_at(one), created_at(two));

    return by_time < 0 || (by_time == 0 && strcmp(jsonx_name(one), jsonx_name(two)) < 0);
}

/* The oldest first, then by name. */
static void insert_by_age(json_t *objects, json_t *object)
{
    size_t at = 0;

    while (at < json_array_size(objects) && !is_older(object, json_array_get(objects, at)))
        at++;
    json_array_insert(objects, at, object);
}

struct target_context {
    struct view *view;
    const json_t *object;
};

static void index_target(void *ctx, const char *key)
{
    const struct target_context *context = ctx;
    json_t *list = json_object_get(context->view->by_target, key);

    if (list)
        insert_by_age(list, jsonx_unconst(context->object));
    else
        append_under(context->view->by_target, key, context->object);
}

static void index_user(struct view *view, const json_t *invoker)
{
    AUTO(mem_free) char *key = snapshot_repository_key(invoker);

    if (key)
        append_under(view->by_repository, key, invoker);
}

static void index_object(struct view *view, const json_t *object)
{
    const json_t *items = jsonx_get(object, "items", NULL);
    const char *name = jsonx_name(object);
    enum kind kind =
        kind_find(jsonx_str(object, "apiVersion", NULL), jsonx_str(object, "kind", NULL));
    char kind_key[16];

    for (size_t i = 0; i < json_array_size(items); i++)
        index_object(view, json_array_get(items, i));
    if (kind == KIND_UNKNOWN || !name)
        return;
    AUTO(mem_free) char *key = object_key(kind, effective_namespace(object, kind), name);
    json_object_set(view->by_key, key, jsonx_unconst(object));
    snprintf(kind_key, sizeof(kind_key), "%d", (int)kind);
    append_under(view->by_kind, kind_key, object);
    if (kind == KIND_BACKUP_CONFIGURATION || kind == KIND_BACKUP_BATCH)
        index_user(view, object);
    if (kind == KIND_BACKUP_CONFIGURATION || kind == KIND_RESTORE_SESSION) {
        struct target_context context = {view, object};
        snapshot_emit_targets(object, index_target, &context);
    }
}

static json_t *view_get(void *ctx, enum kind kind, const char *namespace, const char *name)
{
    const struct view *view = ctx;
    AUTO(mem_free)
    char *key = object_key(kind, kind_resource(kind)->namespaced ? namespace : "", name);

    return json_incref(json_object_get(view->by_key, key));
}

static void view_each(void *ctx, enum kind kind, const char *namespace, snapshot_each_fn each,
                      void *arg)
{
    const struct view *view = ctx;
    char key[16];

    snprintf(key, sizeof(key), "%d", (int)kind);
    const json_t *list = json_object_get(view->by_kind, key);
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *object = json_array_get(list, i);
        bool is_asked = !namespace || strcmp(effective_namespace(object, kind), namespace) == 0;
        if (is_asked && !each(arg, object))
            return;
    }
}

static void show_list(const json_t *list, snapshot_each_fn each, void *arg)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!each(arg, json_array_get(list, i)))
            return;
}

/* NOLINTNEXTLINE(bugprone-easily-swappable-parameters): as the interface has them */
static void view_each_invoker(void *ctx, const char *target_kind, const char *namespace,
                              const char *name, snapshot_each_fn each, void *arg)
{
    const struct view *view = ctx;
    AUTO(mem_free) char *key = snapshot_target_key(target_kind, namespace, name);

    show_list(json_object_get(view->by_target, key), each, arg);
}

static bool view_has_invoker(void *ctx, const char *target_kind, const char *namespace,
                             const char *name)
{
    const struct view *view = ctx;
    AUTO(mem_free) char *key = snapshot_target_key(target_kind, namespace, name);

    return json_array_size(json_object_get(view->by_target, key)) > 0;
}

static void view_each_user(void *ctx, const char *namespace, const char *name,
                           snapshot_each_fn each, void *arg)
{
    const struct view *view = ctx;
    AUTO(mem_free) char *key = xasprintf("%s/%s", namespace, name);

    show_list(json_object_get(view->by_repository, key), each, arg);
}

static bool append_object(void *list, const json_t *object)
{
    json_array_append(list, jsonx_unconst(object));
    return true;
}

json_t *snapshot_list(const struct snapshot *snapshot, enum kind kind, const char *namespace)
{
    json_t *list = json_array();

    snapshot->each(snapshot->ctx, kind, namespace, append_object, list);
    return list;
}

struct snapshot *snapshot_from_objects(const json_t *objects)
{
    struct view *view = xcalloc(1, sizeof(*view));

    view->snapshot = (struct snapshot){
        view, view_get, view_each, view_each_invoker, view_has_invoker, view_each_user, NULL};
    view->by_key = json_object();
    view->by_kind = json_object();
    view->by_target = json_object();
    view->by_repository = json_object();
    for (size_t i = 0; i < json_array_size(objects); i++)
        index_object(view, json_array_get(objects, i));
    return &view->snapshot;
}

void snapshot_free(struct snapshot *snapshot)
{
    struct view *view = snapshot ? snapshot->ctx : NULL;

    if (!view)
        return;
    json_decref(view->by_key);
    json_decref(view->by_kind);
    json_decref(view->by_target);
    json_decref(view->by_repository);
    free(view);
}

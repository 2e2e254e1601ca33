#include "stash/store_snapshot.h"

void store_snapshot_emit_repository(const json_t *invoker, store_emit_fn emit, void *ctx)
{
    AUTO(mem_free) char *key = snapshot_repository_key(invoker);

    if (key)
        emit(ctx, key);
}

json_t *store_snapshot_get(void *store, enum kind kind, const char *namespace, const char *name)
{
    return store_get(store, kind_resource(kind), namespace, name);
}

static const enum kind invokers[] = {KIND_BACKUP_CONFIGURATION, KIND_RESTORE_SESSION};

/* A view's function among the store's. */
struct showing {
    snapshot_each_fn each;
    void *arg;
    bool is_over;
};

static bool show_document(void *ctx, json_t *object)
{
    struct showing *showing = ctx;

    showing->is_over = !showing->each(showing->arg, object);
    return !showing->is_over;
}

void store_snapshot_each(void *store, enum kind kind, const char *namespace, snapshot_each_fn each,
                         void *arg)
{
    struct showing showing = {each, arg, false};

    store_each(store, kind_resource(kind), namespace, NULL, show_document, &showing);
}

/* NOLINTNEXTLINE(bugprone-easily-swappable-parameters): as the interface has them */
void store_snapshot_each_invoker(void *store, const char *target_kind, const char *namespace,
                                 const char *name, snapshot_each_fn each, void *arg)
{
    AUTO(mem_free) char *key = snapshot_target_key(target_kind, namespace, name);
    const struct store_key where = {STORE_INDEX_INJECTED, key, SNAPSHOT_INVOKERS};
    struct showing showing = {each, arg, false};

    for (size_t i = 0; i < ARRAY_LEN(invokers) && !showing.is_over; i++)
        store_each_by_index(store, kind_resource(invokers[i]), &where, show_document, &showing);
}

bool store_snapshot_has_invoker(void *store, const char *target_kind, const char *namespace,
                                const char *name)
{
    AUTO(mem_free) char *key = snapshot_target_key(target_kind, namespace, name);

    for (size_t i = 0; i < ARRAY_LEN(invokers); i++)
        if (store_count_by_index(store, kind_resource(invokers[i]), STORE_INDEX_INJECTED, key) > 0)
            return true;
    return false;
}

void store_snapshot_each_user(void *store, const char *namespace, const char *name,
                              snapshot_each_fn each, void *arg)
{
    static const enum kind users[] = {KIND_BACKUP_CONFIGURATION, KIND_BACKUP_BATCH};
    AUTO(mem_free) char *key = xasprintf("%s/%s", namespace, name);
    const struct store_key where = {STORE_INDEX_REPOSITORY, key, SNAPSHOT_USERS};
    struct showing showing = {each, arg, false};

    for (size_t i = 0; i < ARRAY_LEN(users) && !showing.is_over; i++)
        store_each_by_index(store, kind_resource(users[i]), &where, show_document, &showing);
}

bool store_snapshot_is_unread(void *store, enum kind kind, const char *namespace, const char *name)
{
    return store_is_unread(store, kind_resource(kind), namespace, name);
}

void store_snapshot_init(struct store *store, struct snapshot *ret)
{
    *ret = (struct snapshot){.ctx = store,
                             .get = store_snapshot_get,
                             .each = store_snapshot_each,
                             .each_invoker = store_snapshot_each_invoker,
                             .has_invoker = store_snapshot_has_invoker,
                             .each_user = store_snapshot_each_user,
                             .is_unread = store_snapshot_is_unread};
}

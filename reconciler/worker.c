/* One worker: take a key, look, plan, act. */
#include <string.h>

#include "room.h"
#include "stash/jsonx.h"
#include "stash/log.h"
#include "stash/plan.h"
#include "stash/text.h"

/* what came up beside a live upstream operator is looked at again after this */
#define HELD_MS 10000

typedef json_t *(*plan_fn)(const json_t *world);

static plan_fn planner_of(enum kind kind)
{
    switch (kind) {
    case KIND_BACKUP_CONFIGURATION:
        return plan_backup_configuration;
    case KIND_BACKUP_SESSION:
        return plan_backup_session;
    case KIND_RESTORE_SESSION:
        return plan_restore_session;
    case KIND_REPOSITORY:
        return plan_repository;
    case KIND_JOB:
        return plan_trigger_job;
    default:
        return NULL;
    }
}

/* Whom a plan names. A Repository that an object names need not be there: it is the object's key, and not another's. */
static void wake_named(struct reconciler *r, const char *tenant, const json_t *plan)
{
    const json_t *named = jsonx_get(plan, "enqueue", NULL);
    size_t i;
    json_t *key;

    json_array_foreach (named, i, key) {
        const char *text = json_string_value(key);
        AUTO(mem_free) char *parts = xstrdup(text);
        const char *namespace, *name;
        enum kind kind;

        if (key_split(parts, &kind, &namespace, &name))
            wakes_add(r->wakes, kind == KIND_REPOSITORY ? tenant : namespace, text, 0);
    }
}

static int carry_out(struct reconciler *r, const char *key, enum kind kind, const char *namespace,
                     const json_t *world, struct error *err)
{
    json_auto_t *plan = planner_of(kind)(world);
    int failed = apply(r, plan, err);

    if (failed == 0)
        wake_named(r, namespace, plan);
    if (kind == KIND_REPOSITORY)
        slots_settle(r->slots, key, json_object_get(world, "slots"));
    if (failed == 0 && jsonx_int(plan, 0, "requeueAfter", NULL) > 0)
        queue_add(r->queue, text_or_empty(namespace), key,
                  jsonx_int(plan, 0, "requeueAfter", NULL) * 1000);
    return failed;
}

static int reconcile_key(struct reconciler *r, const char *key, enum kind kind,
                         const char *namespace, const char *name, struct error *err)
{
    json_t *world = NULL;
    int failed = observe(r, kind, namespace, name, &world, err);

    if (failed < 0 && kind == KIND_REPOSITORY)
        slots_settle(r->slots, key, NULL);
    if (failed < 0)
        return err->kind == ERR_NOT_FOUND ? grants_sweep(r, kind, namespace, name, err) : failed;
    failed = carry_out(r, key, kind, namespace, world, err);
    observe_end(r, world);
    return failed;
}

/* What goes must be able to go, whoever else is there: our finalizers keep its namespace. */
static bool is_leaving(struct reconciler *r, enum kind kind, const char *namespace,
                       const char *name)
{
    json_auto_t *object = store_get(r->store, kind_resource(kind), namespace, name);

    return jsonx_get(object, "metadata", "deletionTimestamp", NULL) != NULL;
}

static void count_result(struct reconciler *r, enum kind kind, bool good)
{
    atomic_fetch_add(good ? &r->counters[kind].done : &r->counters[kind].failed, 1);
}

/* A refusal that trying again will not change is tried again all the same, slowly: the cause may be mended outside. */
static void worker_step(struct reconciler *r, const char *key)
{
    AUTO(mem_free) char *parts = xstrdup(key);
    const char *namespace, *name;
    struct error err = {0};
    enum kind kind;

    if (!key_split(parts, &kind, &namespace, &name) || !planner_of(kind)) {
        queue_done(r->queue, key, QUEUE_DONE);
        return;
    }
    if (atomic_load(&r->held) && !is_leaving(r, kind, namespace, name)) {
        queue_add(r->queue, text_or_empty(namespace), key, HELD_MS);
        queue_done(r->queue, key, QUEUE_DONE);
        return;
    }
    int failed = reconcile_key(r, key, kind, namespace, name, &err);
    count_result(r, kind, failed == 0);
    bool expected =
        err.kind == ERR_CONFLICT || err.kind == ERR_NOT_FOUND; /* written, or deleted, meanwhile */
    if (failed < 0)
        log_write(expected ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARN, "will try again", "object", key,
                  "kind", error_kind_name(err.kind), "error", err.msg, NULL);
    queue_done(r->queue, key, failed < 0 ? QUEUE_FAILED : QUEUE_DONE);
}

void *worker_main(void *reconciler)
{
    struct reconciler *r = reconciler;

    atomic_fetch_add(&r->working, 1);
    for (;;) {
        AUTO(mem_free) char *key = queue_take(r->queue);
        if (!key)
            break;
        worker_step(r, key);
    }
    atomic_fetch_sub(&r->working, 1);
    return NULL;
}

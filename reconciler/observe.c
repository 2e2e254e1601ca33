#include "observe.h"

#include <string.h>

#include "stash/admit.h"
#include "stash/clock.h"
#include "stash/conditions.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/names.h"
#include "stash/pair.h"
#include "stash/plan.h"
#include "stash/text.h"

/* One worker at a time looks at a lot: the memory is not enough for all of them. */
static bool may_be_large(struct observation *o)
{
    if (!o->is_large && !o->must_wait) {
        o->must_wait = atomic_exchange(&o->r->looks_at_much, true);
        o->is_large = !o->must_wait;
    }
    return o->is_large;
}

bool observe_is_full(struct observation *o)
{
    return o->weight > LIMIT_LOOK || (o->weight > LIMIT_LOOK_SMALL && !may_be_large(o));
}

bool observe_fits(struct observation *o, const json_t *object)
{
    o->weight += jsonx_weight(object);
    return !observe_is_full(o);
}

/* Whether it is the one large look. */
#define WORLD_LARGE "isLarge"

struct gathering {
    struct observation *o;
    json_t *found;
};

static bool gather_object(void *ctx, json_t *object)
{
    struct gathering *gathering = ctx;

    if (!observe_fits(gathering->o, object))
        return false;
    json_array_append(gathering->found, object);
    return true;
}

json_t *observe_by_index(struct observation *o, enum kind kind, const char *index, const char *key)
{
    struct gathering gathering = {o, json_array()};

    store_each_by_index(o->r->store, kind_resource(kind), &(struct store_key){index, key, 0},
                        gather_object, &gathering);
    return gathering.found;
}

void observe_put(struct observation *o, json_t *parent, const char *member, int result,
                 json_t *value, const struct error *err)
{
    json_t *into = parent ? parent : o->world;

    if (result == 0 && !observe_fits(o, value))
        json_decref(value); /* the look is to fail */
    else if (result == 0)
        json_object_set_new(into, member, value);
    else if (err->kind == ERR_NOT_FOUND)
        json_object_set_new(into, member, json_null());
    else
        json_object_set_new(json_object_get(o->world, "errors"), member, json_string(err->msg));
}

void observe_get(struct observation *o, json_t *parent, const char *member, enum kind kind,
                 const char *namespace, const char *name)
{
    AUTO(mem_free) char *key = key_make(kind, namespace, name);
    json_t *known = json_object_get(o->read, key);
    struct error err = {0};
    json_t *object = NULL;

    if (known) {
        json_object_set(parent ? parent : o->world, member, known);
        return;
    }
    int r = kube_get(o->r->kube, kind_resource(kind), namespace, name, &object, &err);
    if (r == 0)
        json_object_set(o->read, key, object);
    else if (err.kind == ERR_NOT_FOUND)
        json_object_set_new(o->read, key, json_null());
    observe_put(o, parent, member, r, object, &err);
}

json_t *observe_member(struct observation *o, const char *member)
{
    if (!json_object_get(o->world, member))
        json_object_set_new(o->world, member, json_object());
    return json_object_get(o->world, member);
}

int observe_stored(struct reconciler *r, enum kind kind, const char *namespace, const char *name,
                   json_t **ret, struct error *err)
{
    const struct resource *resource = kind_resource(kind);
    json_t *object = store_get(r->store, resource, namespace, name);

    if (!object && store_is_unread(r->store, resource, namespace, name))
        return error_set(err, ERR_INVALID, "%s %s/%s cannot be read: an event of it says why",
                         resource->kind, namespace ? namespace : "", name);
    if (!object)
        return error_set(err, ERR_NOT_FOUND, "%s %s/%s is gone", resource->kind,
                         namespace ? namespace : "", name);
    *ret = object;
    return 0;
}

/* From the store: what is not there is null. */
static void put_stored(struct observation *o, const char *member, enum kind kind,
                       const char *namespace, const char *name)
{
    struct error err = {0};
    json_t *object = NULL;
    int r = observe_stored(o->r, kind, namespace, name, &object, &err);

    json_object_del(o->world, member);
    observe_put(o, NULL, member, r, object, &err);
}

static void put_repository(struct observation *o, const json_t *invoker)
{
    json_auto_t *ref = plan_repository_ref(invoker);
    const char *namespace = jsonx_str(ref, "namespace", NULL);

    json_object_set_new(o->world, "repository", json_null());
    if (!ref)
        return;
    put_stored(o, "repository", KIND_REPOSITORY, namespace, jsonx_str(ref, "name", NULL));
}

/* That it is there: nothing of what it holds. */
static void put_secret(struct observation *o, const json_t *invoker)
{
    json_auto_t *ref = plan_repository_ref(invoker);
    const char *namespace = jsonx_str(ref, "namespace", NULL);
    const char *secret =
        jsonx_str(o->world, "repository", "spec", "backend", "storageSecretName", NULL);
    struct error err = {0};

    json_object_set_new(o->world, "secret", json_null());
    if (!secret)
        return;
    json_t *object = NULL;
    int r =
        kube_get_metadata(o->r->kube, kind_resource(KIND_SECRET), namespace, secret, &object, &err);
    json_object_del(o->world, "secret");
    observe_put(o, NULL, "secret", r, object, &err);
}

static void put_catalog(struct observation *o, const char *member, enum kind kind)
{
    json_auto_t *list = store_list(o->r->store, kind_resource(kind), NULL, NULL);
    json_t *by_name = json_object();
    json_t *object;
    size_t i;

    json_array_foreach (list, i, object)
        json_object_set(by_name, jsonx_name(object), object);
    json_object_set_new(o->world, member, by_name);
}

static void put_causes(struct observation *o, enum kind kind, const json_t *invoker)
{
    const struct admit_config config = {.foreign_targets = o->r->config->foreign_targets};
    struct error failure = {0};
    struct view_ctx ctx = {o->r, &failure, o->read};
    struct snapshot view;

    view_init(&ctx, &view);
    const struct admit_request request = {
        .kind = kind,
        .operation = OPERATION_CREATE,
        .namespace = jsonx_namespace(invoker),
        .object = invoker,
        .snapshot = &view,
        .config = &config,
        .at_run_time = true,
    };
    AUTO(causes_done) struct causes causes = {0};
    AUTO(warnings_done) struct warnings warnings = {0};

    admit_validate(&request, &causes, &warnings);
    if (failure.kind != ERR_OK) { /* consent that cannot be read is not consent taken back */
        json_object_set_new(json_object_get(o->world, "errors"), "causes",
                            json_string(failure.msg));
        return;
    }
    AUTO(mem_free) char *text = causes.count ? causes_sentence(&causes) : NULL;
    json_object_set_new(o->world, "causes", text ? json_string(text) : json_null());
}

/* Until its Repository has admitted it, a backup makes nothing: what to grant, and where to run, is asked then. */
static unsigned names_to_prepare(const struct observation *o, const json_t *object)
{
    bool has_to_ask = kind_by_name(jsonx_str(object, "kind", NULL)) == KIND_BACKUP_SESSION &&
                      json_is_object(json_object_get(o->world, "repository")) &&
                      !plan_is_at_work(object);

    return has_to_ask ? NAMES_ACCOUNTS | NAMES_CLAIMS : NAMES_ALL;
}

void observe_invoker(struct observation *o, const json_t *invoker, const json_t *object)
{
    enum kind kind = kind_by_name(jsonx_str(invoker, "kind", NULL));

    observe_get(o, NULL, "namespaceObject", KIND_NAMESPACE, NULL, jsonx_namespace(object));
    put_repository(o, invoker);
    put_secret(o, invoker);
    put_causes(o, kind, invoker);
    json_object_set_new(o->world, "targets", observe_targets(o, invoker));
    put_catalog(o, "tasks", KIND_TASK);
    put_catalog(o, "functions", KIND_FUNCTION);
    if (object == invoker && kind == KIND_BACKUP_CONFIGURATION) {
        json_object_set_new(o->world, "formerTargets", observe_former_targets(o, invoker));
        observe_trigger(o, invoker);
        json_object_set_new(o->world, "sessions", observe_in_pods(o, invoker));
    }
    if (object == invoker) {
        observe_advice(o, invoker);
        observe_grants(o, invoker);
    }
    observe_names(o, object, invoker, names_to_prepare(o, object));
}

/* ---- sessions that are at work, or have ended ---- */

/* Whether the Jobs of all targets have been made: then there is nothing left to prepare. */
static bool is_at_work(const json_t *session, const json_t *invoker)
{
    const json_t *rows = jsonx_get(session, "status", "targets", NULL);
    json_auto_t *targets = plan_targets(invoker);
    json_t *target;
    size_t i;

    json_array_foreach (targets, i, target) {
        const json_t *conditions = jsonx_get(json_array_get(rows, i), "conditions", NULL);
        if (!text_is(jsonx_str(target, "model", NULL), "job") ||
            !condition_is_true(conditions, "BackupExecutorEnsured"))
            return false;
    }
    return json_array_size(targets) > 0 && json_array_size(rows) == json_array_size(targets);
}

/* What its pods may wait for: nothing once they have begun. */
static unsigned names_to_wait_for(const struct observation *o)
{
    const json_t *pods = json_object_get(o->world, "pods");
    unsigned wanted = json_array_size(pods) == 0 ? NAMES_ACCOUNTS | NAMES_CLAIMS : 0;
    json_t *pod;
    size_t i;

    json_array_foreach (pods, i, pod)
        if (text_is(jsonx_str(pod, "status", "phase", NULL), "Pending"))
            wanted |= NAMES_CLAIMS;
    return wanted;
}

static void observe_at_work(struct observation *o, const json_t *session, const json_t *invoker)
{
    json_object_set_new(o->world, "targets", observe_targets(o, invoker));
    put_catalog(o, "tasks", KIND_TASK);
    put_catalog(o, "functions", KIND_FUNCTION);
    observe_names(o, session, invoker, names_to_wait_for(o));
    observe_session(o, session, invoker);
}

/* A session at its end has little left to do: nothing is asked for it, unless its metrics are to be pushed once more. */
static void observe_finished(struct observation *o, const json_t *session, const json_t *invoker)
{
    json_object_set_new(o->world, "targets",
                        observe_session_is_settled(session) ? json_array()
                                                            : observe_targets(o, invoker));
    if (invoker == session)
        observe_grants(o, invoker);
    observe_jobs(o, session);
    observe_session(o, session, invoker);
}

/* What is being removed has something to take back first. What is Invalid waits: whoever forbade it may agree. */
static bool is_at_rest(const json_t *session)
{
    return observe_session_is_finished(session) &&
           !text_is(jsonx_str(session, "status", "phase", NULL), "Invalid") &&
           !jsonx_get(session, "metadata", "deletionTimestamp", NULL);
}

/* Without its invoker a session is given up: only when the invoker is known to be gone. */
static int observe_backup_session(struct observation *o, const json_t *session, struct error *err)
{
    enum kind kind = kind_by_name(jsonx_str(session, "spec", "invoker", "kind", NULL));
    const char *name = jsonx_str(session, "spec", "invoker", "name", NULL);
    json_t *invoker = NULL;
    int r = 0;

    if (kind != KIND_UNKNOWN && name)
        r = observe_stored(o->r, kind, jsonx_namespace(session), name, &invoker, err);
    if (r == -ERR_NOT_FOUND && !observe_session_is_finished(session) &&
        jsonx_get(session, "status", "targets", NULL))
        r = kube_get(o->r->kube, kind_resource(kind), jsonx_namespace(session), name, &invoker,
                     err);
    if (r < 0 && r != -ERR_NOT_FOUND)
        return r;
    json_object_set_new(o->world, "invoker", invoker ? invoker : json_null());
    if (invoker && is_at_rest(session)) {
        observe_finished(o, session, invoker);
        return 0;
    }
    observe_jobs(o, session);
    if (invoker)
        put_repository(o, invoker);
    if (plan_awaits_admission(session) && json_is_object(json_object_get(o->world, "repository"))) {
        observe_session(o, session, invoker);
        return 0;
    }
    if (invoker && is_at_work(session, invoker)) {
        observe_at_work(o, session, invoker);
        return 0;
    }
    if (invoker)
        observe_invoker(o, invoker, session);
    observe_session(o, session, invoker);
    return 0;
}

static int observe_members(struct observation *o, enum kind kind, const json_t *object,
                           struct error *err)
{
    switch (kind) {
    case KIND_BACKUP_CONFIGURATION:
        observe_invoker(o, object, object);
        break;
    case KIND_RESTORE_SESSION:
        json_object_set(o->world, "invoker", jsonx_unconst(object));
        if (is_at_rest(object)) {
            observe_finished(o, object, object);
            break;
        }
        observe_jobs(o, object);
        observe_invoker(o, object, object);
        observe_session(o, object, object);
        break;
    case KIND_BACKUP_SESSION:
        return observe_backup_session(o, object, err);
    case KIND_REPOSITORY:
        observe_repository(o, object);
        break;
    case KIND_JOB:
        observe_trigger_job(o, object);
        break;
    default:
        break;
    }
    return 0;
}

static int check_weight(struct observation *o, struct error *err)
{
    if (!observe_is_full(o))
        return 0;
    if (o->must_wait)
        return error_set(err, ERR_LIMIT, "much belongs to it, and another such look is under way");
    return error_set(err, ERR_LIMIT, "what belongs to it takes more than %zu MiB of memory",
                     LIMIT_LOOK / LIMIT_MIB);
}

void observe_end(struct reconciler *r, json_t *world)
{
    bool was_large = !world || json_is_true(json_object_get(world, WORLD_LARGE));

    json_decref(world);
    if (was_large)
        atomic_store(&r->looks_at_much, false);
}

int observe(struct reconciler *r, enum kind kind, const char *namespace, const char *name,
            json_t **ret_world, struct error *err)
{
    json_auto_t *object = NULL;
    int result = observe_stored(r, kind, namespace, name, &object, err);

    if (result == -ERR_INVALID) /* nothing can be decided about it, and an event says so */
        error_set(err, ERR_NOT_FOUND, "%s", "it cannot be read");
    if (result < 0)
        return -(int)err->kind;
    json_auto_t *world =
        json_pack("{s:I, s:O, s:O, s:{}}", PAIR("now", (json_int_t)clock_now()),
                  PAIR("config", r->plan_config), PAIR("object", object), "errors");
    json_auto_t *read = json_object();
    struct observation o = {.r = r, .world = world, .read = read, .view_ctx = {r, NULL, read}};
    view_init(&o.view_ctx, &o.view);
    result = observe_members(&o, kind, object, err);
    if (result == 0)
        result = check_weight(&o, err);
    if (o.is_large && result < 0)
        observe_end(r, NULL);
    else if (o.is_large)
        json_object_set_new(world, WORLD_LARGE, json_true());
    if (result == 0)
        *ret_world = TAKE(world);
    return result;
}

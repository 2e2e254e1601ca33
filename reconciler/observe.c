#include "observe.h"

#include <string.h>

#include "stash/admit.h"
#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/names.h"
#include "stash/plan.h"

void observe_put(struct observation *o, json_t *parent, const char *member, int result,
                 json_t *value, const struct error *err)
{
    json_t *into = parent ? parent : o->world;

    if (result == 0)
        json_object_set_new(into, member, value);
    else if (err->kind == ERR_NOT_FOUND)
        json_object_set_new(into, member, json_null());
    else
        json_object_set_new(json_object_get(o->world, "errors"), member, json_string(err->msg));
}

void observe_get(struct observation *o, json_t *parent, const char *member, enum kind kind,
                 const char *namespace, const char *name)
{
    struct error err = {0};
    json_t *object = NULL;
    int r = kube_get(o->r->kube, kind_resource(kind), namespace, name, &object, &err);

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
    json_object_set_new(o->world, "secret", json_null());
    if (!ref)
        return;
    put_stored(o, "repository", KIND_REPOSITORY, namespace, jsonx_str(ref, "name", NULL));
    const char *secret =
        jsonx_str(o->world, "repository", "spec", "backend", "storageSecretName", NULL);
    if (!secret)
        return;
    struct error err = {0};
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
    struct view_ctx ctx = {o->r, &failure};
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

/* {"namespace/name": object} for those of the named objects that exist and are not in the world yet. */
static void put_named(struct observation *o, const char *member, enum kind kind,
                      const json_t *names)
{
    json_t *found = observe_member(o, member);
    json_t *item;
    size_t i;

    json_array_foreach (names, i, item) {
        AUTO(mem_free) char *namespace = xstrdup(json_string_value(item));
        char *name = strchr(namespace, '/');
        BUG_ON(!name);
        *name++ = '\0';
        if (json_object_get(found, json_string_value(item)))
            continue;
        observe_get(o, found, json_string_value(item), kind, namespace, name);
        if (json_is_null(json_object_get(found, json_string_value(item))))
            json_object_del(found, json_string_value(item));
    }
}

/* The node of a running pod that mounts the claim; NULL when there is none. */
static const char *mounting_node(const json_t *pods, const char *claim)
{
    for (size_t p = 0; p < json_array_size(pods); p++) {
        const json_t *pod = json_array_get(pods, p);
        const char *phase = jsonx_str(pod, "status", "phase", NULL);
        const json_t *volumes = jsonx_get(pod, "spec", "volumes", NULL);
        if (!phase || strcmp(phase, "Running") != 0)
            continue;
        for (size_t v = 0; v < json_array_size(volumes); v++) {
            const char *name =
                jsonx_str(json_array_get(volumes, v), "persistentVolumeClaim", "claimName", NULL);
            if (name && strcmp(name, claim) == 0)
                return jsonx_str(pod, "spec", "nodeName", NULL);
        }
    }
    return NULL;
}

static void put_claims(struct observation *o, const char *namespace, const json_t *names)
{
    json_t *claims = observe_member(o, "claims");
    json_auto_t *pods = NULL;
    struct error err = {0};
    json_t *name;
    size_t i;

    json_array_foreach (names, i, name) {
        if (json_object_get(claims, json_string_value(name)))
            continue;
        if (!pods &&
            kube_list(o->r->kube, kind_resource(KIND_POD), namespace, NULL, &pods, &err) < 0)
            pods = json_array();
        const char *node = mounting_node(pods, json_string_value(name));
        json_t *claim = json_pack("{s:o}", "node", node ? json_string(node) : json_null());
        json_object_set_new(claims, json_string_value(name), claim);
        observe_get(o, claim, "object", KIND_PERSISTENT_VOLUME_CLAIM, namespace,
                    json_string_value(name));
    }
}

/* Another session's Job is in memory; one that is nobody's of ours is looked for until there is our own. */
static void put_named_jobs(struct observation *o, const json_t *session, const json_t *names)
{
    bool is_settled =
        json_array_size(json_object_get(o->world, "jobs")) > 0 || session_is_finished(session);
    json_t *found = observe_member(o, "namedJobs");
    json_t *item;
    size_t i;

    json_array_foreach (names, i, item) {
        AUTO(mem_free) char *namespace = xstrdup(json_string_value(item));
        char *name = strchr(namespace, '/');
        BUG_ON(!name);
        *name++ = '\0';
        json_t *job = store_get(o->r->store, kind_resource(KIND_JOB), namespace, name);
        if (job)
            json_object_set_new(found, json_string_value(item), job);
        else if (!is_settled && !json_object_get(found, json_string_value(item)))
            observe_get(o, found, json_string_value(item), KIND_JOB, namespace, name);
    }
}

/* Twice: what turns out to be another owner's leads to other names. */
static void put_names(struct observation *o, const json_t *object, const json_t *invoker)
{
    for (int round = 0; round < 2; round++) {
        json_auto_t *names = plan_names(o->world, object, invoker);

        put_named(o, "serviceAccounts", KIND_SERVICE_ACCOUNT,
                  json_object_get(names, "serviceAccounts"));
        put_named(o, "roles", KIND_ROLE, json_object_get(names, "roles"));
        put_named(o, "roleBindings", KIND_ROLE_BINDING, json_object_get(names, "roleBindings"));
        put_claims(o, jsonx_namespace(object), json_object_get(names, "claims"));
        put_named_jobs(o, object, json_object_get(names, "jobs"));
    }
}

void observe_invoker(struct observation *o, const json_t *invoker, const json_t *object)
{
    enum kind kind = kind_by_name(jsonx_str(invoker, "kind", NULL));

    observe_get(o, NULL, "namespaceObject", KIND_NAMESPACE, NULL, jsonx_namespace(object));
    put_repository(o, invoker);
    put_causes(o, kind, invoker);
    json_object_set_new(o->world, "targets", observe_targets(o, invoker));
    put_catalog(o, "tasks", KIND_TASK);
    put_catalog(o, "functions", KIND_FUNCTION);
    if (object == invoker && kind == KIND_BACKUP_CONFIGURATION) {
        observe_trigger(o, invoker);
        json_object_set_new(o->world, "sessions", observe_in_pods(o->r, invoker));
    }
    if (object == invoker)
        observe_grants(o, invoker);
    put_names(o, object, invoker);
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
    if (r < 0 && r != -ERR_NOT_FOUND)
        return r;
    json_object_set_new(o->world, "invoker", invoker ? invoker : json_null());
    observe_jobs(o, session);
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

int observe(struct reconciler *r, enum kind kind, const char *namespace, const char *name,
            json_t **ret_world, struct error *err)
{
    json_auto_t *object = NULL;
    int result = observe_stored(r, kind, namespace, name, &object, err);

    if (result == -ERR_INVALID) /* nothing can be decided about it, and an event says so */
        error_set(err, ERR_NOT_FOUND, "%s", "it cannot be read");
    if (result < 0)
        return -(int)err->kind;
    json_auto_t *world = json_pack("{s:I, s:O, s:O, s:{}}", "now", (json_int_t)clock_now(),
                                   "config", r->plan_config, "object", object, "errors");
    struct observation o = {r, world};
    result = observe_members(&o, kind, object, err);
    if (result == 0)
        *ret_world = TAKE(world);
    return result;
}

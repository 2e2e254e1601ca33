/*
 * Carry a plan out, action by action, until the first failure. Each verb is a row. What the server answers goes into
 * the store at once, so that the next look does not see the world from before.
 */
#include <string.h>

#include "room.h"
#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/log.h"
#include "stash/names.h"
#include "stash/pair.h"
#include "stash/protocol.h"

struct step {
    struct reconciler *r;
    const json_t *action;
    const struct resource *resource;
    const char *namespace, *name;
    bool refused; /* a pod was, and the same without us was not */
    /* "Kind/namespace/name" -> resourceVersion that an earlier action of this plan made */
    json_t *versions;
};

static char *step_key(const struct step *step)
{
    return xasprintf("%s/%s/%s", step->resource->kind, step->namespace ? step->namespace : "",
                     step->name);
}

/* The write took the last finalizer away: what the server answers is already gone. */
static bool is_gone(const json_t *object)
{
    return jsonx_get(object, "metadata", "deletionTimestamp", NULL) &&
           json_array_size(jsonx_get(object, "metadata", "finalizers", NULL)) == 0;
}

/*
 * Remember what the server made of it, and wake whom that concerns: the watch will find nothing new in it. That
 * something is gone is left to the watch to say, once and for all.
 */
static void step_settle(const struct step *step, json_t *result)
{
    json_auto_t *owned = result;
    const char *version = jsonx_str(result, "metadata", "resourceVersion", NULL);
    AUTO(mem_free) char *key = step_key(step);

    if (!version)
        return;
    json_object_set_new(step->versions, key, json_string(version));
    if (is_gone(result))
        return;
    if (store_renew(step->r->store, step->resource, owned))
        watches_tell(step->r, step->resource, owned);
}

/* The patch, with its resourceVersion moved on when an earlier action of this plan wrote the object. */
static json_t *current_patch(const struct step *step)
{
    json_t *patch = jsonx_get(step->action, "patch", NULL);
    AUTO(mem_free) char *key = step_key(step);
    json_t *version = json_object_get(step->versions, key);

    if (!version || !jsonx_str(patch, "metadata", "resourceVersion", NULL))
        return json_incref(patch);
    json_t *moved = json_copy(patch);
    json_object_set(jsonx_own(moved, "metadata"), "resourceVersion", version);
    return moved;
}

static const char *controller_uid(const json_t *object)
{
    const json_t *owners = jsonx_get(object, "metadata", "ownerReferences", NULL);

    for (size_t i = 0; i < json_array_size(owners); i++)
        if (jsonx_bool(json_array_get(owners, i), false, "controller", NULL))
            return jsonx_str(json_array_get(owners, i), "uid", NULL);
    return NULL;
}

/* Whom an object is made for; a claim that stays when its restore goes has no controller, but a mark. */
static const char *maker_uid(const json_t *object)
{
    const char *uid = controller_uid(object);

    return uid ? uid : jsonx_label(object, LABEL_INVOKER_UID);
}

/* The name is taken: by what was created before, then all is well, or by another owner's object, which the next plan sees. */
static int check_taken(const struct step *step, struct error *err)
{
    const char *wanted = maker_uid(jsonx_get(step->action, "object", NULL));
    json_auto_t *found = NULL;
    int r = wanted
                ? kube_get(step->r->kube, step->resource, step->namespace, step->name, &found, err)
                : 0;

    if (r < 0)
        return r;
    const char *have = maker_uid(found);
    if (!wanted || (have && strcmp(have, wanted) == 0))
        return 0;
    return error_set(err, ERR_CONFLICT, "another owner has the name already");
}

static int do_create(struct step *step, struct error *err)
{
    const struct kube_write options = {.field_manager = FIELD_MANAGER};
    json_t *result = NULL;
    int r = kube_create(step->r->kube, step->resource, jsonx_get(step->action, "object", NULL),
                        &options, &result, err);

    if (r < 0)
        return err->kind == ERR_CONFLICT ? check_taken(step, err) : r;
    step_settle(step, result);
    return 0;
}

static int do_apply(struct step *step, struct error *err)
{
    const struct kube_write options = {.field_manager = FIELD_MANAGER, .force = true};
    json_t *result = NULL;
    int r = kube_patch(step->r->kube, step->resource, step->namespace, step->name, KUBE_PATCH_APPLY,
                       jsonx_get(step->action, "object", NULL), &options, &result, err);

    if (r == 0)
        step_settle(step, result);
    return r;
}

static int merge_patch(struct step *step, const char *subresource, struct error *err)
{
    const struct kube_write options = {.field_manager = FIELD_MANAGER, .subresource = subresource};
    json_auto_t *patch = current_patch(step);
    json_t *result = NULL;
    int r = kube_patch(step->r->kube, step->resource, step->namespace, step->name, KUBE_PATCH_MERGE,
                       patch, &options, &result, err);

    if (r == 0)
        step_settle(step, result);
    return r;
}

static int do_patch(struct step *step, struct error *err)
{
    return merge_patch(step, NULL, err);
}

static int do_status(struct step *step, struct error *err)
{
    return merge_patch(step, "status", err);
}

static int do_delete(struct step *step, struct error *err)
{
    const char *propagation = jsonx_str(step->action, "propagation", NULL);
    const struct kube_delete options = {
        .uid = jsonx_str(step->action, "uid", NULL),
        .foreground = propagation && strcmp(propagation, "Foreground") == 0,
        .grace_seconds = -1,
    };
    int r = kube_delete(step->r->kube, step->resource, step->namespace, step->name, &options, err);

    /* a conflict is a precondition that fails: another object has the name now */
    return r < 0 && (err->kind == ERR_NOT_FOUND || err->kind == ERR_CONFLICT) ? 0 : r;
}

/* Nobody waits for the Pushgateway: the session hears of the end. */
static int do_push(struct step *step, struct error *err)
{
    const struct push_request request = {
        .url = jsonx_str(step->action, "url", NULL),
        .body = jsonx_str(step->action, "body", NULL),
        .session = jsonx_str(step->action, "session", "uid", NULL),
        .wake = jsonx_str(step->action, "session", "key", NULL),
        .created = jsonx_int(step->action, 0, "session", "created", NULL),
    };

    (void)err;
    pushes_add(step->r->pushes, &request);
    return 0;
}

/* The same pod as anybody would make it who does not want us. */
static json_t *pod_without_us(const json_t *pod)
{
    json_t *copy = json_copy(jsonx_unconst(pod));
    json_t *metadata = jsonx_own(copy, "metadata");

    json_object_del(jsonx_own(metadata, "annotations"), ANNOTATION_TRIAL);
    json_object_set_new(jsonx_own(metadata, "labels"), LABEL_INJECT, json_string("false"));
    return copy;
}

static int pod_dry_run(const struct step *step, const json_t *pod, json_t **ret, struct error *err)
{
    const struct kube_write dry_run = {.field_manager = FIELD_MANAGER, .dry_run = true};

    return kube_create(step->r->kube, kind_resource(KIND_POD), pod, &dry_run, ret, err);
}

/* A pod of the kind Pod is named in advance. Policies are asked before its name is found to be taken. */
static bool is_only_taken(const json_t *pod, const struct error *err)
{
    return err->kind == ERR_CONFLICT && jsonx_name(pod);
}

/* Policies, quotas and other webhooks may take a pod as it is, and refuse it with a container more. */
static bool is_refused_for_us(const struct step *step, const struct error *err)
{
    json_auto_t *bare = pod_without_us(jsonx_get(step->action, "dryRunPod", NULL));
    json_auto_t *made = NULL;
    struct error why;

    return (err->kind == ERR_DENIED || err->kind == ERR_INVALID) &&
           (pod_dry_run(step, bare, &made, &why) == 0 || is_only_taken(bare, &why));
}

/* A dry-run pod shows whether injection works now. */
static int do_trial(struct step *step, struct error *err)
{
    const char *expected = jsonx_str(step->action, "expectedHash", NULL);
    const json_t *tried = jsonx_get(step->action, "dryRunPod", NULL);
    json_auto_t *pod = NULL;
    int r = pod_dry_run(step, tried, &pod, err);

    if (r < 0 && is_only_taken(tried, err))
        return 0;
    if (r < 0) {
        step->refused = is_refused_for_us(step, err);
        return error_wrap(err, "trying a pod of %s", step->name);
    }
    const char *hash = jsonx_annotation(pod, ANNOTATION_INJECTED_HASH);
    const char *reason = jsonx_annotation(pod, ANNOTATION_NOT_INJECTED);
    if (strcmp(hash ? hash : "", expected ? expected : "") != 0)
        return error_set(err, ERR_TRANSPORT, "a trial pod of %s came back %s", step->name,
                         hash     ? "with an older injection"
                         : reason ? reason
                                  : "without injection: is the webhook running?");
    if (hash && protocol_is_outdated(pod))
        return error_set(
            err, ERR_TRANSPORT,
            "a trial pod of %s came back with an agent of an older version: is the webhook "
            "of this version?",
            step->name);
    return 0;
}

static void note_restart(const struct step *step)
{
    AUTO(mem_free) char *key = step_key(step);
    const char *note = jsonx_str(step->action, "patch", "spec", "template", "metadata",
                                 "annotations", ANNOTATION_ROLLOUT, NULL);

    if (note)
        restarts_add(step->r->restarts, key, note, clock_now());
}

/* Restart a workload only after a dry-run pod has shown that injection works now. */
static int do_rollout(struct step *step, struct error *err)
{
    int r = do_trial(step, err);

    r = r < 0 ? r : do_patch(step, err);
    if (r == 0)
        note_restart(step);
    return r;
}

typedef int (*verb_fn)(struct step *step, struct error *err);

static const struct verb {
    const char *name;
    verb_fn run;
    bool any_failure; /* onFailure is for every failure, not only for those that stay */
} verbs[] = {
    {"create", do_create, false},  {"apply", do_apply, false},   {"patch", do_patch, false},
    {"status", do_status, false},  {"delete", do_delete, false}, {"push", do_push, false},
    {"rollout", do_rollout, true}, {"trial", do_trial, true},
};

static const struct verb *verb_find(const char *name)
{
    for (size_t i = 0; name && i < ARRAY_LEN(verbs); i++)
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    return NULL;
}

/* What a session's story is told from: its phases, and its Jobs. */
static void log_step(const struct step *step, enum kind kind)
{
    const char *verb = jsonx_str(step->action, "verb", NULL);
    const char *phase = jsonx_str(step->action, "patch", "status", "phase", NULL);

    if (kind == KIND_JOB)
        log_info("job", "verb", verb, "namespace", step->namespace, "name", step->name);
    else if (phase && (kind == KIND_BACKUP_SESSION || kind == KIND_RESTORE_SESSION))
        log_info("session", "kind", step->resource->kind, "namespace", step->namespace, "name",
                 step->name, "phase", phase);
}

static int step_act(struct reconciler *r, const json_t *action, json_t *versions, bool *ret_refused,
                    struct error *err)
{
    const struct verb *verb = verb_find(jsonx_str(action, "verb", NULL));
    const char *kind_name = jsonx_str(action, "kind", NULL);
    enum kind kind = kind_name ? kind_by_name(kind_name) : KIND_UNKNOWN;

    BUG_ON(!verb);
    BUG_ON(kind == KIND_UNKNOWN && verb->run != do_push);
    struct step step = {
        .r = r,
        .action = action,
        .resource = kind == KIND_UNKNOWN ? NULL : kind_resource(kind),
        .namespace = jsonx_str(action, "namespace", NULL),
        .name = jsonx_str(action, "name", NULL),
        .versions = versions,
    };
    int failed = verb->run(&step, err);
    *ret_refused = step.refused;
    if (failed == 0)
        log_step(&step, kind);
    return failed;
}

/* A copy of the document with "${error}" in its strings replaced. */
static json_t *with_error(const json_t *doc, const char *sentence)
{
    const char *text = json_string_value(doc);
    const char *mark = text ? strstr(text, "${error}") : NULL;
    const char *key;
    json_t *value;

    if (mark)
        return json_sprintf("%.*s%s%s", (int)(mark - text), text, sentence, mark + 8);
    if (json_is_array(doc)) {
        json_t *list = json_array();
        for (size_t i = 0; i < json_array_size(doc); i++)
            json_array_append_new(list, with_error(json_array_get(doc, i), sentence));
        return list;
    }
    if (!json_is_object(doc))
        return json_incref(jsonx_unconst(doc));
    json_t *object = json_object();
    jsonx_foreach_member (doc, key, value)
        json_object_set_new(object, key, with_error(value, sentence));
    return object;
}

static int act_all(struct reconciler *r, const json_t *actions, json_t *versions,
                   struct error *err);

/* An action failed: does its onFailure (or onRefused) apply? Then that is the plan's end, and a good one. */
static int fall_back(struct reconciler *r, const json_t *action, const char *member,
                     json_t *versions, bool *ret_done, struct error *err)
{
    const json_t *on_failure = jsonx_get(action, member, NULL);

    if (!on_failure || err->kind == ERR_CONFLICT || /* somebody else wrote first: look again */
        (error_retriable(err) && !verb_find(jsonx_str(action, "verb", NULL))->any_failure))
        return -(int)err->kind;
    json_auto_t *actions = with_error(on_failure, err->msg);
    *ret_done = true;
    return act_all(r, actions, versions, err);
}

/* A plan is not carried on beside another leader: the lease counts as lost some seconds before somebody else can have it. */
static bool has_lost_lease(const struct reconciler *r)
{
    return atomic_load(&r->leading) && !lease_is_held(r->lease);
}

static int act_all(struct reconciler *r, const json_t *actions, json_t *versions, struct error *err)
{
    for (size_t i = 0; i < json_array_size(actions); i++) {
        const json_t *action = json_array_get(actions, i);
        bool done = false, refused = false;
        if (has_lost_lease(r))
            return error_set(err, ERR_CONFLICT, "the lease is lost: another replica goes on");
        atomic_fetch_add(&r->actions, 1);
        int failed = step_act(r, action, versions, &refused, err);
        if (failed < 0)
            failed =
                fall_back(r, action, refused ? "onRefused" : "onFailure", versions, &done, err);
        if (failed < 0)
            return error_wrap(err, "%s %s %s", jsonx_str(action, "verb", NULL),
                              jsonx_str(action, "kind", NULL), jsonx_str(action, "name", NULL));
        if (done)
            return 0;
    }
    return 0;
}

/* Events are for people: losing one is no reason to fail. */
static void send_events(struct reconciler *r, const json_t *events)
{
    for (size_t i = 0; i < json_array_size(events); i++) {
        const json_t *event = json_array_get(events, i);
        const json_t *about = jsonx_get(event, "object", NULL);
        json_auto_t *object =
            json_pack("{s:s*, s:s*, s:{s:s*, s:s*, s:s*}}",
                      PAIR("apiVersion", jsonx_str(about, "apiVersion", NULL)),
                      PAIR("kind", jsonx_str(about, "kind", NULL)),
                      PAIR("metadata", PAIR("name", jsonx_str(about, "name", NULL)),
                           PAIR("namespace", jsonx_str(about, "namespace", NULL)),
                           PAIR("uid", jsonx_str(about, "uid", NULL))));
        const struct kube_event row = {
            .object = object,
            .component = jsonx_str(event, "component", NULL),
            .reason = jsonx_str(event, "reason", NULL),
            .message = jsonx_str(event, "message", NULL),
            .warning = jsonx_bool(event, false, "warning", NULL),
        };
        struct error err;
        if (kube_event(r->kube, &row, &err) < 0)
            log_warn("event not sent", "reason", row.reason, "error", err.msg);
    }
}

int apply(struct reconciler *r, const json_t *plan, struct error *err)
{
    json_auto_t *versions = json_object();
    int failed = act_all(r, jsonx_get(plan, "actions", NULL), versions, err);

    if (failed < 0)
        return failed;
    send_events(r, jsonx_get(plan, "events", NULL));
    return 0;
}

#include "draft.h"

#include <string.h>

#include "failures.h"
#include "stash/jsonx.h"
#include "stash/pair.h"
#include "stash/plan.h"
#include "stash/timefmt.h"

/* How long the pods of what is being deleted are tried to be restarted. */
#define PATIENCE_SECONDS 60

/* What waits for somebody is looked at again after so much of the time for which it has waited. */
#define WAITING_FIRST_SECONDS 10
#define WAITING_PART          6

void draft_init(struct draft *draft, const json_t *world, const char *(*phase_of)(const json_t *))
{
    const json_t *object = jsonx_get(world, "object", NULL);
    const json_t *stored = jsonx_get(object, "status", NULL);
    const json_t *status = json_is_object(stored) ? stored : NULL;

    *draft = (struct draft){
        .world = world,
        .object = object,
        .now = jsonx_int(world, 0, "now", NULL),
        .plan = json_pack("{s:[]}", "actions"),
        .status = status ? json_deep_copy(status) : json_object(),
        .written = status ? json_deep_copy(status) : json_object(),
        .phase_of = phase_of,
        .needed = json_object(),
    };
}

void draft_done(struct draft *draft)
{
    json_decref(draft->plan);
    json_decref(draft->status);
    json_decref(draft->written);
    json_decref(draft->needed);
    *draft = (struct draft){0};
}

json_t *draft_take(struct draft *draft)
{
    draft_flush(draft);
    return TAKE(draft->plan);
}

json_t *draft_discard(struct draft *draft)
{
    return TAKE(draft->plan);
}

json_t *draft_action(struct draft *draft, const char *verb, const json_t *object)
{
    json_t *action =
        json_pack("{s:s, s:s?, s:s*, s:s?}", PAIR("verb", verb),
                  PAIR("kind", jsonx_str(object, "kind", NULL)),
                  PAIR("namespace", jsonx_namespace(object)), PAIR("name", jsonx_name(object)));

    json_array_append_new(json_object_get(draft->plan, "actions"), action);
    return action;
}

json_t *draft_create(struct draft *draft, json_t *object)
{
    json_t *action = draft_action(draft, "create", object);

    json_object_set_new(action, "object", object);
    return action;
}

json_t *draft_apply(struct draft *draft, json_t *object)
{
    json_t *action = draft_action(draft, "apply", object);

    json_object_set_new(action, "object", object);
    return action;
}

json_t *draft_patch(struct draft *draft, const json_t *object, json_t *patch)
{
    json_t *action = draft_action(draft, "patch", object);

    json_object_set_new(action, "patch", patch);
    return action;
}

json_t *draft_delete(struct draft *draft, const json_t *object, const char *propagation)
{
    json_t *action = draft_action(draft, "delete", object);

    if (jsonx_uid(object))
        json_object_set_new(action, "uid", json_string(jsonx_uid(object)));
    json_object_set_new(action, "propagation", json_string(propagation));
    return action;
}

void draft_condition(const struct draft *draft, json_t *holder, const struct condition *condition)
{
    const json_t *before = jsonx_get(holder, "conditions", NULL);

    json_object_set_new(holder, "conditions", condition_set(before, condition, draft->now));
}

json_t *draft_object_with(const struct draft *draft, const json_t *status)
{
    json_t *object = json_copy(jsonx_unconst(draft->object));

    json_object_set(object, "status", jsonx_unconst(status));
    return object;
}

json_t *draft_difference(const json_t *before, const json_t *after)
{
    json_t *difference = json_object();
    const char *key;
    json_t *value;

    jsonx_foreach_member (after, key, value) {
        if (!json_equal(value, json_object_get(before, key)))
            json_object_set(difference, key, value);
    }
    jsonx_foreach_member (before, key, value) {
        if (!json_object_get(after, key))
            json_object_set_new(difference, key, json_null());
    }
    return difference;
}

static void set_phase(const struct draft *draft, json_t *status)
{
    if (draft->settle)
        draft->settle(status);
    if (!draft->phase_of)
        return;
    json_auto_t *object = draft_object_with(draft, status);
    const char *phase = draft->phase_of(object);

    if (phase && *phase)
        json_object_set_new(status, "phase", json_string(phase));
}

/* A status action that leads from what is written to `status`; NULL when that is the same. */
static json_t *status_action(const struct draft *draft, const json_t *status)
{
    json_auto_t *shared = draft_difference(draft->written, status);
    json_auto_t *difference = json_deep_copy(shared); /* the status is edited further */
    const json_t *object = draft->object;

    if (json_object_size(difference) == 0)
        return NULL;
    return json_pack(
        "{s:s, s:s?, s:s*, s:s?, s:{s:{s:s*}, s:O}}", PAIR("verb", "status"),
        PAIR("kind", jsonx_str(object, "kind", NULL)), PAIR("namespace", jsonx_namespace(object)),
        PAIR("name", jsonx_name(object)),
        PAIR("patch",
             PAIR("metadata",
                  PAIR("resourceVersion", jsonx_str(object, "metadata", "resourceVersion", NULL))),
             PAIR("status", difference)));
}

json_t *draft_status_actions(const struct draft *draft, const json_t *status)
{
    json_auto_t *copy = json_deep_copy(status);
    json_t *actions = json_array();

    set_phase(draft, copy);
    json_t *action = status_action(draft, copy);
    if (action)
        json_array_append_new(actions, action);
    return actions;
}

void draft_flush(struct draft *draft)
{
    set_phase(draft, draft->status);
    json_t *action = status_action(draft, draft->status);

    if (!action)
        return;
    json_array_append_new(json_object_get(draft->plan, "actions"), action);
    json_decref(draft->written);
    draft->written = json_deep_copy(draft->status);
}

void draft_on_failure(struct draft *draft, json_t *action, const struct condition *condition)
{
    json_auto_t *status = json_deep_copy(draft->status);

    draft_condition(draft, status, condition);
    json_object_set_new(action, "onFailure", draft_status_actions(draft, status));
}

/* The deletion is young: what fails now may work in a moment. */
static bool is_patient(const struct draft *draft, const json_t *action)
{
    const char *deleted = jsonx_str(draft->object, "metadata", "deletionTimestamp", NULL);
    int64_t since = 0;

    return strcmp(jsonx_str(action, "verb", NULL), "rollout") == 0 && deleted &&
           timefmt_parse(deleted, &since) && draft->now - since < PATIENCE_SECONDS;
}

void draft_go_on(struct draft *draft)
{
    const json_t *actions = json_object_get(draft->plan, "actions");

    for (size_t i = json_array_size(actions); i-- > 0;) {
        json_auto_t *rest = json_array();

        for (size_t behind = i + 1; behind < json_array_size(actions); behind++)
            json_array_append(rest, json_array_get(actions, behind));
        if (json_array_size(rest) > 0 && !is_patient(draft, json_array_get(actions, i)))
            json_object_set(json_array_get(actions, i), "onFailure", rest);
    }
}

void draft_requeue(struct draft *draft, int64_t seconds)
{
    json_int_t before = jsonx_int(draft->plan, 0, "requeueAfter", NULL);

    if (seconds < 1)
        seconds = 1;
    if (before == 0 || seconds < before)
        json_object_set_new(draft->plan, "requeueAfter", json_integer(seconds));
}

/* When a condition of the object changed for the last time, or it was made. */
static int64_t last_change(const struct draft *draft)
{
    const json_t *conditions = json_object_get(draft->status, "conditions");
    int64_t last = failures_time(jsonx_get(draft->object, "metadata", "creationTimestamp", NULL));
    size_t i;
    json_t *condition;

    json_array_foreach (jsonx_unconst(conditions), i, condition) {
        int64_t changed = failures_time(jsonx_get(condition, "lastTransitionTime", NULL));
        last = changed > last ? changed : last;
    }
    return last;
}

void draft_requeue_waiting(struct draft *draft, int64_t most)
{
    int64_t seconds = (draft->now - last_change(draft)) / WAITING_PART;

    seconds = seconds < WAITING_FIRST_SECONDS ? WAITING_FIRST_SECONDS : seconds;
    draft_requeue(draft, seconds < most ? seconds : most);
}

void draft_enqueue(struct draft *draft, const char *kind, const char *namespace, const char *name)
{
    AUTO(mem_free) char *key = xasprintf("%s/%s/%s", kind, namespace ? namespace : "", name);

    if (!json_object_get(draft->plan, "enqueue"))
        json_object_set_new(draft->plan, "enqueue", json_array());
    json_array_append_new(json_object_get(draft->plan, "enqueue"), json_string(key));
}

void draft_enqueue_repository(struct draft *draft)
{
    json_auto_t *ref = plan_repository_ref(draft->object);

    if (ref)
        draft_enqueue(draft, "Repository", jsonx_str(ref, "namespace", NULL),
                      jsonx_str(ref, "name", NULL));
}

void draft_add_event(struct draft *draft, const struct draft_event *event)
{
    const json_t *object = draft->object;
    json_t *row =
        json_pack("{s:s, s:s, s:b, s:s, s:{s:s?, s:s?, s:s*, s:s?, s:s*}}",
                  PAIR("reason", event->reason), PAIR("message", event->message),
                  PAIR("warning", event->warning), PAIR("component", event->component),
                  PAIR("object", PAIR("apiVersion", jsonx_str(object, "apiVersion", NULL)),
                       PAIR("kind", jsonx_str(object, "kind", NULL)),
                       PAIR("namespace", jsonx_namespace(object)), PAIR("name", jsonx_name(object)),
                       PAIR("uid", jsonx_uid(object))));

    if (!json_object_get(draft->plan, "events"))
        json_object_set_new(draft->plan, "events", json_array());
    json_array_append_new(json_object_get(draft->plan, "events"), row);
}

bool draft_has_actions(const struct draft *draft)
{
    return json_array_size(json_object_get(draft->plan, "actions")) > 0;
}

static bool is_named(const json_t *item, const char *name)
{
    return json_is_string(item) && strcmp(json_string_value(item), name) == 0;
}

bool draft_finalizer(struct draft *draft, const char *finalizer, bool wanted)
{
    const json_t *before = jsonx_get(draft->object, "metadata", "finalizers", NULL);
    json_auto_t *after = json_array();
    bool found = false;
    size_t i;
    json_t *item;

    json_array_foreach (jsonx_unconst(before), i, item) {
        found = found || is_named(item, finalizer);
        if (!is_named(item, finalizer))
            json_array_append(after, item);
    }
    if (found == wanted)
        return false;
    if (wanted)
        json_array_append_new(after, json_string(finalizer));
    draft_patch(draft, draft->object,
                json_pack("{s:{s:s*, s:O}}",
                          PAIR("metadata",
                               PAIR("resourceVersion",
                                    jsonx_str(draft->object, "metadata", "resourceVersion", NULL)),
                               PAIR("finalizers", after))));
    return true;
}

#include "rollout.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "condition_types.h"
#include "invoker.h"
#include "requirements.h"
#include "rollout_view.h"
#include "stash/jsonx.h"
#include "stash/kinds.h"
#include "stash/names.h"
#include "stash/pair.h"
#include "stash/plan.h"
#include "stash/protocol.h"
#include "trial.h"

/* While pods are refused with us, the next of them may pass. */
#define TRIAL_INTERVAL 60

json_t *rollout_action(struct draft *draft, const json_t *row, const struct rollout_view *view,
                       const json_t *leftover)
{
    json_t *action = draft_action(draft, "rollout", view->workload);
    json_t *pod = trial_pod(jsonx_get(row, "dryRunPod", NULL));
    json_t *note =
        json_sprintf("%s/%s/%" PRId64 "+%d", jsonx_name(draft->object),
                     *view->expected ? view->expected : "none", draft->now, AGENT_PROTOCOL_MINIMUM);

    json_t *patch = json_pack(
        "{s:{s:{s:{s:{s:o}}}}}",
        PAIR("spec", PAIR("template",
                          PAIR("metadata", PAIR("annotations", PAIR(ANNOTATION_ROLLOUT, note))))));
    json_object_update_recursive(patch, jsonx_unconst(leftover));
    json_object_set_new(action, "patch", patch);
    /* the note makes a webhook wait that has not heard of the invoker yet */
    json_object_set(jsonx_own(jsonx_own(pod, "metadata"), "annotations"), ANNOTATION_ROLLOUT, note);
    json_object_set_new(action, "dryRunPod", pod);
    json_object_set_new(action, "expectedHash", json_string(view->expected));
    return action;
}

/* The conditions' names for backup and restore. */
static const struct wording {
    const char *type;
    const char *succeeded;
    const char *failed;
    const char *pending;
    const char *what;
} wordings[] = {
    {CONDITION_SIDECAR_INJECTED, "SidecarInjectionSucceeded", "SidecarInjectionFailed",
     "SidecarInjectionPending", "sidecar"},
    {CONDITION_INIT_CONTAINER_INJECTED, "InitContainerInjectionSucceeded",
     "InitContainerInjectionFailed", "InitContainerInjectionPending", "init container"},
};

static void rollout_say(const struct draft *draft, const char *status, const char *reason,
                        const char *message)
{
    const struct wording *wording = &wordings[invoker_is_restore(draft->object)];

    draft_condition(draft, draft->status,
                    &(struct condition){wording->type, status, reason, message});
}

/* A restart happened (or is happening) for what the pods should be, and some are not so yet. */
static void say_waiting(struct draft *draft, const struct rollout_view *view)
{
    const struct wording *wording = &wordings[invoker_is_restore(draft->object)];
    const char *why = jsonx_annotation(view->stubborn, ANNOTATION_NOT_INJECTED);

    draft_requeue(draft, ROLLOUT_RECHECK);
    if (!view->stubborn) {
        rollout_say(draft, "Unknown", wording->pending, "the rolling restart is under way");
        return;
    }
    AUTO(mem_free)
    char *message = xasprintf("pod %s came without the %s: %s", jsonx_name(view->stubborn),
                              wording->what, why ? why : "the webhook did not change it");
    rollout_say(draft, "False", wording->failed, message);
}

static void rollout_restart(struct draft *draft, size_t index, const struct rollout_view *view,
                            const json_t *leftover)
{
    const struct wording *wording = &wordings[invoker_is_restore(draft->object)];
    json_t *action = rollout_action(draft, requirements_target(draft, index), view, leftover);

    draft_on_failure(draft, action,
                     &(struct condition){wording->type, "False", wording->failed, "${error}"});
    trial_note(draft, action, wording->type, wording->what);
    rollout_say(draft, "Unknown", wording->pending, "the rolling restart is under way");
    draft_requeue(draft, ROLLOUT_RECHECK);
}

/* Whether this invoker has a part in what the pods should carry. */
static bool has_part(const struct draft *draft, const struct rollout_view *view)
{
    const char *expected = view->expected;

    if (strlen(expected) != 2 * HASH_HALF)
        return false;
    return invoker_is_restore(draft->object) ? strcmp(expected + HASH_HALF, HASH_NONE) != 0
                                             : rollout_view_wants_backup(expected);
}

/* Whom a trial is about; what pods name is of no kind that we know. */
static json_t *trial_subject(const struct draft *draft, size_t index,
                             const struct rollout_view *view)
{
    if (!invoker_is_named_by_pods(draft->object, index))
        return json_incref(jsonx_unconst(view->workload));
    json_auto_t *ref = invoker_ref(draft->object, index);
    return json_pack("{s:s, s:{s:O*, s:O*}}", PAIR("kind", kind_resource(KIND_POD)->kind),
                     PAIR("metadata", PAIR("namespace", json_object_get(ref, "namespace")),
                          PAIR("name", json_object_get(ref, "name"))));
}

/* Find out whether pods are accepted with us. The status that follows is written only when one was. */
static void try_out(struct draft *draft, size_t index, const struct rollout_view *view)
{
    const struct wording *wording = &wordings[invoker_is_restore(draft->object)];
    const json_t *pod = jsonx_get(requirements_target(draft, index), "dryRunPod", NULL);

    if (!pod || !has_part(draft, view))
        return;
    json_auto_t *subject = trial_subject(draft, index, view);
    trial_note(draft, trial_add(draft, subject, pod, view->expected), wording->type, wording->what);
}

/* They were refused: nothing else is to be done before they are accepted again. */
static void try_again(struct draft *draft, size_t index, const struct rollout_view *view)
{
    draft_requeue(draft, TRIAL_INTERVAL);
    if (invoker_is_named_by_pods(draft->object, index) &&
        !jsonx_get(requirements_target(draft, index), "dryRunPod", NULL))
        return; /* the next pod that is made, without us, can be tried */
    try_out(draft, index, view);
    draft_condition(draft, draft->status,
                    &(struct condition){CONDITION_PODS_REFUSED, "False", "AcceptedByDryRun",
                                        "pods are accepted again"});
}

static void wait_for_pods(struct draft *draft, size_t index, const struct rollout_view *view)
{
    if (rollout_view_is_short(draft, index, view))
        try_out(draft, index, view);
    say_waiting(draft, view);
}

bool rollout_ensure(struct draft *draft, size_t index)
{
    const struct wording *wording = &wordings[invoker_is_restore(draft->object)];
    struct rollout_view view = rollout_view_make(draft, requirements_target(draft, index));
    json_auto_t *leftover = plan_leftover(view.workload, draft->now);
    AUTO(mem_free) char *done = xasprintf("every pod has the %s", wording->what);

    if (!jsonx_get(requirements_target(draft, index), "pods", NULL)) {
        draft_requeue(draft, ROLLOUT_RECHECK); /* they could not be read */
        return false;
    }
    if (rollout_check_stuck(draft, index, &view))
        return false;
    if (trial_is_refused(draft)) {
        try_again(draft, index, &view);
        return false;
    }
    if (view.differing == 0 && !leftover && view.held > 0) {
        rollout_say(
            draft, "False", wording->failed,
            "the pods below the partition of the workload's updateStrategy stay as they are");
        return false;
    }
    if (view.differing == 0 && !leftover) {
        if (rollout_view_is_short(draft, index, &view))
            try_out(draft, index, &view);
        rollout_say(draft, "True", wording->succeeded, done);
        if (!invoker_is_restore(draft->object))
            rollout_check_outdated(draft, index, &view);
        return true;
    }
    const char *why = rollout_view_obstacle(&view);
    if (why && rollout_view_is_short(draft, index, &view))
        try_out(draft, index, &view);
    if (why)
        rollout_say(draft, "False", wording->failed, why);
    else if (!leftover &&
             (rollout_view_is_rolling(view.workload) || rollout_is_recent(draft, view.restarted)))
        wait_for_pods(draft, index, &view);
    else
        rollout_restart(draft, index, &view, leftover);
    return false;
}

/* Its first pod has to come before anything else can be done: it must not be refused for us for ever. */
static void try_first(struct draft *draft, size_t index)
{
    const struct wording *wording = &wordings[invoker_is_restore(draft->object)];
    struct rollout_view view = rollout_view_make(draft, requirements_target(draft, index));

    if (rollout_check_stuck(draft, index, &view))
        return;
    if (!trial_is_refused(draft)) {
        if (rollout_view_is_short(draft, index, &view))
            try_out(draft, index, &view);
        return;
    }
    try_again(draft, index, &view);
    if (!trial_is_refused(draft))
        rollout_say(draft, "Unknown", wording->pending,
                    "pods are accepted again; the next one has it");
}

bool rollout_try_first(struct draft *draft)
{
    bool refused = trial_is_refused(draft);

    for (size_t i = 0; i < invoker_count(draft->object); i++) {
        if (!invoker_is_sidecar(draft->object, i) || !invoker_is_named_by_pods(draft->object, i))
            continue;
        draft_flush(draft); /* what is missing is said, whatever comes of it */
        try_first(draft, i);
    }
    return refused;
}

/* Pods that go anyway need no restart, and in a namespace that goes none could be made. */
static bool is_going(const struct draft *draft, const struct rollout_view *view)
{
    return jsonx_get(view->workload, "metadata", "deletionTimestamp", NULL) ||
           jsonx_get(draft->world, "namespaceObject", "metadata", "deletionTimestamp", NULL);
}

static void remove_row(struct draft *draft, const json_t *row)
{
    struct rollout_view view = rollout_view_make(draft, row);
    json_auto_t *leftover = plan_leftover(view.workload, draft->now);

    if (!view.workload || is_going(draft, &view))
        return;
    if (leftover && rollout_view_obstacle(&view))
        draft_patch(draft, view.workload, TAKE(leftover)); /* there will be no other occasion */
    else if (!rollout_view_obstacle(&view) &&
             (leftover || (view.differing > 0 && !rollout_is_recent(draft, view.restarted))))
        rollout_action(draft, row, &view, leftover);
}

void rollout_remove(struct draft *draft, size_t index)
{
    remove_row(draft, requirements_target(draft, index));
}

void rollout_remove_former(struct draft *draft)
{
    const json_t *rows = jsonx_get(draft->world, "formerTargets", NULL);
    size_t i;
    json_t *row;

    json_array_foreach (jsonx_unconst(rows), i, row)
        remove_row(draft, row);
}

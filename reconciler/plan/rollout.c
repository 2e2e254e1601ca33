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
#include "stash/plan.h"
#include "stash/protocol.h"

json_t *rollout_action(struct draft *draft, size_t index, const struct rollout_view *view,
                       const json_t *leftover)
{
    const json_t *row = requirements_target(draft, index);
    json_t *action = draft_action(draft, "rollout", view->workload);
    json_t *given = jsonx_get(row, "dryRunPod", NULL);
    json_t *pod = json_is_object(given) ? json_copy(given) : json_object();
    json_t *note =
        json_sprintf("%s/%s/%" PRId64 "+%d", jsonx_name(draft->object),
                     *view->expected ? view->expected : "none", draft->now, AGENT_PROTOCOL_MINIMUM);

    json_t *patch = json_pack("{s:{s:{s:{s:{s:o}}}}}", "spec", "template", "metadata",
                              "annotations", ANNOTATION_ROLLOUT, note);
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

static void say(const struct draft *draft, const char *status, const char *reason,
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
        say(draft, "Unknown", wording->pending, "the rolling restart is under way");
        return;
    }
    AUTO(mem_free)
    char *message = xasprintf("pod %s came without the %s: %s", jsonx_name(view->stubborn),
                              wording->what, why ? why : "the webhook did not change it");
    say(draft, "False", wording->failed, message);
}

static void restart(struct draft *draft, size_t index, const struct rollout_view *view,
                    const json_t *leftover)
{
    const struct wording *wording = &wordings[invoker_is_restore(draft->object)];
    json_t *action = rollout_action(draft, index, view, leftover);

    draft_on_failure(draft, action,
                     &(struct condition){wording->type, "False", wording->failed, "${error}"});
    say(draft, "Unknown", wording->pending, "the rolling restart is under way");
    draft_requeue(draft, ROLLOUT_RECHECK);
}

bool rollout_ensure(struct draft *draft, size_t index)
{
    const struct wording *wording = &wordings[invoker_is_restore(draft->object)];
    struct rollout_view view = rollout_view_make(draft, index);
    json_auto_t *leftover = plan_leftover(view.workload, draft->now);
    AUTO(mem_free) char *done = xasprintf("every pod has the %s", wording->what);

    if (!jsonx_get(requirements_target(draft, index), "pods", NULL)) {
        draft_requeue(draft, ROLLOUT_RECHECK); /* they could not be read */
        return false;
    }
    if (view.differing == 0 && !leftover && view.held > 0) {
        say(draft, "False", wording->failed,
            "the pods below the partition of the workload's updateStrategy stay as they are");
        return false;
    }
    if (view.differing == 0 && !leftover) {
        say(draft, "True", wording->succeeded, done);
        if (!invoker_is_restore(draft->object))
            rollout_check_outdated(draft, index, &view);
        return true;
    }
    const char *why = rollout_view_obstacle(view.workload);
    if (why)
        say(draft, "False", wording->failed, why);
    else if (!leftover &&
             (rollout_view_is_rolling(view.workload) || rollout_is_recent(draft, view.restarted)))
        say_waiting(draft, &view);
    else
        restart(draft, index, &view, leftover);
    return false;
}

/* Pods that go anyway need no restart, and in a namespace that goes none could be made. */
static bool is_going(const struct draft *draft, const struct rollout_view *view)
{
    return jsonx_get(view->workload, "metadata", "deletionTimestamp", NULL) ||
           jsonx_get(draft->world, "namespaceObject", "metadata", "deletionTimestamp", NULL);
}

void rollout_remove(struct draft *draft, size_t index)
{
    struct rollout_view view = rollout_view_make(draft, index);

    json_auto_t *leftover = plan_leftover(view.workload, draft->now);

    if (!view.workload || is_going(draft, &view))
        return;
    if (leftover && rollout_view_obstacle(view.workload))
        draft_patch(draft, view.workload, TAKE(leftover)); /* there will be no other occasion */
    else if (!rollout_view_obstacle(view.workload) &&
             (leftover || (view.differing > 0 && !rollout_is_recent(draft, view.restarted))))
        rollout_action(draft, index, &view, leftover);
}

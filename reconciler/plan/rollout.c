#include "rollout.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "condition_types.h"
#include "invoker.h"
#include "requirements.h"
#include "stash/inject.h"
#include "stash/jsonx.h"
#include "stash/kinds.h"
#include "stash/names.h"
#include "stash/plan.h"
#include "stash/timefmt.h"
#include "trial.h"

/* A restart that did not help is not repeated sooner. */
#define ROLLOUT_INTERVAL 600
/* While pods are on their way, and after a dry run that came back without us, look again. */
#define ROLLOUT_RECHECK 5
/* While pods are refused with us, the next of them may pass. */
#define TRIAL_INTERVAL 60
/* A hash is the backup's eight digits and the restore's; zeros stand for nothing. */
#define HASH_HALF 8
#define HASH_NONE "00000000"

/* What is known about one workload's pods. */
struct view {
    const json_t *workload;
    const char *expected;   /* hash that every pod should carry; "" is none */
    size_t living;          /* pods of its own */
    size_t differing;       /* living pods that carry another one, and would be replaced */
    size_t held;            /* the same, but below a StatefulSet's partition: they would not */
    int64_t restarted;      /* when we restarted it for this hash; 0: never */
    const json_t *stubborn; /* a pod made after that restart and still differing */
};

static bool is_living(const json_t *pod)
{
    const char *phase = jsonx_str(pod, "status", "phase", NULL);

    return !jsonx_get(pod, "metadata", "deletionTimestamp", NULL) &&
           !(phase && (strcmp(phase, "Succeeded") == 0 || strcmp(phase, "Failed") == 0));
}

/* "<invoker>/<hash>/<unix seconds>" on the template: the last number, if it was for this hash. */
static int64_t restart_time(const json_t *workload, const char *expected)
{
    const char *note = jsonx_str(workload, "spec", "template", "metadata", "annotations",
                                 ANNOTATION_ROLLOUT, NULL);
    const char *nonce = note ? strrchr(note, '/') : NULL;
    AUTO(mem_free) char *middle = xasprintf("/%s/", *expected ? expected : "none");

    return nonce && strstr(note, middle) ? strtoll(nonce + 1, NULL, 10) : 0;
}

static int64_t created_at(const json_t *pod)
{
    int64_t created = 0;
    const char *text = jsonx_str(pod, "metadata", "creationTimestamp", NULL);

    if (text)
        timefmt_parse(text, &created);
    return created;
}

/* A StatefulSet replaces no pod whose number is below its partition. */
static bool is_held(const json_t *workload, const json_t *pod)
{
    json_int_t partition =
        jsonx_int(workload, 0, "spec", "updateStrategy", "rollingUpdate", "partition", NULL);
    const char *dash = jsonx_name(pod) ? strrchr(jsonx_name(pod), '-') : NULL;

    return partition > 0 && dash && strtoll(dash + 1, NULL, 10) < partition;
}

/*
 * A configuration minds only the backup's half of the hash: when to restart for a restore is the RestoreSession's to
 * say, after it has begun.
 */
static bool is_current(const struct draft *draft, const char *hash, const char *expected)
{
    char backup[2 * HASH_HALF + 1];

    if (invoker_is_restore(draft->object) || strlen(expected) != 2 * HASH_HALF)
        return inject_hash_is_current(hash, expected);
    snprintf(backup, sizeof(backup), "%.*s%s", HASH_HALF, expected, HASH_NONE);
    return inject_hash_is_current(hash, backup);
}

bool rollout_wants_backup(const char *expected)
{
    return expected && *expected && strncmp(expected, HASH_NONE, HASH_HALF) != 0;
}

static struct view view_make(const struct draft *draft, size_t index)
{
    const json_t *row = requirements_target(draft, index);
    const char *expected = jsonx_str(row, "expectedHash", NULL);
    struct view view = {.workload = jsonx_get(row, "object", NULL),
                        .expected = expected ? expected : ""};
    json_auto_t *pods = requirements_pods(draft, index);
    size_t i;
    json_t *pod;

    view.restarted = restart_time(view.workload, view.expected);
    json_array_foreach (pods, i, pod) {
        const char *hash = jsonx_annotation(pod, ANNOTATION_INJECTED_HASH);

        if (!is_living(pod))
            continue;
        view.living++;
        if (is_current(draft, hash, view.expected))
            continue;
        if (is_held(view.workload, pod)) {
            view.held++;
            continue;
        }
        view.differing++;
        if (view.restarted && created_at(pod) > view.restarted)
            view.stubborn = pod;
    }
    return view;
}

/*
 * Whether the workload is replacing its pods already, for whatever reason: the new ones come with what they should have,
 * so another restart would be one too many.
 */
static bool is_rolling(const json_t *workload)
{
    const json_t *status = jsonx_get(workload, "status", NULL);
    json_int_t wanted = jsonx_int(workload, 1, "spec", "replicas", NULL);
    json_int_t updated = jsonx_int(status, 0, "updatedReplicas", NULL);
    json_int_t kept =
        jsonx_int(workload, 0, "spec", "updateStrategy", "rollingUpdate", "partition", NULL);

    if (!jsonx_get(status, "observedGeneration", NULL))
        return false;
    if (jsonx_int(status, 0, "observedGeneration", NULL) <
        jsonx_int(workload, 0, "metadata", "generation", NULL))
        return true;
    if (jsonx_get(status, "desiredNumberScheduled", NULL)) {
        wanted = jsonx_int(status, 0, "desiredNumberScheduled", NULL);
        updated = jsonx_int(status, 0, "updatedNumberScheduled", NULL);
    }
    /* a StatefulSet between two updates counts no updated replicas */
    bool same = json_equal(jsonx_get(status, "currentRevision", NULL),
                           jsonx_get(status, "updateRevision", NULL));
    if (jsonx_get(status, "updateRevision", NULL) && same)
        return false;
    return updated < wanted - kept;
}

/* Why a restart would not replace the pods, NULL when it would. */
static const char *obstacle(const json_t *workload)
{
    const char *strategy = jsonx_str(workload, "spec", "updateStrategy", "type", NULL);
    enum kind kind = kind_by_name(jsonx_str(workload, "kind", NULL));

    if (kind == KIND_REPLICA_SET || kind == KIND_REPLICATION_CONTROLLER)
        return "a ReplicaSet or ReplicationController replaces no pods; they change when they are "
               "deleted";
    if (!kind_is_workload(kind))
        return "Stash restarts no pods that it knows by their annotation only; they change when "
               "they are made anew";
    if (jsonx_bool(workload, false, "spec", "paused", NULL))
        return "rollouts of the workload are paused; its pods change when they are resumed";
    if (strategy && strcmp(strategy, "OnDelete") == 0)
        return "the workload's updateStrategy is OnDelete; its pods change when they are deleted";
    return NULL;
}

/* With `leftover` (borrowed, may be NULL) in the same patch: one restart does both. */
static json_t *rollout_action(struct draft *draft, size_t index, const struct view *view,
                              const json_t *leftover)
{
    const json_t *row = requirements_target(draft, index);
    json_t *action = draft_action(draft, "rollout", view->workload);
    json_t *pod = trial_pod(jsonx_get(row, "dryRunPod", NULL));
    json_t *note = json_sprintf("%s/%s/%" PRId64, jsonx_name(draft->object),
                                *view->expected ? view->expected : "none", draft->now);

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
static void say_waiting(struct draft *draft, const struct view *view)
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

static void restart(struct draft *draft, size_t index, const struct view *view,
                    const json_t *leftover)
{
    const struct wording *wording = &wordings[invoker_is_restore(draft->object)];
    json_t *action = rollout_action(draft, index, view, leftover);

    draft_on_failure(draft, action,
                     &(struct condition){wording->type, "False", wording->failed, "${error}"});
    trial_note(draft, action, wording->type, wording->what);
    say(draft, "Unknown", wording->pending, "the rolling restart is under way");
    draft_requeue(draft, ROLLOUT_RECHECK);
}

static bool is_recent(const struct draft *draft, const struct view *view)
{
    return view->restarted && draft->now - view->restarted < ROLLOUT_INTERVAL;
}

/* Fewer pods than the workload wants: they may be refused, and for us. */
static bool is_short(const struct view *view)
{
    const json_t *status = jsonx_get(view->workload, "status", NULL);
    json_int_t wanted = jsonx_int(view->workload, 1, "spec", "replicas", NULL);

    wanted = jsonx_int(status, wanted, "desiredNumberScheduled", NULL);
    return jsonx_get(status, "observedGeneration", NULL) && wanted > 0 &&
           view->living < (size_t)wanted;
}

/* Whether this invoker has a part in what the pods should carry. */
static bool has_part(const struct draft *draft, const struct view *view)
{
    const char *expected = view->expected;

    if (strlen(expected) != 2 * HASH_HALF)
        return false;
    return invoker_is_restore(draft->object) ? strcmp(expected + HASH_HALF, HASH_NONE) != 0
                                             : rollout_wants_backup(expected);
}

/* Find out whether pods are accepted with us. The status that follows is written only when one was. */
static void try_out(struct draft *draft, size_t index, const struct view *view)
{
    const struct wording *wording = &wordings[invoker_is_restore(draft->object)];
    const json_t *pod = jsonx_get(requirements_target(draft, index), "dryRunPod", NULL);

    if (pod && has_part(draft, view))
        trial_note(draft, trial_add(draft, view->workload, pod, view->expected), wording->type,
                   wording->what);
}

/* They were refused: nothing else is to be done before they are accepted again. */
static void try_again(struct draft *draft, size_t index, const struct view *view)
{
    try_out(draft, index, view);
    draft_requeue(draft, TRIAL_INTERVAL);
    draft_condition(draft, draft->status,
                    &(struct condition){CONDITION_PODS_REFUSED, "False", "AcceptedByDryRun",
                                        "pods are accepted again"});
}

static void wait_for_pods(struct draft *draft, size_t index, const struct view *view)
{
    if (is_short(view))
        try_out(draft, index, view);
    say_waiting(draft, view);
}

bool rollout_ensure(struct draft *draft, size_t index)
{
    const struct wording *wording = &wordings[invoker_is_restore(draft->object)];
    struct view view = view_make(draft, index);
    json_auto_t *leftover = plan_leftover(view.workload, draft->now);
    AUTO(mem_free) char *done = xasprintf("every pod has the %s", wording->what);

    if (!jsonx_get(requirements_target(draft, index), "pods", NULL)) {
        draft_requeue(draft, ROLLOUT_RECHECK); /* they could not be read */
        return false;
    }
    if (trial_is_refused(draft)) {
        try_again(draft, index, &view);
        return false;
    }
    if (view.differing == 0 && !leftover && view.held > 0) {
        say(draft, "False", wording->failed,
            "the pods below the partition of the workload's updateStrategy stay as they are");
        return false;
    }
    if (view.differing == 0 && !leftover) {
        if (is_short(&view))
            try_out(draft, index, &view);
        say(draft, "True", wording->succeeded, done);
        return true;
    }
    const char *why = obstacle(view.workload);
    if (why)
        say(draft, "False", wording->failed, why);
    else if (!leftover && (is_rolling(view.workload) || is_recent(draft, &view)))
        wait_for_pods(draft, index, &view);
    else
        restart(draft, index, &view, leftover);
    return false;
}

/* Pods that go anyway need no restart, and in a namespace that goes none could be made. */
static bool is_going(const struct draft *draft, const struct view *view)
{
    return jsonx_get(view->workload, "metadata", "deletionTimestamp", NULL) ||
           jsonx_get(draft->world, "namespaceObject", "metadata", "deletionTimestamp", NULL);
}

void rollout_remove(struct draft *draft, size_t index)
{
    struct view view = view_make(draft, index);

    json_auto_t *leftover = plan_leftover(view.workload, draft->now);

    if (!view.workload || is_going(draft, &view))
        return;
    if (leftover && obstacle(view.workload))
        draft_patch(draft, view.workload, TAKE(leftover)); /* there will be no other occasion */
    else if (!obstacle(view.workload) &&
             (leftover || (view.differing > 0 && !is_recent(draft, &view))))
        rollout_action(draft, index, &view, leftover);
}

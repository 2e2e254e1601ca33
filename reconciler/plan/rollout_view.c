#include "rollout_view.h"

#include <stdio.h>
#include <string.h>

#include "failures.h"
#include "invoker.h"
#include "requirements.h"
#include "sidecar_pod.h"
#include "stash/conditions.h"
#include "stash/inject.h"
#include "stash/jsonx.h"
#include "stash/kinds.h"
#include "stash/names.h"
#include "stash/plan.h"
#include "stash/protocol.h"
#include "stash/text.h"
#include "stash/timefmt.h"

/* A restart that did not help is not repeated sooner. */
#define ROLLOUT_INTERVAL 600

#define TIME_MAX     253402300799 /* the last second of the year 9999 */
#define PROTOCOL_MAX 1000000

static bool is_living(const json_t *pod)
{
    const char *phase = jsonx_str(pod, "status", "phase", NULL);

    return !jsonx_get(pod, "metadata", "deletionTimestamp", NULL) &&
           !(phase && (strcmp(phase, "Succeeded") == 0 || strcmp(phase, "Failed") == 0));
}

/*
 * Of a note "<invoker>/<hash>/<unix seconds>+<protocol>" (NULL: none): when, if it was for this hash. *ret_protocol is
 * what the pods' agents had to have; an older version did not say.
 */
static int64_t restart_time(const char *note, const char *expected, int64_t *ret_protocol)
{
    const char *nonce = note ? strrchr(note, '/') : NULL;
    AUTO(mem_free) char *middle = xasprintf("/%s/", *expected ? expected : "none");
    const char *at = nonce && strstr(note, middle) ? nonce + 1 : "";
    int64_t time;

    *ret_protocol = 0;
    if (!text_number(&at, TIME_MAX, &time))
        return 0;
    if (*at == '+' && (at++, !text_number(&at, PROTOCOL_MAX, ret_protocol)))
        return 0;
    return *at ? 0 : time;
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
    const char *at = dash ? dash + 1 : "";
    int64_t number;

    return text_number(&at, INT32_MAX, &number) && !*at && number < partition;
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

bool rollout_view_wants_backup(const char *expected)
{
    return expected && *expected && strncmp(expected, HASH_NONE, HASH_HALF) != 0;
}

/* Pods with an agent that is given no work. What is wrong with a pod otherwise is put right by the same restart. */
static void count_outdated(struct rollout_view *view, const json_t *pod)
{
    if (!rollout_view_wants_backup(view->expected) || !protocol_is_outdated(pod))
        return;
    view->outdated++;
    view->outdated_held += is_held(view->workload, pod);
    view->old = pod;
    if (view->renewed && created_at(pod) > view->renewed)
        view->stubborn_old = pod;
}

/* Since when it is not ready: it may have waited for its node, or have run before. */
static int64_t waits_since(const json_t *pod)
{
    static const char *const types[] = {"PodScheduled", "Ready"};
    const json_t *conditions = jsonx_get(pod, "status", "conditions", NULL);
    int64_t since = created_at(pod);

    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        const json_t *condition = condition_find(conditions, types[i]);
        int64_t time = failures_time(jsonx_get(condition, "lastTransitionTime", NULL));

        since = time > since ? time : since;
    }
    return since;
}

/* A restore that does not start ends with its session, and pods are made without it then. */
static void count_started(const struct draft *draft, struct rollout_view *view, const json_t *pod)
{
    const struct sidecar_model *model = sidecar_model_of(draft->object);
    struct failure failure = {0};

    if (invoker_is_restore(draft->object) || !sidecar_is_injected(pod, model))
        return;
    view->running += sidecar_is_at_work(pod, model);
    if (!failures_judge_start(sidecar_status(pod, model), &failure))
        return;
    if (draft->now - waits_since(pod) < ROLLOUT_STUCK_SECONDS)
        view->starting = pod;
    else
        view->stuck = pod;
}

/* Whoever took a restart back whose pods did not start has nothing against one that is tried when they may. */
static int64_t tried_again_at(const struct draft *draft)
{
    const json_t *refused =
        condition_find(jsonx_get(draft->status, "conditions", NULL), CONDITION_PODS_REFUSED);

    return text_is(jsonx_str(refused, "status", NULL), "False")
               ? failures_time(jsonx_get(refused, "lastTransitionTime", NULL))
               : 0;
}

static void view_restart(const struct draft *draft, struct rollout_view *view, const json_t *row)
{
    const char *note = jsonx_str(view->workload, "spec", "template", "metadata", "annotations",
                                 ANNOTATION_ROLLOUT, NULL);
    int64_t protocol = 0;

    view->restarted = restart_time(note, view->expected, &protocol);
    if (protocol >= AGENT_PROTOCOL_MINIMUM)
        view->renewed = view->restarted;
    if (note)
        return;
    int64_t last = restart_time(jsonx_str(row, "restart", NULL), view->expected, &protocol);
    bool is_another = created_at(view->workload) > last; /* under the name of one that is gone */
    view->undone = last && !is_another && last >= tried_again_at(draft) &&
                   draft->now - last < PLAN_UNDONE_SECONDS;
}

struct rollout_view rollout_view_make(const struct draft *draft, const json_t *row)
{
    const char *expected = jsonx_str(row, "expectedHash", NULL);
    struct rollout_view view = {.workload = jsonx_get(row, "object", NULL),
                                .expected = expected ? expected : ""};
    json_auto_t *pods = requirements_row_pods(row);
    size_t i;
    json_t *pod;

    view_restart(draft, &view, row);
    json_array_foreach (pods, i, pod) {
        const char *hash = jsonx_annotation(pod, ANNOTATION_INJECTED_HASH);

        view.going += jsonx_get(pod, "metadata", "deletionTimestamp", NULL) != NULL;
        if (!is_living(pod))
            continue;
        view.living++;
        count_started(draft, &view, pod);
        if (is_current(draft, hash, view.expected)) {
            count_outdated(&view, pod);
            continue;
        }
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

bool rollout_view_is_rolling(const json_t *workload)
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

const char *rollout_view_obstacle(const struct rollout_view *view)
{
    const json_t *workload = view->workload;
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
    if (view->undone)
        return "something else (an operator?) sets the workload's pod template and took the "
               "restart back; its pods change when they are deleted";
    return NULL;
}

bool rollout_view_is_short(const struct draft *draft, size_t index, const struct rollout_view *view)
{
    if (invoker_is_named_by_pods(draft->object, index))
        return view->going > 0 ||
               jsonx_bool(requirements_target(draft, index), false, "refused", NULL);

    const json_t *status = jsonx_get(view->workload, "status", NULL);
    json_int_t wanted = jsonx_int(view->workload, 1, "spec", "replicas", NULL);

    wanted = jsonx_int(status, wanted, "desiredNumberScheduled", NULL);
    return jsonx_get(status, "observedGeneration", NULL) && wanted > 0 &&
           view->living < (size_t)wanted;
}

bool rollout_is_recent(const struct draft *draft, int64_t restarted)
{
    return restarted && draft->now - restarted < ROLLOUT_INTERVAL;
}

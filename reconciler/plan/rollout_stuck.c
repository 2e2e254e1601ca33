/*
 * Pods that do not get ready because the sidecar's container does not start: its image cannot be pulled, say. The next
 * ones are made without it, as where the API server refuses them with it. To find out whether it would start now costs a
 * pod that may not get ready. Where the old pods stay until the new ones are ready it is tried, no sooner than after an
 * hour and when a session wants it. Other workloads are not risked for a backup: a person has to begin.
 */
#include <string.h>

#include "condition_types.h"
#include "failures.h"
#include "rollout_view.h"
#include "sidecar_pod.h"
#include "stash/conditions.h"
#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/names.h"
#include "stash/text.h"

#define REASON_NOT_STARTED "SidecarNotStarted"
#define AGAIN_SECONDS      3600

/* Whether the pods of now stay until the new ones are ready: then a try costs nothing. */
static bool keeps_pods(const json_t *workload)
{
    const json_t *most =
        jsonx_get(workload, "spec", "strategy", "rollingUpdate", "maxUnavailable", NULL);
    const char *share = json_string_value(most);
    json_int_t replicas = jsonx_int(workload, 1, "spec", "replicas", NULL);

    if (!text_is(jsonx_str(workload, "kind", NULL), "Deployment") ||
        text_is(jsonx_str(workload, "spec", "strategy", "type", NULL), "Recreate"))
        return false;
    return share ? strcmp(share, "100%") != 0 : json_integer_value(most) < replicas;
}

static void say_stuck(struct draft *draft, const struct rollout_view *view)
{
    const struct sidecar_model *model = sidecar_model_of(draft->object);
    struct failure failure = {0};

    failures_judge_start(sidecar_status(view->stuck, model), &failure);
    AUTO(mem_free) char *why = xasprintf("pod %s: %s", jsonx_name(view->stuck), failure.message);
    AUTO(mem_free)
    char *sentence = xasprintf(
        "pods do not get ready with the %s, so they are made without it; "
        "delete those that wait%s: %s",
        model->what,
        keeps_pods(view->workload) ? "" : ", and make this object again when the cause is gone",
        why);

    draft_condition(draft, draft->status,
                    &(struct condition){CONDITION_PODS_REFUSED, "True", REASON_NOT_STARTED, why});
    draft_condition(
        draft, draft->status,
        &(struct condition){CONDITION_SIDECAR_INJECTED, "False", REASON_NOT_STARTED, sentence});
}

static bool is_wanted_after(const struct draft *draft, int64_t time)
{
    const json_t *sessions = jsonx_get(draft->world, "sessions", NULL);
    size_t i;
    json_t *session;

    json_array_foreach (jsonx_unconst(sessions), i, session) {
        if (text_is(jsonx_str(session, "kind", NULL), "BackupSession") &&
            failures_time(jsonx_get(session, "metadata", "creationTimestamp", NULL)) > time)
            return true;
    }
    return false;
}

/* That it runs in some pods says nothing of the node of the one that was stuck. */
static bool is_everywhere(const struct draft *draft, size_t index, const struct rollout_view *view)
{
    return view->running > 0 && view->running == view->living && view->going == 0 &&
           !rollout_view_is_short(draft, index, view);
}

bool rollout_check_stuck(struct draft *draft, size_t index, const struct rollout_view *view)
{
    const json_t *known =
        condition_find(jsonx_get(draft->status, "conditions", NULL), CONDITION_PODS_REFUSED);
    bool is_known = text_is(jsonx_str(known, "status", NULL), "True") &&
                    text_is(jsonx_str(known, "reason", NULL), REASON_NOT_STARTED);
    int64_t since = failures_time(jsonx_get(known, "lastTransitionTime", NULL));
    bool runs = is_everywhere(draft, index, view);

    if (view->starting)
        draft_requeue(draft, ROLLOUT_STUCK_SECONDS);
    if (view->stuck && !is_known)
        say_stuck(draft, view);
    if (view->stuck)
        return true;
    if (!is_known)
        return false;
    if (!runs && !(keeps_pods(view->workload) && is_wanted_after(draft, since + AGAIN_SECONDS)))
        return true;
    draft_condition(
        draft, draft->status,
        &(struct condition){CONDITION_PODS_REFUSED, "False", "SidecarStarts",
                            runs ? "pods get ready with it again" : "it is tried again"});
    draft_requeue(draft, ROLLOUT_RECHECK); /* the webhook has to hear of it before a restart */
    return true;
}

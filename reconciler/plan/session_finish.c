#include "session_finish.h"

#include <string.h>

#include "condition_types.h"
#include "history.h"
#include "invoker.h"
#include "metrics.h"
#include "session.h"
#include "stash/jsonx.h"
#include "stash/text.h"
#include "stash/timefmt.h"

/* A Pushgateway that is away is asked again this often, for this long. */
#define PUSH_AGAIN_SECONDS   60
#define PUSH_GIVE_UP_SECONDS 900

static const struct condition pushed = {CONDITION_METRICS_PUSHED, "True",
                                        "SuccessfullyPushedMetrics", "metrics have been pushed"};
static const struct condition pushing = {CONDITION_METRICS_PUSHED, "Unknown", "PushingMetrics",
                                         "metrics are on their way to the Pushgateway"};
static const struct condition not_wanted = {CONDITION_METRICS_PUSHED, "True", "NoPushgateway",
                                            "no Pushgateway is configured"};
static const struct condition superseded = {CONDITION_METRICS_PUSHED, "True",
                                            "MetricsOfNewerSession",
                                            "the metrics of a newer session took their place"};

/* The session as it will be stored once the metrics are out. New reference. */
static json_t *final_session(const struct draft *draft)
{
    json_auto_t *status = json_deep_copy(draft->status);

    draft_condition(draft, status, &pushing);
    if (draft->settle)
        draft->settle(status);
    json_t *session = draft_object_with(draft, status);
    json_object_set_new(jsonx_own(session, "status"), "phase",
                        json_string(draft->phase_of(session)));
    return session;
}

/* When one of its sessions last succeeded is shown of the invoker: the sessions go, in time. */
static void tell_success(struct draft *draft, const json_t *invoker, const json_t *session)
{
    char text[TIMEFMT_SIZE];

    if (!text_is(jsonx_str(session, "status", "phase", NULL), "Succeeded"))
        return;
    timefmt_rfc3339(session_ended(session), text);
    json_object_set_new(draft_action(draft, "status", invoker), "patch",
                        json_pack("{s:{s:s}}", "status", "lastSuccessfulTime", text));
}

void session_finish(struct draft *draft, const json_t *invoker)
{
    session_set_duration(draft);
    if (!invoker_is_restore(invoker))
        draft_condition(draft, draft->status,
                        &(struct condition){CONDITION_HISTORY_CLEANED, "True",
                                            "SuccessfullyCleanedBackupHistory",
                                            "older sessions beyond the limit have been deleted"});
    json_auto_t *session = final_session(draft);
    if (!invoker_is_restore(invoker)) {
        tell_success(draft, invoker, session);
        history_clean(draft, invoker, session);
    }
    /* metrics are best effort: the session has ended, whatever becomes of them */
    draft_condition(draft, draft->status,
                    metrics_push(draft, invoker, session) ? &pushing : &not_wanted);
}

static bool newer_has_ended(const struct draft *draft)
{
    size_t i;
    json_t *sibling;

    json_array_foreach (jsonx_get(draft->world, "sessions", NULL), i, sibling) {
        if (session_is_older(draft->object, sibling) &&
            condition_find(jsonx_get(sibling, "status", "conditions", NULL),
                           CONDITION_METRICS_PUSHED))
            return true;
    }
    return false;
}

/* They could not be pushed; the last try was at `at` (0: nobody knows). */
static void push_again(struct draft *draft, const json_t *invoker, const json_t *condition,
                       int64_t at)
{
    int64_t since = failures_time(jsonx_get(condition, "lastTransitionTime", NULL));

    if (draft->now - since > PUSH_GIVE_UP_SECONDS)
        return;
    draft_requeue(draft, PUSH_AGAIN_SECONDS);
    if (draft->now - (at ? at : since) >= PUSH_AGAIN_SECONDS)
        metrics_push(draft, invoker, draft->object);
}

static void tell_failure(struct draft *draft)
{
    draft_condition(draft, draft->status,
                    &(struct condition){CONDITION_METRICS_PUSHED, "False", "FailedToPushMetrics",
                                        jsonx_str(draft->world, "push", "error", NULL)});
    draft_requeue(draft, PUSH_AGAIN_SECONDS);
}

void session_follow_push(struct draft *draft, const json_t *invoker)
{
    const json_t *condition =
        condition_find(jsonx_get(draft->status, "conditions", NULL), CONDITION_METRICS_PUSHED);
    const char *status = jsonx_str(condition, "status", NULL);
    const char *state = jsonx_str(draft->world, "push", "state", NULL);

    if (!status || strcmp(status, "True") == 0 || !invoker)
        return;
    if (state && strcmp(state, "Pending") == 0)
        return;
    if (state && strcmp(state, "Pushed") == 0)
        draft_condition(draft, draft->status, &pushed);
    else if (state ? strcmp(state, "Superseded") == 0 : newer_has_ended(draft))
        draft_condition(draft, draft->status, &superseded);
    else if (status[0] == 'F')
        push_again(draft, invoker, condition, jsonx_int(draft->world, 0, "push", "at", NULL));
    else if (state)
        tell_failure(draft);
    else /* the process that was to push them has ended */
        metrics_push(draft, invoker, draft->object);
}

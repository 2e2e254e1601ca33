#include "session_finish.h"

#include "condition_types.h"
#include "history.h"
#include "invoker.h"
#include "metrics.h"
#include "session.h"
#include "stash/jsonx.h"

/* A Pushgateway that is away is asked again this often, for this long. */
#define PUSH_AGAIN_SECONDS   60
#define PUSH_GIVE_UP_SECONDS 900

static const struct condition pushed = {CONDITION_METRICS_PUSHED, "True",
                                        "SuccessfullyPushedMetrics", "metrics have been pushed"};
static const struct condition not_pushed = {CONDITION_METRICS_PUSHED, "False",
                                            "FailedToPushMetrics", "${error}"};

/* Metrics are best effort: the session ends either way, and the condition tells. */
static void push(struct draft *draft, const json_t *invoker, const json_t *session)
{
    json_t *action = metrics_push(draft, invoker, session);

    if (action)
        draft_on_failure(draft, action, &not_pushed);
    draft_condition(draft, draft->status, &pushed);
}

/* The session as it will be stored once the metrics are out. New reference. */
static json_t *final_session(const struct draft *draft)
{
    json_auto_t *status = json_deep_copy(draft->status);

    draft_condition(draft, status, &pushed);
    if (draft->settle)
        draft->settle(status);
    json_t *session = draft_object_with(draft, status);
    json_object_set_new(jsonx_own(session, "status"), "phase",
                        json_string(draft->phase_of(session)));
    return session;
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
    if (!invoker_is_restore(invoker))
        history_clean(draft, invoker, session);
    push(draft, invoker, session);
}

void session_push_again(struct draft *draft, const json_t *invoker)
{
    const json_t *condition =
        condition_find(jsonx_get(draft->status, "conditions", NULL), CONDITION_METRICS_PUSHED);
    const char *status = jsonx_str(condition, "status", NULL);
    int64_t since = failures_time(jsonx_get(condition, "lastTransitionTime", NULL));

    if (!status || status[0] != 'F' || draft->now - since > PUSH_GIVE_UP_SECONDS || !invoker)
        return;
    draft_requeue(draft, PUSH_AGAIN_SECONDS);
    if (draft->now - since >= PUSH_AGAIN_SECONDS)
        push(draft, invoker, draft->object);
}

#include "admission.h"

#include <inttypes.h>

#include "condition_types.h"
#include "invoker.h"
#include "stash/jsonx.h"
#include "stash/plan.h"
#include "stash/text.h"

/* New backups wait so long for a turn that others work against; then they go first. */
#define TURN_HOLD_DEFAULT 300

int64_t admission_time(const json_t *session)
{
    return failures_time(jsonx_get(session, "status", "admittedAt", NULL));
}

bool plan_is_at_work(const json_t *session)
{
    return !session_is_final(session) && (admission_time(session) || session_is_started(session));
}

bool admission_is_asked_in(const json_t *holder)
{
    const json_t *ready =
        condition_find(jsonx_get(holder, "conditions", NULL), CONDITION_EXECUTOR_READY);
    const char *reason = jsonx_str(ready, "reason", NULL);

    return text_is(jsonx_str(ready, "status", NULL), "False") &&
           (text_is(reason, REASON_WAITING_FOR_REPOSITORY) ||
            text_is(reason, REASON_WAITING_FOR_MAINTENANCE) ||
            text_is(reason, REASON_WAITING_IN_QUEUE));
}

bool admission_is_asked(const json_t *session)
{
    const json_t *status = jsonx_get(session, "status", NULL);
    size_t i;
    json_t *row;

    if (session_is_final(session) || jsonx_get(session, "metadata", "deletionTimestamp", NULL))
        return false;
    json_array_foreach (jsonx_get(status, "targets", NULL), i, row) {
        if (admission_is_asked_in(row))
            return true;
    }
    return admission_is_asked_in(status);
}

bool admission_is_limited(const json_t *session)
{
    return plan_awaits_admission(session) && !invoker_is_restore(session);
}

bool plan_awaits_admission(const json_t *session)
{
    return admission_is_asked(session) && !admission_time(session) && !session_is_started(session);
}

bool admission_is_held(const struct draft *draft, const json_t *turn, const json_t *session,
                       int64_t *ret_until)
{
    int64_t hold = jsonx_int(draft->world, TURN_HOLD_DEFAULT, "config", "turnHoldSeconds", NULL);

    *ret_until = 0;
    if (text_is(jsonx_str(turn, "state", NULL), "Granted"))
        return true;
    if (!turn || invoker_is_restore(session))
        return false;
    *ret_until = failures_time(jsonx_get(turn, "since", NULL)) + hold;
    return draft->now < *ret_until;
}

static const char *shown_name(const char *text)
{
    return text ? text : "?";
}

static char *describe_turn(const json_t *turn, const char *repository)
{
    bool granted = text_is(jsonx_str(turn, "state", NULL), "Granted");

    return xasprintf(
        "%s %s/%s %s Repository %s for its maintenance since %s",
        shown_name(jsonx_str(turn, "kind", NULL)), shown_name(jsonx_str(turn, "namespace", NULL)),
        shown_name(jsonx_str(turn, "name", NULL)), granted ? "has" : "waits to have", repository,
        shown_name(jsonx_str(turn, granted ? "grantedAt" : "since", NULL)));
}

/* NULL when it is in no queue. */
static char *describe_queue(const struct draft *draft, const char *repository)
{
    const char *limit = jsonx_str(draft->status, "queue", "limit", NULL);
    AUTO(mem_free) char *place = NULL;

    if (text_is(limit, SLOT_LIMIT_REPOSITORY))
        place = xasprintf("Repository %s", repository);
    else if (text_is(limit, SLOT_LIMIT_NAMESPACE))
        place = xasprintf("namespace %s", jsonx_namespace(draft->object));
    else if (text_is(limit, SLOT_LIMIT_CLUSTER))
        place =
            xstrdup("the cluster, where a quarter of the limit is for namespaces that run none");
    return place ? xasprintf("as many backups as are allowed at a time run in %s; status.queue "
                             "tells this one's place in the queue",
                             place)
                 : NULL;
}

/* What a session that asks waits for: its queue, somebody's maintenance, or an answer that comes in a moment. */
static void wait_for_repository(struct draft *draft, json_t *holder, const char *repository)
{
    const json_t *turn = jsonx_get(draft->world, "repository", "status", "turn", NULL);
    AUTO(mem_free) char *queue = describe_queue(draft, repository);
    AUTO(mem_free) char *message = NULL;
    struct condition condition = {CONDITION_EXECUTOR_READY, "False", NULL, NULL};
    int64_t until;

    if (queue) {
        condition.reason = REASON_WAITING_IN_QUEUE;
        message = TAKE(queue);
    } else if (admission_is_held(draft, turn, draft->object, &until)) {
        condition.reason = REASON_WAITING_FOR_MAINTENANCE;
        message = describe_turn(turn, repository);
    } else {
        condition.reason = REASON_WAITING_FOR_REPOSITORY;
        message = xasprintf("Repository %s has yet to admit the session", repository);
    }
    condition.message = message;
    draft_condition(draft, holder, &condition);
}

bool admission_ask(struct draft *draft, const struct executor *executor)
{
    json_auto_t *ref = plan_repository_ref(executor->invoker);
    json_auto_t *session = draft_object_with(draft, draft->status);

    if (!ref || plan_is_at_work(session))
        return true;
    AUTO(mem_free)
    char *name =
        xasprintf("%s/%s", jsonx_str(ref, "namespace", NULL), jsonx_str(ref, "name", NULL));
    wait_for_repository(draft, executor->holder, name);
    draft_enqueue(draft, "Repository", jsonx_str(ref, "namespace", NULL),
                  jsonx_str(ref, "name", NULL));
    return false;
}

void admission_give_back(const struct draft *draft)
{
    json_auto_t *session = draft_object_with(draft, draft->status);

    if (session_is_started(session))
        return;
    json_object_del(draft->status, "admittedAt");
    json_object_del(draft->status, "queue");
}

#include "condition_types.h"
#include "requirements.h"
#include "rollout_view.h"
#include "session.h"
#include "stash/jsonx.h"
#include "stash/kinds.h"
#include "stash/protocol.h"

/* While a session is at work in pods that are to be restarted, in case nothing tells of its end. */
#define SESSION_RECHECK 60

/* A session that began in these pods under an older version, or restores into them. */
static const json_t *find_at_work(const struct draft *draft)
{
    const json_t *sessions = jsonx_get(draft->world, "sessions", NULL);
    size_t i;
    json_t *session;

    json_array_foreach (jsonx_unconst(sessions), i, session) {
        if (session_is_started(session) && !session_is_final(session))
            return session;
    }
    return NULL;
}

/* What becomes of them, in the words of SidecarOutdated. */
struct outlook {
    const char *reason;
    char *text; /* owned */
    bool restart;
};

static struct outlook outlook_of(struct draft *draft, const struct rollout_view *view)
{
    const json_t *session = find_at_work(draft);
    const char *why = rollout_view_obstacle(view);
    enum kind kind = kind_by_name(jsonx_str(view->workload, "kind", NULL));

    if (why)
        return (struct outlook){"RestartImpossible", xstrdup(why), false};
    if (view->outdated == view->outdated_held)
        return (struct outlook){"RestartImpossible",
                                xstrdup("the pods below the partition of the workload's "
                                        "updateStrategy stay as they are"),
                                false};
    if (rollout_view_is_rolling(view->workload) || rollout_is_recent(draft, view->renewed)) {
        draft_requeue(draft, ROLLOUT_RECHECK);
        return (struct outlook){
            "RestartPending",
            view->stubborn_old
                ? xasprintf("pod %s was made after their restart: is the webhook of this version? "
                            "They are restarted again ten minutes after the last time",
                            jsonx_name(view->stubborn_old))
                : xstrdup("the rolling restart is under way"),
            false};
    }
    if (jsonx_bool(draft->world, false, "config", "holdSidecarRestarts", NULL))
        return (struct outlook){
            "RestartHeld",
            xasprintf("the reconciler's flag --hold-sidecar-restarts leaves the restart to you: "
                      "kubectl -n %s rollout restart %s/%s",
                      jsonx_namespace(view->workload), kind_resource(kind)->plural,
                      jsonx_name(view->workload)),
            false};
    if (session) {
        draft_requeue(draft, SESSION_RECHECK);
        return (struct outlook){
            "RestartPending",
            xasprintf("they are restarted when session %s has ended", jsonx_name(session)), false};
    }
    return (struct outlook){"RestartPending", xstrdup("the rolling restart is under way"), true};
}

static void set_outdated(const struct draft *draft, const char *status, const char *reason,
                         const char *message)
{
    draft_condition(draft, draft->status,
                    &(struct condition){CONDITION_SIDECAR_OUTDATED, status, reason, message});
}

static void restart_outdated(struct draft *draft, size_t index, const struct rollout_view *view,
                             const char *whose)
{
    json_t *action = rollout_action(draft, requirements_target(draft, index), view, NULL);
    AUTO(mem_free) char *failed = xasprintf("%s; their restart failed: ${error}", whose);

    draft_on_failure(
        draft, action,
        &(struct condition){CONDITION_SIDECAR_OUTDATED, "True", "RestartFailed", failed});
    draft_requeue(draft, ROLLOUT_RECHECK);
}

/* The pods are what they should be; their agents may not be. */
void rollout_check_outdated(struct draft *draft, size_t index, const struct rollout_view *view)
{
    if (view->outdated == 0) {
        if (condition_is_true(jsonx_get(draft->status, "conditions", NULL),
                              CONDITION_SIDECAR_OUTDATED))
            set_outdated(draft, "False", "SidecarsCurrent", "sessions can begin in every pod");
        return;
    }
    struct outlook outlook = outlook_of(draft, view);
    AUTO(mem_free)
    char *whose = xasprintf("no session begins in %zu of the workload's pods, %s among them: their "
                            "sidecars are of an older version (protocol %d, %d is needed)",
                            view->outdated, jsonx_name(view->old), protocol_of(view->old),
                            AGENT_PROTOCOL_MINIMUM);
    AUTO(mem_free) char *message = xasprintf("%s; %s", whose, outlook.text);

    if (outlook.restart)
        restart_outdated(draft, index, view, whose);
    set_outdated(draft, "True", outlook.reason, message);
    free(outlook.text);
}

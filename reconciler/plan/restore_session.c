#include <string.h>

#include "admission.h"
#include "condition_types.h"
#include "draft.h"
#include "grants.h"
#include "invoker.h"
#include "requirements.h"
#include "rollout.h"
#include "session.h"
#include "session_events.h"
#include "session_finish.h"
#include "session_hosts.h"
#include "session_sidecar.h"
#include "stash/jsonx.h"
#include "stash/names.h"
#include "stash/plan.h"

/* While something is missing, look again: not everything that may appear is watched (Secrets are not). */
#define WAITING_SECONDS 60 /* at most: somebody waits for his data */

/* ---- the way back ------------------------------------------------------------------------------------------------- */

/* A workload that was restored is not restarted only because its RestoreSession is tidied away. */
static bool remove_executor(struct draft *draft)
{
    if (invoker_count(draft->object) > 0 && invoker_is_sidecar(draft->object, 0) &&
        !session_is_final(draft->object))
        rollout_remove(draft, 0);
    return grants_remove(draft);
}

static void plan_removal(struct draft *draft)
{
    if (remove_executor(draft))
        draft_finalizer(draft, FINALIZER_INVOKER, false);
    draft_go_on(draft);
    draft_enqueue_repository(draft);
}

/* ---- the way forth ------------------------------------------------------------------------------------------------ */

static void initiate_target(struct draft *draft, const struct executor *executor)
{
    session_name_hosts(draft, executor);
}

static struct executor executor_of(const struct draft *draft)
{
    return (struct executor){
        .invoker = draft->object,
        .index = 0,
        .holder = draft->status,
        .ensured = CONDITION_RESTORE_EXECUTOR_ENSURED,
        .ok_reason = "SuccessfullyEnsuredRestoreExecutor",
        .bad_reason = "FailedToEnsureRestoreExecutor",
    };
}

static void run_target(struct draft *draft)
{
    const struct executor executor = executor_of(draft);
    bool ensured =
        condition_is_true(jsonx_get(draft->status, "conditions", NULL), executor.ensured);

    if (invoker_is_sidecar(draft->object, 0))
        session_run_init(draft, &executor, initiate_target);
    else if (ensured)
        session_watch_jobs(draft, &executor);
    else
        session_start_jobs(draft, &executor, initiate_target);
}

/* Each host without a rule succeeds, since others may have one: when none has, nothing is restored, and that is no success. */
static void refuse_rules_for_nobody(const struct draft *draft)
{
    const struct executor executor = executor_of(draft);
    AUTO(mem_free) char *message = NULL;

    if (session_restores_nobody(draft, &executor, &message))
        session_ensured(draft, &executor, message);
}

/* Whether only the metrics are missing to a final phase. */
static bool is_done(const struct draft *draft)
{
    json_auto_t *status = json_deep_copy(draft->status);

    draft_condition(draft, status, &(struct condition){CONDITION_METRICS_PUSHED, "True", "", ""});
    json_auto_t *session = draft_object_with(draft, status);
    json_object_set_new(jsonx_own(session, "status"), "phase",
                        json_string(phase_restore_session(session)));
    return session_is_final(session);
}

/* Until it has started, all that it needs is looked at again and again: nobody asks for a restore twice. */
static bool can_run(struct draft *draft)
{
    bool complete, ready, refused;

    if (session_is_started(draft->object)) {
        if (jsonx_str(draft->world, "causes", NULL)) /* consent was taken back, perhaps */
            grants_withdraw_unready(draft);
        return true;
    }
    ready = complete = requirements_check(draft);
    if (invoker_count(draft->object) > 0)
        ready = requirements_targets(draft, CONDITION_RESTORE_TARGET_FOUND) && ready;
    requirements_advise(draft);
    if (ready && invoker_count(draft->object) > 0)
        return true;
    admission_give_back(draft);
    grants_withdraw_unready(draft);
    refused = complete && rollout_try_first(draft);
    if (!refused)
        draft_requeue_waiting(draft, WAITING_SECONDS);
    return false;
}

static void exceed_deadline(struct draft *draft)
{
    const struct executor executor = executor_of(draft);
    AUTO(mem_free)
    char *message = xasprintf("the session did not end before its deadline %s",
                              jsonx_str(draft->status, "sessionDeadline", NULL));

    draft_condition(draft, draft->status,
                    &(struct condition){CONDITION_DEADLINE_EXCEEDED, "True",
                                        "FailedToCompleteWithinDeadline", message});
    if (session_is_started(draft->object) && !invoker_is_sidecar(draft->object, 0))
        session_fail_hosts(draft, &executor, message);
    session_kill_jobs(draft);
}

/* Hosts that reported had their init container, however far the restart has come since. */
static void confirm_injection(const struct draft *draft)
{
    if (invoker_is_sidecar(draft->object, 0) &&
        jsonx_find(jsonx_get(draft->status, "stats", NULL), "phase", "Succeeded") >= 0)
        draft_condition(draft, draft->status,
                        &(struct condition){CONDITION_INIT_CONTAINER_INJECTED, "True",
                                            "InitContainerInjectionSucceeded",
                                            "the init container has run"});
}

static void run_session(struct draft *draft)
{
    if (session_deadline(draft, draft->object)) {
        exceed_deadline(draft);
        session_finish(draft, draft->object);
        return;
    }
    if (!can_run(draft))
        return;
    refuse_rules_for_nobody(draft);
    if (!is_done(draft))
        run_target(draft);
    if (!is_done(draft))
        return;
    if (condition_is_false(jsonx_get(draft->status, "conditions", NULL),
                           CONDITION_EXECUTOR_READY)) {
        draft_flush(draft); /* the reason first: without its Job nobody could tell it */
        session_kill_jobs(draft);
    }
    confirm_injection(draft);
    session_finish(draft, draft->object);
}

json_t *plan_restore_session(const json_t *world)
{
    AUTO(draft_done) struct draft draft;

    draft_init(&draft, world, phase_restore_session);
    if (!invoker_is_named(draft.object))
        return draft_discard(&draft);
    if (jsonx_get(draft.object, "metadata", "deletionTimestamp", NULL)) {
        plan_removal(&draft);
        return draft_discard(&draft);
    }
    if (session_is_final(draft.object)) {
        draft.phase_of = NULL;
        grants_withdraw(&draft, GRANTS_ELSEWHERE);
        session_follow_push(&draft, draft.object);
        session_clear_jobs(&draft);
        return draft_take(&draft);
    }
    draft_finalizer(&draft, FINALIZER_INVOKER, true);
    run_session(&draft);
    draft_flush(&draft);
    session_events(&draft);
    if (draft_has_actions(&draft))
        draft_enqueue_repository(&draft);
    return draft_take(&draft);
}

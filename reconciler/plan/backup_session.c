#include <string.h>

#include "admission.h"
#include "condition_types.h"
#include "history.h"
#include "invoker.h"
#include "retry.h"
#include "session.h"
#include "session_events.h"
#include "session_finish.h"
#include "session_hosts.h"
#include "session_sidecar.h"
#include "stash/jsonx.h"
#include "stash/plan.h"
#include "stash/text.h"
#include "target_row.h"

/* An invoker that was just written has no phase yet; its sessions give it this long. */
#define INVOKER_LAG_SECONDS 30
/* A session that waits for another is looked at when that one ends, and now and then in case that was missed. */
#define QUEUE_RECHECK_SECONDS    30
#define REASON_WAITING_FOR_OTHER "WaitingForOtherSession"

/* ---- whether to run at all ---------------------------------------------------------------------------------------- */

static const char *phase_of_invoker(const json_t *invoker)
{
    const char *phase = jsonx_str(invoker, "status", "phase", NULL);

    return phase ? phase : "";
}

/* An unfinished session of the same invoker that was there first, or NULL. */
static const json_t *sibling_ahead(const struct draft *draft)
{
    size_t i;
    json_t *other;

    json_array_foreach (jsonx_get(draft->world, "sessions", NULL), i, other) {
        if (text_is(jsonx_name(other), jsonx_name(draft->object)) || session_is_final(other) ||
            jsonx_get(other, "metadata", "deletionTimestamp", NULL))
            continue;
        if (session_is_started(other) || session_is_older(other, draft->object))
            return other;
    }
    return NULL;
}

/* Why this session is not to run, NULL when it is. The caller frees it. */
static char *skip_reason(const struct draft *draft, const json_t *invoker)
{
    const json_t *sibling = sibling_ahead(draft);
    const char *phase = phase_of_invoker(invoker);

    if (!invoker)
        return xasprintf("%s %s not found",
                         jsonx_str(draft->object, "spec", "invoker", "kind", NULL),
                         jsonx_str(draft->object, "spec", "invoker", "name", NULL));
    if (invoker_count(invoker) == 0)
        return xstrdup("the invoker has no target");
    if (strcmp(phase, "Ready") != 0)
        return xasprintf("%s %s is not ready: its phase is \"%s\"",
                         jsonx_str(invoker, "kind", NULL), jsonx_name(invoker), phase);
    if (sibling)
        return xasprintf("BackupSession %s of the same invoker is not finished",
                         jsonx_name(sibling));
    return NULL;
}

static bool is_invoker_new(const struct draft *draft, const json_t *invoker)
{
    return invoker && !*phase_of_invoker(invoker) &&
           draft->now - session_created(draft->object) < INVOKER_LAG_SECONDS;
}

static bool skip_session(struct draft *draft, const json_t *invoker)
{
    AUTO(mem_free) char *reason = NULL;

    if (session_is_started(draft->object))
        return false;
    if (is_invoker_new(draft, invoker)) {
        draft_requeue(draft, 2);
        return true;
    }
    reason = skip_reason(draft, invoker);
    if (!reason)
        return false;
    draft_condition(
        draft, draft->status,
        &(struct condition){CONDITION_BACKUP_SKIPPED, "True", "SkippedTakingNewBackup", reason});
    session_set_duration(draft);
    return true;
}

/* ---- who goes first ----------------------------------------------------------------------------------------------- */

/* Whether a session waits for something else than those ahead of it: it must not hold up those behind it. */
static bool is_held_up(const json_t *session)
{
    size_t i;
    json_t *row;

    json_array_foreach (jsonx_get(session, "status", "targets", NULL), i, row) {
        const json_t *ready =
            condition_find(jsonx_get(row, "conditions", NULL), CONDITION_EXECUTOR_READY);
        const char *status = jsonx_str(ready, "status", NULL);
        const char *reason = jsonx_str(ready, "reason", NULL);

        if (text_is(status, "False") && reason && !text_is(reason, REASON_WAITING_FOR_OTHER) &&
            !text_is(reason, REASON_WAITING_FOR_REPOSITORY))
            return true;
    }
    return false;
}

/* Both may begin: the one that was admitted first does. */
static bool is_admitted_before(const json_t *rival, const json_t *session)
{
    int64_t own = admission_time(session);
    int64_t other = admission_time(rival);

    return other && (!own || other < own || (other == own && session_is_older(rival, session)));
}

/* Of all that have the same target, one runs: the one that runs already or may, else the oldest. */
static const json_t *rival_ahead(const struct draft *draft)
{
    bool admitted = admission_time(draft->object) != 0;
    size_t i;
    json_t *rival;

    json_array_foreach (jsonx_get(draft->world, "rivals", NULL), i, rival) {
        if (session_is_final(rival) || jsonx_get(rival, "metadata", "deletionTimestamp", NULL))
            continue;
        if (session_is_started(rival) || is_admitted_before(rival, draft->object) ||
            (!admitted && !is_held_up(rival) && session_is_older(rival, draft->object)))
            return rival;
    }
    return NULL;
}

static bool queue_session(struct draft *draft, const json_t *invoker)
{
    const json_t *rival = rival_ahead(draft);

    if (session_is_started(draft->object) || !rival)
        return false;
    AUTO(mem_free)
    char *message = xasprintf("BackupSession %s/%s, which has the same target, goes first",
                              jsonx_namespace(rival), jsonx_name(rival));
    for (size_t i = 0; i < invoker_count(invoker); i++)
        draft_condition(draft, target_row_own(draft->status, invoker, i),
                        &(struct condition){CONDITION_EXECUTOR_READY, "False",
                                            REASON_WAITING_FOR_OTHER, message});
    admission_give_back(draft);
    draft_requeue(draft, QUEUE_RECHECK_SECONDS);
    return true;
}

static void wake_rivals(struct draft *draft)
{
    size_t i;
    json_t *rival;

    json_array_foreach (jsonx_get(draft->world, "rivals", NULL), i, rival)
        draft_enqueue(draft, "BackupSession", jsonx_namespace(rival), jsonx_name(rival));
}

/* ---- the targets -------------------------------------------------------------------------------------------------- */

/* The first target prepares the backend; the last one cleans it up, when it is the last of its hosts. */
static void initiate_target(struct draft *draft, const struct executor *executor)
{
    json_t *row = executor->holder;

    if (jsonx_get(row, "totalHosts", NULL))
        return;
    session_name_hosts(draft, executor);
    if (executor->index == 0)
        json_object_set_new(row, "preBackupActions",
                            json_pack("[s]", "InitializeBackendRepository"));
    if (executor->index + 1 == invoker_count(executor->invoker))
        json_object_set_new(row, "postBackupActions",
                            json_pack("[s, s, s]", "ApplyRetentionPolicy",
                                      "VerifyRepositoryIntegrity", "SendRepositoryMetrics"));
}

static struct executor executor_of(struct draft *draft, const json_t *invoker, size_t index)
{
    return (struct executor){
        .invoker = invoker,
        .index = index,
        .holder = target_row_own(draft->status, invoker, index),
        .ensured = CONDITION_BACKUP_EXECUTOR_ENSURED,
        .ok_reason = "SuccessfullyEnsuredBackupExecutor",
        .bad_reason = "FailedToEnsureBackupExecutor",
    };
}

static bool is_done(const json_t *row)
{
    const char *phase = phase_backup_target(row);

    return strcmp(phase, "Succeeded") == 0 || strcmp(phase, "Failed") == 0;
}

static void run_target(struct draft *draft, const json_t *invoker, size_t index)
{
    struct executor executor = executor_of(draft, invoker, index);
    bool ensured =
        condition_is_true(jsonx_get(executor.holder, "conditions", NULL), executor.ensured);

    if (is_done(executor.holder))
        return;
    if (invoker_is_sidecar(invoker, index))
        session_run_sidecar(draft, &executor, initiate_target);
    else if (ensured)
        session_watch_jobs(draft, &executor);
    else
        session_start_jobs(draft, &executor, initiate_target);
}

/* Whether all targets are done. A target that failed while it waited must not come to life later: its Job goes. */
static bool run_targets(struct draft *draft, const json_t *invoker)
{
    bool done = true;
    bool waited = false;

    for (size_t i = 0; i < invoker_count(invoker); i++) {
        run_target(draft, invoker, i);
        const json_t *row = target_row_own(draft->status, invoker, i);
        done = done && is_done(row);
        waited = waited ||
                 condition_is_false(jsonx_get(row, "conditions", NULL), CONDITION_EXECUTOR_READY);
    }
    if (done && waited) {
        draft_flush(draft); /* the reason first: without its Job nobody could tell it */
        session_kill_jobs(draft);
    }
    return done;
}

/* It has asked, and its Repository wakes it: until then nothing else about it matters. True: it waits. */
static bool wait_for_admission(struct draft *draft, const json_t *invoker)
{
    if (!plan_awaits_admission(draft->object) ||
        !json_is_object(jsonx_get(draft->world, "repository", NULL)))
        return false;
    for (size_t i = 0; i < invoker_count(invoker); i++) {
        struct executor executor = executor_of(draft, invoker, i);

        if (admission_is_asked_in(executor.holder))
            admission_ask(draft, &executor);
    }
    return true;
}

/* ---- the session -------------------------------------------------------------------------------------------------- */

static void exceed_deadline(struct draft *draft, const json_t *invoker)
{
    const char *deadline = jsonx_str(draft->status, "sessionDeadline", NULL);
    AUTO(mem_free)
    char *message = xasprintf("the session did not end before its deadline %s", deadline);

    draft_condition(draft, draft->status,
                    &(struct condition){CONDITION_DEADLINE_EXCEEDED, "True",
                                        "FailedToCompleteWithinDeadline", message});
    for (size_t i = 0; i < invoker_count(invoker); i++) {
        const struct executor executor = executor_of(draft, invoker, i);

        if (jsonx_get(executor.holder, "totalHosts", NULL) && !invoker_is_sidecar(invoker, i))
            session_fail_hosts(draft, &executor, message);
    }
    session_kill_jobs(draft);
}

static void end_session(struct draft *draft, const json_t *invoker)
{
    session_finish(draft, invoker);
    wake_rivals(draft);
}

/* Nobody says any more what is to be backed up, and nobody else would ever look at the session again. */
static void end_without_invoker(struct draft *draft)
{
    AUTO(mem_free)
    char *message =
        xasprintf("%s %s is gone", jsonx_str(draft->object, "spec", "invoker", "kind", NULL),
                  jsonx_str(draft->object, "spec", "invoker", "name", NULL));
    size_t i;
    json_t *row;

    session_kill_jobs(draft);
    json_array_foreach (json_object_get(draft->status, "targets"), i, row) {
        if (!is_done(row))
            draft_condition(draft, row,
                            &(struct condition){CONDITION_BACKUP_DISRUPTED, "True",
                                                "FailedToCompleteDueToDisruption", message});
    }
    session_set_duration(draft);
    draft_condition(
        draft, draft->status,
        &(struct condition){CONDITION_METRICS_PUSHED, "False", "FailedToPushMetrics", message});
}

static void run_session(struct draft *draft, const json_t *invoker)
{
    if (skip_session(draft, invoker))
        return;
    if (!invoker) {
        end_without_invoker(draft);
        return;
    }
    if (session_deadline(draft, invoker)) {
        exceed_deadline(draft, invoker);
        end_session(draft, invoker);
        return;
    }
    if (queue_session(draft, invoker) || wait_for_admission(draft, invoker))
        return;
    if (run_targets(draft, invoker))
        end_session(draft, invoker);
}

/* What a final session leaves to do. Its phase stays, whoever set it. */
static void settle_session(struct draft *draft, const json_t *invoker)
{
    draft->phase_of = NULL;
    draft->settle = NULL;
    if (!invoker)
        return;
    session_follow_push(draft, invoker);
    session_clear_jobs(draft);
    draft_flush(draft); /* history may remove the session itself */
    retry_plan(draft, invoker);
    history_clean(draft, invoker, draft->object);
}

json_t *plan_backup_session(const json_t *world)
{
    AUTO(draft_done) struct draft draft;
    const json_t *invoker = jsonx_get(world, "invoker", NULL);

    if (!invoker_is_named(invoker))
        invoker = NULL;
    draft_init(&draft, world, phase_backup_session);
    draft.settle = target_row_settle;
    if (!invoker_is_named(draft.object) ||
        jsonx_get(draft.object, "metadata", "deletionTimestamp", NULL))
        return draft_discard(&draft);
    if (session_is_final(draft.object))
        settle_session(&draft, invoker);
    else
        run_session(&draft, invoker);
    draft_flush(&draft);
    session_events(&draft);
    return draft_take(&draft);
}

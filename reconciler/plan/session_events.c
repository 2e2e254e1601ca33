#include "session_events.h"

#include "admission.h"
#include "condition_types.h"
#include "invoker.h"
#include "session.h"
#include "stash/conditions.h"
#include "stash/jsonx.h"
#include "stash/text.h"

static void tell_event(struct draft *draft, const char *reason, const char *message, bool warning)
{
    draft_add_event(draft, &(struct draft_event){reason, message,
                                                 invoker_is_restore(draft->object)
                                                     ? "RestoreSession Controller"
                                                     : "BackupSession Controller",
                                                 warning});
}

/* ---- the phase ---------------------------------------------------------------------------------- */

/* What a status says against success: the first host that failed, or the first condition. NULL: nothing. */
static const char *failure_in(const json_t *status)
{
    static const char *const bad_when_true[] = {CONDITION_DEADLINE_EXCEEDED,
                                                CONDITION_BACKUP_DISRUPTED};
    const json_t *stats = jsonx_get(status, "stats", NULL);
    const json_t *conditions = jsonx_get(status, "conditions", NULL);
    ptrdiff_t failed = jsonx_find(stats, "phase", "Failed");
    size_t i;
    json_t *condition;

    if (failed >= 0)
        return jsonx_str(json_array_get(stats, (size_t)failed), "error", NULL);
    for (i = 0; i < ARRAY_LEN(bad_when_true); i++)
        if (condition_is_true(conditions, bad_when_true[i]))
            return jsonx_str(condition_find(conditions, bad_when_true[i]), "message", NULL);
    json_array_foreach (jsonx_unconst(conditions), i, condition)
        if (text_is(jsonx_str(condition, "status", NULL), "False") &&
            !text_is(jsonx_str(condition, "type", NULL), CONDITION_METRICS_PUSHED) &&
            !text_is(jsonx_str(condition, "type", NULL), CONDITION_EXECUTOR_READY))
            return jsonx_str(condition, "message", NULL);
    return NULL;
}

static const char *failure_of(const json_t *status)
{
    const char *failure = NULL;
    size_t i;
    json_t *row;

    json_array_foreach (jsonx_get(status, "targets", NULL), i, row)
        if (!failure)
            failure = failure_in(row);
    if (!failure)
        failure = failure_in(status);
    return failure ? failure : "its status says why";
}

static const char *skipped_why(const json_t *status)
{
    const json_t *skipped =
        condition_find(jsonx_get(status, "conditions", NULL), CONDITION_BACKUP_SKIPPED);

    return jsonx_str(skipped, "message", NULL);
}

static void tell_phase(struct draft *draft)
{
    const char *phase = jsonx_str(draft->status, "phase", NULL);
    const char *duration = jsonx_str(draft->status, "sessionDuration", NULL);
    bool restore = invoker_is_restore(draft->object);

    if (!phase || text_is(phase, jsonx_str(draft->object, "status", "phase", NULL)))
        return;
    if (text_is(phase, "Running")) {
        tell_event(draft, restore ? "RestoreStarted" : "BackupStarted", "the session has begun",
                   false);
    } else if (text_is(phase, "Succeeded")) {
        AUTO(mem_free) char *message = xasprintf("it took %s", duration ? duration : "a moment");
        tell_event(draft, restore ? "RestoreSucceeded" : "BackupSucceeded", message, false);
    } else if (text_is(phase, "Failed")) {
        tell_event(draft, restore ? "RestoreFailed" : "BackupFailed", failure_of(draft->status),
                   true);
    } else if (text_is(phase, "Skipped")) {
        tell_event(draft, "BackupSkipped", skipped_why(draft->status), true);
    }
}

/* ---- what it waits for --------------------------------------------------------------------------- */

static const char *wait_reason(const json_t *holder, const char **ret_message)
{
    const json_t *ready =
        condition_find(jsonx_get(holder, "conditions", NULL), CONDITION_EXECUTOR_READY);

    *ret_message = jsonx_str(ready, "message", NULL);
    return text_is(jsonx_str(ready, "status", NULL), "False") ? jsonx_str(ready, "reason", NULL)
                                                              : NULL;
}

/* Every session passes through these, in a moment. */
static bool is_usual(const char *reason)
{
    return text_is(reason, REASON_WAITING_FOR_REPOSITORY) || text_is(reason, REASON_CREATING);
}

/* The same reason is told once, however its sentence changes. */
static void tell_wait(struct draft *draft, const json_t *before, const json_t *now)
{
    const char *message, *old_message;
    const char *reason = wait_reason(now, &message);
    const char *old_reason = wait_reason(before, &old_message);

    if (reason && message && !is_usual(reason) && !text_is(reason, old_reason))
        tell_event(draft, reason, message, false);
}

void session_events(struct draft *draft)
{
    const json_t *stored = jsonx_get(draft->object, "status", NULL);
    const json_t *rows = jsonx_get(stored, "targets", NULL);
    size_t i;
    json_t *row;

    tell_wait(draft, stored, draft->status);
    json_array_foreach (jsonx_get(draft->status, "targets", NULL), i, row)
        tell_wait(draft, json_array_get(rows, i), row);
    tell_phase(draft);
}

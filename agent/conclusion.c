#include "conclusion.h"

#include <stdarg.h>
#include <stdio.h>

#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/log.h"

static const struct conclusion_row {
    const char *action, *type, *reason_true, *reason_false;
} conclusion_rows[CONCLUSIONS] = {
    {"ApplyRetentionPolicy", CONDITION_RETENTION, CONCLUSION_RETENTION_DONE,
     "FailedToApplyRetentionPolicy"},
    {"VerifyRepositoryIntegrity", CONDITION_INTEGRITY, "SuccessfullyVerifiedRepositoryIntegrity",
     "FailedToVerifyRepositoryIntegrity"},
    {"SendRepositoryMetrics", CONDITION_METRICS_PUSHED, "SuccessfullyPushedRepositoryMetrics",
     "FailedToPushRepositoryMetrics"},
};

static bool is_due(const struct session *session, const struct conclusion_row *row)
{
    const json_t *conditions = jsonx_get(session->object, "status", "conditions", NULL);

    return !condition_find(conditions, row->type) &&
           session_has_action(session->object, session->ref, "postBackupActions", row->action);
}

bool conclusion_is_due(const struct session *session)
{
    for (size_t i = 0; i < CONCLUSIONS; i++)
        if (is_due(session, &conclusion_rows[i]))
            return true;
    return false;
}

void conclusion_set(struct conclusions *conclusions, enum conclusion_action action,
                    const char *status, const char *reason, const char *fmt, ...)
{
    va_list args;

    conclusions->of[action].status = status;
    conclusions->of[action].reason = reason;
    va_start(args, fmt);
    vsnprintf(conclusions->of[action].message, sizeof(conclusions->of[action].message), fmt, args);
    va_end(args);
}

void conclusion_done(struct conclusions *conclusions, enum conclusion_action action,
                     const char *message)
{
    conclusion_set(conclusions, action, "True", conclusion_rows[action].reason_true, "%s", message);
}

void conclusion_failed(struct conclusions *conclusions, enum conclusion_action action,
                       const struct error *why)
{
    conclusion_set(conclusions, action, "False", conclusion_rows[action].reason_false, "%s",
                   why->msg);
    log_warn("maintenance failed", "action", conclusion_rows[action].action, "error", why->msg);
}

bool conclusion_refused(struct conclusions *conclusions, const struct error *why)
{
    if (why->code != RESTIC_REMOVAL_REFUSED)
        return false;
    conclusion_set(
        conclusions, CONCLUSION_RETENTION, "Unknown", "RemovalRefused",
        "%s. What was backed up is stored. If the storage is meant to keep everything "
        "(append-only, object lock), take the rules out of retentionPolicy; if not, give "
        "the key in the storage Secret the right to delete",
        why->msg);
    return true;
}

struct conclusion_edit {
    const struct conclusions *conclusions;
    const struct session *session;
};

static bool edit_conclusions(void *ctx, json_t *object)
{
    const struct conclusion_edit *edit = ctx;
    bool changed = false;

    for (size_t i = 0; i < CONCLUSIONS; i++) {
        const struct condition condition = {
            conclusion_rows[i].type, edit->conclusions->of[i].status,
            edit->conclusions->of[i].reason, edit->conclusions->of[i].message};

        if (condition.status && is_due(edit->session, &conclusion_rows[i]))
            changed = condition_edit(object, &condition, clock_now()) || changed;
    }
    return changed;
}

int conclusion_store(const struct conclusions *conclusions, struct session *session,
                     struct error *err)
{
    struct conclusion_edit edit = {conclusions, session};

    return session_update(session, edit_conclusions, &edit, err);
}

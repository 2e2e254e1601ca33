/*
 * conclusion.h - what a session is told of its Repository's maintenance: one condition for each action.
 */
#ifndef STASH_AGENT_CONCLUSION_H
#define STASH_AGENT_CONCLUSION_H

#include "session.h"

enum conclusion_action {
    CONCLUSION_RETENTION,
    CONCLUSION_INTEGRITY,
    CONCLUSION_METRICS,
    CONCLUSIONS,
};

#define CONCLUSION_RETENTION_DONE "SuccessfullyAppliedRetentionPolicy"

/** Zeroed memory concludes nothing. */
struct conclusions {
    struct {
        const char *status; /* NULL: nothing was concluded */
        const char *reason;
        char message[LIMIT_STATUS_TEXT];
    } of[CONCLUSIONS];
};

/** Whether some action is still to be done in this session. */
bool conclusion_is_due(const struct session *session);

void conclusion_set(struct conclusions *conclusions, enum conclusion_action action,
                    const char *status, const char *reason, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
void conclusion_done(struct conclusions *conclusions, enum conclusion_action action,
                     const char *message);
void conclusion_failed(struct conclusions *conclusions, enum conclusion_action action,
                       const struct error *why);
/** Whether it is only that the storage keeps what retention removes: a choice, and no failure of the backup that it holds. */
bool conclusion_refused(struct conclusions *conclusions, const struct error *why);

/** Put the conditions of the actions that were due into the session. */
int conclusion_store(const struct conclusions *conclusions, struct session *session,
                     struct error *err);

#endif

/*
 * admission.h - sessions and their Repository: who may work there, and who is held until maintenance is over.
 *
 * A session asks when all else that it needs is there, by the reason of its ExecutorReady; the Repository's key answers
 * with status.admittedAt. All answers of a Repository come from that one key, as its turns do: so nobody begins while
 * another has the Repository for itself.
 */
#ifndef STASH_PLAN_ADMISSION_H
#define STASH_PLAN_ADMISSION_H

#include <stdbool.h>
#include <stdint.h>

#include "session.h"

/** Reasons of ExecutorReady=False. The first goes by itself in a moment. */
#define REASON_WAITING_FOR_REPOSITORY  "WaitingForRepository"
#define REASON_WAITING_FOR_MAINTENANCE "WaitingForMaintenance"
#define REASON_WAITING_IN_QUEUE        "WaitingInQueue"

/** The session's side: whether it may begin. If not yet, ExecutorReady says why, and the Repository is looked at. */
bool admission_ask(struct draft *draft, const struct executor *executor);

/** The session waits for something else again. One that has not begun must not keep others waiting. */
void admission_give_back(const struct draft *draft);

/** The Repository's side: whether a session asks. */
bool admission_is_asked(const json_t *session);

/** The same of one target's row, or of a RestoreSession's status. */
bool admission_is_asked_in(const json_t *holder);

/** Since when it may work, 0 when it may not (yet). */
int64_t admission_time(const json_t *session);

/** Whether it asks and may be made to wait: a backup that has not begun. */
bool admission_is_limited(const json_t *session);

/**
 * Whether the Repository's status.turn holds new sessions of the kind of `session`. `ret_until` is when that ends by
 * itself, 0 when it does not.
 */
bool admission_is_held(const struct draft *draft, const json_t *turn, const json_t *session,
                       int64_t *ret_until);

#endif

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

/** The session's side: whether it may begin. If not yet, ExecutorReady says why, and the Repository is looked at. */
bool admission_ask(struct draft *draft, const struct executor *executor);

/** Something else stands in the way again: a session that has not begun must not keep others waiting. */
void admission_give_back(const struct draft *draft);

/** The Repository's side: whether a session asks. */
bool admission_is_asked(const json_t *session);

/** Since when it may work, 0 when it may not (yet). */
int64_t admission_time(const json_t *session);

/** Whether it may be at work in its Repository: admitted or begun, and not at its end. */
bool admission_is_at_work(const json_t *session);

/**
 * Whether the Repository's status.turn holds new sessions of the kind of `session`. `ret_until` is when that ends by
 * itself, 0 when it does not.
 */
bool admission_is_held(const struct draft *draft, const json_t *turn, const json_t *session,
                       int64_t *ret_until);

#endif

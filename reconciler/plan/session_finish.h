/*
 * session_finish.h - the end of a session: history, metrics, the final status; and what is left to do after it.
 */
#ifndef STASH_PLAN_SESSION_FINISH_H
#define STASH_PLAN_SESSION_FINISH_H

#include "draft.h"

/** All targets are done or the deadline has passed: everything that leads to a final phase. */
void session_finish(struct draft *draft, const json_t *invoker);

/** A final session: what became of its metrics; they are pushed again for a while when they could not be pushed. */
void session_follow_push(struct draft *draft, const json_t *invoker);

#endif

/*
 * session_finish.h - the end of a session: history, metrics, the final status; and what is left to do after it.
 */
#ifndef STASH_PLAN_SESSION_FINISH_H
#define STASH_PLAN_SESSION_FINISH_H

#include "draft.h"

/** All targets are done or the deadline has passed: everything that leads to a final phase. */
void session_finish(struct draft *draft, const json_t *invoker);

/** A final session: push metrics that could not be pushed, for a while. */
void session_push_again(struct draft *draft, const json_t *invoker);

#endif

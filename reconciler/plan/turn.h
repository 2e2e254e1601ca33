/*
 * turn.h - the Repository's side of admission and turns: who may work in it, who has it for itself.
 *
 * Maintenance (check, retention, prune) and the removal of dead locks are done by one session at a time, while no other
 * session of ours is at work in the repository. A session asks by status.turn; the Repository's status.turn says whose
 * turn comes next (Draining: those at work finish) or is (Granted). One step at a time, so that a crash between any two
 * writes leaves something from which the next look goes on.
 */
#ifndef STASH_PLAN_TURN_H
#define STASH_PLAN_TURN_H

#include "draft.h"

/** Plan for a Repository that is here to stay: its status.turn and status.locks, and the status of its sessions. */
void turn_plan(struct draft *draft);

#endif

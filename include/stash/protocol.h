/*
 * protocol.h - what the agent in an injected pod knows how to do, as one number that the pod carries.
 *
 * The image of a pod that runs does not change when the product does, so agents of several versions live in one cluster.
 * The injector writes AGENT_PROTOCOL on each pod; the reconciler begins no session in a pod below AGENT_PROTOCOL_MINIMUM
 * and has it made anew. The number is no part of the injection's hash: a version that only adds to it restarts nobody.
 * Raise AGENT_PROTOCOL with what agents and reconciler agree upon, the minimum when older agents would do harm.
 *
 *   1  pods without the annotation: snapshots without owners, no turns
 *   2  each snapshot names its owner; the repository is checked and thinned out in a turn that the reconciler gives;
 *      executors say in which pod they run before they lock
 *   3  the Repository's Secret is mounted, not read; the reconciler says whose turn it is among the pods of a target, and
 *      no Lease is asked for
 */
#ifndef STASH_PROTOCOL_H
#define STASH_PROTOCOL_H

#include <jansson.h>
#include <stdbool.h>

#define AGENT_PROTOCOL         3
#define AGENT_PROTOCOL_MINIMUM 3

/* From here on a Repository's status.executors says which agents are at work. */
#define PROTOCOL_EXECUTORS_NAMED 2
/* From here on an agent reads the Repository's Secret from a mount. */
#define PROTOCOL_SECRET_MOUNTED 3

/** Of an injected pod's agent; 1 when the pod carries no number. */
int protocol_of(const json_t *pod);

/** Whether its agent is too old to be given work. */
bool protocol_is_outdated(const json_t *pod);

#endif

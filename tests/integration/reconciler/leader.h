/*
 * leader.h - a whole reconciler that leads, against a server that keeps objects: one for each test.
 */
#ifndef TEST_LEADER_H
#define TEST_LEADER_H

#include "fake.h"

extern struct fake *leader_fake;
extern struct kube *leader_client; /* a client beside the reconciler's own: users, agents */

/** Start the server with the objects of a script of scripts/, and let the reconciler lead. */
void leader_begin(const char *script);
void leader_end(void);

#endif

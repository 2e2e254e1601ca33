/*
 * leader.h - a whole reconciler that leads, against a server that keeps objects: one for each test.
 */
#ifndef TEST_LEADER_H
#define TEST_LEADER_H

#include "fake.h"
#include "stash/reconciler.h"

extern struct fake *leader_fake;
extern struct kube *leader_client; /* a client beside the reconciler's own: users, agents */

/** Start the server with the objects of a script of scripts/, and let the reconciler lead. */
void leader_begin(const char *script);
/** The same with another configuration, which must outlive it. */
void leader_begin_with(const char *script, const struct reconciler_config *config);
extern const struct reconciler_config leader_config; /* without limits for sessions */
void leader_end(void);

/** It ends, gives its lease back, and another one, with this configuration, leads in its place; or first one and then the
 *  other, with time between them in which nobody leads. */
void leader_change(const struct reconciler_config *config);
void leader_leave(void);
void leader_return(const struct reconciler_config *config);

/** The sample of its metrics that begins so; 0 when there is none. */
unsigned long leader_metric(const char *sample);

#endif

/*
 * measure.h - metrics of a session's hosts and of its Repository, pushed to the Pushgateway.
 */
#ifndef STASH_AGENT_MEASURE_H
#define STASH_AGENT_MEASURE_H

#include "session.h"
#include "stash/agent_metrics.h"

bool measure_is_wanted(const struct agent_flags *flags);

/** Push the entries of an array of stats; what cannot be pushed is logged. */
void measure_hosts(const struct session *session, const struct agent_flags *flags,
                   const json_t *stats);

int measure_repository(const struct session *session, const struct agent_flags *flags,
                       const struct metrics_repository *numbers, struct error *err);

#endif

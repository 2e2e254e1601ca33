/*
 * by_hand.h - what the commands of `kubectl stash` beside a repository share: opening it, and lines of JSON as answers.
 */
#ifndef STASH_AGENT_BY_HAND_H
#define STASH_AGENT_BY_HAND_H

#include "restic.h"
#include "stash/agent.h"

/* A repository that the flags and a mounted Secret tell of: nothing is asked of the API server. */
struct opened {
    json_t *secret;
    struct backend backend;
    struct restic restic;
};
void opened_done(struct opened *opened);
DEFINE_AUTO_VALUE(struct opened, opened_done);

int opened_from_mounts(const struct agent_flags *flags, struct opened *ret, struct error *err);

/** A line of the answer, in one piece. */
void answer_print(const json_t *line);

#endif

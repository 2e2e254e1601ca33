/*
 * retention.h - when a retention policy must not be applied.
 */
#ifndef STASH_AGENT_RETENTION_H
#define STASH_AGENT_RETENTION_H

#include "conclusion.h"
#include "stash/holdings.h"

/** What the session's hosts say they stored (`stats`) is looked for among the snapshots that are added from now on. */
void retention_expect(struct holdings *holdings, const json_t *stats);

/** Whether one of these is not there: the storage said yes and kept nothing. The conclusion then says it. */
bool retention_is_bereft(const struct holdings *holdings, struct conclusions *conclusions);

/** Whose snapshots a policy is applied to. All is borrowed. */
struct retention {
    const struct session *session;
    const struct owner *owner;
    const json_t *stats; /* of all hosts of the session */
    bool grouped; /* all paths of a host are one history: a dump may lie in either of two folders */
};

/** `holdings`: what is there. Paths that this session did not store keep a history of their own. */
void retention_init(struct retention *retention, const struct session *session,
                    const struct owner *owner, const json_t *stats,
                    const struct holdings *holdings);

/** The hosts to which a policy is applied: those of `stats` that did not fail. New reference. */
json_t *retention_hosts(const json_t *stats);

/**
 * Whether nothing may be removed now, which the conclusion then says: a restore into the target failed, a snapshot is dated in the
 * future or later than what this session stored, two steps stored the same dump, or the newest of a path is empty and others of it
 * are not.
 */
bool retention_is_held(const struct retention *retention, const struct holdings *holdings,
                       struct conclusions *conclusions);

/**
 * A host that stored two dumps under one path in this session, and the path; NULL: none did. Folders may be named twice:
 * that is the same data. Borrowed.
 */
const json_t *retention_doubled(const struct session *session, const json_t *stats,
                                const char **ret_path);

/** What is said of a host and a path then. */
#define RETENTION_DOUBLED                                                                          \
    "host %s stored %s more than once in this session, and `latest` is only the last of them: "    \
    "give "                                                                                        \
    "each step of the Task a parameter hostname of its own"

#endif

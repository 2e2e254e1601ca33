/*
 * source.h - where a restore takes its data from: what the repository holds, and what the RestoreSession asks for.
 */
#ifndef STASH_AGENT_SOURCE_H
#define STASH_AGENT_SOURCE_H

#include "session.h"
#include "stash/holdings.h"

/** A snapshot that is to be restored. */
struct source_snapshot {
    char id[RESTIC_ID_SIZE];
    char *path;  /* the only one, NULL when it holds several */
    char *paths; /* all of them, a list of quoted.h */
    bool empty;  /* it holds no file: folders at most */
};

/** All snapshots of a restore, in the order in which they are restored. */
struct source {
    struct source_snapshot *items;
    size_t count;
};

void source_done(struct source *source);
DEFINE_AUTO_VALUE(struct source, source_done);

/** What a restore asks for beside what the session says: annotation, cluster, target. */
struct source_wish {
    const char *snapshots;    /* ids, a list of quoted.h; NULL and "": latest */
    const char *host;         /* of "latest"; NULL: of the only host that fits */
    const char *const *paths; /* of "latest", one snapshot each; up to a NULL */
    bool dump;                /* see holdings.h */
};

/**
 * Choose all snapshots, before anything is written. ERR_NOT_FOUND when one is missing or nothing is asked for,
 * ERR_CONFLICT when more than one could be meant: the message says how to choose. That another invoker stores the same
 * becomes a warning of the session.
 */
int source_choose(struct session *session, const struct restic *restic,
                  const struct source_wish *wish, struct source *ret, struct error *err);

/** Of dumps there is one, or what came back would be of several. */
int source_check_one(const struct source *source, struct error *err);

/** Before the first byte is written into the target: the RestoreSession says so, once. */
int source_begin_writing(struct session *session, struct error *err);

#endif

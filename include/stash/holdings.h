/*
 * holdings.h - what a repository holds: its snapshots counted by owner, host and path, and which of them a restore takes.
 *
 * Snapshots are added one by one and only their sums are kept, so memory grows with owners, hosts and paths, not with
 * snapshots. A restore never guesses: where several targets, clusters or hosts fit, the choice fails and names them.
 * Pure.
 */
#ifndef STASH_HOLDINGS_H
#define STASH_HOLDINGS_H

#include <jansson.h>
#include <stdint.h>

#include "stash/restic_out.h"

/** By how many seconds the clocks of two machines may differ. */
#define HOLDINGS_CLOCK_SLACK 3600

/** All snapshots of one owner, host and path. Strings are heap strings; NULL where the snapshots do not say. */
struct holding {
    struct owner owner;
    char *cluster, *target, *invoker; /* what `owner` points to */
    char *host;
    char *path;                  /* NULL: they hold several paths */
    char newest[RESTIC_ID_SIZE]; /* the newest complete one; "" when none is complete */
    char twin[RESTIC_ID_SIZE];   /* another one of that second; "": there is none */
    int64_t time;                /* when it was made, Unix seconds */
    uint64_t files;              /* how many it holds, UINT64_MAX: restic did not say */
    uint64_t complete, incomplete;
    uint64_t full; /* complete ones that hold files, or of which restic did not say */
};

/** A snapshot that is looked for by its id or the beginning of it. */
struct holdings_wanted {
    char *prefix;
    char id[RESTIC_ID_SIZE]; /* "" when not found */
    char *path;              /* the only one, NULL when there are several */
    char *paths;             /* all of them, a list of quoted.h */
    uint64_t files;          /* see struct holding */
    bool incomplete;         /* it lacks files */
    bool former;             /* it had this id before it got other tags, or was rewritten */
    bool ambiguous;
};

struct holdings {
    struct holding *items;
    size_t count;
    json_t *index;
    const json_t *incomplete_ids; /* borrowed, may be NULL */
    /* {id: {listed, target}} of those among incomplete_ids that still look complete */
    json_t *unmarked;
    /* {listed: true} of those that are marked by now; the old one may still lie beside */
    json_t *marked;
    struct holdings_wanted *wanted;
    size_t wanted_count;
};

/** `incomplete_ids`: array of the ids of snapshots that are incomplete although their tags do not say so yet, or NULL. */
void holdings_init(struct holdings *h, const json_t *incomplete_ids);
/** Free the rows. */
void holdings_done(struct holdings *h);
DEFINE_AUTO_VALUE(struct holdings, holdings_done);

/** Look for this id (or its beginning) among the snapshots that are added from now on. */
void holdings_want(struct holdings *h, const char *prefix);

/** A restic_snapshot_fn; ctx is a struct holdings. */
void holdings_add(void *holdings, const struct restic_snapshot *snapshot);

/** The first wanted id that was not found; NULL: all were. Borrowed. */
const char *holdings_missing(const struct holdings *h);

/**
 * What was found for a wanted id: the snapshot that has it, else the one that had it. ERR_NOT_FOUND: nothing;
 * ERR_CONFLICT: several begin so. Borrowed.
 */
int holdings_found(const struct holdings *h, const char *prefix, const struct holdings_wanted **ret,
                   struct error *err);

/** What a restore asks for. NULL means: not said. */
struct holdings_wish {
    const char *source;  /* "Kind/namespace/name" of the annotation: only its snapshots will do */
    const char *cluster; /* the cluster we are in */
    const char *target;  /* the restore's own target */
    const char *host;
    const char *path;
    int64_t until; /* a snapshot dated later has a wrong date; 0: none has */
    /* the path is a dump's folder: it may also lie where Stash puts dumps, or on the only path there is */
    bool dump;
};

/**
 * The newest complete snapshots that a restore takes. In this order: those of `source`; those of the own target; those
 * of the only tagged target that fits, unless the own target has others that do not fit; untagged ones if none is
 * tagged. Of one target, those of the own cluster go first. ERR_NOT_FOUND when nothing fits, ERR_CONFLICT when more than one
 * could be meant (also when another target has only incomplete ones, or the newest is dated in the future): the message
 * names them and how to choose.
 */
int holdings_choose(const struct holdings *h, const struct holdings_wish *wish,
                    const struct holding **ret, struct error *err);

/**
 * Of the rows with complete snapshots of the same target, host and path as this one, that of another invoker or another
 * cluster with the newest: what they left out may differ, and what they saw of the target. Borrowed, NULL: none.
 */
const struct holding *holdings_rival(const struct holdings *h, const struct holding *chosen);

/** Whether the row was stored for this owner. */
bool holdings_are_of(const struct holding *row, const struct owner *owner);

/** Sums of what belongs to an owner. */
struct holdings_sum {
    uint64_t complete, incomplete;
};
/** What an owner has in the repository. */
struct holdings_sum holdings_of(const struct holdings *h, const struct owner *owner);

/** Snapshots of which a later one takes the place of an earlier one. */
struct holdings_history {
    struct owner owner;
    const char *host;
    const char *path; /* NULL: all paths of the host are one history */
};

/** The row with the newest complete snapshot of a history. Borrowed, NULL: there is none. */
const struct holding *holdings_newest(const struct holdings *h,
                                      const struct holdings_history *history);

/**
 * How many complete snapshots of a history hold files, when the newest holds none: a volume that was lost, or not there.
 * 0: nothing was lost.
 */
uint64_t holdings_lost(const struct holdings *h, const struct holdings_history *history);

/** A row of the owner whose newest snapshot is later than `time`: somebody's clock was wrong. Borrowed, NULL: none. */
const struct holding *holdings_later(const struct holdings *h, const struct owner *owner,
                                     int64_t time);

/**
 * How many snapshots retention leaves alone because nobody here owns them: without our tags, of another cluster, of an
 * invoker that is not among `invokers` (see adoption_is_owned()), or of a former target of one. `ret` gets some examples.
 */
uint64_t holdings_unowned(const struct holdings *h, const char *cluster, const json_t *invokers,
                          struct text *ret);

#endif

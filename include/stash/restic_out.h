/*
 * restic_out.h - what restic says, line by line and at its end, decoded. Pure.
 *
 * Whatever does not look like what restic writes is no result: ERR_INVALID, never a guess.
 */
#ifndef STASH_RESTIC_OUT_H
#define STASH_RESTIC_OUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "stash/elements.h"
#include "stash/format.h"
#include "stash/owner.h"

#define RESTIC_ID_SIZE 65

/** The summary line of a backup. */
struct restic_summary {
    bool found;
    /* "": nothing changed and --skip-if-unchanged was asked for */
    char snapshot_id[RESTIC_ID_SIZE];
    uint64_t files_new, files_changed, files_unmodified, files_total;
    uint64_t bytes_total, bytes_added;
    double seconds;
};

/** A lines_fn (lines.h): looks for the summary in each line of `backup --json`; ctx is a struct restic_summary. */
void restic_out_backup_line(void *summary, const char *line, size_t len);

/** Sums over all groups of `forget --json`. */
struct restic_forgotten {
    uint64_t kept, removed;
};

/** The answer of `forget --json` as it passes: it grows with the repository. Zeroed at first. */
struct restic_forgetting {
    struct restic_forgotten sum;
    uint64_t *counted; /* of the list that passes; NULL: of none */
    size_t depth;      /* of open brackets */
    char key[8];
    size_t key_len;
    bool in_string, escaped, ended, broken;
};
/** The next piece, cut anywhere. */
void restic_forgetting_feed(void *forgetting, const char *data, size_t len);
/** After the last piece. ERR_INVALID when that was no whole answer. */
int restic_forgetting_end(const struct restic_forgetting *f, struct restic_forgotten *ret,
                          struct error *err);

/** total_size and snapshots_count of `stats --json --mode raw-data`. */
struct restic_stats {
    uint64_t bytes, snapshots;
};
/** Read the answer of `stats --json`. ERR_INVALID when it is none. */
int restic_out_stats(const char *text, size_t len, struct restic_stats *ret, struct error *err);

/** How many errors `check --json` counted. */
int restic_out_check(const char *text, size_t len, uint64_t *ret_errors, struct error *err);

/** One entry of `snapshots --json`. Strings are borrowed; NULL where restic did not say. */
struct restic_snapshot {
    const char *id;
    const char *original; /* the id it had before its tags were changed */
    const char *host;
    const char *path;  /* the only one, NULL when there are several */
    const void *entry; /* what restic said: for restic_snapshot_paths() */
    int64_t time;      /* Unix seconds */
    uint64_t files;    /* UINT64_MAX: unknown (written by an old restic) */
    struct owner owner;
    bool incomplete; /* its tags say so */
};
typedef void (*restic_snapshot_fn)(void *ctx, const struct restic_snapshot *snapshot);

/** Whether this is its id, or was before it got other tags. `id` may be NULL: no. */
bool restic_snapshot_is(const struct restic_snapshot *snapshot, const char *id);

/** All its paths, a list of quoted.h. Heap string. */
char *restic_snapshot_paths(const struct restic_snapshot *snapshot);

/** Reads the answer of `snapshots --json` as it comes, so that a list of any length costs one entry. */
struct restic_listing {
    struct elements elements;
    restic_snapshot_fn fn;
    void *ctx;
    size_t seen;
    bool unreadable; /* an entry was no snapshot */
};
/** `fn` is called for each snapshot, in restic's order. */
void restic_listing_init(struct restic_listing *listing, restic_snapshot_fn fn, void *ctx);
/** Free what is held of an entry that has not ended. */
void restic_listing_done(struct restic_listing *listing);
DEFINE_AUTO_VALUE(struct restic_listing, restic_listing_done);
/** The next piece of the answer, of any size. */
void restic_listing_feed(struct restic_listing *listing, const char *data, size_t len);
/** After the last piece. What cannot be read fails the whole: a snapshot that nobody sees may be the one that counts. */
int restic_listing_end(const struct restic_listing *listing, struct error *err);

/** Reads the answer of `find --json` as it passes: of each snapshot its matches, and then which snapshot it was. */
struct restic_finding {
    const struct restic_found *found;
    void *ctx;
    struct elements matches; /* of the snapshot that passes */
    struct buf snapshot;     /* what is said of it beside them */
    bool begun, ended, inside, has_matches, broken;
};
struct restic_found {
    void (*match)(void *ctx, const json_t *match); /* {path, type, size, mtime, …} */
    void (*snapshot)(void *ctx, const char *id);   /* that of all matches since the last one */
};
/** `found` lives as long as the reading. */
void restic_finding_init(struct restic_finding *f, const struct restic_found *found, void *ctx);
/** Free what is held. */
void restic_finding_done(struct restic_finding *f);
DEFINE_AUTO_VALUE(struct restic_finding, restic_finding_done);
/** The next piece of the answer, of any size. */
void restic_finding_feed(struct restic_finding *f, const char *data, size_t len);
/** After the last piece. ERR_INVALID when that was no whole answer. */
int restic_finding_end(const struct restic_finding *f, struct error *err);

/** A lock, from `cat lock`. Its host is the name of a pod, or of anybody else's machine. */
struct restic_lock {
    char id[RESTIC_ID_SIZE]; /* not in the answer: the caller's */
    char host[256];
    int64_t pid;
    int64_t time; /* Unix seconds: when it was made or refreshed */
    bool exclusive;
};
/** Read the answer of `cat lock`; `ret->id` stays as it is. ERR_INVALID when it is none. */
int restic_out_lock(const char *text, size_t len, struct restic_lock *ret, struct error *err);

/** The id of the repository, from `cat config`. */
int restic_out_config(const char *text, size_t len, char ret_id[RESTIC_ID_SIZE], struct error *err);

/** How many files `restore --json` wrote or found as they should be. */
int restic_out_restore(const char *text, size_t len, uint64_t *ret_files, struct error *err);

/** What `tag --json` changed: the new id of an old one; a lines_fn, ctx is an owned JSON object {old: new}. */
void restic_out_tag_line(void *changed, const char *line, size_t len);

/**
 * What `check` complained of, from its standard error: `ret` gets the first complaints. False: the storage failed
 * while it was checked, which says nothing about the repository.
 */
bool restic_out_is_damage(const char *stderr_tail, struct text *ret);

/**
 * Why restic failed, for people: what its exit code means, and what its standard error says last. For unreadable files
 * (exit 3) the paths are listed, as many as fit.
 */
void restic_out_failure(int status, const char *stderr_tail, struct text *ret);

/** Whether restic left out a snapshot because it cannot be read, and what it says of it; else `ret` is "". */
bool restic_out_unread(const char *stderr_tail, struct text *ret);

/** What restic goes on trying for a quarter of an hour although it cannot succeed. */
struct restic_hopeless {
    /* ERR_NOT_FOUND: the bucket is not there; else ERR_DENIED or ERR_SYSTEM */
    enum error_kind kind;
    bool lock; /* it is its lock that the storage does not take */
    struct text why;
};
/**
 * Whether restic's standard error so far says that it tries again what will not come right by itself: a read-only or
 * full storage, keys that are refused, a certificate that nobody vouches for. `ret` may be NULL. A storage that does
 * not answer at all is not hopeless.
 */
bool restic_out_hopeless(const char *stderr_tail, struct restic_hopeless *ret);

/**
 * Whether the storage kept something that restic wanted to remove, and what restic says of it; else `ret` is "". restic
 * tells no more than that line: its exit is good, and its answer counts what is still there as removed.
 */
bool restic_out_unremoved(const char *stderr_tail, struct text *ret);

/** Whether restic failed because the storage does not take its lock: then it has done nothing. */
bool restic_out_lock_refused(int status, const char *stderr_tail);

#define RESTIC_EXIT_FAILED         1
#define RESTIC_EXIT_INCOMPLETE     3
#define RESTIC_EXIT_NO_REPOSITORY  10
#define RESTIC_EXIT_LOCKED         11
#define RESTIC_EXIT_WRONG_PASSWORD 12

/** What an exit code of restic means; "failed" for those without a meaning of their own. Static. */
const char *restic_exit_reason(int status);

#endif

/*
 * repository_edit.h - what agents write into the status of a Repository. Pure: each edits an owned object (kube_update()
 * lends one) and says whether anything changed.
 *
 * The agents' are: the numbers (repository_edit_facts), executors (who may hold a lock), repositoryID and backendHash
 * (which restic repository this is), incomplete (snapshots that lack files and are not tagged so yet), and the
 * condition AllSnapshotsOwned. All else is the reconciler's.
 */
#ifndef STASH_REPOSITORY_EDIT_H
#define STASH_REPOSITORY_EDIT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "stash/error.h"

#define CONDITION_SNAPSHOTS_OWNED "AllSnapshotsOwned"

struct repository_facts {
    const char *last_backup_time; /* RFC 3339 */
    bool integrity;
    bool counted; /* the three below are known */
    int64_t snapshot_count, snapshots_removed;
    const char *total_size;
};
/** Write the facts into the status; whether anything changed. */
bool repository_edit_facts(json_t *repository, const struct repository_facts *facts);

/** Who runs restic: what the reconciler needs to tell whether the holder of a lock has ended. */
struct executor_identity {
    const char *namespace, *pod, *uid, *container;
    const char *hostname; /* as restic writes it into locks */
    const char *session;  /* "Kind/namespace/name" */
};
/** At most this many rows are kept: ended ones go first, then the oldest. */
#define REPOSITORY_EXECUTORS_MAX 128
/** Note it before its first restic command that takes a lock. Beside a container's run its last one stays noted. */
bool repository_edit_executor(json_t *repository, const struct executor_identity *who, int64_t now);
/** Its last restic process has ended, although its container lives on. */
bool repository_edit_executor_ended(json_t *repository, const struct executor_identity *who,
                                    int64_t now);

/**
 * Whether the restic repository that was found (`id`; NULL: there is none) may be used: ERR_INVALID when another one
 * was used before in this place, or when there were snapshots and now there is no repository. A changed spec.backend
 * and the annotation ANNOTATION_REPOSITORY_REPLACED with the former id ("unknown" where none was noted) make it right.
 */
int repository_accept(const json_t *repository, const char *id, struct error *err);
/** A snapshot was stored: from now on the repository is one that has held some. */
bool repository_edit_stored(json_t *repository, int64_t now);
/** Note which restic repository it is. */
bool repository_edit_identity(json_t *repository, const char *id);

/** Snapshots that lack files (an array of ids): until their tags say so, this list does. */
bool repository_edit_incomplete(json_t *repository, const json_t *ids);
/** These ids need no mention any more. */
bool repository_edit_marked(json_t *repository, const json_t *ids);

#endif

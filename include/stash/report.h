/*
 * report.h - how a host fared: the entries of status.stats, and output.json that carries them from one container of a
 * Job to the next. Pure.
 */
#ifndef STASH_REPORT_H
#define STASH_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stash/error.h"
#include "stash/restic_out.h"

#define REPORT_OUTPUT_FILE  "output.json"
#define REPORT_WARNINGS_MAX 32 /* of one host */

/** One entry of stats[].snapshots for a path that restic stored. New reference. */
json_t *report_snapshot(const struct restic_summary *summary, const char *path);

/** A host that succeeded; `snapshots` (an array, may be NULL) is shared into it. New reference. */
json_t *report_succeeded(const char *host, int64_t duration_nanos, const json_t *snapshots);
/** A host that failed, and why (passed through format_text()). New reference. */
json_t *report_failed(const char *host, const char *why);
/** Whether an entry, or any entry of an array, has phase Failed. */
bool report_is_failed(const json_t *stat_or_stats);

/** Put warnings into an entry, which stays Succeeded: an array of sentences; NULL and empty: nothing. */
void report_warn(json_t *stat, const json_t *warnings);

/** Say in an entry which snapshots lack files: an array of ids; NULL and empty: none. */
void report_incomplete(json_t *stat, const json_t *ids);

/** {"targetStatus": {ref, stats}, "session": …}; without a session (NULL) that is left out. New reference. */
json_t *report_output(const json_t *ref, const json_t *stats, const char *session);
/** Whether such a document says that it was written for another session. One that names none does not. */
bool report_is_of_another(const char *text, size_t len, const char *session);
/**
 * The stats of earlier steps of a Task (may be NULL) with what the next step says of a host put in: a failure stays one
 * and its error too, snapshots, warnings and incomplete ones are all kept, durations add up. New reference.
 */
json_t *report_combine(const json_t *before, const json_t *stat);
/** The stats out of such a document. ERR_INVALID says what is wrong; the array has at least one entry. */
int report_parse(const char *text, size_t len, json_t **ret_stats, struct error *err);

/** `have` (may be NULL) with the entries of `stats` put in by hostname. New reference. */
json_t *report_merge(const json_t *have, const json_t *stats);

/** Whether two target references mean the same: kind, namespace (empty: `own`), name. */
bool report_same_target(const json_t *one, const json_t *two, const char *own);
/** Index of the target in status.targets of a BackupSession; -1. */
ptrdiff_t report_target_index(const json_t *session, const json_t *ref);

#endif

/*
 * target_row.h - the rows of a BackupSession's status.targets.
 */
#ifndef STASH_PLAN_TARGET_ROW_H
#define STASH_PLAN_TARGET_ROW_H

#include <jansson.h>
#include <stddef.h>

/** The results of the invoker's target `index`: its row, NULL when there is none; a RestoreSession's whole status. */
const json_t *target_row_of(const json_t *session, const json_t *invoker, size_t index);

/** The same row in an owned status, added when it is missing; lent for editing. */
json_t *target_row_own(json_t *status, const json_t *invoker, size_t index);

/** Compute the phase of every row. */
void target_row_settle(json_t *status);

#endif

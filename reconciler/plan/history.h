/*
 * history.h - which finished BackupSessions to keep.
 */
#ifndef STASH_PLAN_HISTORY_H
#define STASH_PLAN_HISTORY_H

#include "draft.h"

/**
 * Delete the sessions of the world that are beyond the invoker's backupHistoryLimit. `current` is the planned session
 * as it will be stored; it stands for itself. One that still owes a retry is kept, and so is the newest that ran.
 */
void history_clean(struct draft *draft, const json_t *invoker, const json_t *current);

#endif

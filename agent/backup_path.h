/*
 * backup_path.h - storing a path for a session, and remembering what is incomplete.
 */
#ifndef STASH_AGENT_BACKUP_PATH_H
#define STASH_AGENT_BACKUP_PATH_H

#include "session.h"

/**
 * Back up one path as the session's owner and append its row to `snapshots`. A snapshot that lacks files is an error,
 * and its id is noted in the Repository and in session->incomplete. With --skip-if-unchanged and nothing new, the row
 * names the snapshot that the path equals. A path without a file whose snapshots before had some is a sentence in
 * `warnings`.
 */
int backup_path(struct session *session, struct restic *restic, const struct restic_backup *backup,
                json_t *snapshots, json_t *warnings, struct error *err);

#endif

/*
 * session_view.h - what became of a BackupSession or RestoreSession, in one line. Pure.
 */
#ifndef STASH_SESSION_VIEW_H
#define STASH_SESSION_VIEW_H

#include <jansson.h>
#include <stdbool.h>

/** Whether it has ended, well or not. */
bool session_view_has_ended(const json_t *session);

/** Its phase; "Pending" while the product has said nothing. Borrowed. */
const char *session_view_phase(const json_t *session);

/**
 * Why it failed or was skipped, or what it waits for: the first host's error, else the first condition that tells.
 * NULL: nothing to say. Heap string.
 */
char *session_view_reason(const json_t *session);

/** What was done: "2 of 3 hosts done", or of an ended one "3 hosts: 1.2 GiB read, 20 MiB uploaded". NULL: no host
 *  is known yet. Heap string. */
char *session_view_work(const json_t *session);

#endif

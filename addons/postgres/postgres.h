/*
 * postgres.h - what the parts of the addon share: who logs in, and how the server is asked.
 */
#ifndef STASH_ADDON_POSTGRES_H
#define STASH_ADDON_POSTGRES_H

#include "pg_args.h"
#include "stash/addon.h"

/** The run's login; lent. */
const struct pg_login *postgres_login(const struct addon_run *run);

/** The database that the parameter args names; NULL: none. Heap string. */
char *postgres_named_database(const struct addon_run *run);

/** Ask the server in some database that the user may enter; the answer's lines. */
int postgres_ask(const struct addon_run *run, const char *sql, struct buf *ret, struct error *err);

/** Write a file beside the run's secrets (0600); its path. Heap string. */
int postgres_write(const struct addon_run *run, const char *name, const char *text, char **ret_path,
                   struct error *err);

/** Warn of databases that pg_dumpall passes over without a word: they allow no connection (postgres_sight.c). */
int postgres_tell_closed(struct addon_run *run, struct error *err);
/** Warn of tables whose rows a standby does not have, so that they are not in the dump. */
void postgres_tell_unlogged(struct addon_run *run, const char *command);

/** The server against what passed into it. */
int postgres_verify_loaded(struct addon_run *run, struct error *err);

/** What passes through the stream: see, and on the way back filter (postgres_stream.c). */
int postgres_count(struct addon_run *run, const char *data, size_t len, struct buf *ret,
                   struct error *err);
int postgres_verify_passed(struct addon_run *run, enum addon_when when, struct error *err);
void postgres_passing_free(struct addon_run *run);

/** Tell the filter's process what the server is (`state`: pg_filter.h). */
int postgres_tell_server(struct addon_run *run, const json_t *state, struct error *err);

#endif

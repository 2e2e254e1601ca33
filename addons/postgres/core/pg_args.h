/*
 * pg_args.h - how PostgreSQL's clients are called: environment, argument vectors, what is asked. Pure.
 */
#ifndef STASH_PG_ARGS_H
#define STASH_PG_ARGS_H

#include <jansson.h>
#include <stdbool.h>

#include "stash/argv.h"
#include "stash/buf.h"
#include "stash/child_env.h"
#include "stash/error.h"

/** Where the server is and who logs in; zeroed memory is empty. */
struct pg_login {
    char *user, *host, *port;
    /* that psql begins in when nobody names one; NULL: the one called like the user */
    char *database;
};

void pg_login_done(struct pg_login *login);
DEFINE_AUTO_VALUE(struct pg_login, pg_login_done);

struct pg_source {
    const json_t *app, *secret, *tls_secret;
    const char *user;
};

/**
 * From AppBinding, its Secret (JSON null: none) and its tlsSecret (NULL: none). `user` is the parameter. Passwords go into
 * the environment, certificates into files. With a caBundle the server is verified, unless insecureSkipTLSVerify says no.
 */
int pg_login_read(const struct pg_source *source, struct pg_login *ret, struct child_env *env,
                  struct error *err);

/** Refuse what would make of a dump something else than plain text on standard output. `command`: pg_dump or pg_dumpall. */
int pg_args_check_dump(const char *command, const char *args, struct error *err);
/** Refuse what would make psql read something else. */
int pg_args_check_load(const char *args, struct error *err);

/** `passwords` false: pg_dumpall leaves out what the user may not read. */
void pg_args_dump(const struct pg_login *login, const char *command, const char *args,
                  bool passwords, struct argv *ret);
void pg_args_load(const struct pg_login *login, const char *args, struct argv *ret);
/** Ask in a database (a name or connection string), for bare lines. */
void pg_args_ask(const struct pg_login *login, const char *database, const char *sql,
                 struct argv *ret);
void pg_args_ask_file(const struct pg_login *login, const char *database, const char *file,
                      struct argv *ret);

/** The database that the `args` of psql, pg_dump or pg_dumpall name; NULL: none. Heap string. */
char *pg_args_database(const char *tool, const char *args);
/** Whether they ask for a dump without the rows of unlogged tables. */
bool pg_args_leave_out_unlogged(const char *tool, const char *args);

/** Major version in "pg_dump (PostgreSQL) 17.2 (Debian …)"; 0 when there is none. 90600 and 170002 are server versions. */
int pg_client_major(const char *text);
int pg_server_major(long version);

/**
 * The script that counts the rows of every table of `tables` ({name: n}), one line "rows|deleted" each, in that order; large
 * objects last. Deleted are those that were deleted by statements since the table was made, as the server counts them.
 */
int pg_count_script(const json_t *tables, struct buf *ret, struct error *err);

#endif

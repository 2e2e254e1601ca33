/*
 * mysql.h - MySQL and its relatives: one code for all, which each calls with its own tools.
 */
#ifndef STASH_ADDON_MYSQL_H
#define STASH_ADDON_MYSQL_H

#include "mysql_args.h"
#include "stash/addon.h"

/** The step login of each. */
int mysql_login(struct addon_run *run, const struct mysql_tools *tools, struct error *err);

/** The answer of the server to one or more statements: a line for each row, columns split by tabs. `ret` NULL: none is wanted. */
int mysql_ask(const struct addon_run *run, const char *sql, struct buf *ret, struct error *err);

/* The other steps. */
int mysql_ready(struct addon_run *run, struct error *err);
int mysql_plan_dump(struct addon_run *run, struct error *err);
int mysql_plan_load(struct addon_run *run, struct error *err);
int mysql_verify(struct addon_run *run, enum addon_when when, struct error *err);
int mysql_count(struct addon_run *run, const char *data, size_t len, struct buf *ret,
                struct error *err);
void mysql_done(struct addon_run *run);
bool mysql_works(const struct addon_run *run);

/** Whose rights, and what its dump is to hold. */
struct mysql_sight {
    const struct argv *connect, *words;
    bool wants_all; /* all databases */
};
/** Warn of what the user may not see (mysql_sight.c); an error when that is every database. */
int mysql_tell_hidden(struct addon_run *run, const struct mysql_sight *sight, struct error *err);

/** Leave in the environment what mysql_works() has to know in a process of its own (mysql_works.c). */
int mysql_leave_login(struct addon_run *run, const char *client, const struct argv *connect,
                      struct error *err);

#endif

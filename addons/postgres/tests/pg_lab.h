/*
 * pg_lab.h - PostgreSQL's real server for the addon's tests.
 */
#ifndef TEST_PG_LAB_H
#define TEST_PG_LAB_H

#include "lab.h"

#define PG_PORT "15441"

/** Open the lab with a new server; skips the test where there is none. */
void pg_open(struct lab *lab, const char *appbinding);
/** The same, with what tests/data/make.sql holds; and with breaks.sql, whose dump has 30 MB. */
void pg_open_with_data(struct lab *lab);
void pg_open_with_more(struct lab *lab);

/** As lab_do() and lab_ask(), with a login as the superuser. */
void pg_do(const char *command);
char *pg_ask(const char *command);

/** Start the server of $LAB/pg, which is made where it isn't there; `settings` is "NAME=VALUE …". */
void pg_start(struct lab *lab, const char *settings);
/** Another instance at the same address: an empty one. */
void pg_new_server(struct lab *lab);

/** Backup and restore that have to succeed. */
void pg_back_up(struct lab *lab);
void pg_restore(struct lab *lab);

/** Run this script in place of a tool; $REAL is the tool. */
void pg_replace_tool(const char *name, const char *script);
/** For psql: everything but the load itself is the real one's. */
#define PSQL_THAT(does)                                                                            \
    "case $* in *--command=* | *--file=* | *--version) exec $REAL \"$@\"; esac; " does

/** How many snapshots the repository has. */
int pg_snapshots(void);
void pg_check_ask(const char *command, const char *expected);

/** What the server's databases hold, by its own words: a shell command. */
#define PG_CONTENT TESTS "content"

#endif

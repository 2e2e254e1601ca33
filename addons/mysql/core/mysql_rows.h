/*
 * mysql_rows.h - compare a server with what a dump held: which questions to ask, and what the answers mean. Pure.
 */
#ifndef STASH_MYSQL_ROWS_H
#define STASH_MYSQL_ROWS_H

#include <jansson.h>

#include "stash/buf.h"
#include "stash/error.h"

/** A list of {database, table (null: the database itself), rows}, without the server's own databases. */
struct mysql_rows_filter {
    /* what the connection chose, for tables of a dump that names no database; NULL: not known */
    const char *own;
    const char *only; /* the one database that was restored; NULL: all */
};
json_t *mysql_rows_list(const json_t *counts, const struct mysql_rows_filter *filter);

/** The question which tables of MariaDB keep what their rows were; `lines` is its answer: rows of these are counted with those. */
extern const char mysql_rows_versioned[];
void mysql_rows_mark(json_t *list, const char *lines);

#define MYSQL_ROWS_AT_ONCE 64
/** The question about the items from `from` on, at most MYSQL_ROWS_AT_ONCE: its answer has a line "index<TAB>rows" for each. */
void mysql_rows_query(const json_t *list, size_t from, struct buf *ret);

/** ERR_INVALID names the first table that holds less than the dump; `text` is the answer, `from` as above. */
int mysql_rows_check(const json_t *list, size_t from, const char *text, struct error *err);

#endif

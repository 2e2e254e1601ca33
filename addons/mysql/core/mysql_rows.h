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

/**
 * Questions whose answer is a list of tables, and mark the items that it names; a line is "database<TAB>table", perhaps with
 * "<TAB>number". MYSQL_ROWS_VERSIONED: tables of MariaDB that keep what their rows were; these are counted too.
 * MYSQL_ROWS_PURGED: tables from which an event may have deleted rows since they were loaded, as it runs from then on; fewer
 * rows than in the dump are no error there. MYSQL_ROWS_DELETED: how many rows were deleted, as far as the server counts that;
 * so many may be missing.
 */
#define MYSQL_ROWS_VERSIONED "versioned"
#define MYSQL_ROWS_PURGED    "purged"
#define MYSQL_ROWS_DELETED   "deleted"
extern const char mysql_rows_versioned[], mysql_rows_events[], mysql_rows_deleted[];
void mysql_rows_mark(json_t *list, const char *mark, const char *lines);

#define MYSQL_ROWS_AT_ONCE 64
/** The question about the items from `from` on, at most MYSQL_ROWS_AT_ONCE: its answer has a line "index<TAB>rows" for each. */
void mysql_rows_query(const json_t *list, size_t from, struct buf *ret);

/**
 * ERR_INVALID names the first table that holds less than the dump; `text` is the answer, `from` as above. An item
 * whose rows may have been deleted gets the number of its rows as member "has" instead.
 */
int mysql_rows_check(json_t *list, size_t from, const char *text, struct error *err);

#endif

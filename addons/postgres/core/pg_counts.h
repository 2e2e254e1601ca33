/*
 * pg_counts.h - rows for each database and table, bounded. Pure.
 */
#ifndef STASH_PG_COUNTS_H
#define STASH_PG_COUNTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "stash/limits.h"

#define PG_TABLES_MAX 10000           /* tables that are counted; more are said to be not counted */
#define PG_NAMES_MAX  (1 * LIMIT_MIB) /* bytes of their names */

struct pg_counts {
    json_t *rows;  /* {database: {table: n}} */
    json_t *blobs; /* {database: n} */
    /* tables that are not in `rows`: there are too many, or a name is no UTF-8 or has no schema */
    uint64_t uncounted;
    bool conflicts;     /* the present INSERT may leave out rows: ON CONFLICT */
    bool any_conflicts; /* one of them did */
    json_t *lenient;    /* {database: {table: true}} of their tables */
    size_t tables, names;
};

void pg_counts_init(struct pg_counts *counts);
void pg_counts_done(struct pg_counts *counts);

/** Add rows of a table, whose name is written as SQL. */
void pg_counts_add(struct pg_counts *counts, const char *database, const char *table,
                   uint64_t rows);
void pg_counts_add_blob(struct pg_counts *counts, const char *database);

/** As pg_dump_counts() says. A new reference. */
json_t *pg_counts_document(const struct pg_counts *counts);

#endif

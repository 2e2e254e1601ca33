/*
 * pg_dump.h - reads the plain text of pg_dump and pg_dumpall as it passes, in pieces of any size. Pure.
 *
 * It knows where data begins and ends (COPY, strings, dollar quotes, comments), counts rows for each database and table,
 * and sees whether the dump came to its end. On the way back it gives every statement and psql command to a filter before
 * psql sees it; data is never touched. Memory does not depend on the length of a row or a statement.
 */
#ifndef STASH_PG_DUMP_H
#define STASH_PG_DUMP_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "pg_counts.h"
#include "stash/buf.h"
#include "stash/error.h"
#include "stash/limits.h"

/* a longer statement passes unfiltered: the ones that matter are short */
#define PG_HOLD_MAX (16 * LIMIT_KIB)
#define PG_HEAD_MAX 1024 /* of a statement: holds a table's name of any length */

struct pg_dump;

/**
 * Look at one statement (up to its semicolon) or psql command (a line that begins with a backslash) and say what becomes of
 * it: put other text into `ret` and return 1, or return 0 for "as it is", or an error. `text` ends with a NUL.
 */
typedef int (*pg_filter_fn)(void *ctx, const char *text, struct buf *ret, struct error *err);

/** `filter` NULL: all passes. */
struct pg_dump *pg_dump_new(pg_filter_fn filter, void *ctx);
void pg_dump_free(struct pg_dump *dump);
DEFINE_AUTO(struct pg_dump, pg_dump_free);

/** The next piece; what passes on is appended to `out`. */
int pg_dump_feed(struct pg_dump *dump, const char *data, size_t len, struct buf *out,
                 struct error *err);

/** After the last piece: ERR_INVALID when the dump is cut, or is none; `cluster` asks for one of pg_dumpall. */
int pg_dump_end(const struct pg_dump *dump, bool cluster, struct error *err);

/**
 * What was counted: {"rows": {database: {table: n}}, "blobs": {database: n}, "uncounted": n, "conflicts": bool,
 * "lenient": {database: {table: true}}}: tables into which an INSERT may leave out rows. A database
 * is "" before any \connect; a table is written as SQL. A new reference.
 */
json_t *pg_dump_counts(const struct pg_dump *dump);

#endif

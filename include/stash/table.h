/*
 * table.h - rows of words in columns, as kubectl prints them. Pure.
 *
 * Words come from objects that anybody may have written: control characters, which could steer a terminal, are shown as
 * blanks.
 */
#ifndef STASH_TABLE_H
#define STASH_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "stash/buf.h"

#define TABLE_COLUMNS 16
#define TABLE_CUT     80 /* characters of the last column unless the table is wide */

struct table {
    const char *headers[TABLE_COLUMNS];
    size_t columns;
    bool wide; /* nothing is cut */
    char **words;
    size_t rows;
};

/** An empty table; the headers end with NULL and live as long as it does. */
void table_init(struct table *table, const char *const *headers, bool wide);
/** Free the words. */
void table_done(struct table *table);
DEFINE_AUTO_VALUE(struct table, table_done);

/** Add a row, a word for each column; NULL and "" are shown as "-", in the last column as nothing. */
void table_add(struct table *table, const char *const *words);

/** Append the table, with its headers if there are rows. */
void table_print(const struct table *table, struct buf *out);

/** A copy without what could steer a terminal, in one line, at most `most` characters (0: all). Heap string. */
char *table_word(const char *text, size_t most);

#endif

/*
 * quoted.h - a list of strings as one text, and back, exactly.
 *
 * Functions of the catalog get lists through variables, which are text: "cache,old" for `exclude`, "--tag x" for `args`.
 * An item that has the separator in it, a line break or a leading quote stands in double quotes, with \" and \\ inside.
 * All other items stand as they are, so a plain list looks as Stash writes it. Pure.
 */
#ifndef STASH_QUOTED_H
#define STASH_QUOTED_H

#include <jansson.h>
#include <stdbool.h>

#include "stash/buf.h"

/** What stands between two items: blanks for `args`, commas for paths and patterns. */
#define QUOTED_WORDS " \t\n"
#define QUOTED_ITEMS ","

/** Add an item; the first of `separators` goes before it when `text` is not empty. */
void quoted_add(struct buf *text, const char *item, const char *separators);

/** All strings of an array (NULL: none) as one text, at most LIMIT_TEMPLATE bytes of it. Heap string. */
char *quoted_join(const json_t *list, const char *separators);

/**
 * Take the next item from the front of `*text`, which moves on; false when there is none. Empty items that are not
 * quoted are skipped. A quote that is not closed, or that more text follows, is a character like others.
 */
bool quoted_next(const char **text, const char *separators, char **ret);

#endif

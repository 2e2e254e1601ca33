/*
 * quoted.h - a list of strings as one text, and back.
 *
 * Variables of Functions are text, so a list passes through them as one. A list of plain strings looks as in Stash: joined by
 * commas (paths, patterns, ids) or by blanks (arguments). An item that would not come back like that stands in double
 * quotes, with JSON's escapes. What is not exactly such a quoted item is plain text and means itself. Pure.
 */
#ifndef STASH_QUOTED_H
#define STASH_QUOTED_H

#include <jansson.h>

#include "stash/error.h"

enum quoted_form {
    QUOTED_LIST, /* a,b,"c,d" */
    QUOTED_WORDS /* --a b "c d" */
};

/** Items that are no strings are left out. ERR_LIMIT: longer than LIMIT_TEMPLATE; nothing is ever cut. Heap string. */
int quoted_render(const json_t *list, enum quoted_form form, char **ret, struct error *err);

/** The items of a text (NULL: none): exactly those that were rendered. Empty ones count when they are quoted. New reference. */
json_t *quoted_parse(const char *text, enum quoted_form form);

#endif

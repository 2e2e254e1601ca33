/*
 * argv.h - argument vectors and environments: lists of strings that end with NULL, made without a shell.
 *
 * A user's list stays a list: each string is one argument. Text is split only where it was a list before; nothing is ever
 * expanded.
 * Zeroed memory is an empty list.
 */
#ifndef STASH_ARGV_H
#define STASH_ARGV_H

#include <jansson.h>
#include <stddef.h>

#include "stash/mem.h"

struct argv {
    char **items; /* NULL, or count strings and a NULL */
    size_t count;
};

void argv_done(struct argv *argv);
DEFINE_AUTO_VALUE(struct argv, argv_done);

/** The list for spawn.h; lent until the next change. */
const char *const *argv_list(const struct argv *argv);

void argv_add(struct argv *argv, const char *arg);
void argv_addf(struct argv *argv, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** `flag` and `value` as two arguments, unless the value is NULL or empty. */
void argv_add_pair(struct argv *argv, const char *flag, const char *value);
/** Every word of `text`, split at blanks, except in quotes (quoted.h). NULL adds nothing. */
void argv_add_words(struct argv *argv, const char *text);
/** Every item of a comma separated list (quoted.h), each after `flag` (NULL: none). Empty items are skipped. */
void argv_add_list(struct argv *argv, const char *flag, const char *list);
/** A copy of every string of a NULL-ended list (which may be NULL). */
void argv_add_all(struct argv *argv, const char *const *list);
/** Every string of a JSON array, as it is. */
void argv_add_strings(struct argv *argv, const json_t *strings);
/** Every item of another list (which may be NULL), each after `flag`. Empty items are skipped. */
void argv_add_each(struct argv *argv, const char *flag, const struct argv *items);

/** Set KEY=value in an environment, replacing an older one. */
void env_set(struct argv *env, const char *key, const char *value);
/** The value of KEY, or NULL. Borrowed. */
const char *env_get(const struct argv *env, const char *key);

#endif

/*
 * argv.h - argument vectors and environments: lists of strings that end with NULL, made without a shell.
 *
 * Text of a user becomes one argument, or the items of a list (quoted.h); nothing is ever expanded.
 * Zeroed memory is an empty list.
 */
#ifndef STASH_ARGV_H
#define STASH_ARGV_H

#include <stddef.h>

#include "stash/mem.h"

struct argv {
    char **items; /* NULL, or count strings and a NULL */
    size_t count;
};

/** Free the words; the vector is empty again. */
void argv_done(struct argv *argv);
DEFINE_AUTO_VALUE(struct argv, argv_done);

/** The list for spawn.h; lent until the next change. */
const char *const *argv_list(const struct argv *argv);

/** Append a copy of a word. */
void argv_add(struct argv *argv, const char *arg);
/** Append a word by its format. */
void argv_addf(struct argv *argv, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** `flag` and `value` as two arguments, unless the value is NULL or empty. */
void argv_add_pair(struct argv *argv, const char *flag, const char *value);
/** Every word of `text`, which quoted_join() wrote, or a user with blanks between. NULL adds nothing. */
void argv_add_words(struct argv *argv, const char *text);
/** Every item of a comma separated list, see quoted.h, each after `flag` (NULL: none). Empty items are skipped. */
void argv_add_list(struct argv *argv, const char *flag, const char *list);
/** A copy of every string of a NULL-ended list (which may be NULL). */
void argv_add_all(struct argv *argv, const char *const *list);

/** Set KEY=value in an environment, replacing an older one. */
void argv_env_set(struct argv *env, const char *key, const char *value);
/** The value of KEY, or NULL. Borrowed. */
const char *argv_env_get(const struct argv *env, const char *key);

#endif

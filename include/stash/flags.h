/*
 * flags.h - command lines as Stash's programs take them: --name=value, --name value, --bool, --bool=false; one letter also
 * with its value joined, -ojson.
 *
 * A table row says where a flag goes. An empty value leaves the default (Functions pass `--region=` when there is none).
 * FLAG_WORDS gathers all values; any other flag that stands twice with different values is refused. Numbers are from 0 to
 * FLAG_INT_MAX, durations are not negative.
 * klog's flags and others that upstream passes and we do not need stand in a list of ignored names.
 */
#ifndef STASH_FLAGS_H
#define STASH_FLAGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stash/error.h"

enum flag_type { FLAG_STRING, FLAG_INT, FLAG_BOOL, FLAG_DURATION, FLAG_WORDS };

#define FLAG_WORDS_MAX 256
#define FLAG_INT_MAX   2147483647LL

/** The values of a flag that may stand several times; zeroed memory is empty. */
struct flag_words {
    const char *items[FLAG_WORDS_MAX];
    size_t count;
};

struct flag {
    const char *name;
    enum flag_type type;
    /* const char **, int64_t *, bool *, int64_t * (nanoseconds), struct flag_words *; NULL: accepted and ignored */
    void *target;
    const char *help; /* one line; NULL hides it from usage */
};

/**
 * Parse argv[1..]; the table ends with a zeroed row. Strings are borrowed from argv.
 *
 * Positional arguments are moved to argv[1]… and counted in *ret_rest. ERR_INVALID is about the first flag that is
 * unknown, or has no value or one of the wrong type: it names the flag and the remedy (with the name that was
 * probably meant). What is right in the rest of the line is set all the same, so that the caller knows where to
 * report the error.
 */
int flags_parse(int argc, char **argv, const struct flag *table, int *ret_rest, struct error *err);

/** A whole number from 0 to FLAG_INT_MAX; else false. */
bool flags_number(const char *text, int64_t *ret);

/** The items of all these lists (quoted.h) as one list; NULL: there is none. Heap string. */
char *flags_join_words(const struct flag_words *words, const char *separators);

/** Print one line per visible flag to standard output. */
void flags_usage(const char *command, const char *summary, const struct flag *table);

#endif

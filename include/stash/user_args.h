/*
 * user_args.h - what users may add to restic's command line (`args`). Pure.
 */
#ifndef STASH_USER_ARGS_H
#define STASH_USER_ARGS_H

#include "stash/argv.h"
#include "stash/error.h"

/**
 * Whether the user's arguments (NULL: none) are options of restic that are not ours to set: tags that say whose a snapshot
 * is, and flags that say where, on what, and whether restic works at all. A word that is neither an option nor an
 * option's value would be one more path or snapshot. ERR_INVALID names the first that will not do, and the remedy.
 */
int user_args_check(const struct argv *words, struct error *err);

#endif

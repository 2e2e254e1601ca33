/*
 * user_args.h - the arguments that a user gives restic in spec.target.args.
 *
 * An item is one argument. Only an item that is a flag with a blank behind its name, "--limit-upload 2000", is split at
 * its blanks, as Stash does. Pure.
 */
#ifndef STASH_USER_ARGS_H
#define STASH_USER_ARGS_H

#include "stash/argv.h"
#include "stash/error.h"
#include "stash/quoted.h"

/** Add the arguments of a list that quoted_join() wrote; NULL adds nothing. */
void user_args_add(struct argv *argv, const char *text);

/** Whether one of them is this flag, with or without a value. */
bool user_args_have(const char *text, const char *flag);

/**
 * Whether they leave alone what is ours: tags that say whose a snapshot is, flags that say where, on what, and whether
 * restic works at all, and paths. ERR_INVALID names the first that does not.
 */
int user_args_check(const char *text, struct error *err);

#endif

/*
 * redis_load.h - the program that loads a dump.
 */
#ifndef STASH_REDIS_LOAD_H
#define STASH_REDIS_LOAD_H

#include "stash/argv.h"
#include "stash/error.h"

/** Load what comes by standard input, and leave in $HOME how it went; args of the user's. */
#define REDIS_LOADED "redis-loaded.json"
int redis_load_program(const struct argv *words, struct error *err);

#endif

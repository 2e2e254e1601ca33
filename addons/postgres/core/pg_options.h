/*
 * pg_options.h - the options of PostgreSQL's clients, for options.h. Pure.
 */
#ifndef STASH_PG_OPTIONS_H
#define STASH_PG_OPTIONS_H

#include "stash/options.h"

/** Of "psql", "pg_dump" or "pg_dumpall"; NULL: it is another tool. */
const struct option_table *pg_options_of(const char *tool);

#endif

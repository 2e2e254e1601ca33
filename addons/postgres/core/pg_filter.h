/*
 * pg_filter.h - what of a dump does not reach psql, which stops at the first error. Pure.
 *
 * Left out is what the server has already (roles, databases, tablespaces of the same name), what would take away the login
 * of the restore itself, settings that the server does not know, and commands that psql does not know. Databases of an older
 * server are created in its words. A psql command that pg_dump never writes is refused. Everything else passes.
 */
#ifndef STASH_PG_FILTER_H
#define STASH_PG_FILTER_H

#include <jansson.h>
#include <stdbool.h>

#include "stash/buf.h"
#include "stash/error.h"

/**
 * `state` says what the server is: {"version": 170002, "restrict": bool, "login": role, "roles": [..], "databases": [..],
 * "tablespaces": [..]}; `restrict`: psql knows \restrict.
 */
struct pg_filter {
    const json_t *state;
    json_t *there; /* {"ROLE": {name: true}, …}: changes as the dump drops and creates */
    bool keeps_postgres;
};

void pg_filter_init(struct pg_filter *filter, const json_t *state);
void pg_filter_done(struct pg_filter *filter);

/** A pg_filter_fn; ctx is the struct pg_filter. */
int pg_filter_statement(void *ctx, const char *text, struct buf *ret, struct error *err);

/** Whether this psql knows \restrict: `text` is what `psql --version` says. */
bool pg_knows_restrict(const char *text);

#endif

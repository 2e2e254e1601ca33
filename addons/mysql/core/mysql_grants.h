/*
 * mysql_grants.h - what the user of a dump may not see: the tools leave it out, and end as if nothing had been. Pure.
 */
#ifndef STASH_MYSQL_GRANTS_H
#define STASH_MYSQL_GRANTS_H

#include <stdbool.h>

/** What may be hidden from a user; only what is shown without a word is here, the rest ends a dump. */
struct mysql_hidden {
    bool databases; /* some, or all */
    bool tables;    /* of the databases that are seen */
    bool triggers;
    bool routines;
};

/** `lines` is the answer to SHOW GRANTS, of any version. */
struct mysql_hidden mysql_grants_hidden(const char *lines);

#endif

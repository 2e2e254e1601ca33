/*
 * copy.h - copies of a whole Galera cluster: the files of one node, which a donor sends to an arbitrator.
 */
#ifndef STASH_PERCONAXTRADB_COPY_H
#define STASH_PERCONAXTRADB_COPY_H

#include "mysql/mysql.h"
#include "stash/addon.h"

/** Whether this run makes or brings back such a copy; known once login has chosen, in every process of the run. */
bool copy_is(const struct addon_run *run);

/** Choose. *ret false: one server is meant. */
int copy_choose(struct addon_run *run, bool *ret, struct error *err);

/* The steps, when copy_is(). */
int copy_check_place(struct addon_run *run, struct error *err);
int copy_plan_dump(struct addon_run *run, struct error *err);
int copy_count(struct addon_run *run, const char *data, size_t len, struct buf *ret,
               struct error *err);
int copy_verify(struct addon_run *run, enum addon_when when, struct error *err);
int copy_plan_load(struct addon_run *run, struct error *err);
int copy_finish(struct addon_run *run, struct error *err);
void copy_done(struct addon_run *run);

/** The program `addon-tool perconaxtradb OWN-ADDRESS RETRIES SECONDS GARBD…`. */
int copy_receive(int argc, char **argv, struct error *err);

/** The address of ours that the cluster's nodes reach. Heap string. */
int copy_own_address(const char *cluster, char **ret, struct error *err);

#endif

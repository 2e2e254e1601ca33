/*
 * mysql.h - MySQL and its relatives: one code for all, which each calls with its own tools.
 */
#ifndef STASH_ADDON_MYSQL_H
#define STASH_ADDON_MYSQL_H

#include "mysql_args.h"
#include "stash/addon.h"

/** The step login of a relative. */
int mysql_begin(struct addon_run *run, const struct mysql_tools *tools, struct error *err);

/* The other steps. */
int mysql_ready(struct addon_run *run, struct error *err);
int mysql_plan_dump(struct addon_run *run, struct error *err);
int mysql_plan_load(struct addon_run *run, struct error *err);
int mysql_verify(struct addon_run *run, enum addon_when when, struct error *err);
int mysql_count(struct addon_run *run, const char *data, size_t len, struct buf *ret,
                struct error *err);
void mysql_end(struct addon_run *run);

#endif

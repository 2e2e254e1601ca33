/* perconaxtradb.c - Percona's servers: one of them as addons/mysql does it, or a copy of the whole cluster (copy.c). */
#include "copy.h"
#include "mysql/mysql.h"

static int xtradb_start(struct addon_run *run, struct error *err)
{
    static const struct mysql_tools tools = {
        .dump = "mysqldump", .client = "mysql", .flag = "xtradb-args"};
    bool is_copy;
    int r = copy_choose(run, &is_copy, err);

    if (r < 0)
        return r;
    /* where a copy is brought back to, no server runs yet */
    return is_copy && run->step == ADDON_RESTORE ? copy_check_place(run, err)
                                                 : mysql_login(run, &tools, err);
}

static int xtradb_ready(struct addon_run *run, struct error *err)
{
    return copy_is(run) && run->step == ADDON_RESTORE ? 0 : mysql_ready(run, err);
}

static int xtradb_plan_dump(struct addon_run *run, struct error *err)
{
    return copy_is(run) ? copy_plan_dump(run, err) : mysql_plan_dump(run, err);
}

static int xtradb_count(struct addon_run *run, const char *data, size_t len, struct buf *ret,
                        struct error *err)
{
    return (copy_is(run) ? copy_count : mysql_count)(run, data, len, ret, err);
}

static int xtradb_verify(struct addon_run *run, enum addon_when when, struct error *err)
{
    return (copy_is(run) ? copy_verify : mysql_verify)(run, when, err);
}

static int xtradb_plan_load(struct addon_run *run, struct error *err)
{
    return copy_is(run) ? copy_plan_load(run, err) : mysql_plan_load(run, err);
}

static int xtradb_finish(struct addon_run *run, struct error *err)
{
    return copy_is(run) ? copy_finish(run, err) : 0;
}

static void xtradb_done(struct addon_run *run)
{
    if (copy_is(run))
        copy_done(run);
    mysql_done(run);
}

ADDON_CODE(perconaxtradb, xtradb_start, xtradb_ready, xtradb_plan_dump, xtradb_verify,
           xtradb_plan_load, .count = xtradb_count, .works = mysql_works, .finish = xtradb_finish,
           .program = copy_receive, .done = xtradb_done);

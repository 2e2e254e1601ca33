/* perconaxtradb.c - Percona's servers, one node at a time: addons/mysql. Copies of a whole cluster are not supported. */
#include "mysql/mysql.h"

static int perconaxtradb_login(struct addon_run *run, struct error *err)
{
    static const struct mysql_tools tools = {
        .dump = "mysqldump", .client = "mysql", .flag = "xtradb-args", .cluster_group = "group"};

    if (run->step == ADDON_RESTORE && addon_number(run, "target-app-replicas") > 1)
        return error_set(err, ERR_INVALID,
                         "parameter TARGET_APP_REPLICAS: a dump is loaded into one node, which "
                         "gives it to the others");
    return mysql_begin(run, &tools, err);
}

ADDON_CODE(perconaxtradb, perconaxtradb_login, mysql_ready, mysql_plan_dump, mysql_verify,
           mysql_plan_load, .count = mysql_count, .done = mysql_end);

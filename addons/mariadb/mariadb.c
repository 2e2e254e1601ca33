/* mariadb.c - MariaDB: addons/mysql with its own tools. */
#include "mysql/mysql.h"

static int mariadb_start(struct addon_run *run, struct error *err)
{
    static const struct mysql_tools tools = {
        .dump = "mariadb-dump", .client = "mariadb", .is_mariadb = true, .flag = "mariadb-args"};

    return mysql_login(run, &tools, err);
}

ADDON_CODE(mariadb, mariadb_start, mysql_ready, mysql_plan_dump, mysql_verify, mysql_plan_load,
           .count = mysql_count, .works = mysql_works, .done = mysql_done);

#include "stash/addon_info.h"

typedef const char *const list[];

static const struct addon_param params[] = {
    {"mysql-args", "args", "--all-databases", ADDON_BACKUP, ADDON_TEXT,
     "further options of mysqldump", NULL},
    {"mysql-args", "args", "", ADDON_RESTORE, ADDON_TEXT, "further options of mysql", NULL},
    {"multi-dump-args", "multiDumpArgs", "", ADDON_BACKUP, ADDON_TEXT,
     "several dumps one after the other, the options of each after \"$args=\"",
     (list){"8.0.3", "8.0.14", "8.0.21", NULL}},
    {0},
};

const struct addon_info addon_info_mysql = {
    .name = "mysql",
    .backup = {"backup-mysql", "dump databases of a MySQL server into the repository",
               (list){"@repository", "@hostname", "mysql-args", "multi-dump-args", "@wait",
                      "@target", "@session", "@retention", "@output", NULL}},
    .restore = {"restore-mysql", "load databases from the repository into a MySQL server",
                (list){"@repository", "@hostname", "@source", "mysql-args", "@wait", "@target",
                       "@snapshot", "@output", NULL}},
    .image = "stash-mysql",
    .versions = (list){"5.7.25", "8.0.3", "8.0.14", "8.0.21", NULL},
    .shape = ADDON_STREAM,
    .stream_file = "dumpfile.sql",
    .params = params,
    .types = (list){"mysql", NULL},
    .tried = "MySQL 9.7 (cluster and lab); 5.7 and 8 could not be had",
    .verified = "as MariaDB",
};

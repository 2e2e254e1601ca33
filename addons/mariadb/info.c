#include "stash/addon_info.h"

typedef const char *const list[];

static const struct addon_param params[] = {
    {"mariadb-args", "args", "--all-databases --ignore-database=mysql", ADDON_BACKUP, ADDON_TEXT,
     "further options of mariadb-dump", NULL},
    {"mariadb-args", "args", "", ADDON_RESTORE, ADDON_TEXT, "further options of mariadb", NULL},
    {0},
};

const struct addon_info addon_info_mariadb = {
    .name = "mariadb",
    .backup = {"backup-mariadb", "dump databases of a MariaDB server into the repository",
               (list){"@repository", "@hostname", "mariadb-args", "@wait", "@target", "@session",
                      "@retention", "@output", NULL}},
    .restore = {"restore-mariadb", "load databases from the repository into a MariaDB server",
                (list){"@repository", "@hostname", "@source", "mariadb-args", "@wait", "@target",
                       "@snapshot", "@output", NULL}},
    .image = "stash-mariadb",
    .versions = (list){"10.5.8", NULL},
    .shape = ADDON_STREAM,
    .stream_file = "dumpfile.sql",
    .params = params,
    .types = (list){"mariadb", NULL},
    .tried = "MariaDB 10.11 (lab) and 11.8 (cluster)",
    .verified = "the last line of the dump, and its rows per table as they pass; after a restore "
                "the rows of each table on the server",
};

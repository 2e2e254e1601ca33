#include "stash/addon_info.h"

typedef const char *const list[];

static const struct addon_param params[] = {
    {"xtradb-args", "args", "--all-databases", ADDON_BACKUP, ADDON_TEXT,
     "further options of mysqldump", NULL},
    {"xtradb-args", "args", "", ADDON_RESTORE, ADDON_TEXT, "further options of mysql", NULL},
    {"socat-retry", "socatRetry", "30", ADDON_BACKUP, ADDON_NUMBER,
     "copies of a cluster: how often it is tried again to listen for the donor, once a second",
     NULL},
    {"target-app-replicas", "TARGET_APP_REPLICAS", "1", ADDON_RESTORE, ADDON_NUMBER,
     "more than 1: a copy of a cluster is brought back, into the folder of one node", NULL},
    {0},
};

const struct addon_info addon_info_perconaxtradb = {
    .name = "perconaxtradb",
    .backup = {"backup-percona-xtradb", "dump databases of a Percona server into the repository",
               (list){"@repository", "@hostname", "xtradb-args", "socat-retry", "@wait", "@target",
                      "@session", "@retention", "@output", NULL}},
    .restore = {"restore-percona-xtradb",
                "load databases from the repository into a Percona server",
                (list){"@repository", "@hostname", "@source", "xtradb-args", "target-app-replicas",
                       "@wait", "@target", "@snapshot", "@output", NULL}},
    .image = "stash-percona-xtradb",
    .versions = (list){"5.7", "8.0", "8.4", NULL},
    .shape = ADDON_STREAM,
    .stream_file = "dumpfile.sql",
    .params = params,
    .types = (list){"perconaxtradb", NULL},
    .tried = "MySQL 9.7 in its place (cluster and lab); Galera clusters of MariaDB 10.11 (lab) and "
             "11.8 (cluster)",
    .verified =
        "as MariaDB; of a cluster's copy every chunk's checksum and the end of every file, after "
        "a restore the files and bytes there, and that they were prepared",
};

#include "stash/addon_info.h"

typedef const char *const list[];

static const struct addon_param params[] = {
    {"xtradb-args", "args", "--all-databases", ADDON_BACKUP, ADDON_TEXT,
     "further options of mysqldump", NULL},
    {"xtradb-args", "args", "", ADDON_RESTORE, ADDON_TEXT, "further options of mysql", NULL},
    {"socat-retry", "socatRetry", "30", ADDON_BACKUP, ADDON_TEXT, NULL, NULL},
    {"target-app-replicas", "TARGET_APP_REPLICAS", "1", ADDON_RESTORE, ADDON_NUMBER,
     "a dump is loaded into one node: no other number is supported", NULL},
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
};

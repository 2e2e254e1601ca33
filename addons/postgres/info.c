#include "stash/addon_info.h"

#define BOTH (ADDON_BACKUP | ADDON_RESTORE)

typedef const char *const list[];

static const struct addon_param params[] = {
    {"backup-cmd", "backupCMD", "pg_dumpall", ADDON_BACKUP, ADDON_TEXT, "pg_dumpall or pg_dump",
     NULL},
    {"pg-args", "args", "", BOTH, ADDON_TEXT, "further options of the dump's tool, or of psql",
     NULL},
    {"user", "user", "", BOTH, ADDON_TEXT, "who logs in when a tlsSecret says who it is", NULL},
    {0},
};

const struct addon_info addon_info_postgres = {
    .name = "postgres",
    .backup = {"backup-pg", "dump a PostgreSQL server into the repository",
               (list){"@repository", "@hostname", "backup-cmd", "pg-args", "@wait", "@target",
                      "@session", "@retention", "@output", "user", NULL}},
    .restore = {"restore-pg", "load a PostgreSQL server from the repository",
                (list){"@repository", "@hostname", "@source", "pg-args", "@wait", "@target",
                       "@snapshot", "@output", "user", NULL}},
    .image = "stash-postgres",
    .versions =
        (list){"9.6.19", "10.14", "11.9", "12.4", "13.1", "14.0", "15.1", "16.1", "17.2", NULL},
    .shape = ADDON_STREAM,
    .stream_file = "dumpfile.sql",
    .params = params,
    .types = (list){"postgres", NULL},
    .tried = "PostgreSQL 15.18 (lab) and 17.12 (cluster)",
    .verified = "the last line of the dump, and its rows per table as they pass; after a restore "
                "the rows of each table and the large objects on the server",
};

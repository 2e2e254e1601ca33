#include "stash/addon_info.h"

typedef const char *const list[];

static list with_dashboards = {"7.3.2", "7.14.0", "8.2.0", NULL};

static const struct addon_param params[] = {
    {"es-args", "args", "", ADDON_BACKUP | ADDON_RESTORE, ADDON_TEXT,
     "further options of multielasticdump", NULL},
    {"enable-dashboard-backup", "ENABLE_DASHBOARD_BACKUP", "false", ADDON_BACKUP, ADDON_BOOL, NULL,
     with_dashboards},
    {"enable-dashboard-restore", "ENABLE_DASHBOARD_RESTORE", "false", ADDON_RESTORE, ADDON_BOOL,
     NULL, with_dashboards},
    {0},
};

const struct addon_info addon_info_elasticsearch = {
    .name = "elasticsearch",
    .backup = {"backup-es", "dump the indices of an Elasticsearch server into the repository",
               (list){"@repository", "@wait", "@hostname", "@interim", "@target", "@session",
                      "es-args", "@retention", "@output", "enable-dashboard-backup", NULL}},
    .restore = {"restore-es", "load indices from the repository into an Elasticsearch server",
                (list){"@repository", "@wait", "@hostname", "@source", "@interim", "@target",
                       "@snapshot", "es-args", "@output", "enable-dashboard-restore", NULL}},
    .image = "stash-elasticsearch",
    .versions = (list){"5.6.4", "6.2.4", "6.3.0", "6.4.0", "6.5.3", "6.8.0", "7.2.0", "7.3.2",
                       "7.14.0", "8.2.0", NULL},
    .shape = ADDON_FOLDER,
    .interim = true,
    .params = params,
    .types = (list){"elasticsearch", "opensearch", NULL},
    .tried = "Elasticsearch 8.1.1 (cluster and lab), OpenSearch 2.19 (lab)",
    .verified = "each index's documents against the lines of its dump, failed shards, mappings; "
                "after a restore that each document was written, and that fields and aliases are "
                "what they were",
};

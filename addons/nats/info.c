#include "stash/addon_info.h"

#define BOTH (ADDON_BACKUP | ADDON_RESTORE)

typedef const char *const list[];

static const struct addon_param params[] = {
    {"nats-args", "args", "", BOTH, ADDON_TEXT, "further options of nats stream backup or restore",
     NULL},
    {"streams", "streams", "", BOTH, ADDON_TEXT, "comma separated; all when absent", NULL},
    {"overwrite", "overwrite", "false", ADDON_RESTORE, ADDON_BOOL,
     "replace streams that exist, one by one", NULL},
    {"warning-threshold", "warningThreshold", "30s", BOTH, ADDON_TEXT, "slowest connection allowed",
     NULL},
    {0},
};

const struct addon_info addon_info_nats = {
    .name = "nats",
    .backup = {"backup-nats", "dump the streams of a NATS server into the repository",
               (list){"@repository", "@hostname", "@interim", "nats-args", "streams",
                      "warning-threshold", "@wait", "@target", "@session", "@retention", "@output",
                      NULL}},
    .restore = {"restore-nats", "load streams from the repository into a NATS server",
                (list){"@repository", "@hostname", "@source", "@interim", "nats-args", "streams",
                       "overwrite", "warning-threshold", "@wait", "@target", "@snapshot", "@output",
                       NULL}},
    .image = "stash-nats",
    .versions = (list){"2.6.1", "2.8.2", NULL},
    .shape = ADDON_FOLDER,
    .interim = true,
    .params = params,
    .types = (list){"nats", NULL},
    .tried = "NATS 2.10 (cluster and lab) and 2.15 (lab)",
    .verified = "each stream's messages and bytes in the archive, the archive's checksums; after a "
                "restore each stream on the server",
};

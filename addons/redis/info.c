#include "stash/addon_info.h"

#define BOTH (ADDON_BACKUP | ADDON_RESTORE)

typedef const char *const list[];

static const struct addon_param params[] = {
    {"redis-args", "args", "", BOTH, ADDON_TEXT,
     "backup: -db N, -filter PATTERN, -ttl=false, --payload=modules or all; restore: "
     "--pipe-timeout "
     "SECONDS",
     NULL},
    {0},
};

const struct addon_info addon_info_redis = {
    .name = "redis",
    .backup = {"backup-redis", "dump a Redis or Valkey server into the repository",
               (list){"@repository", "@hostname", "redis-args", "@wait", "@target", "@session",
                      "@retention", "@output", NULL}},
    .restore = {"restore-redis", "load a Redis or Valkey server from the repository",
                (list){"@repository", "@hostname", "@source", "redis-args", "@wait", "@target",
                       "@snapshot", "@output", NULL}},
    .image = "stash-redis",
    .versions = (list){"5.0.13", "6.2.5", "7.0.5", NULL},
    .shape = ADDON_STREAM,
    .stream_file = "dumpfile.resp",
    .params = params,
    .types = (list){"redis", "valkey", NULL},
    .tried = "Redis 7.0, single and as a cluster, and Valkey 9.1 (lab)",
    .verified = "the dump's last command, and its keys per database as they pass; after a restore "
                "every command's answer and the keys of each database on the server",
};

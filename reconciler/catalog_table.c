/*
 * Arguments are written "flag<-VARIABLE:default", which becomes --flag=${VARIABLE:=default}; without the colon there is
 * no default, and a resolution without a value fails. Lists of arguments are shared blocks, as in Stash's own catalog,
 * whose names, order and defaults these are.
 */
#include "catalog_table.h"

#include <string.h>

#include "stash/kinds.h"
#include "stash/names.h"

typedef const char *const args[];

static args repository = {
    "provider<-REPOSITORY_PROVIDER:",
    "bucket<-REPOSITORY_BUCKET:",
    "endpoint<-REPOSITORY_ENDPOINT:",
    "insecure-tls<-REPOSITORY_INSECURE_TLS:",
    "region<-REPOSITORY_REGION:",
    "path<-REPOSITORY_PREFIX:",
    "storage-secret-name<-REPOSITORY_SECRET_NAME:",
    "storage-secret-namespace<-REPOSITORY_SECRET_NAMESPACE:",
    "--scratch-dir=" PATH_TMP,
    "enable-cache<-ENABLE_CACHE:true",
    "max-connections<-MAX_CONNECTIONS:0",
    NULL,
};
static args target = {"namespace<-NAMESPACE:default",
                      "appbinding<-TARGET_NAME:", "appbinding-namespace<-TARGET_NAMESPACE:", NULL};
static args retention = {
    "retention-keep-last<-RETENTION_KEEP_LAST:0",
    "retention-keep-hourly<-RETENTION_KEEP_HOURLY:0",
    "retention-keep-daily<-RETENTION_KEEP_DAILY:0",
    "retention-keep-weekly<-RETENTION_KEEP_WEEKLY:0",
    "retention-keep-monthly<-RETENTION_KEEP_MONTHLY:0",
    "retention-keep-yearly<-RETENTION_KEEP_YEARLY:0",
    "retention-keep-tags<-RETENTION_KEEP_TAGS:",
    "retention-prune<-RETENTION_PRUNE:false",
    "retention-dry-run<-RETENTION_DRY_RUN:false",
    NULL,
};
static args output = {"output-dir<-outputDir:", "license-apiservice<-LICENSE_APISERVICE:", NULL};
static args wait_timeout = {"wait-timeout<-waitTimeout:300", NULL};
static args hostname = {"hostname<-HOSTNAME:", NULL};
static args source_hostname = {"source-hostname<-SOURCE_HOSTNAME:", NULL};
static args backup_session = {"backupsession<-BACKUP_SESSION:", NULL};
static args snapshot = {"snapshot<-RESTORE_SNAPSHOTS:", NULL};
static args interim = {"interim-data-dir<-INTERIM_DATA_DIR", NULL};
static args invoker = {
    "invoker-kind<-INVOKER_KIND:",         "invoker-name<-INVOKER_NAME:",
    "target-kind<-TARGET_KIND:",           "target-name<-TARGET_NAME:",
    "target-namespace<-TARGET_NAMESPACE:", NULL,
};

static args nats_options = {"nats-args<-args:", "streams<-streams:", NULL};
static args nats_threshold = {"warning-threshold<-warningThreshold:30s", NULL};
static args nats_overwrite = {"overwrite<-overwrite:false", NULL};
static args es_options = {"es-args<-args:", NULL};
static args es_dashboard_backup = {"enable-dashboard-backup<-ENABLE_DASHBOARD_BACKUP:false", NULL};
static args es_dashboard_restore = {"enable-dashboard-restore<-ENABLE_DASHBOARD_RESTORE:false",
                                    NULL};
static args pvc_backup_options = {
    "backup-paths<-TARGET_PATHS:", "exclude<-EXCLUDE_PATTERNS:", "args<-DRIVER_ARGS:", NULL};
static args pvc_restore_options = {"restore-paths<-RESTORE_PATHS:",
                                   "snapshots<-RESTORE_SNAPSHOTS:",
                                   "include<-INCLUDE_PATTERNS:",
                                   "exclude<-EXCLUDE_PATTERNS:",
                                   "args<-DRIVER_ARGS:",
                                   NULL};
static args status_options = {
    "namespace<-NAMESPACE:default",
    "backupsession<-BACKUP_SESSION:",
    "metrics-pushgateway-url<-PROMETHEUS_PUSHGATEWAY_URL:",
    "--metrics-enabled=true",
    "output-dir<-outputDir:",
    NULL,
};

#define MAX_BLOCKS 12

static const struct addon_function {
    const char *prefix; /* "nats-backup": the Function is <prefix>-<version> */
    const char *command;
    const char *image; /* addon image; NULL: the product's own */
    bool mounts_volume;
    const char *const *versions;
    const char *const *blocks[MAX_BLOCKS];
} functions[] = {
    {"nats-backup",
     "backup-nats",
     "stash-nats",
     false,
     (args){"2.6.1", "2.8.2", NULL},
     {repository, hostname, interim, nats_options, nats_threshold, wait_timeout, target,
      backup_session, retention, output}},
    {"nats-restore",
     "restore-nats",
     "stash-nats",
     false,
     (args){"2.6.1", "2.8.2", NULL},
     {repository, hostname, source_hostname, interim, nats_options, nats_overwrite, nats_threshold,
      wait_timeout, target, snapshot, output}},
    {"elasticsearch-backup",
     "backup-es",
     "stash-elasticsearch",
     false,
     (args){"5.6.4", "6.2.4", "6.3.0", "6.4.0", "6.5.3", "6.8.0", "7.2.0", NULL},
     {repository, wait_timeout, hostname, interim, target, backup_session, es_options, retention,
      output}},
    {"elasticsearch-restore",
     "restore-es",
     "stash-elasticsearch",
     false,
     (args){"5.6.4", "6.2.4", "6.3.0", "6.4.0", "6.5.3", "6.8.0", "7.2.0", NULL},
     {repository, wait_timeout, hostname, source_hostname, interim, target, snapshot, es_options,
      output}},
    {"elasticsearch-backup",
     "backup-es",
     "stash-elasticsearch",
     false,
     (args){"7.3.2", "7.14.0", "8.2.0", NULL},
     {repository, wait_timeout, hostname, interim, target, backup_session, es_options, retention,
      output, es_dashboard_backup}},
    {"elasticsearch-restore",
     "restore-es",
     "stash-elasticsearch",
     false,
     (args){"7.3.2", "7.14.0", "8.2.0", NULL},
     {repository, wait_timeout, hostname, source_hostname, interim, target, snapshot, es_options,
      output, es_dashboard_restore}},
    {"pvc-backup",
     "backup-pvc",
     NULL,
     true,
     NULL,
     {repository, hostname, pvc_backup_options, invoker, backup_session, retention, output}},
    {"pvc-restore",
     "restore-pvc",
     NULL,
     true,
     NULL,
     {repository, hostname, source_hostname, pvc_restore_options, invoker, output}},
    {"update-status", "update-status", NULL, false, NULL, {repository, invoker, status_options}},
};

/* "flag<-VAR:default" to "--flag=${VAR:=default}"; what begins with "--" stays. */
static json_t *argument(const char *row)
{
    const char *arrow = strstr(row, "<-");

    if (!arrow)
        return json_string(row);
    const char *variable = arrow + 2;
    const char *colon = strchr(variable, ':');
    int flag = (int)(arrow - row);
    if (!colon)
        return json_sprintf("--%.*s=${%s}", flag, row, variable);
    return json_sprintf("--%.*s=${%.*s:=%s}", flag, row, (int)(colon - variable), variable,
                        colon + 1);
}

static json_t *arguments(const struct addon_function *function)
{
    json_t *list = json_pack("[s]", function->command);

    for (size_t b = 0; b < MAX_BLOCKS && function->blocks[b]; b++)
        for (const char *const *row = function->blocks[b]; *row; row++)
            json_array_append_new(list, argument(*row));
    return list;
}

static json_t *document(enum kind kind, const char *name, json_t *spec)
{
    return json_pack("{s:s, s:s, s:{s:s, s:{s:s, s:s}}, s:o}", "apiVersion", kind_api_version(kind),
                     "kind", kind_resource(kind)->kind, "metadata", "name", name, "labels",
                     LABEL_MANAGED_BY, STASH_GROUP, "app.kubernetes.io/name", "stash-catalog",
                     "spec", spec);
}

static json_t *function_document(const struct addon_function *function, const char *name,
                                 const struct reconciler_config *config)
{
    AUTO(mem_free)
    char *addon = function->image ? xasprintf("%s/%s:%s", config->addon_registry, function->image,
                                              config->addon_tag)
                                  : NULL;
    json_t *spec = json_pack("{s:s, s:o}", "image", addon ? addon : config->image, "args",
                             arguments(function));

    if (function->mounts_volume)
        json_object_set_new(spec, "volumeMounts",
                            json_pack("[{s:s, s:s}]", "name", "${targetVolume}", "mountPath",
                                      "${TARGET_MOUNT_PATH}"));
    return document(KIND_FUNCTION, name, spec);
}

/* Two steps always: the Function of the same name, then update-status. */
static json_t *task_document(const struct addon_function *function, const char *name)
{
    json_t *own = json_pack("[{s:s, s:s}]", "name", "outputDir", "value", PATH_OUTPUT);
    json_t *status = json_pack("[{s:s, s:s}]", "name", "outputDir", "value", PATH_OUTPUT);

    if (function->mounts_volume)
        json_array_append_new(
            own, json_pack("{s:s, s:s}", "name", "targetVolume", "value", "stash-volume"));
    json_t *spec = json_pack("{s:[{s:s, s:o}, {s:s, s:o}]}", "steps", "name", name, "params", own,
                             "name", "update-status", "params", status);
    if (function->mounts_volume)
        json_object_set_new(spec, "volumes",
                            json_pack("[{s:s, s:{s:s}}]", "name", "stash-volume",
                                      "persistentVolumeClaim", "claimName", "${TARGET_NAME}"));
    return document(KIND_TASK, name, spec);
}

static void append(json_t *list, const struct addon_function *function, const char *name,
                   const struct reconciler_config *config)
{
    json_array_append_new(list, function_document(function, name, config));
    if (strcmp(name, "update-status") != 0)
        json_array_append_new(list, task_document(function, name));
}

json_t *catalog_documents(const struct reconciler_config *config)
{
    json_t *list = json_array();

    for (size_t i = 0; i < ARRAY_LEN(functions); i++) {
        const struct addon_function *function = &functions[i];
        if (!function->versions)
            append(list, function, function->prefix, config);
        for (const char *const *v = function->versions; v && *v; v++) {
            AUTO(mem_free) char *name = xasprintf("%s-%s", function->prefix, *v);
            append(list, function, name, config);
        }
    }
    return list;
}

/*
 * Arguments are written "flag<-VARIABLE:default", which becomes --flag=${VARIABLE:=default}; without the colon there is
 * no default, and a resolution without a value fails. Lists of arguments are shared blocks, as in Stash's own catalog,
 * whose names, order and defaults these are.
 */
#include "catalog_table.h"

#include <string.h>

#include "stash/addon_info.h"
#include "stash/error.h"
#include "stash/kinds.h"
#include "stash/names.h"
#include "stash/pair.h"

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

static args stored_paths = {
    "backup-paths<-TARGET_PATHS:", "exclude<-EXCLUDE_PATTERNS:", "args<-DRIVER_ARGS:", NULL};
static args restored_paths = {"restore-paths<-RESTORE_PATHS:",
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

static const struct block {
    const char *name;
    const char *const *rows;
} blocks[] = {
    {"@repository", repository},
    {"@hostname", hostname},
    {"@source", source_hostname},
    {"@interim", interim},
    {"@wait", wait_timeout},
    {"@target", target},
    {"@session", backup_session},
    {"@snapshot", snapshot},
    {"@retention", retention},
    {"@output", output},
    {"@invoker", invoker},
    {"@stored-paths", stored_paths},
    {"@restored-paths", restored_paths},
    {"@status", status_options},
};

/* The step that ends every Task; it is no addon's. */
static const struct addon_info update_status = {
    .name = "update-status",
    .backup = {"update-status", NULL, (args){"@repository", "@invoker", "@status", NULL}},
};

struct addon_function {
    const struct addon_info *info;
    enum addon_step step;
    const char *version; /* NULL: it has none */
};

/* "flag<-VAR:default" to "--flag=${VAR:=default}"; what begins with "--" stays. */
static json_t *add_argument(const char *row)
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

static void add_block(json_t *list, const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(blocks); i++)
        if (strcmp(blocks[i].name, name) == 0)
            for (const char *const *row = blocks[i].rows; *row; row++)
                json_array_append_new(list, add_argument(*row));
}

static void add_param(json_t *list, const struct addon_function *function, const char *flag)
{
    ptrdiff_t at = addon_info_param(function->info, function->step, flag);

    BUG_ON(at < 0 || !function->info->params);
    const struct addon_param *param = &function->info->params[at];
    if (addon_info_has_param(param, function->version))
        json_array_append_new(
            list, json_sprintf("--%s=${%s:=%s}", param->flag, param->variable, param->fallback));
}

static json_t *step_arguments(const struct addon_function *function)
{
    const struct addon_command *command = addon_info_command(function->info, function->step);
    json_t *list = json_pack("[s]", command->name);

    for (const char *const *item = command->layout; *item; item++)
        if (**item == '@')
            add_block(list, *item);
        else if (strncmp(*item, "--", 2) == 0)
            json_array_append_new(list, json_string(*item));
        else
            add_param(list, function, *item);
    return list;
}

static json_t *row_document(enum kind kind, const char *name, json_t *spec)
{
    return json_pack("{s:s, s:s, s:{s:s, s:{s:s, s:s}}, s:o}",
                     PAIR("apiVersion", kind_api_version(kind)),
                     PAIR("kind", kind_resource(kind)->kind),
                     PAIR("metadata", PAIR("name", name),
                          PAIR("labels", PAIR(LABEL_MANAGED_BY, STASH_GROUP),
                               PAIR("app.kubernetes.io/name", "stash-catalog"))),
                     PAIR("spec", spec));
}

static json_t *function_document(const struct addon_function *function, const char *name,
                                 const struct reconciler_config *config)
{
    AUTO(mem_free)
    char *addon = function->info->image ? xasprintf("%s/%s:%s", config->addon_registry,
                                                    function->info->image, config->addon_tag)
                                        : NULL;
    json_t *spec = json_pack("{s:s, s:o}", "image", addon ? addon : config->image, "args",
                             step_arguments(function));

    if (function->info->mounts_volume)
        json_object_set_new(spec, "volumeMounts",
                            json_pack("[{s:s, s:s}]", "name", "${targetVolume}", "mountPath",
                                      "${TARGET_MOUNT_PATH}"));
    return row_document(KIND_FUNCTION, name, spec);
}

/* Two steps always: the Function of the same name, then update-status. */
static json_t *task_document(const struct addon_function *function, const char *name)
{
    json_t *own = json_pack("[{s:s, s:s}]", "name", "outputDir", "value", PATH_OUTPUT);
    json_t *status = json_pack("[{s:s, s:s}]", "name", "outputDir", "value", PATH_OUTPUT);

    if (function->info->mounts_volume)
        json_array_append_new(
            own, json_pack("{s:s, s:s}", "name", "targetVolume", "value", "stash-volume"));
    json_t *spec = json_pack("{s:[{s:s, s:o}, {s:s, s:o}]}",
                             PAIR("steps", PAIR("name", name), PAIR("params", own),
                                  PAIR("name", "update-status"), PAIR("params", status)));
    if (function->info->mounts_volume)
        json_object_set_new(
            spec, "volumes",
            json_pack("[{s:s, s:{s:s}}]", PAIR("name", "stash-volume"),
                      PAIR("persistentVolumeClaim", PAIR("claimName", "${TARGET_NAME}"))));
    return row_document(KIND_TASK, name, spec);
}

static void append_row(json_t *list, const struct addon_function *function,
                       const struct reconciler_config *config)
{
    AUTO(mem_free)
    char *name = xasprintf(
        "%s-%s%s%s", function->info->name, function->step == ADDON_BACKUP ? "backup" : "restore",
        function->version ? "-" : "", function->version ? function->version : "");

    json_array_append_new(list, function_document(function, name, config));
    json_array_append_new(list, task_document(function, name));
}

static void append_step(json_t *list, const struct addon_info *info, enum addon_step step,
                        const struct reconciler_config *config)
{
    static args no_version = {NULL};
    const char *const *version = info->versions ? info->versions : no_version;

    if (!addon_info_command(info, step))
        return;
    do {
        const struct addon_function function = {info, step, *version};

        append_row(list, &function, config);
    } while (*version && *++version);
}

json_t *catalog_documents(const struct reconciler_config *config)
{
    const struct addon_function last = {&update_status, ADDON_BACKUP, NULL};
    json_t *list = json_array();

    for (const struct addon_info *const *info = addon_infos; *info; info++) {
        append_step(list, *info, ADDON_BACKUP, config);
        append_step(list, *info, ADDON_RESTORE, config);
    }
    json_array_append_new(list, function_document(&last, last.info->name, config));
    return list;
}

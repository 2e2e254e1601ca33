#include "catalog_table.h"

#include <criterion/criterion.h>
#include <string.h>

#include "stash/addon_info.h"
#include "stash/admit.h"
#include "stash/jsonx.h"

static const struct reconciler_config config = {
    .image = "registry.example/stash:1", .addon_registry = "registry.example", .addon_tag = "2"};

static const json_t *find(const json_t *documents, const char *kind, const char *name)
{
    for (size_t i = 0; i < json_array_size(documents); i++) {
        const json_t *doc = json_array_get(documents, i);
        if (strcmp(jsonx_str(doc, "kind", NULL), kind) == 0 && strcmp(jsonx_name(doc), name) == 0)
            return doc;
    }
    cr_assert(false, "%s %s is missing", kind, name);
    return NULL;
}

static size_t count(const json_t *documents, const char *kind)
{
    size_t found = 0;

    for (size_t i = 0; i < json_array_size(documents); i++)
        found += strcmp(jsonx_str(json_array_get(documents, i), "kind", NULL), kind) == 0;
    return found;
}

Test(catalog, has_every_version_once)
{
    json_auto_t *documents = catalog_documents(&config);
    size_t versions = 0;

    for (size_t i = 0; addon_infos[i]; i++)
        for (const char *const *v = addon_infos[i]->versions; v && *v; v++)
            versions++;
    cr_assert_eq(count(documents, "Function"), 2 * versions + 3);
    cr_assert_eq(count(documents, "Task"), 2 * versions + 2);
    find(documents, "Task", "elasticsearch-restore-5.6.4");
    find(documents, "Function", "update-status");
}

Test(catalog, writes_arguments_as_upstream_does)
{
    json_auto_t *documents = catalog_documents(&config);
    const json_t *function = find(documents, "Function", "nats-backup-2.8.2");
    AUTO(mem_free) char *args = jsonx_dump(jsonx_get(function, "spec", "args", NULL));

    cr_assert_str_eq(jsonx_str(function, "spec", "image", NULL), "registry.example/stash-nats:2");
    cr_assert_str_eq(
        args,
        "[\"backup-nats\",\"--provider=${REPOSITORY_PROVIDER:=}\",\"--bucket=${REPOSITORY_BUCKET:=}"
        "\","
        "\"--endpoint=${REPOSITORY_ENDPOINT:=}\",\"--insecure-tls=${REPOSITORY_INSECURE_TLS:=}\","
        "\"--region=${REPOSITORY_REGION:=}\",\"--path=${REPOSITORY_PREFIX:=}\","
        "\"--storage-secret-name=${REPOSITORY_SECRET_NAME:=}\","
        "\"--storage-secret-namespace=${REPOSITORY_SECRET_NAMESPACE:=}\",\"--scratch-dir=/"
        "stash-tmp\","
        "\"--enable-cache=${ENABLE_CACHE:=true}\",\"--max-connections=${MAX_CONNECTIONS:=0}\","
        "\"--hostname=${HOSTNAME:=}\",\"--interim-data-dir=${INTERIM_DATA_DIR}\","
        "\"--nats-args=${args:=}\",\"--streams=${streams:=}\","
        "\"--warning-threshold=${warningThreshold:=30s}\",\"--wait-timeout=${waitTimeout:=300}\","
        "\"--namespace=${NAMESPACE:=default}\",\"--appbinding=${TARGET_NAME:=}\","
        "\"--appbinding-namespace=${TARGET_NAMESPACE:=}\",\"--backupsession=${BACKUP_SESSION:=}\","
        "\"--retention-keep-last=${RETENTION_KEEP_LAST:=0}\","
        "\"--retention-keep-hourly=${RETENTION_KEEP_HOURLY:=0}\","
        "\"--retention-keep-daily=${RETENTION_KEEP_DAILY:=0}\","
        "\"--retention-keep-weekly=${RETENTION_KEEP_WEEKLY:=0}\","
        "\"--retention-keep-monthly=${RETENTION_KEEP_MONTHLY:=0}\","
        "\"--retention-keep-yearly=${RETENTION_KEEP_YEARLY:=0}\","
        "\"--retention-keep-tags=${RETENTION_KEEP_TAGS:=}\","
        "\"--retention-prune=${RETENTION_PRUNE:=false}\","
        "\"--retention-dry-run=${RETENTION_DRY_RUN:=false}\",\"--output-dir=${outputDir:=}\","
        "\"--license-apiservice=${LICENSE_APISERVICE:=}\"]");
}

Test(catalog, a_task_is_its_function_and_update_status)
{
    json_auto_t *documents = catalog_documents(&config);
    const json_t *task = find(documents, "Task", "nats-restore-2.6.1");
    AUTO(mem_free) char *spec = jsonx_dump(jsonx_get(task, "spec", NULL));

    cr_assert_str_eq(
        spec, "{\"steps\":[{\"name\":\"nats-restore-2.6.1\",\"params\":[{\"name\":\"outputDir\","
              "\"value\":\"/stash-tmp/output\"}]},{\"name\":\"update-status\",\"params\":[{"
              "\"name\":\"outputDir\",\"value\":\"/stash-tmp/output\"}]}]}");
}

Test(catalog, the_volume_functions_use_our_own_image_and_mount_the_target)
{
    json_auto_t *documents = catalog_documents(&config);
    const json_t *function = find(documents, "Function", "pvc-backup");
    const json_t *task = find(documents, "Task", "pvc-backup");

    cr_assert_str_eq(jsonx_str(function, "spec", "image", NULL), config.image);
    cr_assert_str_eq(jsonx_str(json_array_get(jsonx_get(task, "spec", "volumes", NULL), 0),
                               "persistentVolumeClaim", "claimName", NULL),
                     "${TARGET_NAME}");
}

static void passes_clean(const json_t *document, const struct snapshot *snapshot)
{
    AUTO(causes_done) struct causes causes = {0};
    AUTO(warnings_done) struct warnings warnings = {0};
    const struct admit_request request = {
        .kind = kind_by_name(jsonx_str(document, "kind", NULL)),
        .operation = OPERATION_CREATE,
        .object = document,
        .snapshot = snapshot,
    };

    admit_validate(&request, &causes, &warnings);
    cr_assert_eq(causes.count, 0, "%s: %s", jsonx_name(document),
                 causes.count ? causes.items[0].detail : "");
    cr_assert_eq(warnings.count, 0, "%s: %s", jsonx_name(document),
                 warnings.count ? warnings.items[0] : "");
}

Test(catalog, passes_the_webhook_without_a_warning)
{
    json_auto_t *documents = catalog_documents(&config);
    AUTO(snapshot_free) struct snapshot *snapshot = snapshot_from_objects(documents);

    cr_assert_gt(json_array_size(documents), 0);
    for (size_t i = 0; i < json_array_size(documents); i++)
        passes_clean(json_array_get(documents, i), snapshot);
}

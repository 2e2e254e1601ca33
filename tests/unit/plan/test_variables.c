#include <criterion/criterion.h>

#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/vars.h"
#include "variables.h"

static json_t *document(const char *text)
{
    json_t *doc = json_loads(text, 0, NULL);

    cr_assert(doc, "the test's own document is broken: %s", text);
    return doc;
}

/* The variables of a BackupConfiguration or RestoreSession with this spec. */
static json_t *build(const char *kind, const char *spec, const char *repository, bool interim)
{
    json_auto_t *parsed = document(spec);
    json_auto_t *config = document(
        "{\"image\": \"reg.example:5000/dir/stash:1.2\", \"pushgatewayUrl\": \"http://p\"}");
    json_auto_t *invoker = json_pack("{s:s, s:{s:s, s:s}, s:O}", "kind", kind, "metadata", "name",
                                     "inv", "namespace", "demo", "spec", parsed);
    json_auto_t *session =
        json_pack("{s:{s:s, s:s}}", "metadata", "name", "inv-1", "namespace", "demo");
    json_auto_t *repo = repository ? document(repository) : NULL;
    struct variables_request request = {config, invoker, parsed, session, repo, interim, 0};
    struct error err = {0};
    json_t *vars = NULL;

    cr_assert_eq(variables_build(&request, &vars, &err), 0, "%s", err.msg);
    return vars;
}

static void expect(const json_t *vars, const char *name, const char *want)
{
    const char *have = jsonx_str(vars, name, NULL);

    if (want)
        cr_assert_str_eq(have ? have : "(absent)", want, "%s is %s", name, have ? have : "absent");
    else
        cr_assert_null(have, "%s should be absent, is %s", name, have);
}

Test(variables, a_repository_gives_its_place_and_its_secret)
{
    json_auto_t *vars =
        build("BackupConfiguration", "{}",
              "{\"metadata\": {\"name\": \"r\", \"namespace\": \"store\"}, \"spec\": "
              "{\"backend\": {\"storageSecretName\": \"s\", \"s3\": {\"endpoint\": "
              "\"e\", \"bucket\": \"b\", \"prefix\": \"p\", \"insecureTLS\": true}}}}",
              false);

    expect(vars, "REPOSITORY_NAME", "r");
    expect(vars, "REPOSITORY_NAMESPACE", "store");
    expect(vars, "REPOSITORY_PROVIDER", "s3");
    expect(vars, "REPOSITORY_BUCKET", "b");
    expect(vars, "REPOSITORY_PREFIX", "p");
    expect(vars, "REPOSITORY_ENDPOINT", "e");
    expect(vars, "REPOSITORY_INSECURE_TLS", "true");
    expect(vars, "REPOSITORY_REGION", NULL);
    expect(vars, "REPOSITORY_SECRET_NAME", "s");
    expect(vars, "REPOSITORY_SECRET_NAMESPACE", "store");
    expect(vars, "MAX_CONNECTIONS", "0");
}

Test(variables, without_a_repository_there_are_none_of_its_variables)
{
    json_auto_t *vars = build("BackupConfiguration", "{}", NULL, false);

    expect(vars, "REPOSITORY_NAME", NULL);
    expect(vars, "MAX_CONNECTIONS", NULL);
}

Test(variables, retention_is_passed_only_where_it_is_set)
{
    json_auto_t *vars =
        build("BackupConfiguration",
              "{\"retentionPolicy\": {\"keepLast\": 3, \"keepDaily\": 0, \"prune\": "
              "true, \"dryRun\": false, \"keepTags\": [\"a\", \"b\"]}}",
              NULL, false);

    expect(vars, "RETENTION_KEEP_LAST", "3");
    expect(vars, "RETENTION_KEEP_DAILY", NULL);
    expect(vars, "RETENTION_KEEP_YEARLY", NULL);
    expect(vars, "RETENTION_KEEP_TAGS", "a,b");
    expect(vars, "RETENTION_PRUNE", "true");
    expect(vars, "RETENTION_DRY_RUN", NULL);
}

Test(variables, a_target_has_defaults_for_paths_and_mounts)
{
    json_auto_t *bare =
        build("BackupConfiguration", "{\"target\": {\"ref\": {\"kind\": \"X\", \"name\": \"n\"}}}",
              NULL, false);

    expect(bare, "TARGET_KIND", "X");
    expect(bare, "TARGET_NAMESPACE", "demo");
    expect(bare, "TARGET_PATHS", "/stash-data");
    expect(bare, "TARGET_MOUNT_PATH", "/stash-data");
    expect(bare, "HOSTNAME", "host-0");
    expect(bare, "EXCLUDE_PATTERNS", "");
}

Test(variables, lists_are_joined_as_the_agents_split_them)
{
    json_auto_t *vars = build(
        "BackupConfiguration",
        "{\"target\": {\"alias\": \"db\", \"ref\": {\"namespace\": \"other\"}, \"paths\": [\"/a\", "
        "\"/b\"], \"exclude\": [\"*.x\", \"*.y\"], \"args\": [\"--one\", \"--two=2\"], "
        "\"volumeMounts\": [{\"name\": \"v\", \"mountPath\": \"/m\"}]}}",
        NULL, false);

    expect(vars, "TARGET_PATHS", "/a,/b");
    expect(vars, "EXCLUDE_PATTERNS", "*.x,*.y");
    expect(vars, "DRIVER_ARGS", "--one --two=2");
    expect(vars, "TARGET_MOUNT_PATH", "/m");
    expect(vars, "TARGET_NAMESPACE", "other");
    expect(vars, "HOSTNAME", "db");
}

Test(variables, the_interim_directory_depends_on_the_volume)
{
    json_auto_t *with = build("BackupConfiguration", "{}", NULL, true);
    json_auto_t *without =
        build("BackupConfiguration", "{\"tempDir\": {\"disableCaching\": true}}", NULL, false);

    expect(with, "INTERIM_DATA_DIR", "/stash-interim-volume/data");
    expect(with, "ENABLE_CACHE", "true");
    expect(without, "INTERIM_DATA_DIR", "/stash-tmp/stash-interim-volume/data");
    expect(without, "ENABLE_CACHE", "false");
}

Test(variables, an_image_is_taken_apart_at_its_last_slash_and_colon)
{
    json_auto_t *vars = build("BackupConfiguration", "{}", NULL, false);

    expect(vars, "STASH_DOCKER_REGISTRY", "reg.example:5000/dir");
    expect(vars, "STASH_DOCKER_IMAGE", "stash");
    expect(vars, "STASH_IMAGE_TAG", "1.2");
    expect(vars, "PROMETHEUS_PUSHGATEWAY_URL", "http://p");
    expect(vars, "PROMETHEUS_JOB_NAME", "inv");
    expect(vars, "INVOKER_KIND", "BackupConfiguration");
    expect(vars, "BACKUP_SESSION", "inv-1");
}

Test(variables, a_restore_without_alias_takes_the_last_rule_for_every_host)
{
    json_auto_t *vars =
        build("RestoreSession",
              "{\"target\": {\"rules\": [{\"snapshots\": [\"one\"]}, {\"snapshots\": "
              "[\"two\", \"three\"], \"sourceHost\": \"h\"}]}}",
              NULL, false);

    expect(vars, "RESTORE_SNAPSHOTS", "two,three");
    expect(vars, "SOURCE_HOSTNAME", "h");
    expect(vars, "HOSTNAME", "");
    expect(vars, "RESTORE_SESSION", "inv-1");
    expect(vars, "BACKUP_SESSION", NULL);
    expect(vars, "TARGET_APP_REPLICAS", "1");
}

Test(variables, rules_in_their_old_place_still_count)
{
    json_auto_t *vars = build("RestoreSession",
                              "{\"target\": {}, \"rules\": [{\"paths\": [\"/p\"]}]}", NULL, false);

    expect(vars, "RESTORE_PATHS", "/p");
}

static void all_are_known(const json_t *vars)
{
    const char *name;
    const json_t *value;

    jsonx_foreach_member (vars, name, value)
        cr_assert(vars_is_built_in(name), "%s is set here, and the webhook does not know it", name);
}

Test(variables, are_all_known_to_the_webhook)
{
    static const char repository[] =
        "{\"metadata\": {\"name\": \"r\", \"namespace\": \"s\"}, \"spec\": {\"backend\": "
        "{\"storageSecretName\": \"s\", \"s3\": {\"endpoint\": \"e\", \"bucket\": \"b\", "
        "\"region\": \"x\"}}}}";
    json_auto_t *backup =
        build("BackupConfiguration",
              "{\"retentionPolicy\": {\"keepLast\": 1, \"keepHourly\": 1, \"keepDaily\": 1, "
              "\"keepWeekly\": 1, \"keepMonthly\": 1, \"keepYearly\": 1, \"keepTags\": [\"a\"], "
              "\"prune\": true, \"dryRun\": true}, \"target\": {\"ref\": {\"apiVersion\": \"v1\", "
              "\"kind\": \"K\", \"name\": \"n\"}}}",
              repository, true);
    json_auto_t *restore = build("RestoreSession", "{}", repository, false);

    all_are_known(backup);
    all_are_known(restore);
    cr_assert_gt(json_object_size(backup) + json_object_size(restore), 60);
}

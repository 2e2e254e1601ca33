#include <criterion/criterion.h>
#include <string.h>
#include <sys/stat.h>

#include "stage.h"
#include "stash/conditions.h"
#include "stash/file.h"
#include "stash/jsonx.h"

static void leave_output(const struct stage *stage, const char *stats)
{
    AUTO(mem_free) char *path = xasprintf("%s/output.json", stage->output_dir);
    AUTO(mem_free) char *text = xasprintf("{\"targetStatus\": {\"stats\": %s}}", stats);
    struct error err;

    mkdir(stage->output_dir, 0777);
    cr_assert_eq(file_write(path, text, strlen(text), 0600, &err), 0, "%s", err.msg);
}

static const char ok[] = "[{\"hostname\": \"host-0\", \"phase\": \"Succeeded\"}]";
static const char bad[] =
    "[{\"hostname\": \"host-0\", \"phase\": \"Failed\", \"error\": \"dump\"}]";

static void answer_well(const struct stage *stage)
{
    stage_restic(
        stage, "forget",
        "echo '[{\"host\":\"host-0\",\"paths\":[\"/data\"],\"keep\":[{}],\"remove\":[{},{}]}]'\n");
    stage_restic(stage, "check", "echo '{\"message_type\":\"summary\",\"num_errors\":0}'\n");
    stage_restic(stage, "stats", "echo '{\"total_size\":2048,\"snapshots_count\":1}'\n");
}

static void update(const struct stage *stage)
{
    struct error err;

    cr_assert_eq(agent_update_status(stage->kube, &stage->flags, &err), 0, "%s", err.msg);
}

/* Every condition that was stored in some PUT of the session: the scripted server forgets. */
static const char *stored_condition(const struct stage *stage, const char *type)
{
    static char found[16];
    json_auto_t *requests = fake_requests(stage->fake);
    size_t i;
    json_t *request;

    *found = '\0';
    json_array_foreach (requests, i, request) {
        json_auto_t *body = stage_body(request);
        const json_t *condition =
            condition_find(jsonx_get(body, "status", "conditions", NULL), type);
        const char *status = jsonx_str(condition, "status", NULL);

        if (status)
            snprintf(found, sizeof(found), "%s", status);
    }
    return found;
}

static const char *stored_phase(const struct stage *stage)
{
    static char phase[16];
    json_auto_t *session = stage_stored(stage, "backupsessions");
    const json_t *target = json_array_get(jsonx_get(session, "status", "targets", NULL), 0);
    const json_t *stat = json_array_get(jsonx_get(target, "stats", NULL), 0);
    const char *found = jsonx_str(stat, "phase", NULL);

    snprintf(phase, sizeof(phase), "%s", found ? found : "");
    return phase;
}

Test(update, a_success_is_followed_by_retention_check_and_numbers)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    leave_output(&stage, ok);
    answer_well(&stage);
    update(&stage);
    cr_assert_str_eq(stored_phase(&stage), "Succeeded");
    cr_assert_str_eq(stored_condition(&stage, "RetentionPolicyApplied"), "True");
    cr_assert_str_eq(stored_condition(&stage, "RepositoryIntegrityVerified"), "True");
    json_auto_t *repository = stage_stored(&stage, "repositories");
    cr_assert_eq(jsonx_int(repository, -1, "status", "snapshotCount", NULL), 1);
    cr_assert_eq(jsonx_int(repository, -1, "status", "snapshotsRemovedOnLastCleanup", NULL), 2);
    cr_assert_str_eq(jsonx_str(repository, "status", "totalSize", NULL), "2.000 KiB");
    cr_assert_str_eq(jsonx_str(repository, "status", "lastBackupTime", NULL),
                     "2026-01-02T03:04:05Z");
}

Test(update, a_failed_host_is_recorded_and_the_repository_left_alone)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    leave_output(&stage, bad);
    update(&stage);
    AUTO(mem_free) char *calls = stage_calls(&stage);
    cr_assert_str_eq(stored_phase(&stage), "Failed");
    cr_assert_str_eq(calls, "");
}

Test(update, no_result_is_a_failure_with_its_reason)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    update(&stage);
    cr_assert_str_eq(stored_phase(&stage), "Failed");
    leave_output(&stage, "[{]");
    update(&stage);
    cr_assert_str_eq(stored_phase(&stage), "Failed");
}

Test(update, a_retention_that_fails_is_told_and_the_host_is_recorded)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    leave_output(&stage, ok);
    answer_well(&stage);
    stage_restic(&stage, "forget", "echo 'Fatal: disk full' >&2\nexit 1\n");
    update(&stage);
    cr_assert_str_eq(stored_condition(&stage, "RetentionPolicyApplied"), "False");
    cr_assert_str_eq(stored_condition(&stage, "RepositoryIntegrityVerified"), "True");
    cr_assert_str_eq(stored_phase(&stage), "Succeeded");
}

Test(update, a_turn_that_does_not_come_defers_the_maintenance_and_fails_nothing)
{
    AUTO(stage_done) struct stage stage;

    setenv("STASH_TURN_PATIENCE", "1", 1);
    stage_open_in_turn(&stage, "session.yaml", "{state: Waiting}");
    leave_output(&stage, ok);
    answer_well(&stage);
    update(&stage);
    AUTO(mem_free) char *calls = stage_calls(&stage);
    cr_assert_str_eq(stored_condition(&stage, "RetentionPolicyApplied"), "Unknown");
    cr_assert_str_eq(stored_condition(&stage, "RepositoryIntegrityVerified"), "Unknown");
    cr_assert_str_eq(stored_phase(&stage), "Succeeded");
    cr_assert_str_eq(calls, "");
}

Test(update, a_retention_that_is_held_removes_nothing)
{
    AUTO(stage_done) struct stage stage;

    stage_open_in_turn(&stage, "session.yaml", "{state: Granted, retentionHeld: a restore failed}");
    leave_output(&stage, ok);
    answer_well(&stage);
    update(&stage);
    AUTO(mem_free) char *calls = stage_calls(&stage);
    cr_assert_str_eq(stored_condition(&stage, "RetentionPolicyApplied"), "Unknown");
    cr_assert_str_eq(stored_condition(&stage, "RepositoryIntegrityVerified"), "True");
    cr_assert_null(strstr(calls, "forget"));
}

Test(update, retention_asks_for_the_snapshots_of_its_owner_alone)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    leave_output(&stage, ok);
    answer_well(&stage);
    update(&stage);
    AUTO(mem_free) char *calls = stage_calls(&stage);
    cr_assert_not_null(strstr(calls,
                              "--tag stash-cluster=c1,stash-target=PersistentVolumeClaim/demo/data,"
                              "stash-invoker=BackupConfiguration/demo/bc "));
    cr_assert_null(strstr(calls, "stash-target=,"));
}

Test(update, errors_in_the_repository_are_told_and_keep_its_numbers)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    leave_output(&stage, ok);
    answer_well(&stage);
    stage_restic(&stage, "check",
                 "echo '{\"message_type\":\"summary\",\"num_errors\":2}'\nexit 1\n");
    update(&stage);
    json_auto_t *repository = stage_stored(&stage, "repositories");
    AUTO(mem_free) char *calls = stage_calls(&stage);
    cr_assert_str_eq(stored_condition(&stage, "RepositoryIntegrityVerified"), "False");
    cr_assert_str_eq(stored_condition(&stage, "RetentionPolicyApplied"), "Unknown");
    cr_assert_null(strstr(calls, "forget"), "no retention after a check that failed");
    cr_assert_not(jsonx_bool(repository, 1, "status", "integrity", NULL));
    cr_assert_null(jsonx_get(repository, "status", "totalSize", NULL));
}

Test(update, a_check_that_could_not_run_says_nothing_about_the_repository)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    leave_output(&stage, ok);
    answer_well(&stage);
    stage_restic(
        &stage, "check",
        "echo '{\"message_type\":\"error\",\"message\":\"dial tcp: connection refused\"}' >&2\n"
        "echo '{\"message_type\":\"summary\",\"num_errors\":2}'\nexit 1\n");
    update(&stage);
    json_auto_t *repository = stage_stored(&stage, "repositories");
    cr_assert_str_eq(stored_condition(&stage, "RepositoryIntegrityVerified"), "False");
    cr_assert_null(repository);
}

Test(update, a_dead_pushgateway_is_a_condition_and_no_more)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    leave_output(&stage, ok);
    answer_well(&stage);
    stage.flags.metrics_enabled = true;
    stage.flags.pushgateway_url = "http://127.0.0.1:1";
    update(&stage);
    cr_assert_str_eq(stored_condition(&stage, "RepositoryMetricsPushed"), "False");
    cr_assert_str_eq(stored_phase(&stage), "Succeeded");
}

Test(update, a_status_that_cannot_be_stored_is_an_error)
{
    AUTO(stage_done) struct stage stage;
    struct error err;

    stage_open(&stage, "forbidden.yaml");
    leave_output(&stage, bad);
    cr_assert_eq(agent_update_status(stage.kube, &stage.flags, &err), -ERR_DENIED);
    cr_assert_eq(fake_count(stage.fake, "POST", "events"), 0);
}

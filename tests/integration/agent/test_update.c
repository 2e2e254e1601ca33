#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>

#include "stage.h"
#include "stash/clock.h"
#include "stash/conditions.h"
#include "stash/jsonx.h"
#include "stash/spawn.h"
#include "stash/timefmt.h"

static const char ok[] = "[{\"hostname\": \"host-0\", \"phase\": \"Succeeded\"}]";
static const char bad[] =
    "[{\"hostname\": \"host-0\", \"phase\": \"Failed\", \"error\": \"dump\"}]";

static void answer_well(const struct stage *stage)
{
    stage_restic(
        stage, "forget",
        "echo '[{\"host\":\"host-0\",\"paths\":[\"/data\"],\"keep\":[{}],\"remove\":[{},{}]}]'\n");
    stage_answer_check(stage);
}

static const char *stored_condition(const struct stage *stage, const char *type)
{
    static char found[16];
    json_auto_t *condition = stage_condition(stage, type);
    const char *status = jsonx_str(condition, "status", NULL);

    snprintf(found, sizeof(found), "%s", status ? status : "");
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
    stage_leave_output(&stage, ok);
    answer_well(&stage);
    stage_update(&stage);
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

/* restic names every snapshot twice: of 100,000 that is more than any answer that is read whole (40 MB here). */
Test(update, retention_of_a_large_repository_is_told, .timeout = 120)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    stage_leave_output(&stage, ok);
    answer_well(&stage);
    stage_restic(&stage, "forget",
                 "printf '[{\"keep\":['\n"
                 "yes '{\"id\":\"0123456789abcdef0123456789abcdef\"},' | head -n 900000\n"
                 "printf '{}],\"remove\":[{},{},{}]}]'\n");
    stage_update(&stage);
    cr_assert_str_eq(stored_condition(&stage, "RetentionPolicyApplied"), "True");
    json_auto_t *repository = stage_stored(&stage, "repositories");
    cr_assert_eq(jsonx_int(repository, -1, "status", "snapshotsRemovedOnLastCleanup", NULL), 3);
}

Test(update, a_failed_host_is_recorded_and_the_repository_left_alone)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    stage_leave_output(&stage, bad);
    stage_update(&stage);
    AUTO(mem_free) char *calls = stage_calls(&stage);
    cr_assert_str_eq(stored_phase(&stage), "Failed");
    cr_assert_str_eq(calls, "");
}

Test(update, no_result_is_a_failure_with_its_reason)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    stage_update(&stage);
    cr_assert_str_eq(stored_phase(&stage), "Failed");
    stage_leave_output(&stage, "[{]");
    stage_update(&stage);
    cr_assert_str_eq(stored_phase(&stage), "Failed");
}

Test(update, a_retention_that_fails_is_told_and_the_host_is_recorded)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    stage_leave_output(&stage, ok);
    answer_well(&stage);
    stage_restic(&stage, "forget", "echo 'Fatal: disk full' >&2\nexit 1\n");
    stage_update(&stage);
    cr_assert_str_eq(stored_condition(&stage, "RetentionPolicyApplied"), "False");
    cr_assert_str_eq(stored_condition(&stage, "RepositoryIntegrityVerified"), "True");
    cr_assert_str_eq(stored_phase(&stage), "Succeeded");
}

Test(update, a_turn_that_does_not_come_defers_the_maintenance_and_fails_nothing)
{
    AUTO(stage_done) struct stage stage;

    setenv("STASH_TURN_PATIENCE", "1", 1);
    stage_open_in_turn(&stage, "session.yaml", "{state: Waiting}");
    stage_leave_output(&stage, ok);
    answer_well(&stage);
    stage_update(&stage);
    AUTO(mem_free) char *calls = stage_calls(&stage);
    cr_assert_str_eq(stored_condition(&stage, "RetentionPolicyApplied"), "Unknown");
    cr_assert_str_eq(stored_condition(&stage, "RepositoryIntegrityVerified"), "Unknown");
    cr_assert_str_eq(stored_phase(&stage), "Succeeded");
    cr_assert_str_eq(calls, "");
}

/* Azure keeps a blob that is immutable, and restic takes that for something that passes. */
Test(update, a_removal_that_is_refused_again_and_again_fails_no_backup, .timeout = 60)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    stage_leave_output(&stage, ok);
    answer_well(&stage);
    stage_restic(&stage, "forget",
                 "for i in 1 2 3; do echo \"Remove(<snapshot/4bba301e6f>) returned error, retrying "
                 "after ${i}s: blob.Delete: RESPONSE 409\nERROR CODE: BlobImmutableDueToPolicy\" "
                 ">&2; done\nexec sleep 50\n");
    stage_update(&stage);
    cr_assert_str_eq(stored_condition(&stage, "RetentionPolicyApplied"), "Unknown");
    cr_assert_str_eq(stored_phase(&stage), "Succeeded");
}

/* A session whose agent has `seconds` to tell its result, and a restic that takes longer for `command`. */
static void run_too_long(struct stage *stage, int64_t seconds, const char *command)
{
    int64_t begun = clock_mono_ms();
    char deadline[TIMEFMT_SIZE];

    timefmt_rfc3339(clock_now() + seconds, deadline);
    AUTO(mem_free)
    char *turn = xasprintf("{state: Granted}\n      sessionDeadline: \"%s\"", deadline);
    stage_open_in_turn(stage, "session.yaml", turn);
    stage_leave_output(stage, ok);
    answer_well(stage);
    stage_restic(stage, command, "exec sleep 40\n");
    stage_update(stage);
    cr_assert_lt(clock_mono_ms() - begun, 30000, "restic was not ended");
    cr_assert_str_eq(stored_condition(stage, "RetentionPolicyApplied"), "Unknown");
    cr_assert_str_eq(stored_phase(stage), "Succeeded");
}

/* The backup is stored: that the repository has become large is no reason to call it Failed, or to kill a prune each time. */
Test(update, a_prune_does_not_go_on_beyond_the_sessions_deadline)
{
    AUTO(stage_done) struct stage stage;

    run_too_long(&stage, 63, "forget");
    cr_assert_str_eq(stored_condition(&stage, "RepositoryIntegrityVerified"), "True");
}

Test(update, a_check_does_not_go_on_beyond_the_sessions_deadline)
{
    AUTO(stage_done) struct stage stage;

    run_too_long(&stage, 63, "check");
    cr_assert_str_eq(stored_condition(&stage, "RepositoryIntegrityVerified"), "Unknown");
}

#define STOPPED_CHECK(found)                                                                       \
    "stop() { echo '{\"message_type\":\"summary\",\"num_errors\":1}'; exit 130; }\n"               \
    "trap stop TERM\n" found "sleep 40 & wait\n"
#define MISSING_PACK                                                                               \
    "echo '{\"message_type\":\"error\",\"message\":\"pack 1ca1cdd6: does not exist\"}' >&2\n"

static void run_into_deadline(struct stage *stage, const char *check, const char *locks)
{
    char deadline[TIMEFMT_SIZE];

    timefmt_rfc3339(clock_now() + 63, deadline);
    AUTO(mem_free)
    char *turn = xasprintf("{state: Granted}\n      sessionDeadline: \"%s\"", deadline);
    stage_open_in_turn(stage, "session.yaml", turn);
    stage_leave_output(stage, ok);
    answer_well(stage);
    stage_restic(stage, "check", check);
    stage_restic(stage, "list-locks", locks);
    stage_update(stage);
}

/* The repository is so large that no check comes to its end: what each of them found would never be told. */
Test(update, damage_that_a_check_found_before_its_time_was_up_is_told, .timeout = 60)
{
    AUTO(stage_done) struct stage stage;

    run_into_deadline(&stage, STOPPED_CHECK(MISSING_PACK), "");
    cr_assert_str_eq(stored_condition(&stage, "RepositoryIntegrityVerified"), "False");
    cr_assert_str_eq(stored_condition(&stage, "RetentionPolicyApplied"), "Unknown");
    json_auto_t *repository = stage_stored(&stage, "repositories");
    cr_assert_not(jsonx_bool(repository, true, "status", "integrity", NULL));
}

Test(update, what_a_check_counts_when_its_time_is_up_is_no_damage, .timeout = 60)
{
    AUTO(stage_done) struct stage stage;

    run_into_deadline(&stage, STOPPED_CHECK(""), "");
    cr_assert_str_eq(stored_condition(&stage, "RepositoryIntegrityVerified"), "Unknown");
}

Test(update, damage_that_was_found_beside_a_lock_before_the_time_was_up_is_none, .timeout = 60)
{
    AUTO(stage_done) struct stage stage;

    run_into_deadline(&stage, STOPPED_CHECK(MISSING_PACK), "echo 0123456789abcdef\n");
    cr_assert_str_eq(stored_condition(&stage, "RepositoryIntegrityVerified"), "Unknown");
}

static void *stop_soon(void *ctx)
{
    (void)ctx;
    clock_sleep_ms(1500);
    spawn_cancel();
    return NULL;
}

/* A node is drained, or the application is rolled out anew. */
Test(update, a_pod_that_is_told_to_stop_during_the_check_has_a_good_backup)
{
    AUTO(stage_done) struct stage stage;
    pthread_t thread;

    cr_assert_eq(pthread_create(&thread, NULL, stop_soon, NULL), 0);
    run_too_long(&stage, 3600, "check");
    pthread_join(thread, NULL);
    cr_assert_str_eq(stored_condition(&stage, "RepositoryIntegrityVerified"), "Unknown");
}

Test(update, a_pod_that_is_told_to_stop_while_it_waits_for_its_turn_has_a_good_backup)
{
    AUTO(stage_done) struct stage stage;
    pthread_t thread;

    setenv("STASH_TURN_PATIENCE", "60", 1);
    stage_open_in_turn(&stage, "session.yaml", "{state: Waiting}");
    stage_leave_output(&stage, ok);
    answer_well(&stage);
    cr_assert_eq(pthread_create(&thread, NULL, stop_soon, NULL), 0);
    stage_update(&stage);
    pthread_join(thread, NULL);
    cr_assert_str_eq(stored_condition(&stage, "RetentionPolicyApplied"), "Unknown");
    cr_assert_str_eq(stored_phase(&stage), "Succeeded");
}

Test(update, a_retention_that_is_held_removes_nothing)
{
    AUTO(stage_done) struct stage stage;

    stage_open_in_turn(&stage, "session.yaml", "{state: Granted, retentionHeld: a restore failed}");
    stage_leave_output(&stage, ok);
    answer_well(&stage);
    stage_update(&stage);
    AUTO(mem_free) char *calls = stage_calls(&stage);
    cr_assert_str_eq(stored_condition(&stage, "RetentionPolicyApplied"), "Unknown");
    cr_assert_str_eq(stored_condition(&stage, "RepositoryIntegrityVerified"), "True");
    cr_assert_null(strstr(calls, "forget"));
}

/* A snapshot of the target: with or without a file. */
#define SNAPSHOT(id, time, files) SNAPSHOT_OF("/data", id, time, files)
#define SNAPSHOT_OF(path, id, time, files)                                                         \
    "{\"id\":\"" id "\",\"hostname\":\"host-0\",\"paths\":[\"" path "\"],\"time\":\"" time         \
    "\",\"tags\":[\"stash-cluster=c1\",\"stash-target=PersistentVolumeClaim/demo/data\","          \
    "\"stash-invoker=BackupConfiguration/demo/bc\"],"                                              \
    "\"summary\":{\"total_files_processed\":" #files "}}"

static const char stored[] = "[{\"hostname\": \"host-0\", \"phase\": \"Succeeded\", \"snapshots\": "
                             "[{\"name\": \"feedfeedfeedfeed\", \"path\": \"/data\"}]}]";

static void expect_emptied(const char *snapshots)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    stage_leave_output(&stage, stored);
    answer_well(&stage);
    stage_restic(&stage, "snapshots", snapshots);
    stage_update(&stage);
    AUTO(mem_free) char *calls = stage_calls(&stage);
    cr_assert_str_eq(stored_condition(&stage, "RetentionPolicyApplied"), "Unknown");
    cr_assert_null(strstr(calls, "forget"));
    cr_assert_str_eq(stored_phase(&stage), "Succeeded");
}

Test(update, what_became_empty_pushes_out_nothing)
{
    expect_emptied("echo '[" SNAPSHOT("0123456789abcdef", "2026-01-01T03:04:05Z", 7) "," SNAPSHOT(
        "feedfeedfeedfeed", "2026-01-02T03:04:06Z", 0) "]'\n");
}

/* With --skip-if-unchanged the second session after the loss ends with the first one's empty snapshot, a day old. */
Test(update, what_became_empty_in_an_earlier_session_pushes_out_nothing)
{
    expect_emptied("echo '[" SNAPSHOT("0123456789abcdef", "2025-12-30T03:04:05Z", 7) "," SNAPSHOT(
        "feedfeedfeedfeed", "2026-01-01T03:04:06Z", 0) "]'\n");
}

/* Somebody saw that, and took the path out: the policy reaches its snapshots all the same. */
Test(update, what_became_empty_and_is_not_backed_up_any_more_pushes_out_nothing)
{
    expect_emptied("echo '[" SNAPSHOT_OF(
        "/gone", "1123456789abcdef", "2025-12-29T03:04:05Z",
        7) "," SNAPSHOT_OF("/gone", "2123456789abcdef", "2025-12-30T03:04:05Z",
                           0) "," SNAPSHOT("feedfeedfeedfeed", "2026-01-02T03:04:06Z", 7) "]'\n");
}

/* Somebody has tagged the session's own snapshot while it waited for its turn: it has another id now. */
Test(update, a_snapshot_that_got_a_tag_is_the_sessions_own_all_the_same)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    stage_leave_output(&stage, stored);
    answer_well(&stage);
    stage_restic(&stage, "snapshots",
                 "echo '[" SNAPSHOT("0123456789abcdef\",\"original\":\"feedfeedfeedfeed",
                                    "2026-01-02T03:04:06Z", 7) "]'\n");
    stage_update(&stage);
    cr_assert_str_eq(stored_condition(&stage, "RetentionPolicyApplied"), "True");
}

/* `restic rewrite` gives what it made the date of the original: the policy would keep any one of the two. */
Test(update, what_somebody_made_of_the_sessions_snapshot_does_not_push_it_out)
{
    static const char *const orders[] = {
        "echo '[" SNAPSHOT("feedfeedfeedfeed", "2026-01-02T03:04:06Z", 7) "," SNAPSHOT(
            "0123456789abcdef\",\"original\":\"feedfeedfeedfeed", "2026-01-02T03:04:06Z", 6) "]'\n",
        "echo '[" SNAPSHOT("0123456789abcdef\",\"original\":\"feedfeedfeedfeed",
                           "2026-01-02T03:04:06Z",
                           6) "," SNAPSHOT("feedfeedfeedfeed", "2026-01-02T03:04:06Z", 7) "]'\n",
    };

    for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
        AUTO(stage_done) struct stage stage;

        stage_open(&stage, "session.yaml");
        stage_leave_output(&stage, stored);
        answer_well(&stage);
        stage_restic(&stage, "snapshots", orders[i]);
        stage_update(&stage);
        AUTO(mem_free) char *calls = stage_calls(&stage);
        cr_assert_str_eq(stored_condition(&stage, "RetentionPolicyApplied"), "Unknown");
        cr_assert_null(strstr(calls, "forget"));
    }
}

/* A node's clock was some minutes ahead: the policy would keep that snapshot, and remove the session's own. */
Test(update, the_sessions_own_snapshot_is_never_taken_for_an_old_one)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    stage_leave_output(&stage, stored);
    answer_well(&stage);
    stage_restic(&stage, "snapshots",
                 "echo '[" SNAPSHOT("feedfeedfeedfeed", "2026-01-02T03:04:06Z", 7) "," SNAPSHOT(
                     "0123456789abcdef", "2026-01-02T03:34:05Z", 7) "]'\n");
    stage_update(&stage);
    AUTO(mem_free) char *calls = stage_calls(&stage);
    cr_assert_str_eq(stored_condition(&stage, "RetentionPolicyApplied"), "Unknown");
    cr_assert_null(strstr(calls, "forget"));
}

/* The node's clock is behind: the policy would keep what earlier sessions stored, and remove what this one did. */
Test(update, a_clock_that_is_behind_costs_no_session_its_snapshot)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    stage_leave_output(&stage, stored);
    answer_well(&stage);
    stage_restic(&stage, "snapshots",
                 "echo '[" SNAPSHOT("0123456789abcdef", "2026-01-01T03:04:05Z", 7) "," SNAPSHOT(
                     "feedfeedfeedfeed", "2025-01-01T00:00:00Z", 7) "]'\n");
    stage_update(&stage);
    AUTO(mem_free) char *calls = stage_calls(&stage);
    cr_assert_str_eq(stored_condition(&stage, "RetentionPolicyApplied"), "Unknown");
    cr_assert_null(strstr(calls, "forget"));
    cr_assert_str_eq(stored_phase(&stage), "Succeeded");
}

/* `paths` may name a folder twice: the second of the session's own two snapshots is no stranger. */
Test(update, two_snapshots_of_one_path_do_not_hold_retention)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    stage_leave_output(&stage,
                       "[{\"hostname\": \"host-0\", \"phase\": \"Succeeded\", \"snapshots\": "
                       "[{\"name\": \"feedfeedfeedfeed\", \"path\": \"/data\"}, "
                       "{\"name\": \"0123456789abcdef\", \"path\": \"/data\"}]}]");
    answer_well(&stage);
    stage_restic(&stage, "snapshots",
                 "echo '[" SNAPSHOT("feedfeedfeedfeed", "2026-01-02T03:04:06Z", 7) "," SNAPSHOT(
                     "0123456789abcdef", "2026-01-02T03:04:08Z", 7) "]'\n");
    stage_update(&stage);
    AUTO(mem_free) char *calls = stage_calls(&stage);
    cr_assert_str_eq(stored_condition(&stage, "RetentionPolicyApplied"), "True");
    cr_assert_not_null(strstr(calls, "forget"));
}

/* A storage that answers yes and keeps nothing. */
Test(update, a_snapshot_that_is_not_there_is_no_success)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    stage_leave_output(&stage, stored);
    answer_well(&stage);
    stage_restic(&stage, "snapshots",
                 "echo '[" SNAPSHOT("0123456789abcdef", "2026-01-01T03:04:05Z", 7) "]'\n");
    stage_update(&stage);
    AUTO(mem_free) char *calls = stage_calls(&stage);
    cr_assert_str_eq(stored_condition(&stage, "RepositoryIntegrityVerified"), "False");
    cr_assert_null(strstr(calls, "forget"));
}

Test(update, what_was_always_empty_is_no_reason_to_keep_it)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    stage_leave_output(&stage, stored);
    answer_well(&stage);
    stage_restic(&stage, "snapshots",
                 "echo '[" SNAPSHOT("0123456789abcdef", "2026-01-01T03:04:05Z", 0) "," SNAPSHOT(
                     "feedfeedfeedfeed", "2026-01-02T03:04:06Z", 0) "]'\n");
    stage_update(&stage);
    cr_assert_str_eq(stored_condition(&stage, "RetentionPolicyApplied"), "True");
}

Test(update, retention_asks_for_the_snapshots_of_its_owner_alone)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    stage_leave_output(&stage, ok);
    answer_well(&stage);
    stage_update(&stage);
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
    stage_leave_output(&stage, ok);
    answer_well(&stage);
    stage_restic(&stage, "check",
                 "echo '{\"message_type\":\"summary\",\"num_errors\":2}'\nexit 1\n");
    stage_update(&stage);
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
    stage_leave_output(&stage, ok);
    answer_well(&stage);
    stage_restic(
        &stage, "check",
        "echo '{\"message_type\":\"error\",\"message\":\"dial tcp: connection refused\"}' >&2\n"
        "echo '{\"message_type\":\"summary\",\"num_errors\":2}'\nexit 1\n");
    stage_update(&stage);
    json_auto_t *repository = stage_stored(&stage, "repositories");
    cr_assert_str_eq(stored_condition(&stage, "RepositoryIntegrityVerified"), "False");
    cr_assert_null(repository);
}

Test(update, a_dead_pushgateway_is_a_condition_and_no_more)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    stage_leave_output(&stage, ok);
    answer_well(&stage);
    stage.flags.metrics_enabled = true;
    stage.flags.pushgateway_url = "http://127.0.0.1:1";
    stage_update(&stage);
    cr_assert_str_eq(stored_condition(&stage, "RepositoryMetricsPushed"), "False");
    cr_assert_str_eq(stored_phase(&stage), "Succeeded");
}

Test(update, a_status_that_cannot_be_stored_is_an_error)
{
    AUTO(stage_done) struct stage stage;
    struct error err;

    stage_open(&stage, "forbidden.yaml");
    stage_leave_output(&stage, bad);
    cr_assert_eq(agent_update_status(stage.kube, &stage.flags, &err), -ERR_DENIED);
    cr_assert_eq(fake_count(stage.fake, "POST", "events"), 0);
}

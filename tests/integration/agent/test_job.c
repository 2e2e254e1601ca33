#include <criterion/criterion.h>
#include <string.h>

#include "stage.h"
#include "stash/conditions.h"
#include "stash/jsonx.h"

static json_t *back_up(struct stage *stage)
{
    struct error err;

    cr_assert_eq(stage_back_up(stage, &err), 0, "%s", err.msg);
    return stage_stat(stage);
}

static void check_failed(struct stage *stage, const char *why)
{
    json_auto_t *stat = back_up(stage);

    cr_assert_str_eq(jsonx_str(stat, "phase", NULL), "Failed");
    cr_assert_str_eq(jsonx_str(stat, "error", NULL), why);
}

Test(job, a_backup_is_told_with_its_snapshot)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    stage_restic(&stage, "backup", stage_summary);
    json_auto_t *stat = back_up(&stage);
    cr_assert_str_eq(jsonx_str(stat, "phase", NULL), "Succeeded");
    cr_assert_str_eq(jsonx_str(json_array_get(jsonx_get(stat, "snapshots", NULL), 0), "name", NULL),
                     "0123456789abcdef");
    json_auto_t *session = stage_stored(&stage, "backupsessions");
    cr_assert(condition_is_true(jsonx_get(session, "status", "conditions", NULL),
                                "BackendRepositoryInitialized"));
}

/* A volumeMount that is missing, or written otherwise than the path: then it is our own image that has such a folder. */
Test(job, what_lies_on_no_volume_is_not_the_applications)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    stage_restic(&stage, "backup", stage_summary);
    setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1", 1);
    stage.flags.paths = "/usr/lib";
    json_auto_t *stat = back_up(&stage);
    AUTO(mem_free) char *calls = stage_calls(&stage);
    cr_assert_str_eq(jsonx_str(stat, "phase", NULL), "Failed");
    cr_assert_not_null(
        strstr(jsonx_str(stat, "error", NULL), "/usr/lib lies on no volume of this container"));
    cr_assert_null(strstr(calls, "backup "), "%s", calls);
}

Test(job, secrets_are_in_no_argument_and_in_no_file_afterwards)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    stage_restic(&stage, "backup",
                 "[ \"$RESTIC_PASSWORD/$AWS_SECRET_ACCESS_KEY\" = TopSecret/KeyOfS3 ] || exit 9\n"
                 "echo $TMPDIR >$FAKE_RESTIC/tmpdir\n"
                 "exit 1\n");
    check_failed(&stage, "storing /data: restic: failed (exit 1)");
    AUTO(mem_free) char *calls = stage_calls(&stage);
    cr_assert_null(strstr(calls, "TopSecret"));
    cr_assert_null(strstr(calls, "KeyOfS3"));
    AUTO(mem_free) char *left = xasprintf("ls -d %s/tmp-* 2>/dev/null | grep .", stage.folder);
    cr_assert_neq(system(left), 0, "the temporary folder is still there");
}

Test(job, only_a_missing_repository_is_initialised)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    stage_restic(&stage, "cat-config.1", "exit 10\n"); /* and when looked at again, in the turn */
    stage_restic(&stage, "cat-config.2", "exit 10\n");
    stage_restic(&stage, "backup", stage_summary);
    json_auto_t *stat = back_up(&stage);
    AUTO(mem_free) char *calls = stage_calls(&stage);
    cr_assert_str_eq(jsonx_str(stat, "phase", NULL), "Succeeded");
    cr_assert_not_null(strstr(calls, "\ninit "));
}

Test(job, a_wrong_password_is_called_so_and_nothing_is_initialised)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    stage_restic(&stage, "cat-config",
                 "echo '{\"message_type\":\"exit_error\",\"code\":12,\"message\":\"Fatal: wrong "
                 "password or no key found\"}' >&2\nexit 12\n");
    check_failed(&stage, "restic: wrong password: RESTIC_PASSWORD does not open this repository "
                         "(exit 12): wrong password or no key found");
    AUTO(mem_free) char *calls = stage_calls(&stage);
    cr_assert_null(strstr(calls, "init "));
    cr_assert_null(strstr(calls, "backup "));
    json_auto_t *session = stage_stored(&stage, "backupsessions");
    cr_assert(condition_is_false(jsonx_get(session, "status", "conditions", NULL),
                                 "BackendRepositoryInitialized"));
}

Test(job, files_that_cannot_be_read_fail_the_host_by_name)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    stage_restic(&stage, "backup",
                 "echo '{\"message_type\":\"error\",\"error\":{\"message\":\"denied\"},"
                 "\"during\":\"archival\",\"item\":\"/data/x\"}' >&2\n"
                 "exit 3\n");
    check_failed(&stage, "storing /data: restic: some files could not be read: /data/x");
}

Test(job, success_without_a_summary_is_no_success)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    stage_restic(&stage, "backup", "echo done\n");
    check_failed(&stage, "storing /data: restic backup: no summary in its answer");
}

Test(job, a_restic_that_is_killed_is_no_success)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    stage_restic(&stage, "backup", "kill -9 $$\n");
    check_failed(&stage, "storing /data: restic: killed (out of memory, or the pod was stopped) "
                         "(exit 137)");
}

/* The first backup finds the repository locked. `turn` is what the reconciler answers. */
static void open_locked(struct stage *stage, const char *turn)
{
    setenv("STASH_LOCK_PATIENCE", "1", 1);
    stage_open_in_turn(stage, "session.yaml", turn);
    stage_restic(stage, "backup.1", "exit 11\n");
    stage_restic(stage, "backup", stage_summary);
    stage_restic(stage, "list-locks", "echo 0123456789abcdef\n");
    stage_restic(stage, "cat-lock",
                 "echo '{\"hostname\":\"pod-1\",\"time\":\"2026-01-02T03:04:05Z\",\"pid\":7,"
                 "\"exclusive\":true}'\n");
}

Test(job, a_lock_is_removed_when_the_reconciler_has_declared_its_holder_ended)
{
    AUTO(stage_done) struct stage stage;

    open_locked(&stage, "{state: Granted, locks: [{id: 0123456789abcdef, ended: true}]}");
    json_auto_t *stat = back_up(&stage);
    AUTO(mem_free) char *calls = stage_calls(&stage);
    cr_assert_str_eq(jsonx_str(stat, "phase", NULL), "Succeeded");
    cr_assert_not_null(strstr(calls, "unlock --remove-all"));
    cr_assert_null(strstr(calls, "unlock --no-cache"), "never a plain unlock");
}

Test(job, a_lock_whose_holder_lives_is_never_removed_and_named)
{
    AUTO(stage_done) struct stage stage;

    open_locked(&stage, "{state: Granted, locks: [{id: 0123456789abcdef, hostname: pod-1, pid: 7, "
                        "createdAt: now, ended: false, holder: pod demo/pod-1 runs}]}");
    check_failed(&stage,
                 "storing /data: the repository is locked: lock 01234567 of host "
                 "\"pod-1\", process 7, of now: pod demo/pod-1 runs; when nobody works there "
                 "any more: restic unlock --remove-all");
    AUTO(mem_free) char *calls = stage_calls(&stage);
    cr_assert_null(strstr(calls, "unlock"));
}

Test(job, a_lock_that_appeared_after_the_verdict_keeps_all_of_them)
{
    AUTO(stage_done) struct stage stage;

    open_locked(&stage, "{state: Granted, locks: [{id: 0123456789abcdef, ended: true}]}");
    stage_restic(&stage, "list-locks", "echo 0123456789abcdef\necho fedcba9876543210\n");
    json_auto_t *stat = back_up(&stage);
    AUTO(mem_free) char *calls = stage_calls(&stage);
    cr_assert_str_eq(jsonx_str(stat, "phase", NULL), "Failed");
    cr_assert_null(strstr(calls, "unlock"));
}

Test(job, a_lock_that_goes_away_is_waited_for)
{
    AUTO(stage_done) struct stage stage;

    open_locked(&stage, "{state: Waiting}");
    stage_restic(&stage, "list-locks", "");
    json_auto_t *stat = back_up(&stage);
    AUTO(mem_free) char *calls = stage_calls(&stage);
    cr_assert_str_eq(jsonx_str(stat, "phase", NULL), "Succeeded");
    cr_assert_null(strstr(calls, "unlock"));
}

Test(job, an_incomplete_snapshot_is_noted_in_the_repository)
{
    AUTO(stage_done) struct stage stage;
    AUTO(mem_free) char *answer = xasprintf("%sexit 3\n", stage_summary);

    stage_open(&stage, "session.yaml");
    stage_restic(&stage, "backup", answer);
    json_auto_t *stat = back_up(&stage);
    json_auto_t *repository = stage_stored(&stage, "repositories");
    cr_assert_str_eq(jsonx_str(stat, "phase", NULL), "Failed");
    cr_assert_str_eq(
        json_string_value(json_array_get(jsonx_get(repository, "status", "incomplete", NULL), 0)),
        "0123456789abcdef");
    cr_assert_str_eq(json_string_value(json_array_get(jsonx_get(stat, "incomplete", NULL), 0)),
                     "0123456789abcdef");
}

Test(job, the_repository_is_told_that_it_holds_snapshots_now)
{
    AUTO(stage_done) struct stage stage;
    struct error err;

    stage_open(&stage, "session.yaml");
    stage_restic(&stage, "backup", stage_summary);
    cr_assert_eq(stage_back_up(&stage, &err), 0, "%s", err.msg);
    json_auto_t *repository = stage_stored(&stage, "repositories");
    cr_assert_not_null(jsonx_str(repository, "status", "firstBackupTime", NULL));
}

Test(job, a_repository_that_vanished_is_not_made_anew_in_silence)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "vanished.yaml");
    stage_restic(&stage, "cat-config", "exit 10\n");
    json_auto_t *stat = back_up(&stage);
    AUTO(mem_free) char *calls = stage_calls(&stage);
    cr_assert_str_eq(jsonx_str(stat, "phase", NULL), "Failed");
    cr_assert_not_null(strstr(jsonx_str(stat, "error", NULL), "has vanished from the backend"));
    cr_assert_null(strstr(calls, "init "));
}

Test(job, an_argument_that_is_stashs_to_set_is_refused)
{
    static const char *const refused[] = {"--dry-run", "-n", "--host=x", "--time 2030-01-01",
                                          "--verbose --repo /elsewhere"};

    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        AUTO(stage_done) struct stage stage;

        stage_open(&stage, "session.yaml");
        stage.flags.args = refused[i];
        json_auto_t *stat = back_up(&stage);
        cr_assert_str_eq(jsonx_str(stat, "phase", NULL), "Failed", "%s", refused[i]);
        cr_assert_not_null(strstr(jsonx_str(stat, "error", NULL), "is Stash's to set"));
    }
}

Test(job, a_tag_of_ours_among_the_users_arguments_is_refused)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    stage.flags.args = "--tag stash-target=PersistentVolumeClaim/demo/other";
    json_auto_t *stat = back_up(&stage);
    cr_assert_str_eq(jsonx_str(stat, "phase", NULL), "Failed");
    cr_assert_not_null(strstr(jsonx_str(stat, "error", NULL), "tell whose a snapshot is"));
}

Test(job, a_missing_secret_is_the_hosts_failure)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    stage.flags.secret_name = "other";
    json_auto_t *stat = back_up(&stage);
    cr_assert_str_eq(jsonx_str(stat, "phase", NULL), "Failed");
    cr_assert_not_null(strstr(jsonx_str(stat, "error", NULL), "reading secret demo/other"));
}

Test(job, without_a_place_for_the_result_the_step_itself_fails)
{
    AUTO(stage_done) struct stage stage;
    struct error err;

    stage_open(&stage, "session.yaml");
    stage.flags.output_dir = "/proc/nowhere";
    cr_assert_lt(stage_back_up(&stage, &err), 0);
    stage.flags.output_dir = NULL;
    cr_assert_lt(stage_back_up(&stage, &err), 0);
}

Test(job, a_restore_takes_the_newest_snapshot_by_its_id)
{
    AUTO(stage_done) struct stage stage;
    struct error err;

    stage_open(&stage, "session.yaml");
    stage_restic(&stage, "snapshots",
                 "echo '[{\"id\":\"aaaaaaaaaaaaaaaa\",\"time\":\"2026-01-01T00:00:00Z\","
                 "\"hostname\":\"h\",\"paths\":[\"/data\"]},"
                 "{\"id\":\"bbbbbbbbbbbbbbbb\",\"time\":\"2026-01-02T00:00:00Z\","
                 "\"hostname\":\"h\",\"paths\":[\"/data\"]}]'\n");
    cr_assert_eq(stage_restore(&stage, &err), 0, "%s", err.msg);
    json_auto_t *stat = stage_stat(&stage);
    AUTO(mem_free) char *calls = stage_calls(&stage);
    cr_assert_str_eq(jsonx_str(stat, "phase", NULL), "Succeeded");
    cr_assert_not_null(strstr(calls, "restore bbbbbbbbbbbbbbbb:/data --target /data "));
}

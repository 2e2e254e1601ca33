#include <criterion/criterion.h>
#include <string.h>

#include "stage.h"
#include "stash/conditions.h"
#include "stash/jsonx.h"

static json_t *back_up(struct stage *stage)
{
    struct error err;

    cr_assert_eq(agent_backup_pvc(stage->kube, &stage->flags, &err), 0, "%s", err.msg);
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
    stage_restic(&stage, "cat-config", "exit 10\n");
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
                 "echo '{\"message_type\":\"summary\",\"snapshot_id\":\"0123456789abcdef\"}'\n"
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

/* One lock, held by `pod`; the first backup finds the repository locked. */
static void lock_by(const struct stage *stage, const char *pod)
{
    AUTO(mem_free)
    char *lock = xasprintf("echo '{\"hostname\":\"%s\",\"exclusive\":true}'\n", pod);

    stage_restic(stage, "backup.1", "exit 11\n");
    stage_restic(stage, "backup", stage_summary);
    stage_restic(stage, "list-locks", "echo 0123456789abcdef\n");
    stage_restic(stage, "cat-lock", lock);
}

Test(job, the_lock_of_a_pod_that_is_gone_is_removed)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    lock_by(&stage, "pod-gone");
    json_auto_t *stat = back_up(&stage);
    AUTO(mem_free) char *calls = stage_calls(&stage);
    cr_assert_str_eq(jsonx_str(stat, "phase", NULL), "Succeeded");
    cr_assert_not_null(strstr(calls, "unlock --remove-all"));
}

Test(job, the_lock_of_a_pod_that_runs_is_left_alone_and_waited_for)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    lock_by(&stage, "pod-alive");
    json_auto_t *stat = back_up(&stage);
    AUTO(mem_free) char *calls = stage_calls(&stage);
    cr_assert_str_eq(jsonx_str(stat, "phase", NULL), "Succeeded");
    cr_assert_null(strstr(calls, "--remove-all"));
    cr_assert_not_null(strstr(calls, "--retry-lock 30m"));
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
    cr_assert_lt(agent_backup_pvc(stage.kube, &stage.flags, &err), 0);
    stage.flags.output_dir = NULL;
    cr_assert_lt(agent_backup_pvc(stage.kube, &stage.flags, &err), 0);
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
    cr_assert_eq(agent_restore_pvc(stage.kube, &stage.flags, &err), 0, "%s", err.msg);
    json_auto_t *stat = stage_stat(&stage);
    AUTO(mem_free) char *calls = stage_calls(&stage);
    cr_assert_str_eq(jsonx_str(stat, "phase", NULL), "Succeeded");
    cr_assert_not_null(strstr(calls, "restore bbbbbbbbbbbbbbbb:/data --target /data "));
}

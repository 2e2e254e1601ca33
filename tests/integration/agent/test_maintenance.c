/* What was once lost between a backup and the maintenance that follows it. */
#include <criterion/criterion.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stage.h"
#include "stash/clock.h"
#include "stash/conditions.h"
#include "stash/file.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/timefmt.h"

static char *replaced(const char *text, const char *old, const char *new)
{
    const char *at = strstr(text, old);

    cr_assert_not_null(at, "%s is not in the script", old);
    return xasprintf("%.*s%s%s", (int)(at - text), text, new, at + strlen(old));
}

/* Start the API server again with `before` in front of its script, and texts of it replaced: pairs up to a NULL. */
static void rewrite(const struct stage *stage, const char *before, const char *const *pairs)
{
    AUTO(mem_free) char *file = xasprintf("%s/rewritten.yaml", stage->folder);
    AUTO(mem_free) char *script = NULL;
    struct error err;
    size_t len;

    cr_assert_eq(file_read(SCRIPTS "session.yaml", LIMIT_MIB, &script, &len, &err), 0, "%s",
                 err.msg);
    AUTO(mem_free) char *text = xasprintf("%s%s", before, script);
    for (; *pairs; pairs += 2) {
        char *changed = replaced(text, pairs[0], pairs[1]);

        free(text);
        text = changed;
    }
    cr_assert_eq(file_write(file, text, strlen(text), 0600, &err), 0, "%s", err.msg);
    fake_kill(stage->fake);
    fake_restart(stage->fake, file);
}

static void leave_host(const struct stage *stage, const char *stat)
{
    AUTO(mem_free) char *stats = xasprintf("[%s]", stat);

    stage_leave_output(stage, stats);
    stage_restic(stage, "forget",
                 "echo '[{\"host\":\"h\",\"paths\":[\"/data\"],\"keep\":[{}],\"remove\":[]}]'\n");
    stage_answer_check(stage);
}

/* Status and reason of a condition, as "True/Done", in the last PUT of the session that has it. */
static char *stored_condition(const struct stage *stage, const char *type)
{
    json_auto_t *condition = stage_condition(stage, type);

    return condition ? xasprintf("%s/%s", jsonx_str(condition, "status", NULL),
                                 jsonx_str(condition, "reason", NULL))
                     : xstrdup("");
}

static const char *first_incomplete(const json_t *parent)
{
    return json_string_value(json_array_get(jsonx_get(parent, "incomplete", NULL), 0));
}

#define REPOSITORY_STATUS                                                                          \
    "path: /apis/stash.appscode.com/v1alpha1/namespaces/demo/repositories/repo/status\n"

Test(maintenance, an_incomplete_snapshot_is_noted_although_the_api_server_was_away)
{
    AUTO(stage_done) struct stage stage;
    AUTO(mem_free) char *answer = xasprintf("%sexit 3\n", stage_summary);
    struct error err;

    stage_open(&stage, "session.yaml");
    rewrite(&stage, "- method: PUT\n  " REPOSITORY_STATUS "  times: 2\n  status: 503\n",
            (const char *const[]){NULL});
    stage_restic(&stage, "backup", answer);
    cr_assert_eq(stage_back_up(&stage, &err), 0, "%s", err.msg);
    json_auto_t *stat = stage_stat(&stage);
    json_auto_t *repository = stage_stored(&stage, "repositories");
    cr_assert_geq(fake_count(stage.fake, "PUT", "repositories/repo/status"), 3);
    cr_assert_str_eq(first_incomplete(jsonx_get(repository, "status", NULL)), "0123456789abcdef");
    cr_assert_str_eq(first_incomplete(stat), "0123456789abcdef");
}

/* The backup's container ended before it could tell the Repository: its result is all that knows. */
Test(maintenance, an_incomplete_snapshot_is_noted_from_its_hosts_result)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    leave_host(&stage, "{\"hostname\": \"host-0\", \"phase\": \"Failed\", \"error\": \"x\", "
                       "\"incomplete\": [\"feed\"]}");
    stage_update(&stage);
    json_auto_t *repository = stage_stored(&stage, "repositories");
    json_auto_t *session = stage_stored(&stage, "backupsessions");
    const json_t *target = json_array_get(jsonx_get(session, "status", "targets", NULL), 0);
    cr_assert_str_eq(first_incomplete(jsonx_get(repository, "status", NULL)), "feed");
    cr_assert_str_eq(first_incomplete(json_array_get(jsonx_get(target, "stats", NULL), 0)), "feed");
}

Test(maintenance, a_turn_is_not_waited_for_beyond_the_sessions_deadline)
{
    AUTO(stage_done) struct stage stage;
    char deadline[TIMEFMT_SIZE];
    int64_t begun = clock_mono_ms();

    unsetenv("STASH_TURN_PATIENCE"); /* half an hour */
    timefmt_rfc3339(clock_now() + 62, deadline);
    AUTO(mem_free)
    char *turn = xasprintf("{state: Waiting}\n      sessionDeadline: \"%s\"", deadline);
    stage_open_in_turn(&stage, "session.yaml", turn);
    leave_host(&stage, "{\"hostname\": \"host-0\", \"phase\": \"Succeeded\"}");
    stage_update(&stage);
    AUTO(mem_free) char *retention = stored_condition(&stage, "RetentionPolicyApplied");
    json_auto_t *session = stage_stored(&stage, "backupsessions");
    const json_t *target = json_array_get(jsonx_get(session, "status", "targets", NULL), 0);
    cr_assert_lt(clock_mono_ms() - begun, 60000, "the deadline passed meanwhile");
    cr_assert_str_eq(retention, "Unknown/Deferred");
    cr_assert_str_eq(jsonx_str(json_array_get(jsonx_get(target, "stats", NULL), 0), "phase", NULL),
                     "Succeeded");
}

Test(maintenance, a_lock_is_not_waited_for_beyond_the_sessions_deadline)
{
    AUTO(stage_done) struct stage stage;
    char deadline[TIMEFMT_SIZE];
    int64_t begun = clock_mono_ms();

    unsetenv("STASH_LOCK_PATIENCE"); /* half an hour */
    timefmt_rfc3339(clock_now() + 62, deadline);
    AUTO(mem_free)
    char *turn = xasprintf("{state: Granted}\n      sessionDeadline: \"%s\"", deadline);
    stage_open_in_turn(&stage, "session.yaml", turn);
    leave_host(&stage, "{\"hostname\": \"host-0\", \"phase\": \"Succeeded\"}");
    stage_restic(&stage, "forget", "exit 11\n");
    stage_restic(&stage, "list-locks", "echo 0123456789abcdef\n");
    stage_update(&stage);
    AUTO(mem_free) char *retention = stored_condition(&stage, "RetentionPolicyApplied");
    cr_assert_lt(clock_mono_ms() - begun, 60000, "the deadline passed meanwhile");
    cr_assert_str_eq(retention, "Unknown/RepositoryLocked");
}

Test(maintenance, retention_looks_at_the_last_host_of_several_too)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    rewrite(&stage, "",
            (const char *const[]){
                "totalHosts: 1",
                "totalHosts: 2\n        stats: [{hostname: host-0, phase: Succeeded}]", NULL});
    leave_host(&stage, "{\"hostname\": \"host-1\", \"phase\": \"Succeeded\"}");
    stage_update(&stage);
    AUTO(mem_free) char *calls = stage_calls(&stage);
    const char *forget = strstr(calls, "forget ");
    cr_assert_not_null(forget, "no retention: %s", calls);
    cr_assert_not_null(strstr(forget, "--host host-0 --host host-1 "), "%s", calls);
}

/* It has stored nothing that could take the place of what it has, and its newest may be what an empty volume left. */
Test(maintenance, retention_leaves_a_host_alone_that_failed)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    rewrite(&stage, "",
            (const char *const[]){"totalHosts: 1",
                                  "totalHosts: 2\n        stats: [{hostname: host-0, phase: "
                                  "Failed, error: x}]",
                                  NULL});
    leave_host(&stage, "{\"hostname\": \"host-1\", \"phase\": \"Succeeded\"}");
    stage_update(&stage);
    AUTO(mem_free) char *calls = stage_calls(&stage);
    const char *forget = strstr(calls, "forget ");
    cr_assert_not_null(forget, "no retention: %s", calls);
    cr_assert_not_null(strstr(forget, "--host host-1 "), "%s", calls);
    cr_assert_null(strstr(forget, "--host host-0 "), "%s", calls);
}

#define FOUND_ERRORS "echo '{\"message_type\":\"summary\",\"num_errors\":2}'\nexit 1\n"

Test(maintenance, what_a_check_finds_beside_somebodys_prune_is_no_damage)
{
    AUTO(stage_done) struct stage stage;

    setenv("STASH_LOCK_PATIENCE", "1", 1);
    stage_open(&stage, "session.yaml");
    leave_host(&stage, "{\"hostname\": \"host-0\", \"phase\": \"Succeeded\"}");
    stage_restic(&stage, "check", FOUND_ERRORS);
    stage_restic(&stage, "list-locks", "echo 0123456789abcdef\n");
    stage_restic(&stage, "cat-lock",
                 "echo '{\"time\":\"2026-01-01T00:00:00Z\",\"exclusive\":true,"
                 "\"hostname\":\"desk\",\"pid\":7}'\n");
    stage_update(&stage);
    AUTO(mem_free) char *integrity = stored_condition(&stage, "RepositoryIntegrityVerified");
    AUTO(mem_free) char *calls = stage_calls(&stage);
    json_auto_t *repository = stage_stored(&stage, "repositories");
    cr_assert_str_eq(integrity, "Unknown/RepositoryLocked");
    cr_assert_null(strstr(calls, "forget"), "%s", calls);
    cr_assert_null(jsonx_get(repository, "status", "integrity", NULL));
}

/* A killed executor's lock is there until somebody asks for it to go. The fake restic's lock goes by unlock. */
#define LOCK_UNTIL_UNLOCKED "[ -e $FAKE_RESTIC/count.unlock ] || echo 0123456789abcdef\n"

static void check_beside_a_dead_lock(struct stage *stage)
{
    stage_open_in_turn(stage, "session.yaml",
                       "{state: Granted, locks: [{id: 0123456789abcdef, ended: true}]}");
    leave_host(stage, "{\"hostname\": \"host-0\", \"phase\": \"Succeeded\"}");
    stage_restic(stage, "list-locks", LOCK_UNTIL_UNLOCKED);
    stage_restic(stage, "cat-lock",
                 "echo '{\"time\":\"2026-01-01T00:00:00Z\",\"exclusive\":false,"
                 "\"hostname\":\"gone\",\"pid\":7}'\n");
    stage_restic(stage, "check.1", FOUND_ERRORS);
}

Test(maintenance, a_dead_lock_hides_no_damage)
{
    AUTO(stage_done) struct stage stage;

    check_beside_a_dead_lock(&stage);
    stage_restic(&stage, "check", FOUND_ERRORS);
    stage_update(&stage);
    AUTO(mem_free) char *integrity = stored_condition(&stage, "RepositoryIntegrityVerified");
    json_auto_t *repository = stage_stored(&stage, "repositories");
    cr_assert_str_eq(integrity, "False/FailedToVerifyRepositoryIntegrity");
    cr_assert(json_is_false(jsonx_get(repository, "status", "integrity", NULL)));
}

Test(maintenance, what_is_whole_once_a_dead_lock_is_gone_is_maintained)
{
    AUTO(stage_done) struct stage stage;

    check_beside_a_dead_lock(&stage);
    stage_update(&stage);
    AUTO(mem_free) char *integrity = stored_condition(&stage, "RepositoryIntegrityVerified");
    AUTO(mem_free) char *retention = stored_condition(&stage, "RetentionPolicyApplied");
    cr_assert_str_eq(integrity, "True/SuccessfullyVerifiedRepositoryIntegrity");
    cr_assert_str_eq(retention, "True/SuccessfullyAppliedRetentionPolicy");
}

/* Somebody's restic in this container: what it has locked is no lock that a restic of ours left. */
static pid_t start_somebodys_restic(const struct stage *stage)
{
    AUTO(mem_free) char *program = xasprintf("%s/restic", stage->folder);
    AUTO(mem_free) char *copy = xasprintf("cp $(command -v sleep) %s", program);
    pid_t pid;

    cr_assert_eq(system(copy), 0); /* NOLINT(cert-env33-c) */
    pid = fork();
    if (pid == 0) {
        execl(program, program, "60", (char *)NULL);
        _exit(127);
    }
    clock_sleep_ms(200);
    return pid;
}

Test(maintenance, a_person_in_the_container_keeps_his_lock)
{
    AUTO(stage_done) struct stage stage;
    char host[256] = "";

    setenv("STASH_LOCK_PATIENCE", "6", 1);
    stage_open_in_turn(&stage, "session.yaml",
                       "{state: Granted, locks: [{id: 0123456789abcdef, ended: true}]}");
    leave_host(&stage, "{\"hostname\": \"host-0\", \"phase\": \"Succeeded\"}");
    pid_t pid = start_somebodys_restic(&stage);
    gethostname(host, sizeof(host) - 1);
    AUTO(mem_free)
    char *lock = xasprintf("echo '{\"time\":\"2026-01-01T00:00:00Z\",\"exclusive\":true,"
                           "\"hostname\":\"%s\",\"pid\":%d}'\n",
                           host, (int)pid);
    stage_restic(&stage, "list-locks", LOCK_UNTIL_UNLOCKED);
    stage_restic(&stage, "cat-lock", lock);
    stage_restic(&stage, "forget.1", "exit 11\n");
    stage_update(&stage);
    AUTO(mem_free) char *retention = stored_condition(&stage, "RetentionPolicyApplied");
    AUTO(mem_free) char *calls = stage_calls(&stage);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    cr_assert_null(strstr(calls, "unlock"), "%s", calls);
    cr_assert_str_eq(retention, "Unknown/RepositoryLocked");
}

/* ---- several steps of one Task ---- */

#define STORED(name, path)                                                                         \
    "{\"name\": \"" name "\", \"path\": \"" path                                                   \
    "\", \"totalSize\": \"1 B\", \"uploaded\": \"1 B\"}"

/* The session of a database, and what its steps said of its host. */
static void open_dump(struct stage *stage, const char *stat)
{
    stage_open(stage, "session.yaml");
    stage->flags.target_kind = "AppBinding";
    stage->flags.target_name = "db";
    rewrite(stage, "",
            (const char *const[]){"ref: {apiVersion: v1, kind: PersistentVolumeClaim, name: data, "
                                  "namespace: demo}",
                                  "ref: {kind: AppBinding, name: db, namespace: demo}", NULL});
    leave_host(stage, stat);
}

/* Two steps that back up a database, and what their session says when update-status is over. */
static void end_two_dumps(struct stage *stage, const char *first, const char *second)
{
    AUTO(mem_free)
    char *stat = xasprintf("{\"hostname\": \"host-0\", \"phase\": \"Succeeded\", "
                           "\"snapshots\": [%s, %s]}",
                           first, second);

    open_dump(stage, stat);
    stage_restic(
        stage, "snapshots",
        "echo '[{\"id\":\"1111111111111111\",\"hostname\":\"host-0\",\"paths\":[\"/dumpfile.sql\"],"
        "\"time\":\"2026-01-02T03:05:00Z\"},{\"id\":\"2222222222222222\",\"hostname\":\"host-0\","
        "\"paths\":[\"/dumpfile.sql\"],\"time\":\"2026-01-02T03:06:00Z\"}]'\n");
    stage_update(stage);
}

/* By the policy the second would be the newest of one history, and the first one surplus. */
Test(maintenance, two_dumps_of_one_host_push_each_other_out_of_nothing)
{
    AUTO(stage_done) struct stage stage;

    end_two_dumps(&stage, STORED("1111111111111111", "dumpfile.sql"),
                  STORED("2222222222222222", "dumpfile.sql"));
    AUTO(mem_free) char *retention = stored_condition(&stage, "RetentionPolicyApplied");
    AUTO(mem_free) char *calls = stage_calls(&stage);
    json_auto_t *session = stage_stored(&stage, "backupsessions");
    const json_t *target = json_array_get(jsonx_get(session, "status", "targets", NULL), 0);
    const json_t *stat = json_array_get(jsonx_get(target, "stats", NULL), 0);
    const char *warning = json_string_value(json_array_get(jsonx_get(stat, "warnings", NULL), 0));
    cr_assert_str_eq(retention, "Unknown/SeveralDumpsOfOneHost");
    cr_assert_null(strstr(calls, "forget"), "%s", calls);
    cr_assert(warning && strstr(warning, "host host-0 stored dumpfile.sql more than once"));
}

Test(maintenance, a_dump_and_a_folder_of_one_host_have_a_history_each)
{
    AUTO(stage_done) struct stage stage;

    end_two_dumps(&stage, STORED("1111111111111111", "dumpfile.sql"),
                  STORED("2222222222222222", "/etc/app"));
    AUTO(mem_free) char *retention = stored_condition(&stage, "RetentionPolicyApplied");
    AUTO(mem_free) char *calls = stage_calls(&stage);
    cr_assert_str_eq(retention, "True/SuccessfullyAppliedRetentionPolicy");
    cr_assert_not_null(strstr(calls, "--group-by host,paths "), "%s", calls);
}

#define OF_DB                                                                                      \
    "\"tags\":[\"stash-cluster=c1\",\"stash-target=AppBinding/demo/db\","                          \
    "\"stash-invoker=BackupConfiguration/demo/bc\"]"

/* The Task once had a step for the folder: dumps alone would be all that keepLast keeps. */
Test(maintenance, what_a_former_step_stored_is_not_pushed_out_by_the_dumps)
{
    AUTO(stage_done) struct stage stage;

    open_dump(&stage, "{\"hostname\": \"host-0\", \"phase\": \"Succeeded\", "
                      "\"snapshots\": [" STORED("2222222222222222", "dumpfile.sql") "]}");
    stage_restic(&stage, "snapshots",
                 "echo '[{\"id\":\"1111111111111111\",\"hostname\":\"host-0\",\"paths\":[\"/etc/"
                 "app\"],\"time\":\"2026-01-01T03:05:00Z\"," OF_DB
                 "},{\"id\":\"2222222222222222\",\"hostname\":\"host-0\",\"paths\":[\"/"
                 "dumpfile.sql\"],\"time\":\"2026-01-02T03:06:00Z\"," OF_DB "}]'\n");
    stage_update(&stage);
    AUTO(mem_free) char *calls = stage_calls(&stage);
    cr_assert_not_null(strstr(calls, "--group-by host,paths "), "%s", calls);
}

/* ---- nothing changed ---- */

/* An id, what makes it ours or not, and when it was made. */
#define LISTED(id, invoker, time)                                                                  \
    "{\"id\":\"" id "\",\"hostname\":\"host-0\",\"paths\":[\"/data\"],\"time\":\"" time            \
    "\",\"tags\":[\"stash-cluster=c1\",\"stash-target=PersistentVolumeClaim/demo/data\","          \
    "\"stash-invoker=BackupConfiguration/demo/" invoker "\"]}"

/* What the Repository lists as incomplete lies beside its marked copy. */
static void open_beside_copy(struct stage *stage)
{
    stage_open(stage, "session.yaml");
    rewrite(
        stage, "",
        (const char *const[]){"status: {references:",
                              "status: {incomplete: [\"2222222222222222\"], references:", NULL});
    leave_host(stage, "{\"hostname\": \"host-0\", \"phase\": \"Succeeded\"}");
    stage_restic(stage, "snapshots",
                 "echo '[" LISTED("1111111111111111", "bc", "2026-01-01T00:00:00Z") "," LISTED(
                     "2222222222222222", "bc",
                     "2026-01-02T00:00:00Z") ",{\"id\":\"3333333333333333\",\"original\":"
                                             "\"2222222222222222\",\"hostname\":\"host-0\","
                                             "\"paths\":[\"/data\"],\"time\":"
                                             "\"2026-01-02T00:00:00Z\",\"tags\":[\"stash-"
                                             "incomplete=PersistentVolumeClaim/demo/data\"]}]'\n");
}

/* Each session would leave another copy of each snapshot that lacks files. */
Test(maintenance, what_the_storage_kept_beside_its_marked_copy_is_not_marked_again)
{
    AUTO(stage_done) struct stage stage;

    open_beside_copy(&stage);
    stage_restic(&stage, "forget",
                 "echo 'Remove(<snapshot/2222222222>) failed: unexpected HTTP response (403): 403 "
                 "Forbidden' >&2\n");
    stage_update(&stage);
    AUTO(mem_free) char *calls = stage_calls(&stage);
    AUTO(mem_free) char *retention = stored_condition(&stage, "RetentionPolicyApplied");
    cr_assert_null(strstr(calls, "\ntag "), "%s", calls);
    cr_assert_null(strstr(calls, "--keep"), "it would count as a complete one: %s", calls);
    cr_assert_str_eq(retention, "Unknown/RemovalRefused");
    json_auto_t *repository = stage_stored(&stage, "repositories");
    cr_assert_str_eq(first_incomplete(jsonx_get(repository, "status", NULL)), "2222222222222222");
    cr_assert_str_eq(jsonx_str(repository, "status", "totalSize", NULL), "2.000 KiB");
}

/* Whoever marked it was killed before it was removed. */
Test(maintenance, what_lies_beside_its_marked_copy_is_removed)
{
    AUTO(stage_done) struct stage stage;

    open_beside_copy(&stage);
    stage_update(&stage);
    AUTO(mem_free) char *calls = stage_calls(&stage);
    cr_assert_not_null(strstr(calls, "forget --quiet 2222222222222222 "), "%s", calls);
    cr_assert_null(strstr(calls, "\ntag "), "%s", calls);
}

/* restic compares with the newest of the same tags, which may lack files, or be what another invoker left out files of. */
Test(maintenance, nothing_changed_since_our_own_complete_snapshot_and_no_other)
{
    AUTO(stage_done) struct stage stage;
    struct error err;

    stage_open(&stage, "session.yaml");
    rewrite(
        &stage, "",
        (const char *const[]){"status: {references:",
                              "status: {incomplete: [\"2222222222222222\"], references:", NULL});
    stage_restic(&stage, "snapshots",
                 "echo '[" LISTED("1111111111111111", "bc", "2026-01-01T00:00:00Z") "," LISTED(
                     "2222222222222222", "bc",
                     "2026-01-02T00:00:00Z") "," LISTED("3333333333333333", "other",
                                                        "2026-01-03T00:00:00Z") "]'\n");
    stage_restic(&stage, "backup",
                 "echo '{\"message_type\":\"summary\",\"files_new\":0,\"files_changed\":0,"
                 "\"files_unmodified\":1,\"data_added\":0,\"total_files_processed\":1,"
                 "\"total_bytes_processed\":3,\"total_duration\":0.5}'\n");
    stage.flags.args = "--skip-if-unchanged";
    cr_assert_eq(stage_back_up(&stage, &err), 0, "%s", err.msg);
    json_auto_t *stat = stage_stat(&stage);
    AUTO(mem_free) char *calls = stage_calls(&stage);
    const json_t *snapshots = jsonx_get(stat, "snapshots", NULL);
    cr_assert_not_null(strstr(calls, "--parent 1111111111111111 "), "%s", calls);
    cr_assert_str_eq(jsonx_str(json_array_get(snapshots, 0), "name", NULL), "1111111111111111");
}

/* ---- with the real restic ---- */

/* The answer of a shell command. */
static void ask(const char *command, char *ret, size_t size)
{
    FILE *pipe = popen(command, "r");

    cr_assert_not_null(pipe);
    size_t len = pipe ? fread(ret, 1, size - 1, pipe) : 0;
    ret[len] = '\0';
    if (pipe)
        pclose(pipe);
}

static int count_tagged(const char *tag)
{
    AUTO(mem_free)
    char *command = xasprintf(
        "restic snapshots --json --no-cache --tag %s | grep -o '\"short_id\"' | wc -l", tag);
    char text[16];

    ask(command, text, sizeof(text));
    return atoi(text);
}

/* A local repository, a folder with a file to back up, and a restic that may not read everything, root or not. */
static void open_repository(struct stage *stage)
{
    AUTO(mem_free) char *path = xstrdup(getenv("PATH"));
    AUTO(mem_free) char *data = NULL;

    stage_open(stage, "session.yaml");
    setenv("PATH", path, 1);
    prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0);
    prctl(PR_CAPBSET_DROP, CAP_DAC_READ_SEARCH, 0, 0, 0);
    data = xasprintf("%s/data", stage->folder);
    AUTO(mem_free) char *repository = xasprintf("%s/repository", stage->folder);
    setenv("DATA", data, 1);
    setenv("RESTIC_REPOSITORY", repository, 1);
    setenv("RESTIC_PASSWORD", "TopSecret", 1);
    cr_assert_eq(system("mkdir $DATA && echo x >$DATA/file"), 0);
    stage->flags.provider = "local";
    stage->flags.bucket = getenv("RESTIC_REPOSITORY");
    stage->flags.endpoint = NULL;
    stage->flags.paths = getenv("DATA");
}

/* Back up after a shell command, in a Job of its own. What it says of the host. */
static json_t *back_up_after(struct stage *stage, const char *command)
{
    AUTO(mem_free) char *before = xasprintf("%s/output.json", stage->output_dir);
    struct error err;

    remove(before);
    cr_assert_eq(system(command), 0);
    cr_assert_eq(stage_back_up(stage, &err), 0, "%s", err.msg);
    return stage_stat(stage);
}

/*
 * The executor of the second session is killed after restic's exit 3: the Repository, which this server never lets list
 * anything, was not told, and nothing was tagged. Only that session's status knows, and the next one's turn says it.
 */
Test(maintenance, a_snapshot_that_an_earlier_session_left_incomplete_pushes_no_complete_one_out)
{
    if (system("restic version >/dev/null 2>&1") != 0) {
        cr_assert(!getenv("STASH_LAB"), "a lab needs the real restic");
        cr_skip_test("no restic");
    }
    AUTO(stage_done) struct stage stage;

    open_repository(&stage);
    json_auto_t *first = back_up_after(&stage, "true");
    json_auto_t *second = back_up_after(&stage, "echo y >$DATA/closed && chmod 000 $DATA/closed");
    json_auto_t *third = back_up_after(&stage, "chmod 600 $DATA/closed");
    cr_assert_str_eq(jsonx_str(first, "phase", NULL), "Succeeded");
    cr_assert_str_eq(jsonx_str(second, "phase", NULL), "Failed");
    cr_assert_str_eq(jsonx_str(third, "phase", NULL), "Succeeded");
    cr_assert_not_null(first_incomplete(second));
    cr_assert_eq(count_tagged("stash-target=PersistentVolumeClaim/demo/data"), 3);

    AUTO(mem_free)
    char *turn = xasprintf("{state: Granted, incomplete: [\"%s\"]}", first_incomplete(second));
    AUTO(mem_free) char *local = xasprintf("local: {mountPath: %s}", stage.flags.bucket);
    rewrite(&stage, "",
            (const char *const[]){"{state: Granted}", turn, "keepLast: 1", "keepLast: 2",
                                  "s3: {endpoint: \"http://127.0.0.1:1\", bucket: b, prefix: p}",
                                  local, NULL});
    leave_host(&stage, "{\"hostname\": \"host-0\", \"phase\": \"Succeeded\"}");
    stage_update(&stage);
    AUTO(mem_free) char *retention = stored_condition(&stage, "RetentionPolicyApplied");
    cr_assert_str_eq(retention, "True/SuccessfullyAppliedRetentionPolicy");
    cr_assert_eq(count_tagged("stash-target=PersistentVolumeClaim/demo/data"), 2);
    cr_assert_eq(count_tagged("stash-incomplete=PersistentVolumeClaim/demo/data"), 1);
}

/*
 * Sidecars of one Deployment, each a process of its own, as pods are: who works, and how soon when one of them goes. The
 * test says whose turn it is, in the place of the reconciler.
 */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "stage.h"
#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/kinds.h"

#define WAIT_MS 30000
#define SOON_MS 4000
#define LONG_MS 3000 /* long enough for a pod to do what it should not */

static void open_web(struct stage *stage)
{
    stage_open(stage, "sidecar.yaml");
    stage->flags.target_kind = "Deployment";
    stage->flags.target_name = "web";
    stage_restic(stage, "backup", stage_summary);
}

/* A pod's sidecar; to be ended by its id. */
static pid_t begin_pod(const struct stage *stage, const char *name)
{
    pid_t pid = child_fork();

    cr_assert_geq(pid, 0);
    if (pid > 0)
        return pid;
    AUTO(kube_close) struct kube *kube = fake_open(stage->fake);
    struct error err;

    AUTO(mem_free) char *uid = xasprintf("uid-of-%s", name);
    setenv("POD_NAME", name, 1);
    setenv("POD_UID", uid, 1);
    _exit(agent_run_backup(kube, &stage->flags, &err) == 0 ? 0 : 1);
}

static void end_pod(pid_t pid, int signum)
{
    kill(pid, signum);
    waitpid(pid, NULL, 0);
}

static void create_session(const struct stage *stage)
{
    json_auto_t *stored = NULL;
    struct error err;
    json_auto_t *session = json_pack(
        "{s:s, s:s, s:{s:s, s:s, s:{s:s, s:s}}, s:{s:{s:s, s:s, s:s}},"
        " s:{s:s, s:[{s:{s:s, s:s, s:s, s:s}, s:i, s:[s]}]}}",
        "apiVersion", "stash.appscode.com/v1beta1", "kind", "BackupSession", "metadata", "name",
        "s-1", "namespace", "demo", "labels", "stash.appscode.com/target-kind", "Deployment",
        "stash.appscode.com/target-name", "web", "spec", "invoker", "apiGroup",
        "stash.appscode.com", "kind", "BackupConfiguration", "name", "bc", "status", "phase",
        "Running", "targets", "ref", "apiVersion", "apps/v1", "kind", "Deployment", "namespace",
        "demo", "name", "web", "totalHosts", 1, "preBackupActions", "InitializeBackendRepository");
    const struct kube_write options = {.field_manager = "test"};

    cr_assert_eq(kube_create(stage->kube, kind_resource(KIND_BACKUP_SESSION), session, &options,
                             &stored, &err),
                 0, "%s", err.msg);
}

/* Whose turn it is. */
static void give_turn(const struct stage *stage, const char *pod)
{
    const struct kube_write options = {.subresource = "status"};
    AUTO(mem_free) char *uid = xasprintf("uid-of-%s", pod);
    json_auto_t *session = NULL;
    struct error err;

    cr_assert_eq(
        kube_get(stage->kube, kind_resource(KIND_BACKUP_SESSION), "demo", "s-1", &session, &err), 0,
        "%s", err.msg);
    json_auto_t *targets = json_deep_copy(jsonx_get(session, "status", "targets", NULL));
    json_object_set_new(json_array_get(targets, 0), "worker",
                        json_pack("{s:s, s:s}", "pod", pod, "uid", uid));
    json_auto_t *patch = json_pack("{s:{s:O}}", "status", "targets", targets);
    cr_assert_eq(kube_patch(stage->kube, kind_resource(KIND_BACKUP_SESSION), "demo", "s-1",
                            KUBE_PATCH_MERGE, patch, &options, NULL, &err),
                 0, "%s", err.msg);
}

/* What its only host reported; NULL: nothing yet. New reference. */
static json_t *read_stat(const struct stage *stage)
{
    json_auto_t *session = NULL;
    struct error err;

    cr_assert_eq(
        kube_get(stage->kube, kind_resource(KIND_BACKUP_SESSION), "demo", "s-1", &session, &err), 0,
        "%s", err.msg);
    const json_t *target = json_array_get(jsonx_get(session, "status", "targets", NULL), 0);
    return json_incref(json_array_get(jsonx_get(target, "stats", NULL), 0));
}

/* The phase that its only host reported; "" for none. */
static void read_phase(const struct stage *stage, char ret[32])
{
    json_auto_t *stat = read_stat(stage);
    const char *phase = jsonx_str(stat, "phase", NULL);

    snprintf(ret, 32, "%s", phase ? phase : "");
}

/* How long it took until the host reported. */
static int64_t wait_for_report(const struct stage *stage)
{
    int64_t start = clock_mono_ms();
    char phase[32] = "";

    while (!*phase && clock_mono_ms() - start < WAIT_MS) {
        clock_sleep_ms(100);
        read_phase(stage, phase);
    }
    cr_assert_str_eq(phase, "Succeeded");
    return clock_mono_ms() - start;
}

static size_t count_calls(const struct stage *stage, const char *command)
{
    AUTO(mem_free) char *calls = stage_calls(stage);
    size_t count = 0;

    for (const char *at = calls; (at = strstr(at, command)); at++)
        count++;
    return count;
}

static void wait_for_call(const struct stage *stage, const char *command)
{
    for (int64_t start = clock_mono_ms(); count_calls(stage, command) == 0;) {
        cr_assert_lt(clock_mono_ms() - start, WAIT_MS, "no %s", command);
        clock_sleep_ms(50);
    }
}

Test(sidecar, whose_turn_it_is_works_and_nobody_else, .timeout = 120)
{
    AUTO(stage_done) struct stage stage;
    pid_t first, second;

    open_web(&stage);
    first = begin_pod(&stage, "web-1");
    second = begin_pod(&stage, "web-2");
    create_session(&stage);
    clock_sleep_ms(LONG_MS);
    cr_expect_eq(count_calls(&stage, "backup "), 0, "it is nobody's turn yet");
    give_turn(&stage, "web-2");
    cr_expect_lt(wait_for_report(&stage), SOON_MS);
    clock_sleep_ms(LONG_MS);
    cr_expect_eq(count_calls(&stage, "backup "), 1);
    cr_expect_eq(fake_count(stage.fake, "GET", "leases"), 0);
    end_pod(first, SIGTERM);
    end_pod(second, SIGTERM);
}

/* A snapshot as restic lists it. */
#define SNAPSHOT(id, day, files)                                                                   \
    "{\"id\":\"" id "\",\"hostname\":\"host-0\",\"paths\":[\"/data\"],\"time\":\"2026-01-0" day    \
    "T03:04:05Z\",\"summary\":{\"total_files_processed\":" files "}}"

/* A backup without a file, where a snapshot before has some. */
Test(sidecar, what_a_backup_warns_of_is_reported, .timeout = 120)
{
    AUTO(stage_done) struct stage stage;
    pid_t pod;

    open_web(&stage);
    stage_restic(&stage, "snapshots",
                 "echo '[" SNAPSHOT("0123456789abcdee", "1", "7") "," SNAPSHOT("0123456789abcdef",
                                                                               "2", "0") "]'\n");
    stage_restic(&stage, "backup",
                 "echo '{\"message_type\":\"summary\",\"files_new\":0,\"files_changed\":0,"
                 "\"files_unmodified\":0,\"data_added\":0,\"total_files_processed\":0,"
                 "\"total_bytes_processed\":0,\"total_duration\":0.5,"
                 "\"snapshot_id\":\"0123456789abcdef\"}'\n");
    pod = begin_pod(&stage, "web-1");
    create_session(&stage);
    give_turn(&stage, "web-1");
    wait_for_report(&stage);
    end_pod(pod, SIGTERM);
    json_auto_t *stat = read_stat(&stage);
    const char *warning = json_string_value(json_array_get(jsonx_get(stat, "warnings", NULL), 0));
    cr_assert(warning && strstr(warning, "holds no file"), "%s", warning ? warning : "none");
}

Test(sidecar, a_pod_of_the_same_name_is_another_pod, .timeout = 120)
{
    AUTO(stage_done) struct stage stage;
    pid_t pid;

    open_web(&stage);
    create_session(&stage);
    give_turn(&stage, "web-2");
    pid = begin_pod(&stage, "web-1");
    clock_sleep_ms(LONG_MS);
    cr_expect_eq(count_calls(&stage, "backup "), 0);
    end_pod(pid, SIGTERM);
}

Test(sidecar, another_works_at_once_when_it_gets_the_turn_of_one_that_was_killed, .timeout = 120)
{
    AUTO(stage_done) struct stage stage;
    pid_t first, second;

    open_web(&stage);
    stage_restic(&stage, "backup.1", "exec sleep 100\n");
    first = begin_pod(&stage, "web-1");
    second = begin_pod(&stage, "web-2");
    create_session(&stage);
    give_turn(&stage, "web-1");
    wait_for_call(&stage, "backup ");
    end_pod(first, SIGKILL);
    give_turn(&stage, "web-2");
    cr_expect_lt(wait_for_report(&stage), SOON_MS, "nobody waits for what a pod left behind");
    end_pod(second, SIGTERM);
}

Test(sidecar, a_pod_that_is_told_to_end_reports_nothing, .timeout = 120)
{
    AUTO(stage_done) struct stage stage;
    char phase[32];
    pid_t pid;

    open_web(&stage);
    stage_restic(&stage, "backup.1", "exec sleep 100\n");
    pid = begin_pod(&stage, "web-1");
    create_session(&stage);
    give_turn(&stage, "web-1");
    wait_for_call(&stage, "backup ");
    end_pod(pid, SIGTERM);
    read_phase(&stage, phase);
    cr_expect_str_eq(phase, "", "whoever comes next begins again");
}

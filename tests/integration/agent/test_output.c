/* What a step leaves for the next one, whatever happens to it. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "stage.h"
#include "stash/clock.h"
#include "stash/file.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/spawn.h"

static json_t *back_up(struct stage *stage)
{
    struct error err;

    cr_assert_eq(stage_back_up(stage, &err), 0, "%s", err.msg);
    return stage_stat(stage);
}

static void check_failed(const json_t *stat, const char *why)
{
    cr_assert_str_eq(jsonx_str(stat, "phase", NULL), "Failed");
    cr_assert_not_null(strstr(jsonx_str(stat, "error", NULL), why), "%s",
                       jsonx_str(stat, "error", NULL));
}

static size_t snapshots(const json_t *stat)
{
    return json_array_size(jsonx_get(stat, "snapshots", NULL));
}

Test(output, the_results_of_two_steps_are_put_together)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    stage_restic(&stage, "backup", stage_summary);
    json_auto_t *first = back_up(&stage);
    cr_assert_eq(snapshots(first), 1);
    json_auto_t *second = back_up(&stage);
    cr_assert_str_eq(jsonx_str(second, "phase", NULL), "Succeeded");
    cr_assert_eq(snapshots(second), 2);
}

Test(output, a_step_that_failed_stays_failed_after_one_that_succeeds)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    stage_restic(&stage, "backup", stage_summary);
    stage_restic(&stage, "backup.1", "exit 1\n");
    json_auto_t *first = back_up(&stage);
    check_failed(first, "storing /data: restic: failed (exit 1)");
    json_auto_t *second = back_up(&stage);
    check_failed(second, "storing /data: restic: failed (exit 1)");
    cr_assert_eq(snapshots(second), 1);
}

/* What a step finds in the folder, and what it tells after a backup that succeeds. */
static json_t *back_up_after(struct stage *stage, const char *left)
{
    AUTO(mem_free) char *path = NULL;
    struct error err;

    stage_open(stage, "session.yaml");
    stage_restic(stage, "backup", stage_summary);
    stage->flags.output_dir = stage->folder;
    free(stage->output_dir);
    stage->output_dir = xstrdup(stage->folder);
    path = xasprintf("%s/output.json", stage->folder);
    cr_assert_eq(file_write(path, left, strlen(left), 0600, &err), 0);
    return back_up(stage);
}

#define LEFT_FAILED                                                                                \
    "\"targetStatus\":{\"stats\":[{\"hostname\":\"host-0\",\"phase\":\"Failed\",\"error\":"        \
    "\"old\"}]}}"

Test(output, what_another_session_left_is_forgotten)
{
    AUTO(stage_done) struct stage stage;
    json_auto_t *stat = back_up_after(&stage, "{\"session\":\"s-0\"," LEFT_FAILED);

    cr_assert_str_eq(jsonx_str(stat, "phase", NULL), "Succeeded");
}

Test(output, a_failure_that_names_no_session_stays_one)
{
    AUTO(stage_done) struct stage stage;
    json_auto_t *stat = back_up_after(&stage, "{" LEFT_FAILED);

    check_failed(stat, "old");
}

Test(output, a_result_that_cannot_be_read_is_a_failure)
{
    AUTO(stage_done) struct stage stage;
    json_auto_t *stat = back_up_after(&stage, "{\"session\":\"s-1\",\"targetStatus\":{\"sta");

    check_failed(stat, "how the step before fared cannot be read");
}

/* A Function that does not pass --backupsession: the pod's environment says whose Job it is. */
Test(output, a_failure_stays_one_after_a_step_that_was_given_no_session)
{
    AUTO(stage_done) struct stage stage;

    setenv("STASH_SESSION", "BackupSession/demo/s-1", 1);
    stage_open(&stage, "session.yaml");
    stage_restic(&stage, "backup", stage_summary);
    stage_restic(&stage, "backup.1", "exit 1\n");
    json_auto_t *first = back_up(&stage);
    stage.flags.backupsession = NULL;
    json_auto_t *second = back_up(&stage);
    unsetenv("STASH_SESSION");
    check_failed(first, "storing /data");
    check_failed(second, "storing /data");
}

Test(output, an_unknown_provider_is_named)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    stage.flags.provider = "floppy";
    json_auto_t *stat = back_up(&stage);
    check_failed(stat, "--provider=floppy: no such provider");
}

Test(output, a_command_line_that_is_wrong_is_told)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    stage.flags.refused = "flag --max-connections: \"many\" is not a number";
    json_auto_t *stat = back_up(&stage);
    check_failed(stat, "\"many\" is not a number");
}

Test(output, a_path_that_is_a_link_is_refused_by_name)
{
    AUTO(stage_done) struct stage stage;
    AUTO(mem_free) char *link = NULL;

    stage_open(&stage, "session.yaml");
    link = xasprintf("%s/link", stage.folder);
    cr_assert_eq(symlink("/etc", link), 0);
    stage.flags.paths = link;
    json_auto_t *stat = back_up(&stage);
    check_failed(stat, "is a symbolic link");
}

/* ---- told to stop -------------------------------------------------------------------------------------------------- */

struct stop {
    struct stage *stage;
    int64_t told_after_ms; /* when the result was there, since the order */
};

static void *stop_and_look(void *ctx)
{
    struct stop *stop = ctx;
    AUTO(mem_free) char *path = xasprintf("%s/output.json", stop->stage->flags.output_dir);
    int64_t start;

    clock_sleep_ms(1000);
    start = clock_mono_ms();
    spawn_cancel();
    while (access(path, F_OK) != 0 && clock_mono_ms() - start < 20000)
        clock_sleep_ms(20);
    stop->told_after_ms = clock_mono_ms() - start;
    return NULL;
}

static json_t *back_up_and_stop(struct stage *stage, int64_t *ret_told_after_ms)
{
    struct stop stop = {.stage = stage};
    pthread_t thread;
    json_t *stat;

    pthread_create(&thread, NULL, stop_and_look, &stop);
    stat = back_up(stage);
    pthread_join(thread, NULL);
    *ret_told_after_ms = stop.told_after_ms;
    return stat;
}

Test(output, told_to_stop_the_result_is_there_at_once_and_restic_may_clean_up, .timeout = 60)
{
    AUTO(stage_done) struct stage stage;
    AUTO(mem_free) char *cleaned = NULL;
    int64_t told;

    stage_open(&stage, "session.yaml");
    stage_restic(&stage, "backup",
                 "trap 'sleep 7; echo yes >$FAKE_RESTIC/cleaned; exit 130' TERM\n"
                 "sleep 30 & wait\n");
    json_auto_t *stat = back_up_and_stop(&stage, &told);
    check_failed(stat, "told to stop");
    cr_assert_lt(told, 5000);
    cleaned = xasprintf("%s/cleaned", stage.folder);
    cr_assert_eq(access(cleaned, F_OK), 0, "restic was killed before it had removed its lock");
}

Test(output, told_to_stop_while_it_waits_for_its_turn, .timeout = 60)
{
    AUTO(stage_done) struct stage stage;
    int64_t start = clock_mono_ms(), told;

    stage_open_in_turn(&stage, "session.yaml", "{state: Waiting}");
    stage_restic(&stage, "cat-config", "exit 10\n");
    json_auto_t *stat = back_up_and_stop(&stage, &told);
    check_failed(stat, "told to stop");
    cr_assert_lt(told, 5000);
    cr_assert_lt(clock_mono_ms() - start, 40000);
}

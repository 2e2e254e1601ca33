/* Dumps that never lie in a folder: the example addon of docs/addons.md with the real restic. Without one these tests are
 * skipped, except where STASH_LAB is set. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stage.h"
#include "stash/clock.h"
#include "stash/file.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/spawn.h"

static bool has_restic(void)
{
    return system("restic version 2>/dev/null | grep -qE 'restic 0\\.(1[89]|[2-9][0-9])'") == 0;
}

/* A server of three rows, an empty repository, tools in the PATH. */
static void open_server(struct stage *stage)
{
    static const char *const values[2] = {NULL, NULL};
    AUTO(mem_free) char *server = NULL;
    AUTO(mem_free) char *repository = NULL;
    struct error err;

    if (!has_restic()) {
        cr_assert(!getenv("STASH_LAB"), "a lab needs the real restic");
        cr_skip_test("no restic 0.18 or newer");
    }
    stage_open(stage, "session.yaml");
    server = xasprintf("%s/server", stage->folder);
    repository = xasprintf("%s/repository", stage->folder);
    setenv("SERVER", server, 1);
    setenv("RESTIC_REPOSITORY", repository, 1);
    setenv("RESTIC_PASSWORD", "TopSecret", 1);
    unsetenv("FAULT");
    cr_assert_eq(file_write(server, "one\ntwo\nthree\n", 14, 0600, &err), 0);
    stage->flags.provider = "local";
    stage->flags.bucket = getenv("RESTIC_REPOSITORY");
    stage->flags.endpoint = NULL;
    stage->flags.appbinding = "db";
    stage->flags.hostname = "host-0";
    stage->flags.wait_timeout = 2;
    stage->flags.self = STASH_TEMPLATE;
    stage->flags.values = values;
}

static json_t *run(struct stage *stage, int (*step)(struct stage *stage, struct error *err))
{
    struct error err;

    cr_assert_eq(step(stage, &err), 0, "%s", err.msg);
    return stage_stat(stage);
}

/* Another Job: its steps have nothing to do with those before. */
static void begin_another(struct stage *stage)
{
    free(stage->output_dir);
    stage->output_dir = xasprintf("%s/another", stage->folder);
    stage->flags.output_dir = stage->output_dir;
}

static void check_phase(const json_t *stat, const char *phase)
{
    const char *why = jsonx_str(stat, "error", NULL);

    cr_assert_str_eq(jsonx_str(stat, "phase", NULL), phase, "%s", why ? why : "");
}

static void check_run(struct stage *stage, int (*step)(struct stage *stage, struct error *err),
                      const char *phase)
{
    json_auto_t *stat = run(stage, step);

    check_phase(stat, phase);
}

static void check_failed(const json_t *stat, const char *why)
{
    check_phase(stat, "Failed");
    cr_assert_not_null(strstr(jsonx_str(stat, "error", NULL), why), "%s",
                       jsonx_str(stat, "error", NULL));
}

/* The answer of a shell command in one line. */
static void ask(const char *command, char *ret, size_t size)
{
    FILE *pipe = popen(command, "r");

    cr_assert_not_null(pipe);
    if (!pipe)
        return;
    size_t len = fread(ret, 1, size - 1, pipe);
    ret[len] = '\0';
    pclose(pipe);
}

static int snapshots(void)
{
    char text[64];

    ask("restic snapshots --json --no-cache | grep -o '\"short_id\"' | wc -l", text, sizeof(text));
    return atoi(text);
}

Test(stream, a_dump_is_stored_as_one_file_and_comes_back)
{
    AUTO(stage_done) struct stage stage = {0};
    char text[256];

    open_server(&stage);
    json_auto_t *stat = run(&stage, stage_back_up);
    check_phase(stat, "Succeeded");
    cr_assert_str_eq(jsonx_str(json_array_get(jsonx_get(stat, "snapshots", NULL), 0), "path", NULL),
                     "dumpfile.rows");
    ask("restic dump latest /dumpfile.rows --no-cache", text, sizeof(text));
    cr_assert_str_eq(text, "one\ntwo\nthree\n-- end 3\n");
    cr_assert_eq(system(": >\"$SERVER\""), 0);
    begin_another(&stage);
    check_run(&stage, stage_restore, "Succeeded");
    ask("cat $SERVER", text, sizeof(text));
    cr_assert_str_eq(text, "one\ntwo\nthree\n");
}

static void check_fault(const char *fault, const char *why)
{
    AUTO(stage_done) struct stage stage = {0};

    open_server(&stage);
    check_run(&stage, stage_back_up, "Succeeded");
    setenv("FAULT", fault, 1);
    begin_another(&stage);
    json_auto_t *stat = run(&stage, stage_back_up);
    check_failed(stat, why);
    cr_assert_eq(snapshots(), 1, "a bad dump became a snapshot");
}

Test(stream, a_dump_without_its_end_mark_makes_no_snapshot)
{
    check_fault("cut", "the dump is cut: after 8 bytes it ends without \"-- end \"");
}

Test(stream, a_tool_that_fails_makes_no_snapshot)
{
    check_fault("exit", "template-dump ended with exit code 5: lost connection");
}

Test(stream, a_dump_that_lacks_rows_makes_no_snapshot)
{
    check_fault("rows", "the dump holds 2 of 3 rows");
}

Test(stream, an_empty_dump_makes_no_snapshot)
{
    check_fault("empty", "the dump is empty");
}

Test(stream, what_a_tool_complains_of_while_it_ends_well_is_told)
{
    AUTO(stage_done) struct stage stage;

    open_server(&stage);
    setenv("FAULT", "complains", 1);
    json_auto_t *stat = run(&stage, stage_back_up);
    check_phase(stat, "Succeeded");
    const json_t *warnings = jsonx_get(stat, "warnings", NULL);
    cr_assert_eq(json_array_size(warnings), 1);
    cr_assert_str_eq(json_string_value(json_array_get(warnings, 0)),
                     "template-dump went on, but said: Error: may not read the views");
}

Test(stream, a_tool_that_gets_nowhere_is_ended_and_makes_no_snapshot)
{
    int64_t start = clock_mono_ms();

    setenv("STASH_TOOL_PATIENCE", "2", 1);
    check_fault("stuck", "template-dump got nowhere for 2 s and was ended");
    cr_assert_lt(clock_mono_ms() - start, 30000);
}

static void check_restore_fault(const char *fault, const char *why)
{
    AUTO(stage_done) struct stage stage = {0};

    open_server(&stage);
    check_run(&stage, stage_back_up, "Succeeded");
    setenv("FAULT", fault, 1);
    begin_another(&stage);
    json_auto_t *stat = run(&stage, stage_restore);
    check_failed(stat, why);
}

Test(stream, a_load_that_refuses_rows_is_no_success)
{
    check_restore_fault("refuse", "after the restore: the server has 1 of the dump's 3 rows");
}

Test(stream, a_client_that_fails_is_told_in_its_own_words)
{
    check_restore_fault("load-exit", "template-load ended with exit code 3: disk full");
}

Test(stream, a_snapshot_that_restic_cannot_read_is_no_success)
{
    AUTO(stage_done) struct stage stage = {0};

    open_server(&stage);
    check_run(&stage, stage_back_up, "Succeeded");
    cr_assert_eq(system("rm -r $RESTIC_REPOSITORY/data/*"), 0);
    begin_another(&stage);
    json_auto_t *stat = run(&stage, stage_restore);
    check_failed(stat, "loading snapshot");
}

Test(stream, a_dump_comes_back_from_a_storage_that_takes_no_lock)
{
    if (geteuid() != 0 || unshare(CLONE_NEWNS) < 0)
        cr_skip_test("needs root for a mount of its own");
    AUTO(stage_done) struct stage stage = {0};
    char text[256];

    open_server(&stage);
    const char *repository = getenv("RESTIC_REPOSITORY");
    check_run(&stage, stage_back_up, "Succeeded");
    cr_assert_eq(system(": >\"$SERVER\""), 0);
    cr_assert_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
    cr_assert_eq(mount(repository, repository, NULL, MS_BIND, NULL), 0);
    cr_assert_eq(mount(NULL, repository, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL), 0);
    begin_another(&stage);
    json_auto_t *stat = run(&stage, stage_restore);
    check_phase(stat, "Succeeded");
    ask("cat $SERVER", text, sizeof(text));
    cr_assert_str_eq(text, "one\ntwo\nthree\n");
    cr_assert_str_eq(json_string_value(json_array_get(jsonx_get(stat, "warnings", NULL), 0)),
                     "the storage takes no lock of restic's: it was read without one");
    cr_assert_eq(umount(repository), 0);
}

Test(stream, passwords_are_in_no_file_afterwards_and_in_no_argument)
{
    AUTO(stage_done) struct stage stage = {0};
    AUTO(mem_free) char *look = NULL;

    open_server(&stage);
    setenv("FAULT", "stuck", 1);
    setenv("STASH_TOOL_PATIENCE", "2", 1);
    AUTO(mem_free)
    char *watch =
        xasprintf("(sleep 1; cat /proc/[0-9]*/cmdline | tr '\\0' '\\n' | grep -c s3cre[t] "
                  ">%s/seen; ls -ld %s/addon-* | grep -c '^drwx------' >%s/closed) &",
                  stage.folder, stage.folder, stage.folder);
    cr_assert_eq(system(watch), 0);
    check_run(&stage, stage_back_up, "Failed");
    look = xasprintf("[ $(cat %s/seen) = 0 ] && [ $(cat %s/closed) = 1 ] && ! ls -d %s/addon-* "
                     "2>/dev/null",
                     stage.folder, stage.folder, stage.folder);
    cr_assert_eq(system(look), 0);
}

Test(stream, a_silent_server_is_waited_for_no_longer_than_told)
{
    AUTO(stage_done) struct stage stage = {0};
    int64_t start;

    open_server(&stage);
    setenv("FAULT", "silent", 1);
    start = clock_mono_ms();
    json_auto_t *stat = run(&stage, stage_back_up);
    check_failed(stat, "the server is not ready: template-ping: gave no answer in time");
    cr_assert_lt(clock_mono_ms() - start, 20000);
}

static void *stop_soon(void *ctx)
{
    clock_sleep_ms(1000);
    spawn_cancel();
    return ctx;
}

Test(stream, told_to_stop_it_says_so_within_five_seconds)
{
    AUTO(stage_done) struct stage stage = {0};
    pthread_t thread;
    int64_t start;

    open_server(&stage);
    setenv("FAULT", "stuck", 1);
    start = clock_mono_ms();
    pthread_create(&thread, NULL, stop_soon, NULL);
    json_auto_t *stat = run(&stage, stage_back_up);
    pthread_join(thread, NULL);
    check_failed(stat, "told to stop");
    cr_assert_lt(clock_mono_ms() - start, 6000);
    cr_assert_eq(snapshots(), 0);
}

Test(stream, a_parameter_of_the_wrong_type_is_named)
{
    static const char *const values[] = {NULL, "maybe"};
    AUTO(stage_done) struct stage stage = {0};

    open_server(&stage);
    stage.flags.values = values;
    json_auto_t *stat = run(&stage, stage_restore);
    check_failed(stat, "parameter strict: \"maybe\" is neither true nor false");
}

/* Run the program itself; what output.json then holds. */
static void check_program(const char *flags, const char *why)
{
    AUTO(mem_free) char *folder = NULL;
    AUTO(mem_free) char *command = NULL;
    AUTO(mem_free) char *look = NULL;
    char path[] = "/tmp/stash-program-XXXXXX";
    char text[2048];

    cr_assert_not_null(mkdtemp(path));
    command = xasprintf("env -u KUBERNETES_SERVICE_HOST KUBECONFIG=/nowhere " STASH_TEMPLATE
                        " backup-template --output-dir=%s %s 2>/dev/null",
                        path, flags);
    cr_assert_eq(system(command), 0, "%s", command);
    look = xasprintf("cat %s/output.json; rm -r %s", path, path);
    ask(look, text, sizeof(text));
    cr_assert_not_null(strstr(text, "\"Failed\""), "%s", text);
    cr_assert_not_null(strstr(text, why), "%s", text);
}

Test(program, a_wrong_command_line_is_told_in_the_result)
{
    check_program("--max-connections=many", "flag --max-connections: \\\"many\\\" is not a number");
    check_program("--no-such-flag=1", "unknown flag --no-such-flag");
    check_program("extra", "unexpected argument extra");
    check_program("--kubeconfig=/nowhere", "/nowhere");
    check_program("--no-such-flag=1 --hostname=host-7", "\"host-7\"");
    check_program("--no-such-flag=1 --backupsession=s-9", "\"session\": \"s-9\"");
}

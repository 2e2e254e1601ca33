#include "stash/spawn.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "stash/buf.h"
#include "stash/clock.h"

static const char *const plain_env[] = {"PATH=/usr/bin:/bin", NULL};

static void collect(void *ctx, const char *data, size_t len)
{
    buf_add(ctx, data, len);
}

static void count(void *ctx, const char *data, size_t len)
{
    (void)data;
    *(size_t *)ctx += len;
}

/* Run one program or a pipe of two; an argument vector is a NULL-ended list. */
#define ARGV(...)                                                                                  \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }
#define SHELL(script) ARGV("/bin/sh", "-c", script)

static struct spawn_request request_of(const char *const *one, const char *const *two)
{
    return (struct spawn_request){
        .stages = {one, two}, .count = two ? 2 : 1, .env = plain_env, .stdin_fd = -1};
}

static size_t open_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    size_t n = 0;

    while (readdir(dir))
        n++;
    closedir(dir);
    return n;
}

Test(spawn, streams_what_the_last_stage_writes)
{
    AUTO(buf_done) struct buf out;
    struct spawn_request request = request_of(ARGV("printf", "%s\\n", "b", "a"), ARGV("sort"));
    struct spawn_result result;
    struct error err;

    buf_init(&out, 100);
    request.on_stdout = collect;
    request.ctx = &out;
    cr_assert_eq(spawn_run(&request, &result, &err), 0);
    cr_assert_eq(spawn_first_failure(&result), -1);
    cr_assert_str_eq(out.data, "a\nb\n");
}

Test(spawn, knows_how_each_stage_ended)
{
    struct spawn_request first = request_of(SHELL("echo half; echo why >&2; exit 5"), ARGV("cat"));
    struct spawn_request second = request_of(SHELL("echo x"), SHELL("cat >/dev/null; exit 7"));
    struct spawn_result result;
    struct error err;

    cr_assert_eq(spawn_run(&first, &result, &err), 0);
    cr_assert_eq(spawn_first_failure(&result), 0);
    cr_assert_eq(result.exits[0].status, 5);
    cr_assert_eq(result.exits[1].status, 0);
    cr_assert_str_eq(result.exits[0].stderr_tail, "why\n");
    cr_assert_eq(spawn_run(&second, &result, &err), 0);
    cr_assert_eq(spawn_first_failure(&result), 1);
    cr_assert_eq(result.exits[1].status, 7);
}

Test(spawn, a_writer_whose_reader_went_gets_sigpipe_even_if_we_ignore_it)
{
    struct spawn_request request = request_of(ARGV("yes"), ARGV("true"));
    struct spawn_result result;
    struct error err;

    signal(SIGPIPE, SIG_IGN);
    cr_assert_eq(spawn_run(&request, &result, &err), 0);
    cr_assert(result.exits[0].signaled);
    cr_assert_eq(result.exits[0].status, 128 + SIGPIPE);
}

Test(spawn, a_program_that_is_not_there_is_an_error_in_any_stage)
{
    struct spawn_request alone = request_of(ARGV("no-such-program-here"), NULL);
    struct spawn_request piped = request_of(ARGV("yes"), ARGV("no-such-program-here"));
    struct spawn_result result;
    struct error err;

    cr_assert_eq(spawn_run(&alone, &result, &err), -ERR_NOT_FOUND);
    cr_assert_str_eq(err.msg, "no-such-program-here: no such program");
    cr_assert_eq(spawn_run(&piped, &result, &err), -ERR_NOT_FOUND);
    cr_assert_eq(waitpid(-1, NULL, WNOHANG), -1, "a child was left");
}

Test(spawn, a_deadline_ends_children_and_grandchildren)
{
    struct spawn_request request = request_of(SHELL("sleep 60 & sleep 60"), NULL);
    struct spawn_result result;
    struct error err;
    int64_t start = clock_mono_ms();

    request.timeout_ms = 100;
    cr_assert_eq(spawn_run(&request, &result, &err), -ERR_TIMEOUT);
    cr_assert(result.timed_out);
    cr_assert_eq(result.exits[0].status, 128 + SIGTERM);
    cr_assert_lt(clock_mono_ms() - start, 40000);
}

static bool has_no_bucket(const char *said)
{
    return strstr(said, "no such bucket") != NULL;
}

Test(spawn, a_tool_that_says_it_is_hopeless_is_not_waited_for)
{
    struct spawn_request request =
        request_of(SHELL("printf 'no such buc' >&2; sleep 0.05; echo ket >&2; sleep 60"), NULL);
    struct spawn_result result;
    struct error err;
    int64_t start = clock_mono_ms();

    request.is_hopeless = has_no_bucket;
    cr_assert_eq(spawn_run(&request, &result, &err), 0);
    cr_assert(result.gave_up);
    cr_assert(!result.timed_out);
    cr_assert_eq(result.exits[0].status, 128 + SIGTERM);
    cr_assert_lt(clock_mono_ms() - start, 40000);
}

Test(spawn, who_ignores_sigterm_is_killed)
{
    struct spawn_request request =
        request_of(SHELL("trap '' TERM; while :; do sleep 0.1; done"), NULL);
    struct spawn_result result;
    struct error err;

    request.timeout_ms = 2000; /* the shell has said by then what it ignores */
    cr_assert_eq(spawn_run(&request, &result, &err), -ERR_TIMEOUT);
    cr_assert_eq(result.exits[0].status, 128 + SIGKILL);
}

static void *cancel_soon(void *ctx)
{
    (void)ctx;
    clock_sleep_ms(100);
    spawn_cancel();
    return NULL;
}

Test(spawn, a_cancellation_ends_this_run_and_all_later_ones)
{
    struct spawn_request request = request_of(ARGV("sleep", "60"), NULL);
    struct spawn_result result;
    struct error err;
    pthread_t thread;

    pthread_create(&thread, NULL, cancel_soon, NULL);
    cr_assert_eq(spawn_run(&request, &result, &err), -ERR_TIMEOUT);
    pthread_join(thread, NULL);
    cr_assert_eq(result.exits[0].status, 128 + SIGTERM);
    cr_assert_eq(spawn_run(&request, &result, &err), -ERR_TIMEOUT);
}

Test(spawn, big_output_passes_whole_and_errors_keep_their_tail)
{
    struct spawn_request request =
        request_of(SHELL("head -c 20000000 /dev/zero; i=0; while [ $i -lt 3000 ]; do "
                         "echo line $i >&2; i=$((i+1)); done"),
                   ARGV("cat"));
    struct spawn_result result;
    struct error err;
    size_t total = 0;
    size_t len;

    request.on_stdout = count;
    request.ctx = &total;
    cr_assert_eq(spawn_run(&request, &result, &err), 0);
    cr_assert_eq(total, 20000000);
    len = strlen(result.exits[0].stderr_tail);
    cr_assert_eq(len, LIMIT_STDERR_TAIL);
    cr_assert_str_eq(result.exits[0].stderr_tail + len - 10, "line 2999\n");
}

Test(spawn, leaves_no_descriptor_and_no_zombie)
{
    struct spawn_request request = request_of(SHELL("sleep 0.3 & echo x"), ARGV("cat"));
    struct spawn_result result;
    struct error err;
    size_t before;

    cr_assert_eq(spawn_run(&request, &result, &err), 0);
    before = open_descriptors();
    for (int i = 0; i < 5; i++)
        spawn_run(&request, &result, &err);
    cr_assert_eq(open_descriptors(), before);
    cr_assert_eq(waitpid(-1, NULL, WNOHANG), -1);
}

Test(spawn, a_daemon_that_holds_the_pipe_does_not_hold_us)
{
    struct spawn_request request = request_of(SHELL("sleep 60 & exit 0"), NULL);
    struct spawn_result result;
    struct error err;
    int64_t start = clock_mono_ms();

    cr_assert_eq(spawn_run(&request, &result, &err), 0);
    cr_assert_lt(clock_mono_ms() - start, 40000);
}

Test(spawn, gives_exactly_the_environment_and_folder_asked_for)
{
    AUTO(buf_done) struct buf out;
    struct spawn_request request = request_of(SHELL("pwd; env"), NULL);
    const char *const env[] = {"SECRET=a b\"c", NULL};
    struct spawn_result result;
    struct error err;

    buf_init(&out, 1000);
    request.env = env;
    request.cwd = "/usr";
    request.on_stdout = collect;
    request.ctx = &out;
    cr_assert_eq(spawn_run(&request, &result, &err), 0);
    cr_assert(strstr(out.data, "/usr\n") == out.data);
    cr_assert(strstr(out.data, "SECRET=a b\"c\n"));
    cr_assert_not(strstr(out.data, "HOME="));
}

/* Programs that get nowhere, and those that only look like it. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>

#include "stash/clock.h"
#include "stash/mem.h"
#include "stash/spawn.h"

static const char *const plain_env[] = {"PATH=/usr/bin:/bin", NULL};

static int run(const char *script, int64_t quiet_ms, struct spawn_result *result)
{
    const char *const argv[] = {"/bin/sh", "-c", script, NULL};
    const struct spawn_request request = {.stages = {argv},
                                          .count = 1,
                                          .env = plain_env,
                                          .stdin_fd = -1,
                                          .quiet_ms = quiet_ms,
                                          .timeout_ms = 60000};
    struct error err;

    return spawn_run(&request, result, &err);
}

static void check_patience(const char *script)
{
    struct spawn_result result;

    cr_assert_eq(run(script, 2000, &result), 0, "%s", script);
    cr_assert_eq(result.exits[0].status, 0);
}

Test(spawn_watch, a_program_that_gets_nowhere_is_ended)
{
    struct spawn_result result;
    int64_t start = clock_mono_ms();

    cr_assert_eq(run("echo begun; sleep 60", 1000, &result), -ERR_TIMEOUT);
    cr_assert(result.stalled);
    cr_assert_lt(clock_mono_ms() - start, 40000);
}

Test(spawn_watch, one_that_is_not_watched_may_be_quiet)
{
    struct spawn_result result;

    cr_assert_eq(run("sleep 2", 0, &result), 0);
}

Test(spawn_watch, a_word_now_and_then_is_enough)
{
    check_patience("for i in 1 2 3 4; do sleep 1; echo $i; done");
    check_patience("for i in 1 2 3 4; do sleep 1; echo $i >&2; done");
}

Test(spawn_watch, one_that_computes_is_left_alone)
{
    check_patience("end=$(($(date +%s) + 4)); while [ $(date +%s) -lt $end ]; do i=0; while [ $i "
                   "-lt 20000 ]; do i=$((i+1)); done; done");
}

Test(spawn_watch, a_child_of_it_that_moves_bytes_is_progress)
{
    check_patience("for i in 1 2 3 4 5 6 7 8; do sleep 0.5; head -c 100000 /dev/zero >/dev/null; "
                   "done & wait");
}

Test(spawn_watch, every_stage_may_have_an_environment_of_its_own)
{
    const char *const first[] = {"/bin/sh", "-c", "echo $SECRET", NULL};
    const char *const second[] = {"/bin/sh", "-c", "read x; [ $x = one ] && [ $SECRET = two ]",
                                  NULL};
    const char *const one[] = {"PATH=/usr/bin:/bin", "SECRET=one", NULL};
    const char *const two[] = {"PATH=/usr/bin:/bin", "SECRET=two", NULL};
    const struct spawn_request request = {
        .stages = {first, second}, .envs = {one}, .count = 2, .env = two, .stdin_fd = -1};
    struct spawn_result result;
    struct error err;

    cr_assert_eq(spawn_run(&request, &result, &err), 0);
    cr_assert_eq(spawn_first_failure(&result), -1);
}

static void *cancel_soon(void *ctx)
{
    clock_sleep_ms(300);
    spawn_cancel();
    return ctx;
}

Test(spawn_watch, a_sleep_ends_when_the_process_is_told_to_stop)
{
    pthread_t thread;
    int64_t start = clock_mono_ms();

    pthread_create(&thread, NULL, cancel_soon, NULL);
    cr_assert_not(spawn_sleep_ms(30000));
    pthread_join(thread, NULL);
    cr_assert_lt(clock_mono_ms() - start, 20000);
    cr_assert_not(spawn_sleep_ms(30000));
}

/* Others work for it so many times; then they don't. */
static int works_left;

static bool is_working(const void *watched)
{
    return *(const char *)watched == 'w' && works_left-- > 0;
}

Test(spawn_watch, one_for_which_others_work_is_left_alone_while_they_do)
{
    const char *const argv[] = {"/bin/sleep", "4", NULL};
    struct spawn_request request = {.stages = {argv},
                                    .count = 1,
                                    .env = plain_env,
                                    .stdin_fd = -1,
                                    .quiet_ms = 1000,
                                    .is_working = is_working,
                                    .watched = "work",
                                    .timeout_ms = 60000};
    struct spawn_result result;
    struct error err;

    works_left = 1000;
    cr_assert_eq(spawn_run(&request, &result, &err), 0);
    cr_assert_eq(result.exits[0].status, 0);
    works_left = 1;
    cr_assert_eq(spawn_run(&request, &result, &err), -ERR_TIMEOUT);
    cr_assert(result.stalled);
    cr_assert_leq(works_left, 0, "nobody asked again");
}

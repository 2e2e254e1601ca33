#include "queue.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <time.h>

#include "stash/clock.h"

static void expect(struct queue *queue, const char *key)
{
    AUTO(mem_free) char *taken = queue_take(queue);

    cr_assert_str_eq(taken, key);
}

Test(queue, equal_keys_merge_into_one)
{
    AUTO(queue_free) struct queue *queue = queue_new(10);

    queue_add(queue, "a", 0);
    queue_add(queue, "a", 0);
    cr_assert_eq(queue_depth(queue), 1);
    expect(queue, "a");
    queue_done(queue, "a", QUEUE_DONE);
    cr_assert_eq(queue_depth(queue), 0);
}

Test(queue, a_key_added_while_it_is_worked_on_comes_again_afterwards)
{
    AUTO(queue_free) struct queue *queue = queue_new(10);

    queue_add(queue, "a", 0);
    expect(queue, "a");
    queue_add(queue, "a", 0);
    queue_add(queue, "b", 0);
    expect(queue, "b");
    queue_done(queue, "a", QUEUE_DONE);
    expect(queue, "a");
    queue_done(queue, "a", QUEUE_DONE);
    queue_done(queue, "b", QUEUE_DONE);
    cr_assert_eq(queue_depth(queue), 0);
}

Test(queue, the_earlier_due_time_wins)
{
    AUTO(queue_free) struct queue *queue = queue_new(10);

    queue_add(queue, "late", 60000);
    queue_add(queue, "later", 120000);
    queue_add(queue, "later", 0);
    expect(queue, "later");
    queue_done(queue, "later", QUEUE_DONE);
    queue_add(queue, "late", 20);
    expect(queue, "late");
    queue_done(queue, "late", QUEUE_DONE);
}

Test(queue, keys_come_in_the_order_of_their_due_times)
{
    AUTO(queue_free) struct queue *queue = queue_new(1000);

    for (int i = 0; i < 200; i++) {
        char key[16];
        snprintf(key, sizeof(key), "%d", i);
        /* further apart than adding them may take on a busy machine */
        queue_add(queue, key, ((i * 37) % 200 - 200) * 100);
    }
    int previous = -1;
    for (int i = 0; i < 200; i++) {
        AUTO(mem_free) char *key = queue_take(queue);
        int due = (atoi(key) * 37) % 200;
        cr_assert(due >= previous, "%d after %d", due, previous);
        previous = due;
        queue_done(queue, key, QUEUE_DONE);
    }
}

Test(queue, failures_come_back_later_and_later)
{
    AUTO(queue_free) struct queue *queue = queue_new(10);
    int64_t start = clock_mono_ms(), previous = 0;

    queue_add(queue, "a", 0);
    for (int i = 0; i < 6; i++) {
        expect(queue, "a");
        previous = clock_mono_ms() - start;
        queue_done(queue, "a", QUEUE_FAILED);
    }
    cr_assert(previous >= 5 + 10 + 20 + 40 + 80, "five waits took %ld ms", (long)previous);
}

Test(queue, it_holds_no_more_than_its_limit)
{
    AUTO(queue_free) struct queue *queue = queue_new(2);

    cr_assert(queue_add(queue, "a", 0));
    cr_assert(queue_add(queue, "b", 0));
    cr_assert(!queue_add(queue, "c", 0));
    cr_assert(queue_add(queue, "a", 0), "a known key always fits");
}

Test(queue, a_negative_delay_overtakes_what_waits)
{
    AUTO(queue_free) struct queue *queue = queue_new(10);

    queue_add(queue, "a", 0);
    queue_add(queue, "b", 0);
    queue_add(queue, "urgent", -60000);
    queue_add(queue, "b", -30000);
    expect(queue, "urgent");
    expect(queue, "b");
    expect(queue, "a");
}

Test(queue, stopping_ends_every_wait)
{
    AUTO(queue_free) struct queue *queue = queue_new(2);

    queue_add(queue, "a", 60000);
    queue_stop(queue);
    cr_assert_null(queue_take(queue));
}

Test(queue, an_event_during_a_round_that_fails_does_not_wait_for_the_back_off, .timeout = 20)
{
    AUTO(queue_free) struct queue *queue = queue_new(10);
    int64_t start;

    queue_add(queue, "a", 0);
    for (int i = 0; i < 12; i++) { /* the next pause would be twenty seconds */
        expect(queue, "a");
        queue_add(queue, "a", 0);
        queue_done(queue, "a", QUEUE_FAILED);
    }
    start = clock_mono_ms();
    expect(queue, "a");
    cr_assert_lt(clock_mono_ms() - start, 1000);
    queue_done(queue, "a", QUEUE_DONE);
}

static void compute(int64_t ms)
{
    struct timespec now, begin;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
    do
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    while ((now.tv_sec - begin.tv_sec) * 1000 + (now.tv_nsec - begin.tv_nsec) / 1000000 < ms);
}

Test(queue, what_is_expensive_rests_and_then_is_done_once_for_all_that_asked, .timeout = 20)
{
    AUTO(queue_free) struct queue *queue = queue_new(10);

    queue_add(queue, "dear", 0);
    expect(queue, "dear");
    compute(50);
    queue_done(queue, "dear", QUEUE_DONE);
    int64_t done = clock_mono_ms();
    queue_add(queue, "dear", 0);
    queue_add(queue, "dear", -60000);
    queue_add(queue, "cheap", 0);
    expect(queue, "cheap");
    queue_done(queue, "cheap", QUEUE_DONE);
    expect(queue, "dear");
    cr_assert_geq(clock_mono_ms() - done, 190);
    queue_done(queue, "dear", QUEUE_DONE);
    cr_assert_eq(queue_depth(queue), 0);
}

Test(queue, waiting_for_a_server_is_not_expensive, .timeout = 20)
{
    AUTO(queue_free) struct queue *queue = queue_new(10);

    queue_add(queue, "slow", 0);
    expect(queue, "slow");
    clock_sleep_ms(300);
    queue_done(queue, "slow", QUEUE_DONE);
    int64_t done = clock_mono_ms();
    queue_add(queue, "slow", 0);
    expect(queue, "slow");
    cr_assert_lt(clock_mono_ms() - done, 300);
    queue_done(queue, "slow", QUEUE_DONE);
}

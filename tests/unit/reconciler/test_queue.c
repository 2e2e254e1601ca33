#include "queue.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
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

    queue_add(queue, "demo", "a", 0);
    queue_add(queue, "demo", "a", 0);
    cr_assert_eq(queue_depth(queue), 1);
    expect(queue, "a");
    queue_done(queue, "a", QUEUE_DONE);
    cr_assert_eq(queue_depth(queue), 0);
}

Test(queue, a_key_added_while_it_is_worked_on_comes_again_afterwards)
{
    AUTO(queue_free) struct queue *queue = queue_new(10);

    queue_add(queue, "demo", "a", 0);
    expect(queue, "a");
    queue_add(queue, "demo", "a", 0);
    queue_add(queue, "demo", "b", 0);
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

    queue_add(queue, "demo", "late", 60000);
    queue_add(queue, "demo", "later", 120000);
    queue_add(queue, "demo", "later", 0);
    expect(queue, "later");
    queue_done(queue, "later", QUEUE_DONE);
    queue_add(queue, "demo", "late", 20);
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
        queue_add(queue, "demo", key, ((i * 37) % 200 - 200) * 1000);
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

    queue_add(queue, "demo", "a", 0);
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

    cr_assert(queue_add(queue, "demo", "a", 0));
    cr_assert(queue_add(queue, "other", "b", 0));
    cr_assert(!queue_add(queue, "third", "c", 0));
    cr_assert(queue_add(queue, "third", "a", 0), "a known key always fits");
}

static int fill(struct queue *queue, const char *tenant)
{
    for (int i = 0;; i++) {
        char key[64];
        snprintf(key, sizeof(key), "%s-%d", tenant, i);
        if (!queue_add(queue, tenant, key, -60000))
            return i;
    }
}

Test(queue, a_tenant_has_no_more_keys_than_are_free)
{
    AUTO(queue_free) struct queue *queue = queue_new(1000);

    cr_assert_eq(fill(queue, "greedy"), 500);
    cr_assert_eq(fill(queue, "too"), 250);
    cr_assert_eq(fill(queue, "third"), 125);
    cr_assert(queue_add(queue, "quiet", "a", 0));
    cr_assert(!queue_add(queue, "greedy", "a-new-one", 0));
}

Test(queue, a_key_without_a_tenant_is_never_refused_and_takes_nobodys_room)
{
    AUTO(queue_free) struct queue *queue = queue_new(4);

    fill(queue, "greedy");
    for (int i = 0; i < 100; i++) {
        char key[16];
        snprintf(key, sizeof(key), "%d", i);
        cr_assert(queue_add(queue, NULL, key, -120000));
    }
    cr_assert(queue_add(queue, "quiet", "a", 0));
    expect(queue, "0");
    queue_done(queue, "0", QUEUE_DONE);
}

Test(queue, what_was_done_makes_room)
{
    AUTO(queue_free) struct queue *queue = queue_new(8);

    cr_assert_eq(fill(queue, "greedy"), 4);
    cr_assert(!queue_has_room(queue, "greedy", 50));
    cr_assert(queue_has_room(queue, "quiet", 50));
    for (int i = 0; i < 3; i++) {
        AUTO(mem_free) char *key = queue_take(queue);
        queue_done(queue, key, QUEUE_DONE);
    }
    cr_assert(queue_has_room(queue, "greedy", 50));
}

Test(queue, the_few_of_one_tenant_come_before_the_thousands_of_another)
{
    AUTO(queue_free) struct queue *queue = queue_new(100000);

    fill(queue, "greedy");
    queue_add(queue, "quiet", "its-only-one", -60000);
    for (int i = 0;; i++) {
        AUTO(mem_free) char *key = queue_take(queue);
        queue_done(queue, key, QUEUE_DONE);
        if (strcmp(key, "its-only-one") == 0)
            break;
        cr_assert_lt(i, 40000);
    }
}

Test(queue, a_negative_delay_overtakes_what_waits)
{
    AUTO(queue_free) struct queue *queue = queue_new(10);

    queue_add(queue, "demo", "a", 0);
    queue_add(queue, "demo", "b", 0);
    queue_add(queue, "demo", "urgent", -60000);
    queue_add(queue, "demo", "b", -30000);
    expect(queue, "urgent");
    expect(queue, "b");
    expect(queue, "a");
}

Test(queue, stopping_ends_every_wait)
{
    AUTO(queue_free) struct queue *queue = queue_new(2);

    queue_add(queue, "demo", "a", 60000);
    queue_stop(queue);
    cr_assert_null(queue_take(queue));
}

Test(queue, an_event_during_a_round_that_fails_does_not_wait_for_the_back_off, .timeout = 60)
{
    AUTO(queue_free) struct queue *queue = queue_new(10);
    int64_t start;

    queue_add(queue, "demo", "a", 0);
    for (int i = 0; i < 12; i++) { /* the next pause would be twenty seconds */
        expect(queue, "a");
        queue_add(queue, "demo", "a", 0);
        queue_done(queue, "a", QUEUE_FAILED);
    }
    start = clock_mono_ms();
    expect(queue, "a");
    cr_assert_lt(clock_mono_ms() - start, 10000);
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

    queue_add(queue, "demo", "dear", 0);
    expect(queue, "dear");
    compute(50);
    queue_done(queue, "dear", QUEUE_DONE);
    int64_t done = clock_mono_ms();
    queue_add(queue, "demo", "dear", 0);
    queue_add(queue, "demo", "dear", -60000);
    queue_add(queue, "demo", "cheap", 0);
    expect(queue, "cheap");
    queue_done(queue, "cheap", QUEUE_DONE);
    expect(queue, "dear");
    cr_assert_geq(clock_mono_ms() - done, 190);
    queue_done(queue, "dear", QUEUE_DONE);
    cr_assert_eq(queue_depth(queue), 0);
}

Test(queue, waiting_for_a_server_is_not_expensive, .timeout = 60)
{
    AUTO(queue_free) struct queue *queue = queue_new(10);

    queue_add(queue, "demo", "slow", 0);
    expect(queue, "slow");
    clock_sleep_ms(2000); /* computed, it would rest four times that long */
    queue_done(queue, "slow", QUEUE_DONE);
    int64_t done = clock_mono_ms();
    queue_add(queue, "demo", "slow", 0);
    expect(queue, "slow");
    cr_assert_lt(clock_mono_ms() - done, 7000);
    queue_done(queue, "slow", QUEUE_DONE);
}

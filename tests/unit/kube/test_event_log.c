#include "event_log.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static const struct event_key key = {"controller", "Pod/a/b/uid", "Warning", "Failed", "it broke"};

/* Decide and, as event.c does, tell the log that a new event was stored. */
static struct event_decision see(struct event_log *log, const struct event_key *seen, int64_t now)
{
    struct event_decision decision;
    event_log_decide(log, seen, now, &decision);
    if (decision.verdict == EVENT_CREATE)
        event_log_stored(log, seen, decision.combined, "b.1", now);
    return decision;
}

Test(event_log, counts_the_same_event_up_within_ten_minutes)
{
    AUTO(event_log_free) struct event_log *log = event_log_new();
    cr_assert_eq(see(log, &key, 1000).verdict, EVENT_CREATE);
    struct event_decision again = see(log, &key, 1600);
    cr_assert_eq(again.verdict, EVENT_COUNT_UP);
    cr_assert_str_eq(again.name, "b.1");
    cr_assert_eq(again.count, 2);
    cr_assert_eq(again.first, 1000);
    cr_assert_eq(see(log, &key, 2201).verdict, EVENT_CREATE);
}

Test(event_log, does_not_count_up_what_was_never_stored)
{
    AUTO(event_log_free) struct event_log *log = event_log_new();
    struct event_decision decision;
    event_log_decide(log, &key, 1000, &decision);
    event_log_decide(log, &key, 1001, &decision);
    cr_assert_eq(decision.verdict, EVENT_CREATE);
}

Test(event_log, tells_events_apart_by_every_part_of_the_key)
{
    AUTO(event_log_free) struct event_log *log = event_log_new();
    struct event_key others[] = {key, key, key, key, key};
    others[0].component = "other";
    others[1].object = "Pod/a/c/uid";
    others[2].type = "Normal";
    others[3].reason = "Other";
    others[4].message = "other";
    see(log, &key, 1000);
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        cr_assert_eq(see(log, &others[i], 1000).verdict, EVENT_CREATE, "key %zu", i);
}

Test(event_log, joins_a_crowd_that_differs_in_its_message_only)
{
    AUTO(event_log_free) struct event_log *log = event_log_new();
    struct event_decision last = {0};
    for (int i = 0; i < 13; i++) {
        char message[20];
        struct event_key one = key;
        snprintf(message, sizeof(message), "try %d", i);
        one.message = message;
        last = see(log, &one, 1000 + i);
        cr_assert_eq(last.combined, i >= 10, "event %d", i);
    }
    cr_assert_eq(last.verdict, EVENT_COUNT_UP);
    cr_assert_eq(last.count, 3);
}

Test(event_log, gives_one_object_25_events_and_then_one_each_five_minutes)
{
    AUTO(event_log_free) struct event_log *log = event_log_new();
    struct event_key other = key;
    other.object = "Pod/a/other/uid";
    for (int i = 0; i < 25; i++)
        cr_assert_neq(see(log, &key, 1000).verdict, EVENT_DROP, "event %d", i);
    cr_assert_eq(see(log, &key, 1299).verdict, EVENT_DROP);
    cr_assert_neq(see(log, &other, 1299).verdict, EVENT_DROP);
    cr_assert_neq(see(log, &key, 1300).verdict, EVENT_DROP);
    cr_assert_eq(see(log, &key, 1300).verdict, EVENT_DROP);
}

Test(event_log, stays_bounded_and_forgets_the_least_recent)
{
    AUTO(event_log_free) struct event_log *log = event_log_new();
    for (int i = 0; i < 2 * EVENT_LOG_MAX; i++) {
        char object[40];
        struct event_key one = key;
        snprintf(object, sizeof(object), "Pod/a/p%d/uid", i);
        one.object = object;
        cr_assert_eq(see(log, &one, 1000).verdict, EVENT_CREATE);
    }
    struct event_key recent = key;
    char object[40];
    snprintf(object, sizeof(object), "Pod/a/p%d/uid", 2 * EVENT_LOG_MAX - 1);
    recent.object = object;
    cr_assert_eq(see(log, &recent, 1001).verdict, EVENT_COUNT_UP);
}

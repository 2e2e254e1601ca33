#include "slots.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "stash/clock.h"
#include "stash/jsonx.h"

/* ---- a store that counts, and a queue that is woken ------------------------------------------------------------------ */

struct world {
    json_t *at_work; /* {uid: namespace} */
    char woken[1024];
};

static struct world world;

static size_t count(void *ctx, const char *namespace, size_t most)
{
    json_auto_t *spaces = json_object();
    const char *uid, *name;
    json_t *its, *number;
    size_t found = 0;

    (void)ctx;
    json_object_foreach (world.at_work, uid, its) {
        name = json_string_value(its);
        json_object_set_new(spaces, name,
                            json_integer(json_integer_value(json_object_get(spaces, name)) + 1));
    }
    if (namespace)
        return (size_t)json_integer_value(json_object_get(spaces, namespace));
    json_object_foreach (spaces, name, number)
        found +=
            (size_t)json_integer_value(number) < most ? (size_t)json_integer_value(number) : most;
    return found;
}

static void wake(void *ctx, const char *key)
{
    size_t len = strlen(world.woken);

    (void)ctx;
    snprintf(world.woken + len, sizeof(world.woken) - len, "%s ", key);
}

static struct slots *slots_of(int64_t total, int64_t per_namespace)
{
    const struct slots_config config = {
        .total = total, .per_namespace = per_namespace, .count = count, .wake = wake};

    return slots_new(&config);
}

static void begin(void)
{
    world.at_work = json_object();
}

static void end(void)
{
    json_decref(world.at_work);
}

TestSuite(slots, .init = begin, .fini = end);

/* "" when it is given, else "LIMIT position". `session` begins with its age: "1-a" is older than "2-b". */
static const char *take(struct slots *slots, const char *session, const char *namespace)
{
    static char text[64];
    AUTO(mem_free) char *repository = xasprintf("repo-of-%s", session);
    const struct slot_request request = {session, namespace, session, repository,
                                         strtoll(session, NULL, 10)};
    json_auto_t *answers = slots_take(slots, &request, 1, INT64_MAX);
    const json_t *answer = json_object_get(answers, session);

    *text = '\0';
    if (json_is_object(answer))
        snprintf(text, sizeof(text), "%s %lld", jsonx_str(answer, "limit", NULL),
                 (long long)jsonx_int(answer, 0, "position", NULL));
    return text;
}

/* The plan that was given slots has been carried out. */
static void settle(struct slots *slots, const char *session)
{
    json_auto_t *taken = json_pack("{s:n}", session);
    AUTO(mem_free) char *repository = xasprintf("repo-of-%s", session);

    slots_settle(slots, repository, taken);
}

static void work(struct slots *slots, const char *session, const char *namespace)
{
    cr_assert_str_eq(take(slots, session, namespace), "");
    json_object_set_new(world.at_work, session, json_string(namespace));
    settle(slots, session);
}

/* At work, whether it was given a slot or not: its status can be written by others than us. */
static void forge(const char *namespace, int from, int count)
{
    for (int i = 0; i < count; i++) {
        AUTO(mem_free) char *session = xasprintf("%d-%s", from + i, namespace);
        json_object_set_new(world.at_work, session, json_string(namespace));
    }
}

static void finish(struct slots *slots, const char *session)
{
    json_object_del(world.at_work, session);
    *world.woken = '\0';
    slots_release(slots, session);
}

/* ---- what was promised ------------------------------------------------------------------------------------------------ */

Test(slots, no_limit_holds_nobody)
{
    AUTO(slots_free) struct slots *slots = slots_of(0, 0);

    for (int i = 0; i < 1000; i++) {
        AUTO(mem_free) char *name = xasprintf("%d-x", i);
        work(slots, name, "demo");
    }
}

Test(slots, no_more_than_the_limit_though_plans_are_still_being_carried_out)
{
    AUTO(slots_free) struct slots *slots = slots_of(2, 0);

    cr_assert_str_eq(take(slots, "1-a", "demo"), "");
    cr_assert_str_eq(take(slots, "2-b", "demo"), "");
    cr_assert_str_eq(take(slots, "3-c", "demo"), "Cluster 1");
    cr_assert_str_eq(take(slots, "4-d", "demo"), "Cluster 2");
}

Test(slots, a_plan_that_came_to_nothing_gives_its_slot_to_the_next)
{
    AUTO(slots_free) struct slots *slots = slots_of(1, 0);

    cr_assert_str_eq(take(slots, "1-a", "demo"), "");
    cr_assert_str_eq(take(slots, "2-b", "demo"), "Cluster 1");
    settle(slots, "1-a");
    cr_assert_str_eq(world.woken, "repo-of-2-b ");
    cr_assert_str_eq(take(slots, "2-b", "demo"), "");
}

Test(slots, the_oldest_goes_first_whoever_asks_first)
{
    AUTO(slots_free) struct slots *slots = slots_of(1, 0);

    work(slots, "1-a", "demo");
    cr_assert_str_eq(take(slots, "9-z", "demo"), "Cluster 1");
    cr_assert_str_eq(take(slots, "5-m", "demo"), "Cluster 1");
    cr_assert_str_eq(take(slots, "9-z", "demo"), "Cluster 2");
    finish(slots, "1-a");
    cr_assert(strstr(world.woken, "repo-of-5-m"), "%s", world.woken);
    cr_assert_str_eq(take(slots, "9-z", "demo"), "Cluster 2", "the older one has not come yet");
    cr_assert_str_eq(take(slots, "5-m", "demo"), "");
}

Test(slots, a_full_namespace_keeps_no_other_waiting)
{
    AUTO(slots_free) struct slots *slots = slots_of(10, 1);

    work(slots, "1-a", "crowded");
    cr_assert_str_eq(take(slots, "2-b", "crowded"), "Namespace 1");
    cr_assert_str_eq(take(slots, "3-c", "crowded"), "Namespace 2");
    cr_assert_str_eq(take(slots, "4-d", "quiet"), "");
    finish(slots, "1-a");
    cr_assert(strstr(world.woken, "repo-of-2-b"), "%s", world.woken);
}

Test(slots, who_goes_away_makes_room_in_the_queue)
{
    AUTO(slots_free) struct slots *slots = slots_of(1, 0);

    work(slots, "1-a", "demo");
    cr_assert_str_eq(take(slots, "2-b", "demo"), "Cluster 1");
    cr_assert_str_eq(take(slots, "3-c", "demo"), "Cluster 2");
    finish(slots, "2-b");
    cr_assert_str_eq(take(slots, "3-c", "demo"), "Cluster 1");
}

Test(slots, of_a_long_queue_only_those_who_have_come_half_the_way_are_told)
{
    AUTO(slots_free) struct slots *slots = slots_of(1, 0);

    work(slots, "1-a", "demo");
    for (int i = 10; i < 20; i++) {
        AUTO(mem_free) char *name = xasprintf("%d-x", i);
        take(slots, name, "demo");
    }
    finish(slots, "10-x");
    cr_assert_str_eq(world.woken, "repo-of-11-x ", "of ten one has come from place 2 to 1");
}

Test(slots, who_does_not_ask_any_more_keeps_nobody_waiting)
{
    AUTO(slots_free) struct slots *slots = slots_of(2, 0);

    work(slots, "1-a", "demo");
    work(slots, "2-b", "demo");
    cr_assert_str_eq(take(slots, "3-c", "demo"), "Cluster 1");
    cr_assert_str_eq(take(slots, "4-d", "demo"), "Cluster 2");
    slots_settle(slots, "repo-of-3-c", NULL); /* maintained, full, or gone: it asks for nobody */
    finish(slots, "1-a");
    cr_assert_str_eq(world.woken, "repo-of-4-d ");
    cr_assert_str_eq(take(slots, "4-d", "demo"), "");
    cr_assert_str_eq(take(slots, "9-x", "demo"), "Cluster 1");
    cr_assert_str_eq(take(slots, "3-c", "demo"), "Cluster 1", "it has its place again");
}

Test(slots, a_slot_kept_for_one_that_does_not_ask_is_given_at_once)
{
    AUTO(slots_free) struct slots *slots = slots_of(1, 0);

    work(slots, "1-a", "demo");
    cr_assert_str_eq(take(slots, "2-b", "demo"), "Cluster 1");
    cr_assert_str_eq(take(slots, "3-c", "demo"), "Cluster 2");
    finish(slots, "1-a");
    cr_assert_str_eq(take(slots, "3-c", "demo"), "Cluster 2");
    *world.woken = '\0';
    slots_settle(slots, "repo-of-2-b", NULL);
    cr_assert_str_eq(world.woken, "repo-of-3-c ");
    cr_assert_str_eq(take(slots, "3-c", "demo"), "");
}

Test(slots, whose_invoker_names_another_repository_is_woken_there)
{
    AUTO(slots_free) struct slots *slots = slots_of(1, 0);
    const struct slot_request moved = {"2-b", "demo", "2-b", "another", 2};

    work(slots, "1-a", "demo");
    cr_assert_str_eq(take(slots, "2-b", "demo"), "Cluster 1");
    json_decref(slots_take(slots, &moved, 1, INT64_MAX));
    slots_settle(slots, "repo-of-2-b", NULL);
    finish(slots, "1-a");
    cr_assert_str_eq(world.woken, "another ");
}

/* ---- a quarter of the cluster's slots is for namespaces that run none ------------------------------------------------ */

/* 150 of 200 slots are taken, and the next one that asks in any of these namespaces waits. */
static struct slots *four_namespaces_take_all_they_can(void)
{
    static const char *const names[] = {"one", "two", "three", "four"};
    struct slots *slots = slots_of(200, 50);

    for (int i = 0; i < 200; i++) {
        AUTO(mem_free) char *session = xasprintf("%d-x", i + 1);
        AUTO(mem_free) char *answer = xstrdup(take(slots, session, names[i % 4]));
        if (*answer)
            continue;
        json_object_set_new(world.at_work, session, json_string(names[i % 4]));
        settle(slots, session);
    }
    cr_assert_eq(json_object_size(world.at_work), 150);
    return slots;
}

Test(slots, namespaces_that_hold_all_they_can_leave_room_for_those_that_hold_none)
{
    AUTO(slots_free) struct slots *slots = four_namespaces_take_all_they_can();

    for (int i = 0; i < 50; i++) {
        AUTO(mem_free) char *session = xasprintf("%d-q", 1000 + i);
        AUTO(mem_free) char *namespace = xasprintf("quiet-%d", i);
        work(slots, session, namespace);
    }
    cr_assert_str_eq(take(slots, "2000-q", "quiet-50"), "Cluster 51", "200 is the limit");
    cr_assert_str_eq(take(slots, "2001-q", "quiet-1"), "Cluster 52", "it has had its own");
}

Test(slots, a_second_backup_of_a_namespace_takes_no_slot_that_is_kept)
{
    AUTO(slots_free) struct slots *slots = slots_of(4, 0);

    work(slots, "1-a", "busy");
    work(slots, "2-b", "busy");
    work(slots, "3-c", "busy");
    cr_assert_str_eq(take(slots, "4-d", "busy"), "Cluster 1");
    cr_assert_str_eq(take(slots, "5-e", "quiet"), "");
    cr_assert_str_eq(take(slots, "6-f", "quiet"), "Cluster 2");
    cr_assert_str_eq(take(slots, "7-g", "other"), "Cluster 3", "one is being given already");
    finish(slots, "1-a");
    cr_assert_str_eq(world.woken, "repo-of-7-g ", "the older ones' namespaces run some");
}

Test(slots, what_is_forged_in_many_namespaces_takes_no_slot_that_is_kept)
{
    AUTO(slots_free) struct slots *slots = slots_of(200, 50);

    forge("one", 1, 60);
    forge("two", 101, 60);
    forge("three", 201, 60);
    forge("four", 301, 60);
    forge("five", 401, 3000);
    for (int i = 0; i < 45; i++) {
        AUTO(mem_free) char *session = xasprintf("%d-q", 10000 + i);
        AUTO(mem_free) char *namespace = xasprintf("quiet-%d", i);
        work(slots, session, namespace);
    }
    cr_assert_str_eq(take(slots, "20000-q", "quiet-45"), "Cluster 1");
}

Test(slots, what_one_namespace_forges_takes_no_slot_that_is_kept_though_it_has_no_limit)
{
    AUTO(slots_free) struct slots *slots = slots_of(200, 0);

    forge("one", 1, 3000);
    work(slots, "10000-q", "quiet");
    cr_assert_str_eq(take(slots, "10001-q", "quiet"), "Cluster 1");
}

Test(slots, after_a_restart_with_a_smaller_limit_those_at_work_are_waited_for)
{
    AUTO(slots_free) struct slots *slots = slots_of(8, 4);

    forge("one", 1, 4);
    forge("two", 101, 4);
    cr_assert_str_eq(take(slots, "200-a", "one"), "Namespace 1");
    cr_assert_str_eq(take(slots, "201-b", "three"), "Cluster 2");
    finish(slots, "1-one");
    work(slots, "201-b", "three");
    finish(slots, "2-one");
    cr_assert_str_eq(take(slots, "200-a", "one"), "Cluster 1");
    finish(slots, "101-two");
    finish(slots, "102-two");
    cr_assert_str_eq(take(slots, "200-a", "one"), "");
}

/* ---- many that wait in one Repository --------------------------------------------------------------------------------- */

#define MANY 20000

/* Of one Repository and namespace, the oldest first. */
static struct slot_request requests[MANY];

static void make_requests_from(int first)
{
    static char sessions[MANY][16];

    for (int i = 0; i < MANY; i++) {
        snprintf(sessions[i], sizeof(sessions[i]), "%d-x", first + i);
        requests[i] = (struct slot_request){sessions[i], "demo", sessions[i], "shelf", first + i};
    }
}

static void make_requests(void)
{
    make_requests_from(0);
}

static void expect_answer(const json_t *answers, const char *session, const char *limit,
                          int64_t position)
{
    const json_t *answer = json_object_get(answers, session);

    cr_assert_not_null(answer, "%s was not asked for", session);
    cr_assert_eq(json_is_null(answer), limit == NULL, "%s", session);
    if (limit)
        cr_assert_str_eq(jsonx_str(answer, "limit", NULL), limit);
    cr_assert_eq(jsonx_int(answer, 0, "position", NULL), position, "%s", session);
}

Test(slots, those_of_one_repository_are_answered_in_one_walk)
{
    AUTO(slots_free) struct slots *slots = slots_of(3, 2);

    make_requests();
    work(slots, "0-a", "other");
    cr_assert_str_eq(take(slots, "2-b", "other"), "");
    cr_assert_str_eq(take(slots, "3-a", "other"), "Namespace 1");
    json_auto_t *answers = slots_take(slots, requests, 5, INT64_MAX);
    expect_answer(answers, "0-x", NULL, 0);
    expect_answer(answers, "1-x", "Cluster", 1);
    expect_answer(answers, "3-x", "Cluster", 3);
    expect_answer(answers, "4-x", "Cluster", 5);
    cr_assert_str_eq(take(slots, "3-a", "other"), "Namespace 1", "its place is that of before");
}

Test(slots, no_more_are_asked_for_than_the_repository_has_room_for)
{
    AUTO(slots_free) struct slots *slots = slots_of(0, 0);

    make_requests();
    json_auto_t *answers = slots_take(slots, requests, 5, 2);
    cr_assert_eq(json_object_size(answers), 2);
    expect_answer(answers, "1-x", NULL, 0);
}

/* Of this process, whatever else the machine does. */
static int64_t computed_ms(void)
{
    return (int64_t)clock() * 1000 / CLOCKS_PER_SEC;
}

Test(slots, a_repository_with_thousands_that_wait_is_answered_soon, .timeout = 60)
{
    AUTO(slots_free) struct slots *slots = slots_of(1, 0);
    int64_t start = computed_ms();

    make_requests();
    work(slots, "0-a", "other");
    for (int round = 0; round < 5; round++)
        json_decref(slots_take(slots, requests, MANY, INT64_MAX));
    cr_assert_lt(computed_ms() - start, 10000);
}

Test(slots, a_long_queue_is_not_walked_each_time_that_one_leaves_it, .timeout = 60)
{
    AUTO(slots_free) struct slots *slots = slots_of(1, 0);
    int64_t start = computed_ms();

    make_requests();
    work(slots, "0-a", "other");
    json_decref(slots_take(slots, requests, MANY, INT64_MAX));
    for (int i = MANY / 2; i < MANY; i++) {
        *world.woken = '\0';
        slots_release(slots, requests[i].session);
    }
    cr_assert_lt(computed_ms() - start, 10000);
    json_object_del(world.at_work, "0-a");
    *world.woken = '\0';
    slots_release(slots, "0-a");
    slots_wake(slots);
    cr_assert(strncmp(world.woken, "shelf ", 6) == 0, "%s", world.woken);
}

Test(slots, who_has_thousands_in_the_queue_leaves_places_for_others, .timeout = 60)
{
    AUTO(slots_free) struct slots *slots = slots_of(1, 0);

    work(slots, "0-a", "other");
    for (int part = 0; part < 6; part++) { /* 120,000 */
        make_requests_from(part * MANY);
        json_decref(slots_take(slots, requests, MANY, INT64_MAX));
    }
    cr_assert_str_eq(take(slots, "9000000-q", "quiet"), "Cluster 50001");
}

Test(slots, those_of_one_second_have_one_order_whatever_their_uids)
{
    AUTO(slots_free) struct slots *slots = slots_of(1, 0);
    const struct slot_request first = {"z", "demo", "a", "repo-of-a", 5};
    const struct slot_request second = {"y", "demo", "b", "repo-of-b", 5};

    work(slots, "1-a", "other");
    json_decref(slots_take(slots, &second, 1, INT64_MAX));
    json_decref(slots_take(slots, &first, 1, INT64_MAX));
    finish(slots, "1-a");
    cr_assert_eq(strncmp(world.woken, "repo-of-a ", 10), 0, "%s", world.woken);
}

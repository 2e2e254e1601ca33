/* Whom a change wakes, however many others name what has changed. */
#include <criterion/criterion.h>
#include <string.h>

#include "room.h"
#include "stash/jsonx.h"

static struct reconciler room;

static void begin(void)
{
    room =
        (struct reconciler){.store = store_new(), .queue = queue_new(200000), .kept = kept_new()};
    room.wakes = wakes_new(room.queue);
    wakes_open(room.wakes);
    indexes_add(room.store);
}

static void end(void)
{
    kept_free(room.kept);
    wakes_free(room.wakes);
    queue_free(room.queue);
    store_free(room.store);
}

TestSuite(watches, .init = begin, .fini = end);

/* Its target is in demo, as its Repository. */
static void put_configuration(const char *namespace, int number, const char *created,
                              const char *api_version, const char *kind)
{
    json_auto_t *object = json_pack(
        "{s:s, s:s, s:{s:s, s:o, s:s}, s:{s:{s:s, s:s}, s:{s:{s:s, s:s, s:s, s:s}}}}", "apiVersion",
        "stash.appscode.com/v1beta1", "kind", "BackupConfiguration", "metadata", "namespace",
        namespace, "name", json_sprintf("c-%d", number), "creationTimestamp", created, "spec",
        "repository", "name", "shelf", "namespace", "demo", "target", "ref", "apiVersion",
        api_version, "kind", kind, "name", "web", "namespace", "demo");

    store_put(room.store, kind_resource(KIND_BACKUP_CONFIGURATION), object);
}

static void tell_refusal(const char *kind, const char *name)
{
    json_auto_t *event =
        json_pack("{s:{s:s, s:s}, s:s, s:{s:s, s:s, s:s}}", "metadata", "namespace", "demo", "name",
                  "e", "reason", "FailedCreate", "involvedObject", "kind", kind, "namespace",
                  "demo", "name", name);

    watches_tell(&room, kind_resource(KIND_EVENT), event);
}

/* How many keys wait, and whether this is among them. */
static size_t count_woken(const char *key, bool *ret_is_there)
{
    size_t count = queue_depth(room.queue);

    *ret_is_there = false;
    for (size_t i = 0; i < count; i++) {
        AUTO(mem_free) char *taken = queue_take(room.queue);
        *ret_is_there = *ret_is_there || strcmp(taken, key) == 0;
        queue_done(room.queue, taken, QUEUE_DONE);
    }
    return count;
}

Test(watches, a_workload_that_is_refused_wakes_its_own_though_others_name_it_too)
{
    bool is_there;

    for (int i = 0; i < 500; i++)
        put_configuration("other", i, "2020-01-01T00:00:00Z", "apps/v1", "Deployment");
    put_configuration("demo", 500, "2026-01-01T00:00:00Z", "apps/v1", "Deployment");
    tell_refusal("ReplicaSet", "web-5d4f7c9b8");
    cr_assert_lt(count_woken("BackupConfiguration/demo/c-500", &is_there), 100);
    cr_assert(is_there);
}

Test(watches, only_those_of_the_namespace_can_be_named_by_its_pods)
{
    bool is_there;

    for (int i = 0; i < 500; i++)
        put_configuration("other", i, "2020-01-01T00:00:00Z", "example.com/v1", "Shop");
    put_configuration("demo", 500, "2026-01-01T00:00:00Z", "example.com/v1", "Shop");
    tell_refusal("Job", "anything");
    cr_assert_eq(count_woken("BackupConfiguration/demo/c-500", &is_there), 1);
    cr_assert(is_there);
}

/* The thread that watches has no time for more. */
Test(watches, thousands_are_not_all_woken_by_each_refusal)
{
    bool is_there;

    for (int i = 0; i < 5000; i++)
        put_configuration("demo", i, "2020-01-01T00:00:00Z", "example.com/v1", "Shop");
    tell_refusal("Job", "anything");
    cr_assert_leq(count_woken("", &is_there), 1000);
}

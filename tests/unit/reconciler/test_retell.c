#include <criterion/criterion.h>
#include <string.h>

#include "room.h"
#include "stash/clock.h"
#include "stash/jsonx.h"

/* A reconciler that has a store and a queue, and does nothing else. */
static struct reconciler room;

static void begin_with(size_t keys)
{
    room = (struct reconciler){.store = store_new(), .queue = queue_new(keys)};
    room.wakes = wakes_new(room.queue);
    wakes_open(room.wakes);
}

static void begin(void)
{
    begin_with(1000);
}

static void end(void)
{
    wakes_free(room.wakes);
    queue_free(room.queue);
    store_free(room.store);
}

TestSuite(retell, .fini = end);

static void put(enum kind kind, const char *namespace, const char *name, const char *more)
{
    AUTO(mem_free)
    char *text = xasprintf("{\"kind\": \"%s\", \"metadata\": {\"namespace\": \"%s\", \"name\": "
                           "\"%s\", \"uid\": \"%s\"}}",
                           kind_resource(kind)->kind, namespace, name, name);
    json_auto_t *object = json_loads(text, 0, NULL);
    json_auto_t *others = more ? json_loads(more, 0, NULL) : NULL;

    json_object_update_recursive(object, others);
    store_put(room.store, kind_resource(kind), object);
}

/* Every key that waits is looked at; they are noted as members. */
static void look_at_all(json_t *seen)
{
    while (queue_depth(room.queue) > 0) {
        AUTO(mem_free) char *key = queue_take(room.queue);
        json_object_set_new(seen, key, json_true());
        queue_done(room.queue, key, QUEUE_DONE);
    }
}

static void expect(const json_t *seen, const char *key)
{
    cr_assert(json_object_get(seen, key), "%s was not told", key);
}

#define GRANT                                                                                      \
    "{\"metadata\": {\"annotations\": {\"stash.appscode.com/invoker\": "                           \
    "\"RestoreSession/far/gone\"}}}"
#define IN_VAULT "{\"spec\": {\"repository\": {\"name\": \"shelf\", \"namespace\": \"vault\"}}}"
#define A_TRIGGER                                                                                  \
    "{\"metadata\": {\"labels\": {\"stash.appscode.com/delete-job-on-completion\": \"true\"}}}"

Test(retell, whatever_may_have_been_refused_in_a_namespace_is_told, .init = begin)
{
    json_auto_t *seen = json_object();

    put(KIND_REPOSITORY, "demo", "own", NULL);
    put(KIND_BACKUP_CONFIGURATION, "demo", "web", IN_VAULT);
    put(KIND_BACKUP_SESSION, "demo", "web-1", NULL);
    put(KIND_RESTORE_SESSION, "demo", "back", NULL);
    put(KIND_JOB, "demo", "trigger", A_TRIGGER);
    put(KIND_JOB, "demo", "of-somebody", NULL);
    put(KIND_ROLE_BINDING, "demo", "grant", GRANT);
    put(KIND_BACKUP_SESSION, "other", "web-1", NULL);
    json_auto_t *place = retell(&room, "demo", NULL);
    cr_assert(json_is_null(place));
    look_at_all(seen);
    expect(seen, "Repository/demo/own");
    expect(seen, "BackupConfiguration/demo/web");
    expect(seen, "Repository/vault/shelf");
    expect(seen, "BackupSession/demo/web-1");
    expect(seen, "RestoreSession/demo/back");
    expect(seen, "Job/demo/trigger");
    expect(seen, "RestoreSession/far/gone");
    cr_assert_eq(json_object_size(seen), 7);
}

static void begin_small(void)
{
    begin_with(20);
}

Test(retell, a_namespace_of_more_objects_than_fit_is_told_bit_by_bit, .init = begin_small)
{
    json_auto_t *seen = json_object();
    json_t *place = json_null();

    for (int i = 0; i < 100; i++) {
        AUTO(mem_free) char *name = xasprintf("s-%d", i);
        put(i % 2 ? KIND_BACKUP_SESSION : KIND_RESTORE_SESSION, "demo", name, NULL);
    }
    for (int round = 0; round < 100 && (round == 0 || !json_is_null(place)); round++) {
        json_t *reached = retell(&room, "demo", place);
        json_decref(place);
        place = reached;
        look_at_all(seen);
    }
    cr_assert(json_is_null(place));
    cr_assert_eq(json_object_size(seen), 100);
    cr_assert_eq(wakes_refused(room.wakes), 0);
}

Test(retell, all_namespaces_are_told_to_a_new_leader, .init = begin)
{
    json_auto_t *seen = json_object();

    put(KIND_BACKUP_SESSION, "demo", "web-1", NULL);
    put(KIND_BACKUP_SESSION, "other", "web-1", NULL);
    put(KIND_BACKUP_SESSION, "other", "api-1", NULL);
    retell_all(&room);
    look_at_all(seen);
    expect(seen, "BackupSession/demo/web-1");
    expect(seen, "BackupSession/other/web-1");
    expect(seen, "BackupSession/other/api-1");
}

Test(retell, a_namespace_whose_keys_wait_for_hours_is_told_all_the_same, .init = begin_small)
{
    json_auto_t *place = json_pack("{s:i, s:n, s:I}", "row", 0, "after", "toldMs",
                                   (json_int_t)(clock_mono_ms() - 60000));

    for (int i = 0; i < 8; i++) {
        AUTO(mem_free) char *key = xasprintf("BackupSession/demo/hours-%d", i);
        wakes_add(room.wakes, "demo", key, 3600 * 1000);
    }
    put(KIND_BACKUP_SESSION, "demo", "refused", NULL);
    json_auto_t *reached = retell(&room, "demo", place);
    cr_assert(json_is_null(reached));
    cr_assert_eq(queue_depth(room.queue), 9);
}

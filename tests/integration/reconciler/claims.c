#include "claims.h"

#include <criterion/criterion.h>

#include "leader.h"
#include "stash/clock.h"
#include "stash/conditions.h"
#include "stash/jsonx.h"
#include "stash/text.h"

#define WAIT_MS 30000

json_t *object_get(enum kind kind, const char *name)
{
    struct error err;
    json_t *object = NULL;

    cr_assert_eq(kube_get(leader_client, kind_resource(kind), "demo", name, &object, &err), 0,
                 "%s: %s", name, err.msg);
    return object;
}

void object_patch_status(enum kind kind, const char *name, json_t *status)
{
    const struct kube_write options = {.subresource = "status"};
    json_auto_t *patch = json_pack("{s:o}", "status", status);
    struct error err;

    cr_assert_eq(kube_patch(leader_client, kind_resource(kind), "demo", name, KUBE_PATCH_MERGE,
                            patch, &options, NULL, &err),
                 0, "%s", err.msg);
}

void object_create(enum kind kind, json_t *object)
{
    struct error err;

    cr_assert_eq(kube_create(leader_client, kind_resource(kind), object, NULL, NULL, &err), 0, "%s",
                 err.msg);
    json_decref(object);
}

void session_create(const char *name, const char *invoker)
{
    object_create(KIND_BACKUP_SESSION,
                  json_pack("{s:s, s:s, s:{s:s, s:s}, s:{s:{s:s, s:s, s:s}}}", "apiVersion",
                            "stash.appscode.com/v1beta1", "kind", "BackupSession", "metadata",
                            "name", name, "namespace", "demo", "spec", "invoker", "apiGroup",
                            "stash.appscode.com", "kind", "BackupConfiguration", "name", invoker));
}

/* The only host is done: what update-status writes last. */
void session_report_done(const char *session)
{
    json_auto_t *object = object_get(KIND_BACKUP_SESSION, session);
    json_t *targets = json_deep_copy(jsonx_get(object, "status", "targets", NULL));

    json_object_set_new(json_array_get(targets, 0), "stats",
                        json_pack("[{s:s, s:s}]", "hostname", "host-0", "phase", "Succeeded"));
    object_patch_status(KIND_BACKUP_SESSION, session, json_pack("{s:o}", "targets", targets));
}

static bool is_ready(const json_t *configuration)
{
    return text_is(jsonx_str(configuration, "status", "phase", NULL), "Ready");
}

bool session_runs(const json_t *session)
{
    const json_t *row = json_array_get(jsonx_get(session, "status", "targets", NULL), 0);

    return condition_is_true(jsonx_get(row, "conditions", NULL), "BackupExecutorEnsured");
}

bool session_succeeded(const json_t *session)
{
    return text_is(jsonx_str(session, "status", "phase", NULL), "Succeeded");
}

json_t *object_await(enum kind kind, const char *name, bool (*is_there)(const json_t *object))
{
    int64_t until = clock_mono_ms() + WAIT_MS;

    for (;;) {
        json_t *object = object_get(kind, name);

        if (is_there(object))
            return object;
        AUTO(mem_free) char *text = jsonx_dump(object);
        json_decref(object);
        cr_assert_lt(clock_mono_ms(), until, "not in time: %s", text);
        clock_sleep_ms(5);
    }
}

void object_wait_for(enum kind kind, const char *name, bool (*is_there)(const json_t *object))
{
    json_decref(object_await(kind, name, is_there));
}

/* The leader has installed its catalog, and both configurations are as they should be. */
void claims_wait_for(void)
{
    int64_t until = clock_mono_ms() + WAIT_MS;

    while (fake_count(leader_fake, "PATCH", "/tasks/pvc-backup") == 0 ||
           fake_count(leader_fake, "PATCH", "/functions/update-status") == 0 ||
           fake_count(leader_fake, "PATCH", "/functions/pvc-backup") == 0) {
        cr_assert_lt(clock_mono_ms(), until, "no catalog");
        clock_sleep_ms(20);
    }
    clock_sleep_ms(
        300); /* until its watches have it: a session that comes too early waits for 10 seconds */
    object_wait_for(KIND_BACKUP_CONFIGURATION, "letters", is_ready);
    object_wait_for(KIND_BACKUP_CONFIGURATION, "photos", is_ready);
}

void object_delete(enum kind kind, const char *name)
{
    const struct kube_delete options = {.grace_seconds = -1};
    struct error err;

    cr_assert_eq(kube_delete(leader_client, kind_resource(kind), "demo", name, &options, &err), 0,
                 "%s", err.msg);
}

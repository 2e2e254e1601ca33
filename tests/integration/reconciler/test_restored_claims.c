/* A restore into claims that it makes: the whole reconciler against a server that keeps objects, the test in the place of
 * agents. */
#include <criterion/criterion.h>
#include <string.h>

#include "claims.h"
#include "leader.h"
#include "stash/clock.h"
#include "stash/conditions.h"
#include "stash/jsonx.h"
#include "stash/kube.h"
#include "stash/text.h"

static void begin(void)
{
    leader_begin("restored_claims.yaml");
}

TestSuite(restored_claims, .init = begin, .fini = leader_end, .timeout = 120);

static json_t *target_new(const char *template, const char *volume)
{
    return json_pack("{s:i, s:[{s:s, s:s}], s:[{s:[s]}], s:[{s:{s:s}, s:{s:[s], s:{s:{s:s}}}}]}",
                     "replicas", 2, "volumeMounts", "name", volume, "mountPath", "/data", "rules",
                     "paths", "/data", "volumeClaimTemplates", "metadata", "name", template, "spec",
                     "accessModes", "ReadWriteOnce", "resources", "requests", "storage", "1Gi");
}

static void restore_of(const char *name, json_t *target)
{
    object_create(KIND_RESTORE_SESSION,
                  json_pack("{s:s, s:s, s:{s:s, s:s}, s:{s:{s:s}, s:o}}", "apiVersion",
                            "stash.appscode.com/v1beta1", "kind", "RestoreSession", "metadata",
                            "name", name, "namespace", "demo", "spec", "repository", "name",
                            "shelf", "target", target));
}

/* Two sets, of a template with this name, mounted by this one. */
static void restore_create(const char *name, const char *template, const char *volume)
{
    restore_of(name, target_new(template, volume));
}

static void report(const char *name, const char *const hosts[2])
{
    json_t *stats = json_array();

    for (size_t i = 0; i < 2 && hosts[i]; i++)
        json_array_append_new(stats,
                              json_pack("{s:s, s:s}", "hostname", hosts[i], "phase", "Succeeded"));
    object_patch_status(KIND_RESTORE_SESSION, name, json_pack("{s:o}", "stats", stats));
}

static const char *message_of(const json_t *session, const char *type)
{
    return text_or_empty(jsonx_str(
        condition_find(jsonx_get(session, "status", "conditions", NULL), type), "message", NULL));
}

static bool is_refused(const json_t *session)
{
    return strstr(message_of(session, "ExecutorReady"), "exceeded quota") != NULL;
}

static bool has_begun(const json_t *session)
{
    return condition_is_true(jsonx_get(session, "status", "conditions", NULL),
                             "RestoreExecutorEnsured");
}

static bool has_ended(const json_t *session)
{
    const char *phase = jsonx_str(session, "status", "phase", NULL);

    return text_is(phase, "Succeeded") || text_is(phase, "Failed");
}

static bool is_invalid(const json_t *session)
{
    return text_is(jsonx_str(session, "status", "phase", NULL), "Invalid");
}

static bool is_there(enum kind kind, const char *name)
{
    json_auto_t *object = NULL;
    struct error ignored;

    return kube_get(leader_client, kind_resource(kind), "demo", name, &object, &ignored) == 0;
}

static void expect_phase(const char *name, const char *want)
{
    json_auto_t *session = object_get(KIND_RESTORE_SESSION, name);

    cr_assert_str_eq(jsonx_str(session, "status", "phase", NULL), want);
}

Test(restored_claims, a_restore_ends_when_the_host_of_each_claim_has)
{
    static const char *const first[] = {"host-0", NULL}, *const both[] = {"host-0", "host-1"};

    restore_create("db", "data-${POD_ORDINAL}", "data");
    json_auto_t *refused = object_await(KIND_RESTORE_SESSION, "db", is_refused);
    cr_assert(
        strstr(message_of(refused, "ExecutorReady"), "PersistentVolumeClaim data-0 could not be"));
    cr_assert_eq(fake_count(leader_fake, "POST", "/jobs"), 0);

    json_auto_t *begun = object_await(KIND_RESTORE_SESSION, "db", has_begun);
    json_auto_t *claim = object_get(KIND_PERSISTENT_VOLUME_CLAIM, "data-1");
    cr_assert_str_eq(jsonx_label(claim, "stash.appscode.com/invoker-uid"), jsonx_uid(begun));
    cr_assert(is_there(KIND_PERSISTENT_VOLUME_CLAIM, "data-0"));
    cr_assert(is_there(KIND_JOB, "stash-restore-db-0-0"));
    cr_assert(is_there(KIND_JOB, "stash-restore-db-0-1"));
    cr_assert_eq(fake_count(leader_fake, "POST", "/persistentvolumeclaims"), 4);
    cr_assert_eq(jsonx_int(begun, 0, "status", "totalHosts", NULL), 2);

    report("db", first);
    clock_sleep_ms(500);
    expect_phase("db", "Running");
    report("db", both);
    json_decref(object_await(KIND_RESTORE_SESSION, "db", has_ended));
    expect_phase("db", "Succeeded");
    object_delete(KIND_RESTORE_SESSION, "db");
    clock_sleep_ms(500);
    cr_assert(is_there(KIND_PERSISTENT_VOLUME_CLAIM, "data-0"));
    cr_assert_eq(fake_count(leader_fake, "POST", "/jobs"), 2);
}

Test(restored_claims, nothing_is_made_beside_somebody_elses_claim)
{
    restore_create("db", "theirs-${POD_ORDINAL}", "theirs");
    json_auto_t *ended = object_await(KIND_RESTORE_SESSION, "db", has_ended);
    cr_assert(strstr(message_of(ended, "RestoreExecutorEnsured"),
                     "PersistentVolumeClaim theirs-1 exists already: nothing was written"));
    expect_phase("db", "Failed");
    cr_assert_eq(fake_count(leader_fake, "POST", "/persistentvolumeclaims"), 0);
    cr_assert_eq(fake_count(leader_fake, "POST", "/jobs"), 0);
}

/* It was stored while no webhook ran. */
Test(restored_claims, a_restore_that_is_invalid_is_told_so_once)
{
    restore_create("db", "data-${POD_ORDINAL}", "logs");
    json_decref(object_await(KIND_RESTORE_SESSION, "db", is_invalid));
    clock_sleep_ms(500);
    int before = fake_count(leader_fake, "PATCH", "/restoresessions/db/status");
    clock_sleep_ms(2000);
    cr_assert_eq(fake_count(leader_fake, "PATCH", "/restoresessions/db/status"), before);
    expect_phase("db", "Invalid");
}

Test(restored_claims, a_restore_of_too_many_claims_makes_none)
{
    json_t *target = target_new("data-${POD_ORDINAL}", "data");
    json_t *templates = json_object_get(target, "volumeClaimTemplates");

    json_object_set_new(target, "replicas", json_integer(100));
    for (size_t i = 1; i < 50; i++) {
        json_t *template = json_deep_copy(json_array_get(templates, 0));
        json_object_set_new(json_object_get(template, "metadata"), "name",
                            json_sprintf("d%zu-${POD_ORDINAL}", i));
        json_array_append_new(templates, template);
    }
    restore_of("db", target);
    json_auto_t *invalid = object_await(KIND_RESTORE_SESSION, "db", is_invalid);
    cr_assert(strstr(message_of(invalid, "ValidationPassed"), "at most 500 claims"));
    clock_sleep_ms(500);
    cr_assert_eq(fake_count(leader_fake, "POST", "/persistentvolumeclaims"), 0);
    cr_assert_leq(fake_count(leader_fake, "GET", "/persistentvolumeclaims"), 3000);
}

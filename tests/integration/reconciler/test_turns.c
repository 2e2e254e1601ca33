/* Two sessions in one Repository: the whole reconciler against a server that keeps objects, the test in the place of agents. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "claims.h"
#include "leader.h"
#include "stash/clock.h"
#include "stash/conditions.h"
#include "stash/jsonx.h"
#include "stash/kinds.h"
#include "stash/text.h"
#include "stash/timefmt.h"

#define WAIT_MS 30000

static void begin(void)
{
    leader_begin("two_in_one_repository.yaml");
}

TestSuite(turns, .init = begin, .fini = leader_end, .timeout = 120);

/* ---- what agents and users do ------------------------------------------------------------------------------------- */

static void turn_write(const char *session, const char *state, json_t *locks)
{
    char now[TIMEFMT_SIZE];

    timefmt_rfc3339(clock_now(), now);
    object_patch_status(KIND_BACKUP_SESSION, session,
                        json_pack("{s:{s:s, s:s, s:s, s:o*}}", "turn", "state", state,
                                  "requestedAt", now, "renewedAt", now, "locks", locks));
}

/* ---- what they wait for ------------------------------------------------------------------------------------------- */

static bool is_resolved(const json_t *configuration)
{
    return condition_is_true(jsonx_get(configuration, "status", "conditions", NULL),
                             "TaskResolved");
}

static bool is_granted(const json_t *session)
{
    return text_is(jsonx_str(session, "status", "turn", "state", NULL), "Granted");
}

static bool has_judged(const json_t *session)
{
    const json_t *lock = json_array_get(jsonx_get(session, "status", "turn", "locks", NULL), 0);

    return jsonx_str(lock, "holder", NULL) != NULL;
}

static bool now_is(const char *session, bool (*is_there)(const json_t *object))
{
    json_auto_t *object = object_get(KIND_BACKUP_SESSION, session);

    return is_there(object);
}

static void start_both(void)
{
    claims_wait_for();
    session_create("letters-1", "letters");
    session_create("photos-1", "photos");
    object_wait_for(KIND_BACKUP_SESSION, "letters-1", session_runs);
    object_wait_for(KIND_BACKUP_SESSION, "photos-1", session_runs);
}

/* ---- what they were promised -------------------------------------------------------------------------------------- */

Test(turns, two_backups_of_one_repository_run_beside_each_other)
{
    start_both();
    json_auto_t *session = object_get(KIND_BACKUP_SESSION, "letters-1");
    cr_assert(jsonx_str(session, "status", "admittedAt", NULL));
    cr_assert_str_eq(jsonx_str(session, "status", "cluster", NULL), "the-cluster");
    cr_assert_geq(fake_count(leader_fake, "POST", "/jobs"), 2);
}

static const char repository_looks[] =
    "stash_reconcile_total{kind=\"Repository\",result=\"success\"} ";

Test(turns, what_a_session_says_of_its_progress_is_no_business_of_its_repository)
{
    start_both();
    clock_sleep_ms(500);
    unsigned long before = leader_metric(repository_looks);

    for (int i = 0; i < 20; i++) {
        object_patch_status(KIND_BACKUP_SESSION, "letters-1",
                            json_pack("{s:s}", "nextRetry",
                                      i % 2 ? "2026-01-02T03:04:05Z" : "2026-01-02T03:04:06Z"));
        clock_sleep_ms(30);
    }
    cr_assert_eq(leader_metric(repository_looks), before);
}

/* Beside watches and the lease. */
static unsigned long requests(void)
{
    unsigned long all = leader_metric("stash_api_requests_total{kind=\"read\"} ") +
                        leader_metric("stash_api_requests_total{kind=\"write\"} ");
    int leases = fake_count(leader_fake, "PUT", "/leases") +
                 fake_count(leader_fake, "PATCH", "/leases") +
                 fake_count(leader_fake, "GET", "/leases");

    return all - (unsigned long)leases;
}

/* Until nothing has been asked for so long as news are gathered, and a little longer. */
static unsigned long requests_at_rest(void)
{
    unsigned long last = requests();
    int64_t since = clock_mono_ms(), until = since + 3 * (int64_t)WAIT_MS;

    while (clock_mono_ms() - since < 7000) {
        cr_assert_lt(clock_mono_ms(), until, "it never rests");
        clock_sleep_ms(100);
        if (requests() != last)
            since = clock_mono_ms();
        last = requests();
    }
    return last;
}

Test(turns, one_backup_asks_little_of_the_api_server)
{
    claims_wait_for();
    object_wait_for(KIND_BACKUP_CONFIGURATION, "letters", is_resolved);
    object_wait_for(KIND_BACKUP_CONFIGURATION, "photos", is_resolved);
    unsigned long before = requests_at_rest();

    session_create("letters-1", "letters");
    object_wait_for(KIND_BACKUP_SESSION, "letters-1", session_runs);
    turn_write("letters-1", "Waiting", NULL);
    object_wait_for(KIND_BACKUP_SESSION, "letters-1", is_granted);
    turn_write("letters-1", "Returned", NULL);
    session_report_done("letters-1");
    object_wait_for(KIND_BACKUP_SESSION, "letters-1", session_succeeded);
    unsigned long asked = requests_at_rest() - before;
    printf("%lu requests\n", asked);
    cr_assert_leq(asked,
                  60); /* 33 when nothing else runs; what comes late is looked at once more */
}

Test(turns, each_gets_the_repository_for_itself)
{
    start_both();
    turn_write("letters-1", "Waiting", NULL);
    clock_sleep_ms(300);
    cr_assert_not(now_is("letters-1", is_granted), "the other one is at work");

    int64_t asked = clock_mono_ms();
    turn_write("photos-1", "Waiting", NULL);
    object_wait_for(KIND_BACKUP_SESSION, "letters-1", is_granted);
    printf("granted after %lld ms\n", (long long)(clock_mono_ms() - asked));
    cr_assert_not(now_is("photos-1", is_granted));

    turn_write("letters-1", "Returned", NULL);
    clock_sleep_ms(300);
    cr_assert_not(now_is("photos-1", is_granted), "the first one is not at its end");
    session_report_done("letters-1");
    object_wait_for(KIND_BACKUP_SESSION, "photos-1", is_granted);
    cr_assert(now_is("letters-1", session_succeeded));

    turn_write("photos-1", "Returned", NULL);
    session_report_done("photos-1");
    object_wait_for(KIND_BACKUP_SESSION, "photos-1", session_succeeded);
}

static bool is_held(const json_t *session)
{
    const json_t *row = json_array_get(jsonx_get(session, "status", "targets", NULL), 0);
    const json_t *condition = json_array_get(jsonx_get(row, "conditions", NULL), 0);

    return text_is(jsonx_str(condition, "reason", NULL), "WaitingForMaintenance");
}

Test(turns, who_comes_during_maintenance_says_for_whom_it_waits_and_begins_after_it)
{
    claims_wait_for();
    session_create("letters-1", "letters");
    object_wait_for(KIND_BACKUP_SESSION, "letters-1", session_runs);
    int64_t asked = clock_mono_ms();
    turn_write("letters-1", "Waiting", NULL);
    object_wait_for(KIND_BACKUP_SESSION, "letters-1", is_granted);
    printf("granted alone after %lld ms\n", (long long)(clock_mono_ms() - asked));

    session_create("photos-1", "photos");
    json_auto_t *held = object_await(KIND_BACKUP_SESSION, "photos-1", is_held);
    AUTO(mem_free) char *text = jsonx_dump(held);
    cr_assert(strstr(text, "BackupSession demo/letters-1 has Repository demo/shelf"), "%s", text);
    cr_assert_not(session_runs(held));
    turn_write("letters-1", "Returned", NULL);
    object_wait_for(KIND_BACKUP_SESSION, "photos-1", session_runs);
}

static json_t *lock_of(const char *host)
{
    return json_pack("[{s:s, s:s, s:i, s:b, s:s}]", "id", "a1b2", "hostname", host, "pid", 17,
                     "exclusive", 1, "createdAt", "2026-01-02T03:04:05Z");
}

/* A pod whose container has ended, and what it wrote about itself while it lived. */
static void create_dead_executor(void)
{
    object_create(
        KIND_POD,
        json_pack("{s:s, s:s, s:{s:s, s:s, s:s}, s:{}, s:{s:s, s:[{s:s, s:{s:{s:i, s:s}}}]}}",
                  "apiVersion", "v1", "kind", "Pod", "metadata", "name", "old-1", "namespace",
                  "demo", "uid", "old-uid", "spec", "status", "phase", "Running",
                  "containerStatuses", "name", "stash", "state", "terminated", "exitCode", 137,
                  "finishedAt", "2026-01-02T03:05:00Z"));
    object_patch_status(KIND_REPOSITORY, "shelf",
                        json_pack("{s:[{s:s, s:s, s:s, s:s, s:s, s:s}]}", "executors", "namespace",
                                  "demo", "pod", "old-1", "uid", "old-uid", "container", "stash",
                                  "hostname", "old-1", "startedAt", "2026-01-02T03:04:00Z"));
}

Test(turns, only_locks_whose_holders_have_ended_are_given_up)
{
    create_dead_executor();
    start_both();
    turn_write("photos-1", "Waiting", NULL);
    turn_write("letters-1", "Waiting", lock_of("laptop"));
    object_wait_for(KIND_BACKUP_SESSION, "photos-1",
                    is_granted); /* the lock of the laptop holds nobody up */
    json_auto_t *waits = object_await(KIND_BACKUP_SESSION, "letters-1", has_judged);
    AUTO(mem_free) char *text = jsonx_dump(waits);
    cr_assert(strstr(text, "unknown host \\\"laptop\\\""), "%s", text);
    turn_write("photos-1", "Returned", NULL);
    session_report_done("photos-1");
    object_wait_for(KIND_BACKUP_SESSION, "photos-1", session_succeeded);
    cr_assert_not(now_is("letters-1", is_granted));

    turn_write("letters-1", "Waiting", lock_of("old-1"));
    json_auto_t *granted = object_await(KIND_BACKUP_SESSION, "letters-1", is_granted);
    const json_t *lock = json_array_get(jsonx_get(granted, "status", "turn", "locks", NULL), 0);
    cr_assert(jsonx_bool(lock, false, "ended", NULL));
    cr_assert_str_eq(jsonx_str(lock, "holder", NULL), "pod demo/old-1 has ended");
}

/* ---- a restore into the claim of a workload ----------------------------------------------------------------------- */

/* `target` is taken. */
static void create_failed_restore_into(const char *name, json_t *target)
{
    object_create(KIND_RESTORE_SESSION,
                  json_pack("{s:s, s:s, s:{s:s, s:s, s:[s]}, s:{s:{s:s}, s:{s:s}, s:o}}",
                            "apiVersion", "stash.appscode.com/v1beta1", "kind", "RestoreSession",
                            "metadata", "name", name, "namespace", "demo", "finalizers", "stash",
                            "spec", "repository", "name", "elsewhere", "task", "name",
                            "pvc-restore", "target", target));
    object_patch_status(KIND_RESTORE_SESSION, name,
                        json_pack("{s:s, s:[{s:s, s:s, s:s, s:s}]}", "phase", "Failed",
                                  "conditions", "type", "TargetModified", "status", "True",
                                  "reason", "Restoring", "lastTransitionTime",
                                  "2026-01-02T03:04:05Z"));
    clock_sleep_ms(300); /* until the reconciler's watch has it */
}

static void create_failed_restore(const char *name, const char *kind, const char *target)
{
    create_failed_restore_into(name, json_pack("{s:{s:s, s:s, s:s}}", "ref", "apiVersion", "v1",
                                               "kind", kind, "name", target));
}

static const char *retention_held(const json_t *session)
{
    return jsonx_str(session, "status", "turn", "retentionHeld", NULL);
}

Test(turns, a_failed_restore_into_a_claim_holds_the_retention_of_the_workload_that_mounts_it)
{
    claims_wait_for();
    create_failed_restore("letters-back", "PersistentVolumeClaim", "letters");
    session_create("web-1", "web");
    turn_write("web-1", "Waiting", NULL);
    json_auto_t *granted = object_await(KIND_BACKUP_SESSION, "web-1", is_granted);
    cr_assert(retention_held(granted), "the Deployment mounts the claim");
    cr_assert(strstr(retention_held(granted), "RestoreSession demo/letters-back"));
}

/* Nobody names the claims but their templates. */
static void restore_into_claims_of(const char *name, const char *template)
{
    create_failed_restore_into(name,
                               json_pack("{s:i, s:[{s:{s:s}}]}", "replicas", 2,
                                         "volumeClaimTemplates", "metadata", "name", template));
}

Test(turns, a_failed_restore_into_claims_that_it_makes_holds_the_retention_too)
{
    claims_wait_for();
    restore_into_claims_of("photos-back", "photos-${POD_ORDINAL}");
    restore_into_claims_of("letters-back", "letters");
    session_create("web-1", "web");
    turn_write("web-1", "Waiting", NULL);
    json_auto_t *granted = object_await(KIND_BACKUP_SESSION, "web-1", is_granted);
    cr_assert(retention_held(granted), "the Deployment mounts the claim");
    cr_assert(strstr(retention_held(granted), "RestoreSession demo/letters-back"));
}

Test(turns, a_failed_restore_into_another_claim_holds_nothing)
{
    claims_wait_for();
    create_failed_restore("photos-back", "PersistentVolumeClaim", "photos");
    session_create("web-1", "web");
    turn_write("web-1", "Waiting", NULL);
    json_auto_t *granted = object_await(KIND_BACKUP_SESSION, "web-1", is_granted);
    cr_assert_null(retention_held(granted));
}

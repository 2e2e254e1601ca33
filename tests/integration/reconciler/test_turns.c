/* Two sessions in one Repository: the whole reconciler against a server that keeps objects, the test in the place of agents. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

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

static json_t *get(enum kind kind, const char *name)
{
    struct error err;
    json_t *object = NULL;

    cr_assert_eq(kube_get(leader_client, kind_resource(kind), "demo", name, &object, &err), 0,
                 "%s: %s", name, err.msg);
    return object;
}

static void patch_status(enum kind kind, const char *name, json_t *status)
{
    const struct kube_write options = {.subresource = "status"};
    json_auto_t *patch = json_pack("{s:o}", "status", status);
    struct error err;

    cr_assert_eq(kube_patch(leader_client, kind_resource(kind), "demo", name, KUBE_PATCH_MERGE,
                            patch, &options, NULL, &err),
                 0, "%s", err.msg);
}

static void create(enum kind kind, json_t *object)
{
    struct error err;

    cr_assert_eq(kube_create(leader_client, kind_resource(kind), object, NULL, NULL, &err), 0, "%s",
                 err.msg);
    json_decref(object);
}

static void create_session(const char *name, const char *invoker)
{
    create(KIND_BACKUP_SESSION,
           json_pack("{s:s, s:s, s:{s:s, s:s}, s:{s:{s:s, s:s, s:s}}}", "apiVersion",
                     "stash.appscode.com/v1beta1", "kind", "BackupSession", "metadata", "name",
                     name, "namespace", "demo", "spec", "invoker", "apiGroup", "stash.appscode.com",
                     "kind", "BackupConfiguration", "name", invoker));
}

static void turn_write(const char *session, const char *state, json_t *locks)
{
    char now[TIMEFMT_SIZE];

    timefmt_rfc3339(clock_now(), now);
    patch_status(KIND_BACKUP_SESSION, session,
                 json_pack("{s:{s:s, s:s, s:s, s:o*}}", "turn", "state", state, "requestedAt", now,
                           "renewedAt", now, "locks", locks));
}

/* The only host is done: what update-status writes last. */
static void report_done(const char *session)
{
    json_auto_t *object = get(KIND_BACKUP_SESSION, session);
    json_t *targets = json_deep_copy(jsonx_get(object, "status", "targets", NULL));

    json_object_set_new(json_array_get(targets, 0), "stats",
                        json_pack("[{s:s, s:s}]", "hostname", "host-0", "phase", "Succeeded"));
    patch_status(KIND_BACKUP_SESSION, session, json_pack("{s:o}", "targets", targets));
}

/* ---- what they wait for ------------------------------------------------------------------------------------------- */

static bool is_ready(const json_t *configuration)
{
    return text_is(jsonx_str(configuration, "status", "phase", NULL), "Ready");
}

static bool is_started(const json_t *session)
{
    const json_t *row = json_array_get(jsonx_get(session, "status", "targets", NULL), 0);

    return condition_is_true(jsonx_get(row, "conditions", NULL), "BackupExecutorEnsured");
}

static bool is_resolved(const json_t *configuration)
{
    return condition_is_true(jsonx_get(configuration, "status", "conditions", NULL),
                             "TaskResolved");
}

static bool is_granted(const json_t *session)
{
    return text_is(jsonx_str(session, "status", "turn", "state", NULL), "Granted");
}

static bool is_over(const json_t *session)
{
    return text_is(jsonx_str(session, "status", "phase", NULL), "Succeeded");
}

static bool has_judged(const json_t *session)
{
    const json_t *lock = json_array_get(jsonx_get(session, "status", "turn", "locks", NULL), 0);

    return jsonx_str(lock, "holder", NULL) != NULL;
}

static json_t *await(enum kind kind, const char *name, bool (*is_there)(const json_t *object))
{
    int64_t until = clock_mono_ms() + WAIT_MS;

    for (;;) {
        json_t *object = get(kind, name);

        if (is_there(object))
            return object;
        AUTO(mem_free) char *text = jsonx_dump(object);
        json_decref(object);
        cr_assert_lt(clock_mono_ms(), until, "not in time: %s", text);
        clock_sleep_ms(5);
    }
}

static void wait_for(enum kind kind, const char *name, bool (*is_there)(const json_t *object))
{
    json_decref(await(kind, name, is_there));
}

static bool now_is(const char *session, bool (*is_there)(const json_t *object))
{
    json_auto_t *object = get(KIND_BACKUP_SESSION, session);

    return is_there(object);
}

/* The leader has installed its catalog, and both configurations are as they should be. */
static void wait_for_configurations(void)
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
    wait_for(KIND_BACKUP_CONFIGURATION, "letters", is_ready);
    wait_for(KIND_BACKUP_CONFIGURATION, "photos", is_ready);
}

static void start_both(void)
{
    wait_for_configurations();
    create_session("letters-1", "letters");
    create_session("photos-1", "photos");
    wait_for(KIND_BACKUP_SESSION, "letters-1", is_started);
    wait_for(KIND_BACKUP_SESSION, "photos-1", is_started);
}

/* ---- what they were promised -------------------------------------------------------------------------------------- */

Test(turns, two_backups_of_one_repository_run_beside_each_other)
{
    start_both();
    json_auto_t *session = get(KIND_BACKUP_SESSION, "letters-1");
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
        patch_status(KIND_BACKUP_SESSION, "letters-1",
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
    wait_for_configurations();
    wait_for(KIND_BACKUP_CONFIGURATION, "letters", is_resolved);
    wait_for(KIND_BACKUP_CONFIGURATION, "photos", is_resolved);
    unsigned long before = requests_at_rest();

    create_session("letters-1", "letters");
    wait_for(KIND_BACKUP_SESSION, "letters-1", is_started);
    turn_write("letters-1", "Waiting", NULL);
    wait_for(KIND_BACKUP_SESSION, "letters-1", is_granted);
    turn_write("letters-1", "Returned", NULL);
    report_done("letters-1");
    wait_for(KIND_BACKUP_SESSION, "letters-1", is_over);
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
    wait_for(KIND_BACKUP_SESSION, "letters-1", is_granted);
    printf("granted after %lld ms\n", (long long)(clock_mono_ms() - asked));
    cr_assert_not(now_is("photos-1", is_granted));

    turn_write("letters-1", "Returned", NULL);
    clock_sleep_ms(300);
    cr_assert_not(now_is("photos-1", is_granted), "the first one is not at its end");
    report_done("letters-1");
    wait_for(KIND_BACKUP_SESSION, "photos-1", is_granted);
    cr_assert(now_is("letters-1", is_over));

    turn_write("photos-1", "Returned", NULL);
    report_done("photos-1");
    wait_for(KIND_BACKUP_SESSION, "photos-1", is_over);
}

static bool is_held(const json_t *session)
{
    const json_t *row = json_array_get(jsonx_get(session, "status", "targets", NULL), 0);
    const json_t *condition = json_array_get(jsonx_get(row, "conditions", NULL), 0);

    return text_is(jsonx_str(condition, "reason", NULL), "WaitingForMaintenance");
}

Test(turns, who_comes_during_maintenance_says_for_whom_it_waits_and_begins_after_it)
{
    wait_for_configurations();
    create_session("letters-1", "letters");
    wait_for(KIND_BACKUP_SESSION, "letters-1", is_started);
    int64_t asked = clock_mono_ms();
    turn_write("letters-1", "Waiting", NULL);
    wait_for(KIND_BACKUP_SESSION, "letters-1", is_granted);
    printf("granted alone after %lld ms\n", (long long)(clock_mono_ms() - asked));

    create_session("photos-1", "photos");
    json_auto_t *held = await(KIND_BACKUP_SESSION, "photos-1", is_held);
    AUTO(mem_free) char *text = jsonx_dump(held);
    cr_assert(strstr(text, "BackupSession demo/letters-1 has Repository demo/shelf"), "%s", text);
    cr_assert_not(is_started(held));
    turn_write("letters-1", "Returned", NULL);
    wait_for(KIND_BACKUP_SESSION, "photos-1", is_started);
}

static json_t *lock_of(const char *host)
{
    return json_pack("[{s:s, s:s, s:i, s:b, s:s}]", "id", "a1b2", "hostname", host, "pid", 17,
                     "exclusive", 1, "createdAt", "2026-01-02T03:04:05Z");
}

/* A pod whose container has ended, and what it wrote about itself while it lived. */
static void create_dead_executor(void)
{
    create(KIND_POD,
           json_pack("{s:s, s:s, s:{s:s, s:s, s:s}, s:{}, s:{s:s, s:[{s:s, s:{s:{s:i, s:s}}}]}}",
                     "apiVersion", "v1", "kind", "Pod", "metadata", "name", "old-1", "namespace",
                     "demo", "uid", "old-uid", "spec", "status", "phase", "Running",
                     "containerStatuses", "name", "stash", "state", "terminated", "exitCode", 137,
                     "finishedAt", "2026-01-02T03:05:00Z"));
    patch_status(KIND_REPOSITORY, "shelf",
                 json_pack("{s:[{s:s, s:s, s:s, s:s, s:s, s:s}]}", "executors", "namespace", "demo",
                           "pod", "old-1", "uid", "old-uid", "container", "stash", "hostname",
                           "old-1", "startedAt", "2026-01-02T03:04:00Z"));
}

Test(turns, only_locks_whose_holders_have_ended_are_given_up)
{
    create_dead_executor();
    start_both();
    turn_write("photos-1", "Waiting", NULL);
    turn_write("letters-1", "Waiting", lock_of("laptop"));
    wait_for(KIND_BACKUP_SESSION, "photos-1",
             is_granted); /* the lock of the laptop holds nobody up */
    json_auto_t *waits = await(KIND_BACKUP_SESSION, "letters-1", has_judged);
    AUTO(mem_free) char *text = jsonx_dump(waits);
    cr_assert(strstr(text, "unknown host \\\"laptop\\\""), "%s", text);
    turn_write("photos-1", "Returned", NULL);
    report_done("photos-1");
    wait_for(KIND_BACKUP_SESSION, "photos-1", is_over);
    cr_assert_not(now_is("letters-1", is_granted));

    turn_write("letters-1", "Waiting", lock_of("old-1"));
    json_auto_t *granted = await(KIND_BACKUP_SESSION, "letters-1", is_granted);
    const json_t *lock = json_array_get(jsonx_get(granted, "status", "turn", "locks", NULL), 0);
    cr_assert(jsonx_bool(lock, false, "ended", NULL));
    cr_assert_str_eq(jsonx_str(lock, "holder", NULL), "pod demo/old-1 has ended");
}

/* ---- no more at a time than are allowed ----------------------------------------------------------------------------- */

TestSuite(limits, .fini = leader_end, .timeout = 120);

static void begin_with_limits(void)
{
    static struct reconciler_config config;

    config = leader_config;
    config.sessions = 1;
    leader_begin_with("two_in_one_repository.yaml", &config);
}

static void begin_with_narrow_repositories(void)
{
    static struct reconciler_config config;

    config = leader_config;
    config.sessions_per_repository = 1;
    leader_begin_with("two_in_one_repository.yaml", &config);
}

static bool is_queued(const json_t *session)
{
    const json_t *row = json_array_get(jsonx_get(session, "status", "targets", NULL), 0);
    const json_t *condition = json_array_get(jsonx_get(row, "conditions", NULL), 0);

    return text_is(jsonx_str(condition, "reason", NULL), "WaitingInQueue");
}

static bool is_skipped(const json_t *session)
{
    return text_is(jsonx_str(session, "status", "phase", NULL), "Skipped");
}

static void delete_object(enum kind kind, const char *name)
{
    const struct kube_delete options = {.grace_seconds = -1};
    struct error err;

    cr_assert_eq(kube_delete(leader_client, kind_resource(kind), "demo", name, &options, &err), 0,
                 "%s", err.msg);
}

static void start_one_and_queue_the_other(void)
{
    wait_for_configurations();
    create_session("letters-1", "letters");
    wait_for(KIND_BACKUP_SESSION, "letters-1", is_started);
    create_session("photos-1", "photos");
    wait_for(KIND_BACKUP_SESSION, "photos-1", is_queued);
}

/* One runs, the other one says that it is the next, and begins when the first has ended. */
static void expect_one_after_the_other(const char *limit)
{
    start_one_and_queue_the_other();
    json_auto_t *queued = await(KIND_BACKUP_SESSION, "photos-1", is_queued);
    cr_assert_str_eq(jsonx_str(queued, "status", "queue", "limit", NULL), limit);
    cr_assert_eq(jsonx_int(queued, 0, "status", "queue", "position", NULL), 1);
    cr_assert_eq(fake_count(leader_fake, "POST", "/jobs"), 1);

    report_done("letters-1");
    wait_for(KIND_BACKUP_SESSION, "letters-1", is_over);
    json_auto_t *started = await(KIND_BACKUP_SESSION, "photos-1", is_started);
    cr_assert_null(jsonx_get(started, "status", "queue", NULL));
}

static void begin_with_two_slots(void)
{
    static struct reconciler_config config;

    config = leader_config;
    config.sessions = 2;
    config.sessions_per_namespace = 1;
    leader_begin_with("two_in_one_repository.yaml", &config);
}

static void create_object(enum kind kind, const char *text)
{
    json_auto_t *object = json_loads(text, 0, NULL);
    struct error err;

    cr_assert_not_null(object);
    cr_assert_eq(kube_create(leader_client, kind_resource(kind), object, NULL, NULL, &err), 0, "%s",
                 err.msg);
}

/* Of a configuration that never gets its Repository: it stays as it is until its deadline. */
static void create_forged(const char *namespace, const char *name)
{
    AUTO(mem_free)
    char *text = xasprintf(
        "{\"apiVersion\": \"stash.appscode.com/v1beta1\", \"kind\": \"BackupSession\","
        " \"metadata\": {\"name\": \"%s\", \"namespace\": \"%s\"},"
        " \"spec\": {\"invoker\": {\"kind\": \"BackupConfiguration\", \"name\": \"none\"}},"
        " \"status\": {\"admittedAt\": \"2026-01-02T03:04:05Z\","
        " \"targets\": [{\"totalHosts\": 1}]}}",
        name, namespace);

    create_object(KIND_BACKUP_SESSION, text);
}

static void create_greedy(const char *namespace, int sessions)
{
    AUTO(mem_free)
    char *text = xasprintf(
        "{\"apiVersion\": \"stash.appscode.com/v1beta1\", \"kind\": \"BackupConfiguration\","
        " \"metadata\": {\"name\": \"none\", \"namespace\": \"%s\"},"
        " \"spec\": {\"schedule\": \"0 3 * * *\", \"repository\": {\"name\": \"none\"},"
        " \"retentionPolicy\": {\"name\": \"keep\", \"keepLast\": 3},"
        " \"target\": {\"ref\": {\"apiVersion\": \"apps/v1\", \"kind\": \"StatefulSet\","
        " \"name\": \"none\"}}}}",
        namespace);

    create_object(KIND_BACKUP_CONFIGURATION, text);
    for (int i = 0; i < sessions; i++) {
        AUTO(mem_free) char *name = xasprintf("forged-%d", i);
        create_forged(namespace, name);
    }
    clock_sleep_ms(1000); /* until the reconciler has seen them */
}

Test(limits, a_namespace_takes_no_more_of_the_clusters_slots_than_it_may,
     .init = begin_with_two_slots)
{
    wait_for_configurations();
    create_greedy("greedy", 3);
    create_session("letters-1", "letters");
    wait_for(KIND_BACKUP_SESSION, "letters-1", is_started);
}

static void begin_with_twelve_slots(void)
{
    static struct reconciler_config config;

    config = leader_config;
    config.sessions = 12;
    config.sessions_per_namespace = 6;
    leader_begin_with("two_in_one_repository.yaml", &config);
}

Test(limits, namespaces_that_take_all_slots_they_can_leave_one_for_another,
     .init = begin_with_twelve_slots)
{
    wait_for_configurations();
    create_greedy("greedy", 6);
    create_greedy("greedier", 7);
    create_session("letters-1", "letters");
    wait_for(KIND_BACKUP_SESSION, "letters-1", is_started);
    create_session("photos-1", "photos");
    json_auto_t *queued = await(KIND_BACKUP_SESSION, "photos-1", is_queued);
    cr_assert_str_eq(jsonx_str(queued, "status", "queue", "limit", NULL), "Cluster");
}

Test(limits, the_cluster_runs_no_more_than_it_may, .init = begin_with_limits)
{
    expect_one_after_the_other("Cluster");
}

Test(limits, a_repository_runs_no_more_than_it_may, .init = begin_with_narrow_repositories)
{
    expect_one_after_the_other("Repository");
}

Test(limits, a_session_that_is_deleted_makes_room, .init = begin_with_limits)
{
    start_one_and_queue_the_other();
    delete_object(KIND_BACKUP_SESSION, "letters-1");
    wait_for(KIND_BACKUP_SESSION, "photos-1", is_started);
}

Test(limits, a_session_whose_invoker_goes_while_it_waits_is_given_up, .init = begin_with_limits)
{
    start_one_and_queue_the_other();
    delete_object(KIND_BACKUP_CONFIGURATION, "photos");
    wait_for(KIND_BACKUP_SESSION, "photos-1", is_skipped);
}

/* ---- a restore into the claim of a workload ----------------------------------------------------------------------- */

static void create_failed_restore(const char *name, const char *kind, const char *target)
{
    create(KIND_RESTORE_SESSION,
           json_pack("{s:s, s:s, s:{s:s, s:s, s:[s]}, s:{s:{s:s}, s:{s:s}, s:{s:{s:s, s:s, s:s}}}}",
                     "apiVersion", "stash.appscode.com/v1beta1", "kind", "RestoreSession",
                     "metadata", "name", name, "namespace", "demo", "finalizers", "stash", "spec",
                     "repository", "name", "elsewhere", "task", "name", "pvc-restore", "target",
                     "ref", "apiVersion", "v1", "kind", kind, "name", target));
    patch_status(KIND_RESTORE_SESSION, name,
                 json_pack("{s:s, s:[{s:s, s:s, s:s, s:s}]}", "phase", "Failed", "conditions",
                           "type", "TargetModified", "status", "True", "reason", "Restoring",
                           "lastTransitionTime", "2026-01-02T03:04:05Z"));
    clock_sleep_ms(300); /* until the reconciler's watch has it */
}

static const char *retention_held(const json_t *session)
{
    return jsonx_str(session, "status", "turn", "retentionHeld", NULL);
}

Test(turns, a_failed_restore_into_a_claim_holds_the_retention_of_the_workload_that_mounts_it)
{
    wait_for_configurations();
    create_failed_restore("letters-back", "PersistentVolumeClaim", "letters");
    create_session("web-1", "web");
    turn_write("web-1", "Waiting", NULL);
    json_auto_t *granted = await(KIND_BACKUP_SESSION, "web-1", is_granted);
    cr_assert(retention_held(granted), "the Deployment mounts the claim");
    cr_assert(strstr(retention_held(granted), "RestoreSession demo/letters-back"));
}

Test(turns, a_failed_restore_into_another_claim_holds_nothing)
{
    wait_for_configurations();
    create_failed_restore("photos-back", "PersistentVolumeClaim", "photos");
    create_session("web-1", "web");
    turn_write("web-1", "Waiting", NULL);
    json_auto_t *granted = await(KIND_BACKUP_SESSION, "web-1", is_granted);
    cr_assert_null(retention_held(granted));
}

/* No more backups at a time than are allowed, whatever happens to those who wait and to who leads. */
#include <criterion/criterion.h>
#include <string.h>

#include "claims.h"
#include "leader.h"
#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/text.h"

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

static void start_one_and_queue_the_other(void)
{
    claims_wait_for();
    session_create("letters-1", "letters");
    object_wait_for(KIND_BACKUP_SESSION, "letters-1", session_runs);
    session_create("photos-1", "photos");
    object_wait_for(KIND_BACKUP_SESSION, "photos-1", is_queued);
}

/* One runs, the other one says that it is the next, and begins when the first has ended. */
static void expect_one_after_the_other(const char *limit)
{
    start_one_and_queue_the_other();
    json_auto_t *queued = object_await(KIND_BACKUP_SESSION, "photos-1", is_queued);
    cr_assert_str_eq(jsonx_str(queued, "status", "queue", "limit", NULL), limit);
    cr_assert_eq(jsonx_int(queued, 0, "status", "queue", "position", NULL), 1);
    cr_assert_eq(fake_count(leader_fake, "POST", "/jobs"), 1);

    session_report_done("letters-1");
    object_wait_for(KIND_BACKUP_SESSION, "letters-1", session_succeeded);
    json_auto_t *started = object_await(KIND_BACKUP_SESSION, "photos-1", session_runs);
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
    claims_wait_for();
    create_greedy("greedy", 3);
    session_create("letters-1", "letters");
    object_wait_for(KIND_BACKUP_SESSION, "letters-1", session_runs);
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
    claims_wait_for();
    create_greedy("greedy", 6);
    create_greedy("greedier", 7);
    session_create("letters-1", "letters");
    object_wait_for(KIND_BACKUP_SESSION, "letters-1", session_runs);
    session_create("photos-1", "photos");
    json_auto_t *queued = object_await(KIND_BACKUP_SESSION, "photos-1", is_queued);
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
    object_delete(KIND_BACKUP_SESSION, "letters-1");
    object_wait_for(KIND_BACKUP_SESSION, "photos-1", session_runs);
}

Test(limits, a_session_whose_invoker_goes_while_it_waits_is_given_up, .init = begin_with_limits)
{
    start_one_and_queue_the_other();
    object_delete(KIND_BACKUP_CONFIGURATION, "photos");
    object_wait_for(KIND_BACKUP_SESSION, "photos-1", is_skipped);
}

/* ---- another leader --------------------------------------------------------------------------------------------------- */

static const struct reconciler_config *with_limit(int64_t sessions)
{
    static struct reconciler_config config;

    config = leader_config;
    config.sessions = sessions;
    return &config;
}

Test(limits, another_leader_goes_on_with_the_queue_of_the_one_before, .init = begin_with_limits)
{
    start_one_and_queue_the_other();
    leader_change(with_limit(1));
    clock_sleep_ms(2000);
    json_auto_t *queued = object_get(KIND_BACKUP_SESSION, "photos-1");
    cr_assert(is_queued(queued));
    session_report_done("letters-1");
    object_wait_for(KIND_BACKUP_SESSION, "photos-1", session_runs);
}

Test(limits, who_ends_while_nobody_leads_makes_room, .init = begin_with_limits)
{
    start_one_and_queue_the_other();
    leader_leave();
    session_report_done("letters-1");
    leader_return(with_limit(1));
    object_wait_for(KIND_BACKUP_SESSION, "photos-1", session_runs);
}

Test(limits, a_leader_without_the_limit_lets_those_in_the_queue_begin, .init = begin_with_limits)
{
    start_one_and_queue_the_other();
    leader_change(with_limit(0));
    json_auto_t *started = object_await(KIND_BACKUP_SESSION, "photos-1", session_runs);
    cr_assert_null(jsonx_get(started, "status", "queue", NULL));
}

static void begin_without_limits(void)
{
    leader_begin_with("two_in_one_repository.yaml", with_limit(0));
}

Test(limits, a_leader_with_a_smaller_limit_ends_nobody_and_holds_the_next,
     .init = begin_without_limits)
{
    claims_wait_for();
    session_create("letters-1", "letters");
    session_create("photos-1", "photos");
    object_wait_for(KIND_BACKUP_SESSION, "letters-1", session_runs);
    object_wait_for(KIND_BACKUP_SESSION, "photos-1", session_runs);
    leader_change(with_limit(1));
    session_report_done("letters-1");
    object_wait_for(KIND_BACKUP_SESSION, "letters-1", session_succeeded);
    session_create("letters-2", "letters");
    object_wait_for(KIND_BACKUP_SESSION, "letters-2", is_queued);
    session_report_done("photos-1");
    object_wait_for(KIND_BACKUP_SESSION, "letters-2", session_runs);
}

/* ---- what goes while it waits ------------------------------------------------------------------------------------------- */

Test(limits, a_session_that_is_deleted_in_the_queue_leaves_its_place_to_the_next,
     .init = begin_with_limits)
{
    start_one_and_queue_the_other();
    object_delete(KIND_BACKUP_SESSION, "photos-1");
    session_create("photos-2", "photos");
    json_auto_t *queued = object_await(KIND_BACKUP_SESSION, "photos-2", is_queued);
    cr_assert_eq(jsonx_int(queued, 0, "status", "queue", "position", NULL), 1);
    session_report_done("letters-1");
    object_wait_for(KIND_BACKUP_SESSION, "photos-2", session_runs);
}

static void delete_of(const char *namespace, enum kind kind, const char *name)
{
    const struct kube_delete options = {.grace_seconds = -1};
    struct error err;

    cr_assert_eq(kube_delete(leader_client, kind_resource(kind), namespace, name, &options, &err),
                 0, "%s", err.msg);
}

Test(limits, a_namespace_that_goes_gives_its_slots_back, .init = begin_with_limits)
{
    claims_wait_for();
    create_greedy("greedy", 1);
    session_create("letters-1", "letters");
    object_wait_for(KIND_BACKUP_SESSION, "letters-1", is_queued);
    delete_of("greedy", KIND_BACKUP_CONFIGURATION, "none");
    delete_of("greedy", KIND_BACKUP_SESSION, "forged-0");
    object_wait_for(KIND_BACKUP_SESSION, "letters-1", session_runs);
}

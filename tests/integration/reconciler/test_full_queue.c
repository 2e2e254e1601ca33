/* A queue that is too small for what there is: nothing is forgotten, and nobody else is kept waiting. */
#include <criterion/criterion.h>

#include "claims.h"
#include "leader.h"
#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/mem.h"

#define SESSIONS 20
#define WAIT_MS  30000

static const char looked_at[] = "stash_reconcile_total{kind=\"BackupSession\",result=\"success\"} ";

static void wait_for_looks(unsigned long count)
{
    int64_t until = clock_mono_ms() + WAIT_MS;

    while (leader_metric(looked_at) < count) {
        cr_assert_lt(clock_mono_ms(), until, "%lu were looked at", leader_metric(looked_at));
        clock_sleep_ms(50);
    }
}

Test(full_queue, what_found_no_room_at_the_start_is_looked_at_when_there_is, .timeout = 120)
{
    struct reconciler_config config = leader_config;

    config.queue_keys = 8;
    leader_begin_with("ended_sessions.yaml", &config);
    wait_for_looks(SESSIONS);
    cr_assert_gt(leader_metric("stash_wakeups_refused_total "), SESSIONS / 2);
    leader_end();
}

/* NULL: nobody's. */
static void give_lease_to(const char *identity)
{
    const char *holder = identity ? identity : "";
    json_auto_t *patch =
        json_pack("{s:{s:s, s:i, s:s}}", "spec", "holderIdentity", holder, "leaseDurationSeconds",
                  3600, "renewTime", "2026-01-02T03:04:05.000000Z");
    struct error err;

    cr_assert_eq(kube_patch(leader_client, kind_resource(KIND_LEASE), "stash", "stash-reconciler",
                            KUBE_PATCH_MERGE, patch, &(struct kube_write){0}, NULL, &err),
                 0, "%s", err.msg);
}

Test(full_queue, who_does_not_lead_keeps_no_queue_and_looks_at_all_when_it_does, .timeout = 120)
{
    leader_begin("ended_sessions.yaml");
    wait_for_looks(SESSIONS);
    leader_leave();
    give_lease_to("another");
    leader_return(&leader_config);
    clock_sleep_ms(3000); /* its watches have everything */
    cr_assert_eq(leader_metric("stash_leader "), 0);
    cr_assert_eq(leader_metric("stash_queue_depth "), 0);
    give_lease_to(NULL);
    wait_for_looks(SESSIONS);
    leader_end();
}

/* Their configuration never gets its Repository: they are looked at again and again. */
static void create_many(const char *namespace, int count)
{
    for (int i = 0; i < count; i++) {
        AUTO(mem_free) char *name = xasprintf("s-%d", i);

        object_create(
            KIND_BACKUP_SESSION,
            json_pack("{s:s, s:s, s:{s:s, s:s}, s:{s:{s:s, s:s, s:s}}, s:{s:s, s:[{s:i}]}}",
                      "apiVersion", "stash.appscode.com/v1beta1", "kind", "BackupSession",
                      "metadata", "name", name, "namespace", namespace, "spec", "invoker",
                      "apiGroup", "stash.appscode.com", "kind", "BackupConfiguration", "name",
                      "none", "status", "admittedAt", "2026-01-02T03:04:05Z", "targets",
                      "totalHosts", 1));
    }
}

static void create_configuration(const char *namespace)
{
    object_create(
        KIND_BACKUP_CONFIGURATION,
        json_pack("{s:s, s:s, s:{s:s, s:s}, s:{s:s, s:{s:s}, s:{s:s, s:i}, s:{s:{s:s, s:s, s:s}}}}",
                  "apiVersion", "stash.appscode.com/v1beta1", "kind", "BackupConfiguration",
                  "metadata", "name", "none", "namespace", namespace, "spec", "schedule",
                  "0 3 * * *", "repository", "name", "none", "retentionPolicy", "name", "keep",
                  "keepLast", 3, "target", "ref", "apiVersion", "apps/v1", "kind", "StatefulSet",
                  "name", "none"));
}

Test(full_queue, a_namespace_that_fills_it_keeps_no_other_from_its_backups, .timeout = 120)
{
    struct reconciler_config config = leader_config;

    config.queue_keys = 60;
    leader_begin_with("two_in_one_repository.yaml", &config);
    claims_wait_for();
    create_configuration("greedy");
    create_many("greedy", 100);
    clock_sleep_ms(1000); /* until the reconciler has seen them */
    cr_assert_gt(leader_metric("stash_wakeups_refused_total "), 0);
    session_create("letters-1", "letters");
    object_wait_for(KIND_BACKUP_SESSION, "letters-1", session_runs);
    leader_end();
}

/* Whose turn it is among the pods of a workload: one of them, and another one as soon as that is gone. */
#include <criterion/criterion.h>
#include <string.h>

#include "leader.h"
#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/kinds.h"

#define WAIT_MS 30000
#define SOON_MS 3000

static void begin(void)
{
    leader_begin("two_sidecars.yaml");
}

TestSuite(workers, .init = begin, .fini = leader_end, .timeout = 120);

static void create_session(void)
{
    json_auto_t *session =
        json_pack("{s:s, s:s, s:{s:s, s:s, s:{s:s, s:s}}, s:{s:{s:s, s:s, s:s}}}", "apiVersion",
                  "stash.appscode.com/v1beta1", "kind", "BackupSession", "metadata", "name", "s-1",
                  "namespace", "demo", "labels", "stash.appscode.com/target-kind", "Deployment",
                  "stash.appscode.com/target-name", "web", "spec", "invoker", "apiGroup",
                  "stash.appscode.com", "kind", "BackupConfiguration", "name", "web");
    struct error err;

    cr_assert_eq(
        kube_create(leader_client, kind_resource(KIND_BACKUP_SESSION), session, NULL, NULL, &err),
        0, "%s", err.msg);
}

static bool is_turn_of(const char *pod)
{
    json_auto_t *session = NULL;
    struct error err;

    if (kube_get(leader_client, kind_resource(KIND_BACKUP_SESSION), "demo", "s-1", &session, &err) <
        0)
        return false;
    const json_t *row = json_array_get(jsonx_get(session, "status", "targets", NULL), 0);
    const char *have = jsonx_str(row, "worker", "pod", NULL);
    return have && strcmp(have, pod) == 0;
}

static int64_t wait_for_turn(const char *pod)
{
    int64_t start = clock_mono_ms();

    while (!is_turn_of(pod)) {
        cr_assert_lt(clock_mono_ms() - start, WAIT_MS, "it is never the turn of %s", pod);
        clock_sleep_ms(20);
    }
    return clock_mono_ms() - start;
}

Test(workers, a_pod_that_is_gone_is_replaced_at_once)
{
    struct error err;

    create_session();
    wait_for_turn("web-1");
    cr_assert_eq(kube_delete(leader_client, kind_resource(KIND_POD), "demo", "web-1",
                             &(struct kube_delete){.grace_seconds = 0}, &err),
                 0, "%s", err.msg);
    cr_assert_lt(wait_for_turn("web-2"), SOON_MS);
}

Test(workers, a_pod_whose_sidecar_is_not_running_has_no_turn)
{
    const struct kube_write options = {.subresource = "status"};
    json_auto_t *patch =
        json_pack("{s:{s:[{s:s, s:{s:{s:s}}}]}}", "status", "containerStatuses", "name", "stash",
                  "state", "waiting", "reason", "CrashLoopBackOff");
    struct error err;

    create_session();
    wait_for_turn("web-1");
    cr_assert_eq(kube_patch(leader_client, kind_resource(KIND_POD), "demo", "web-1",
                            KUBE_PATCH_MERGE, patch, &options, NULL, &err),
                 0, "%s", err.msg);
    cr_assert_lt(wait_for_turn("web-2"), SOON_MS);
}

/* A workload is restarted only when its pods would come back as they should. */
#include <criterion/criterion.h>
#include <string.h>

#include "fake.h"
#include "room.h"
#include "stash/jsonx.h"
#include "stash/names.h"

#define HASH "0011223300000000"

/* The trial pod comes back with these annotations (NULL: without); whether the Deployment was patched. */
static bool is_restarted(const char *hash, const char *protocol, struct error *err)
{
    AUTO(fake_stop) struct fake *fake = fake_start(SCRIPTS "workload.yaml");
    AUTO(kube_close) struct kube *kube = fake_open(fake);
    AUTO(store_free) struct store *store = store_new();
    AUTO(restarts_free) struct restarts *restarts = restarts_new();
    struct reconciler r = {.kube = kube, .store = store, .restarts = restarts};
    json_auto_t *pod =
        json_pack("{s:s, s:s, s:{s:s, s:s, s:{s:s*, s:s*}}}", "apiVersion", "v1", "kind", "Pod",
                  "metadata", "name", "trial", "namespace", "demo", "annotations",
                  ANNOTATION_INJECTED_HASH, hash, ANNOTATION_AGENT_PROTOCOL, protocol);
    json_auto_t *plan = json_pack("{s:[{s:s, s:s, s:s, s:s, s:{}, s:O, s:s}]}", "actions", "verb",
                                  "rollout", "kind", "Deployment", "namespace", "demo", "name",
                                  "web", "patch", "dryRunPod", pod, "expectedHash", HASH);
    int failed = apply(&r, plan, err);

    cr_expect_eq(failed < 0, fake_count(fake, "PATCH", "/deployments/web") == 0);
    return fake_count(fake, "PATCH", "/deployments/web") > 0;
}

Test(rollout, a_pod_that_would_come_as_it_should_is_worth_a_restart)
{
    struct error err = {0};

    cr_expect(is_restarted(HASH, "3", &err), "%s", err.msg);
}

Test(rollout, a_webhook_of_an_older_version_restarts_nobody)
{
    struct error err = {0};

    cr_expect_not(is_restarted(HASH, NULL, &err));
    cr_expect(strstr(err.msg, "an agent of an older version"), "%s", err.msg);
}

Test(rollout, a_webhook_that_does_not_inject_restarts_nobody)
{
    struct error err = {0};

    cr_expect_not(is_restarted(NULL, NULL, &err));
    cr_expect(strstr(err.msg, "without injection"), "%s", err.msg);
}

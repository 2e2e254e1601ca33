/* What only the workload tells, and the webhook cannot see, stands in a condition of the invoker until it is mended. */
#include <criterion/criterion.h>
#include <string.h>

#include "leader.h"
#include "stash/clock.h"
#include "stash/conditions.h"
#include "stash/jsonx.h"
#include "stash/kinds.h"

#define WAIT_MS 30000

static void begin(void)
{
    leader_begin("advice.yaml");
}

TestSuite(advice, .init = begin, .fini = leader_end, .timeout = 120);

/* The message of the condition as soon as it has this status. Heap string. */
static char *wait_for(const char *status)
{
    int64_t end = clock_mono_ms() + WAIT_MS;

    for (;; clock_sleep_ms(50)) {
        json_auto_t *invoker = NULL;
        struct error err;
        cr_assert(clock_mono_ms() < end, "TargetNeedsAttention is never %s", status);
        if (kube_get(leader_client, kind_resource(KIND_BACKUP_CONFIGURATION), "demo", "web",
                     &invoker, &err) < 0)
            continue;
        const json_t *found = condition_find(jsonx_get(invoker, "status", "conditions", NULL),
                                             "TargetNeedsAttention");
        const char *have = jsonx_str(found, "status", NULL);
        if (have && strcmp(have, status) == 0)
            return xstrdup(jsonx_str(found, "message", NULL));
    }
}

static void patch(enum kind kind, json_t *change)
{
    json_auto_t *owned = change;
    struct error err;

    cr_assert_eq(kube_patch(leader_client, kind_resource(kind), "demo", "web", KUBE_PATCH_MERGE,
                            owned, NULL, NULL, &err),
                 0, "%s", err.msg);
}

Test(advice, the_workload_tells_what_the_webhook_could_not_warn_of)
{
    AUTO(mem_free) char *message = wait_for("True");

    cr_expect(strstr(message, "runs as ServiceAccount web, as StatefulSet other does"), "%s",
              message);
    cr_expect(strstr(message, "mounts only shop of volume data"), "%s", message);

    patch(KIND_DEPLOYMENT,
          json_pack("{s:{s:{s:{s:s, s:[{s:s, s:s, s:[{s:s, s:s}]}]}}}}", "spec", "template", "spec",
                    "serviceAccountName", "alone", "containers", "name", "web", "image", "web",
                    "volumeMounts", "name", "data", "mountPath", "/data"));
    patch(KIND_BACKUP_CONFIGURATION,
          json_pack("{s:{s:{s:s}}}", "metadata", "annotations", "look", "again"));
    AUTO(mem_free) char *mended = wait_for("False");
}

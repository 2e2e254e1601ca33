/* The pod that comes after one that is there. */
#include <criterion/criterion.h>

#include "stash/inject.h"
#include "stash/jsonx.h"

static json_t *pod_of(const char *target)
{
    return json_pack("{s:{s:s, s:s, s:s, s:s, s:{s:s, s:s}, s:{s:s}}, s:{s:s, s:i, s:[{s:s}, {s:s, "
                     "s:s, s:[s, s, s]}]},"
                     " s:{s:s}}",
                     "metadata", "name", "x", "generateName", "x-", "namespace", "demo", "uid", "u",
                     "annotations", "stash.appscode.com/target", target,
                     "stash.appscode.com/injected-hash", "0011223300000000", "labels",
                     "stash.appscode.com/injected", "true", "spec", "nodeName", "n", "priority", 5,
                     "containers", "name", "app", "name", "stash", "image", "localhost/stash:1",
                     "args", "run-backup", "--invoker-kind=BackupConfiguration", "--invoker-name=b",
                     "status", "phase", "Running");
}

Test(template, the_next_pod_is_as_its_owner_made_the_last_one)
{
    json_auto_t *pod = pod_of("Job/photos");
    json_auto_t *before = json_deep_copy(pod);
    json_auto_t *next = inject_next_pod(pod);
    json_auto_t *wanted =
        json_pack("{s:s, s:s, s:{s:s, s:s, s:{s:s}}, s:{s:[{s:s}]}}", "apiVersion", "v1", "kind",
                  "Pod", "metadata", "namespace", "demo", "generateName", "x-", "annotations",
                  "stash.appscode.com/target", "Job/photos", "spec", "containers", "name", "app");
    AUTO(mem_free) char *text = json_dumps(next, JSON_SORT_KEYS);

    cr_expect(json_equal(next, wanted), "%s", text);
    cr_expect(json_equal(pod, before), "the pod that is there was changed");
}

Test(template, only_a_pod_that_is_its_own_target_keeps_its_name)
{
    json_auto_t *pod = pod_of("Pod/x");
    json_auto_t *next = inject_next_pod(pod);

    cr_expect_str_eq(jsonx_name(next), "x");
    cr_expect_not(jsonx_get(next, "metadata", "generateName", NULL));
}

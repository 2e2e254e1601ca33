/* A Repository's own plan, where a golden case would be too long. */
#include <criterion/criterion.h>

#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/plan.h"

static json_t *world_with(size_t count)
{
    json_t *invokers = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(invokers, json_pack("{s:s, s:{s:s, s:o}}", "kind",
                                                  "BackupConfiguration", "metadata", "namespace",
                                                  "demo", "name", json_sprintf("web-%zu", i)));
    return json_pack("{s:I, s:{}, s:{s:s, s:s, s:{s:s, s:s}}, s:{}, s:o, s:[], s:s}", "now",
                     (json_int_t)1780000000, "config", "object", "apiVersion",
                     "stash.appscode.com/v1alpha1", "kind", "Repository", "metadata", "name",
                     "shelf", "namespace", "demo", "errors", "invokers", invokers, "users",
                     "cluster", "the-cluster");
}

static size_t references_in(const json_t *plan)
{
    const json_t *actions = jsonx_get(plan, "actions", NULL);

    for (size_t i = 0; i < json_array_size(actions); i++) {
        const json_t *list =
            jsonx_get(json_array_get(actions, i), "patch", "status", "references", NULL);
        if (list)
            return json_array_size(list);
    }
    return 0;
}

/* What etcd does not take would never be written, and nobody would be admitted any more. */
Test(repository, lists_as_many_users_as_can_be_stored)
{
    json_auto_t *some = world_with(5000);
    json_auto_t *many = world_with(30000);
    json_auto_t *plan = plan_repository(some);
    json_auto_t *large = plan_repository(many);

    cr_assert_eq(references_in(plan), 5000);
    cr_assert_gt(references_in(large), 5000);
    cr_assert_lt(json_dumpb(json_object_get(large, "actions"), NULL, 0, JSON_COMPACT),
                 LIMIT_MIB + LIMIT_MIB / 4);
}

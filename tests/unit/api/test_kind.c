#include "stash/kinds.h"

#include <criterion/criterion.h>
#include <string.h>

Test(kind, every_row_is_filled_and_found_again)
{
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        const struct resource *resource = kind_resource((enum kind)kind);
        cr_assert_not_null(resource->kind, "row %d", kind);
        cr_assert_eq(kind_by_name(resource->kind), (enum kind)kind, "%s", resource->kind);
        cr_assert_eq(kind_find(kind_api_version((enum kind)kind), resource->kind), (enum kind)kind,
                     "%s", resource->kind);
    }
}

Test(kind, a_version_of_another_age_matches_by_group)
{
    cr_assert_eq(kind_find("apps/v1beta2", "Deployment"), KIND_DEPLOYMENT);
    cr_assert_eq(kind_find("stash.appscode.com/v1", "Repository"), KIND_REPOSITORY);
}

Test(kind, another_group_is_another_kind)
{
    cr_assert_eq(kind_find("extensions/v1beta1", "Deployment"), KIND_UNKNOWN);
    cr_assert_eq(kind_find("v1", "Deployment"), KIND_UNKNOWN);
    cr_assert_eq(kind_find("app/v1", "Deployment"), KIND_UNKNOWN);
    cr_assert_eq(kind_find("appsx/v1", "Deployment"), KIND_UNKNOWN);
    cr_assert_eq(kind_find("core/v1", "Pod"), KIND_UNKNOWN);
    cr_assert_eq(kind_find("apps/v1", "deployment"), KIND_UNKNOWN);
    cr_assert_eq(kind_find(NULL, "Pod"), KIND_UNKNOWN);
    cr_assert_eq(kind_find("v1", NULL), KIND_UNKNOWN);
}

Test(kind, tells_workloads_and_scopes)
{
    cr_assert(kind_is_workload(KIND_DEPLOYMENT_CONFIG));
    cr_assert(kind_is_workload(KIND_REPLICA_SET));
    cr_assert_not(kind_is_workload(KIND_JOB));
    cr_assert_not(kind_is_workload(KIND_UNKNOWN));
    cr_assert_not(kind_resource(KIND_TASK)->namespaced);
    cr_assert(kind_resource(KIND_REPOSITORY)->namespaced);
    cr_assert_str_eq(kind_api_version(KIND_POD), "v1");
    cr_assert_str_eq(kind_api_version(KIND_LEASE), "coordination.k8s.io/v1");
}

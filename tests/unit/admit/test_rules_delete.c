#include <criterion/criterion.h>
#include <string.h>

#include "stash/admit.h"
#include "stash/jsonx.h"

static json_t *user_of(const char *repository, int number)
{
    AUTO(mem_free) char *name = xasprintf("web-%02d", number);

    return json_pack("{s:s, s:s, s:{s:s, s:s}, s:{s:{s:s}}}", "apiVersion",
                     "stash.appscode.com/v1beta1", "kind", "BackupConfiguration", "metadata",
                     "name", name, "namespace", "demo", "spec", "repository", "name", repository);
}

static struct warnings deletion(const json_t *cluster)
{
    json_auto_t *old =
        json_pack("{s:{s:s, s:s}}", "metadata", "name", "store", "namespace", "demo");
    AUTO(snapshot_free) struct snapshot *snapshot = snapshot_from_objects(cluster);
    AUTO(causes_done) struct causes causes = {0};
    struct warnings warnings = {0};
    const struct admit_request request = {.kind = KIND_REPOSITORY,
                                          .operation = OPERATION_DELETE,
                                          .namespace = "demo",
                                          .old = old,
                                          .snapshot = snapshot};

    admit_validate(&request, &causes, &warnings);
    cr_assert_eq(causes.count, 0, "a deletion is never refused");
    return warnings;
}

Test(rules_delete, names_five_and_counts_the_rest)
{
    json_auto_t *cluster = json_array();

    for (int i = 5; i > 0; i--)
        json_array_append_new(cluster, user_of("store", i));
    AUTO(warnings_done) struct warnings five = deletion(cluster);
    json_array_append_new(cluster, user_of("store", 0));
    AUTO(warnings_done) struct warnings six = deletion(cluster);

    cr_assert_eq(five.count, 5);
    cr_assert_str_eq(five.items[0],
                     "Repository store is still used by BackupConfiguration demo/web-01");
    cr_assert_eq(six.count, 6);
    cr_assert_str_eq(six.items[0],
                     "Repository store is still used by BackupConfiguration demo/web-00");
    cr_assert_str_eq(six.items[5], "Repository store is still used by 1 more");
}

Test(rules_delete, says_nothing_of_what_nobody_uses)
{
    json_auto_t *cluster = json_pack("[o]", user_of("other", 1));
    AUTO(warnings_done) struct warnings warnings = deletion(cluster);

    cr_assert_eq(warnings.count, 0);
}

Test(rules_delete, needs_no_cluster)
{
    AUTO(causes_done) struct causes causes = {0};
    AUTO(warnings_done) struct warnings warnings = {0};
    const struct admit_request request = {.kind = KIND_TASK, .operation = OPERATION_DELETE};

    admit_validate(&request, &causes, &warnings);
    cr_assert_eq(warnings.count, 0);
}

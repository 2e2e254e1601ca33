#include <criterion/criterion.h>
#include <string.h>

#include "stash/admit.h"
#include "stash/jsonx.h"

static json_t *session_config(const char *schedule, const char *repository, bool paused)
{
    return json_pack(
        "{s:{s:s}, s:{s:s, s:{s:s}, s:b, s:{s:s, s:i, s:b}, s:{s:{s:s, s:s, s:s}, s:[s], "
        "s:[{s:s, s:s}]}}}",
        "metadata", "name", "x", "spec", "schedule", schedule, "repository", "name", repository,
        "paused", paused, "retentionPolicy", "name", "k", "keepLast", 1, "prune", 1, "target",
        "ref", "apiVersion", "apps/v1", "kind", "Deployment", "name", "web", "paths", "/d",
        "volumeMounts", "name", "d", "mountPath", "/d");
}

static json_t *shut_repository(void)
{
    return json_pack("[{s:s, s:s, s:{s:s, s:s}, s:{s:{s:{s:s, s:{}}}}}]", "apiVersion",
                     "stash.appscode.com/v1alpha1", "kind", "Repository", "metadata", "name",
                     "shut", "namespace", "demo", "spec", "usagePolicy", "allowedNamespaces",
                     "from", "Selector", "selectorless");
}

struct outcome {
    size_t causes, warnings;
};

static struct outcome update(json_t *old, json_t *object)
{
    json_auto_t *before = old, *after = object, *cluster = shut_repository();
    AUTO(snapshot_free) struct snapshot *snapshot = snapshot_from_objects(cluster);
    AUTO(causes_done) struct causes causes = {0};
    AUTO(warnings_done) struct warnings warnings = {0};
    const struct admit_request request = {.kind = KIND_BACKUP_CONFIGURATION,
                                          .operation = OPERATION_UPDATE,
                                          .namespace = "demo",
                                          .object = after,
                                          .old = before,
                                          .snapshot = snapshot};

    admit_validate(&request, &causes, &warnings);
    return (struct outcome){causes.count, warnings.count};
}

Test(admit, forgives_an_update_what_was_wrong_before)
{
    struct outcome same =
        update(session_config("often", "none", false), session_config("often", "none", true));
    struct outcome fresh =
        update(session_config("@daily", "none", false), session_config("often", "none", false));
    struct outcome other = update(session_config("often", "none", false),
                                  session_config("seldom or never", "none", false));

    cr_assert_eq(same.causes, 0);
    cr_assert_eq(same.warnings, 2, "the old mistake, and the missing Repository");
    cr_assert_eq(fresh.causes, 1);
    cr_assert_eq(other.causes, 1, "another mistake at the same path is a new one");
}

Test(admit, forgives_nothing_that_is_forbidden)
{
    struct outcome shut =
        update(session_config("@daily", "shut", true), session_config("@daily", "shut", false));

    cr_assert_eq(shut.causes, 1);
}

Test(admit, lets_everybody_pause_what_is_wrong_or_forbidden)
{
    struct outcome paused =
        update(session_config("often", "shut", false), session_config("often", "shut", true));
    struct outcome changed =
        update(session_config("often", "shut", false), session_config("@daily", "shut", true));

    cr_assert_eq(paused.causes, 0);
    cr_assert_eq(paused.warnings, 2, "what is wrong is still said");
    cr_assert_eq(changed.causes, 1, "a change of more than the pause is judged");
}

Test(admit, passes_what_is_being_deleted_or_left_alone)
{
    json_t *going = session_config("often", "none", true);
    json_object_set_new(json_object_get(going, "metadata"), "deletionTimestamp", json_string("x"));

    cr_assert_eq(update(session_config("@daily", "none", false), going).causes, 0);
    cr_assert_eq(
        update(session_config("often", "none", false), session_config("often", "none", false))
            .warnings,
        0);
}

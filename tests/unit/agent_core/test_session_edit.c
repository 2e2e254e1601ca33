#include "stash/session_edit.h"

#include <criterion/criterion.h>

#include "stash/jsonx.h"

static const struct condition done = {CONDITION_RETENTION, "True", "R", "m"};

Test(session_edit, the_same_condition_twice_changes_nothing)
{
    json_auto_t *session = json_pack("{s:{}}", "status");

    cr_assert(session_edit_condition(session, &done, 1000));
    cr_assert_not(session_edit_condition(session, &done, 2000));
    cr_assert(
        condition_is_true(jsonx_get(session, "status", "conditions", NULL), CONDITION_RETENTION));
}

static json_t *two_hosts(void)
{
    return json_pack("{s:{s:s, s:s}, s:{s:[{s:{s:s, s:s}, s:i, s:[s], s:[{s:s, s:s}]}]}}",
                     "metadata", "name", "s", "namespace", "demo", "status", "targets", "ref",
                     "kind", "StatefulSet", "name", "db", "totalHosts", 2, "postBackupActions",
                     "ApplyRetentionPolicy", "stats", "hostname", "host-0", "phase", "Succeeded");
}

static json_t *ref(void)
{
    return json_pack("{s:s, s:s, s:s}", "kind", "StatefulSet", "name", "db", "namespace", "demo");
}

Test(session_edit, the_last_host_completes_the_target)
{
    json_auto_t *session = two_hosts();
    json_auto_t *target = ref();
    json_auto_t *same = json_pack("[{s:s, s:s}]", "hostname", "host-0", "phase", "Succeeded");
    json_auto_t *last = json_pack("[{s:s, s:s}]", "hostname", "host-1", "phase", "Succeeded");

    cr_assert_not(session_completed_by(session, target, same));
    cr_assert(session_completed_by(session, target, last));
    json_object_set_new(target, "name", json_string("other"));
    cr_assert_not(session_completed_by(session, target, last));
}

Test(session_edit, actions_are_looked_up_in_the_target)
{
    json_auto_t *session = two_hosts();
    json_auto_t *target = ref();

    cr_assert(session_has_action(session, target, "postBackupActions", "ApplyRetentionPolicy"));
    cr_assert_not(session_has_action(session, target, "preBackupActions", "ApplyRetentionPolicy"));
    cr_assert_not(session_has_action(session, target, "postBackupActions", "Other"));
}

Test(session_edit, a_repository_with_errors_keeps_its_numbers)
{
    json_auto_t *repository =
        json_pack("{s:{s:i, s:s}}", "status", "snapshotCount", 5, "totalSize", "1 B");
    const struct repository_facts broken = {.integrity = false};
    const struct repository_facts whole = {.last_backup_time = "2026-01-01T00:00:00Z",
                                           .integrity = true,
                                           .counted = true,
                                           .snapshot_count = 2,
                                           .snapshots_removed = 4,
                                           .total_size = "3 B"};

    repository_edit(repository, &broken);
    cr_assert_eq(jsonx_int(repository, -1, "status", "snapshotCount", NULL), 5);
    cr_assert_not(jsonx_bool(repository, 1, "status", "integrity", NULL));
    repository_edit(repository, &whole);
    cr_assert_eq(jsonx_int(repository, -1, "status", "snapshotCount", NULL), 2);
    cr_assert_str_eq(jsonx_str(repository, "status", "firstBackupTime", NULL),
                     "2026-01-01T00:00:00Z");
    cr_assert(jsonx_bool(repository, 0, "status", "integrity", NULL));
}

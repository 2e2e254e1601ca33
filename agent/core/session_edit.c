#include "stash/session_edit.h"

#include <string.h>

#include "stash/jsonx.h"
#include "stash/report.h"

bool session_edit_condition(json_t *session, const struct condition *condition, int64_t now)
{
    const json_t *old = jsonx_get(session, "status", "conditions", NULL);
    json_auto_t *conditions = condition_set(old, condition, now);

    if (old && json_equal(conditions, jsonx_unconst(old)))
        return false;
    json_object_set(jsonx_own(session, "status"), "conditions", conditions);
    return true;
}

bool session_edit_hosts(json_t *session, const json_t *ref, const json_t *stats)
{
    ptrdiff_t at = report_target_index(session, ref);
    json_t *targets = jsonx_own_array(jsonx_own(session, "status"), "targets");
    json_auto_t *merged = NULL;
    json_t *target;

    if (at < 0) {
        at = (ptrdiff_t)json_array_size(targets);
        json_array_append_new(targets, json_pack("{s:O}", "ref", ref));
    }
    target = jsonx_own_item(targets, (size_t)at);
    merged = report_merge(jsonx_get(target, "stats", NULL), stats);
    json_object_set(target, "stats", merged);
    json_object_set_new(target, "phase", json_string(phase_backup_target(target)));
    return true;
}

bool restore_edit_hosts(json_t *restore_session, const json_t *stats)
{
    json_auto_t *merged = report_merge(jsonx_get(restore_session, "status", "stats", NULL), stats);

    json_object_set(jsonx_own(restore_session, "status"), "stats", merged);
    return true;
}

bool repository_edit(json_t *repository, const struct repository_facts *facts)
{
    json_t *status = jsonx_own(repository, "status");

    json_object_set_new(status, "integrity", json_boolean(facts->integrity));
    if (!facts->counted)
        return true;
    json_object_set_new(status, "lastBackupTime", json_string(facts->last_backup_time));
    if (!jsonx_str(status, "firstBackupTime", NULL))
        json_object_set_new(status, "firstBackupTime", json_string(facts->last_backup_time));
    json_object_set_new(status, "snapshotCount", json_integer(facts->snapshot_count));
    json_object_set_new(status, "snapshotsRemovedOnLastCleanup",
                        json_integer(facts->snapshots_removed));
    json_object_set_new(status, "totalSize", json_string(facts->total_size));
    return true;
}

static const json_t *find_target(const json_t *session, const json_t *ref)
{
    ptrdiff_t at = report_target_index(session, ref);

    return at < 0 ? NULL
                  : json_array_get(jsonx_get(session, "status", "targets", NULL), (size_t)at);
}

bool session_has_action(const json_t *session, const json_t *ref, const char *list,
                        const char *action)
{
    size_t i;
    json_t *item;

    json_array_foreach (jsonx_get(find_target(session, ref), list, NULL), i, item)
        if (json_is_string(item) && strcmp(json_string_value(item), action) == 0)
            return true;
    return false;
}

bool session_completed_by(const json_t *session, const json_t *ref, const json_t *stats)
{
    const json_t *target = find_target(session, ref);
    json_auto_t *merged = report_merge(jsonx_get(target, "stats", NULL), stats);

    return (json_int_t)json_array_size(merged) == jsonx_int(target, -1, "totalHosts", NULL);
}

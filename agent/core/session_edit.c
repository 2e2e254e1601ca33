#include "stash/session_edit.h"

#include <string.h>

#include "stash/conditions.h"
#include "stash/hosts.h"
#include "stash/jsonx.h"
#include "stash/report.h"
#include "stash/timefmt.h"

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

bool session_edit_restore_hosts(json_t *restore_session, const json_t *stats)
{
    json_auto_t *merged = report_merge(jsonx_get(restore_session, "status", "stats", NULL), stats);

    json_object_set(jsonx_own(restore_session, "status"), "stats", merged);
    return true;
}

/* ---- the Repository's turn ----------------------------------------------------------------------- */

const char *session_turn_state(const json_t *session)
{
    const char *state = jsonx_str(session, "status", "turn", "state", NULL);

    return state ? state : "";
}

static json_t *turn_own(json_t *session)
{
    return jsonx_own(jsonx_own(session, "status"), "turn");
}

static void turn_set_time(json_t *turn, const char *member, int64_t now)
{
    char time[TIMEFMT_SIZE];

    timefmt_rfc3339(now, time);
    json_object_set_new(turn, member, json_string(time));
}

/* What the reconciler said of a lock stays with it as long as its id is the same. */
static json_t *turn_locks(const json_t *old, const json_t *locks)
{
    json_t *rows = json_array();
    size_t i;
    json_t *lock;

    json_array_foreach (jsonx_unconst(locks), i, lock) {
        const char *id = jsonx_str(lock, "id", NULL);
        ptrdiff_t at = id ? jsonx_find(old, "id", id) : -1;

        json_array_append(rows, at >= 0 ? json_array_get(old, (size_t)at) : lock);
    }
    return rows;
}

bool session_edit_turn_wish(json_t *session, const json_t *locks, int64_t now)
{
    bool waits = strcmp(session_turn_state(session), "Waiting") == 0;
    json_t *turn = turn_own(session);

    json_object_set_new(turn, "state", json_string("Waiting"));
    if (!waits || !jsonx_str(turn, "requestedAt", NULL))
        turn_set_time(turn, "requestedAt", now);
    turn_set_time(turn, "renewedAt", now);
    json_object_del(turn, "grantedAt");
    if (json_array_size(locks) > 0)
        json_object_set_new(turn, "locks", turn_locks(json_object_get(turn, "locks"), locks));
    else
        json_object_del(turn, "locks");
    return true;
}

bool session_edit_turn_renewed(json_t *session, int64_t now)
{
    const char *state = session_turn_state(session);

    if (strcmp(state, "Waiting") != 0 && strcmp(state, "Granted") != 0)
        return false;
    turn_set_time(turn_own(session), "renewedAt", now);
    return true;
}

bool session_edit_turn_returned(json_t *session)
{
    const char *state = session_turn_state(session);

    if (strcmp(state, "Waiting") != 0 && strcmp(state, "Granted") != 0)
        return false;
    json_object_set_new(turn_own(session), "state", json_string("Returned"));
    json_object_del(turn_own(session), "locks");
    return true;
}

bool session_turn_may_unlock(const json_t *session)
{
    const json_t *locks = jsonx_get(session, "status", "turn", "locks", NULL);
    size_t i;
    json_t *lock;

    json_array_foreach (jsonx_unconst(locks), i, lock)
        if (!jsonx_bool(lock, 0, "ended", NULL))
            return false;
    return strcmp(session_turn_state(session), "Granted") == 0 && json_array_size(locks) > 0;
}

const json_t *session_turn_living_lock(const json_t *session)
{
    size_t i;
    json_t *lock;

    json_array_foreach (jsonx_unconst(jsonx_get(session, "status", "turn", "locks", NULL)), i, lock)
        if (!jsonx_bool(lock, 0, "ended", NULL))
            return lock;
    return NULL;
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
    return jsonx_find_text(jsonx_get(find_target(session, ref), list, NULL), action) >= 0;
}

bool session_completed_by(const json_t *session, const json_t *ref, const json_t *stats)
{
    const json_t *target = find_target(session, ref);
    json_auto_t *merged = report_merge(jsonx_get(target, "stats", NULL), stats);

    return hosts_have_ended(target, merged);
}

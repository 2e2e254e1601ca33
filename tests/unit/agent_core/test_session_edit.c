#include "stash/session_edit.h"

#include <criterion/criterion.h>

#include "stash/jsonx.h"

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

/* ---- the turn ---- */

static json_t *session_in(const char *state)
{
    return json_pack("{s:{s:{s:s, s:s}}}", "status", "turn", "state", state, "requestedAt",
                     "2026-01-01T00:00:00Z");
}

Test(session_edit, asking_again_keeps_the_place_in_the_queue)
{
    json_auto_t *session = session_in("Waiting");

    session_edit_turn_wish(session, NULL, 1800000000);
    cr_assert_str_eq(jsonx_str(session, "status", "turn", "requestedAt", NULL),
                     "2026-01-01T00:00:00Z");
    cr_assert_str_eq(jsonx_str(session, "status", "turn", "renewedAt", NULL),
                     "2027-01-15T08:00:00Z");
}

Test(session_edit, a_new_wish_goes_to_the_end_of_the_queue)
{
    json_auto_t *session = session_in("Returned");

    session_edit_turn_wish(session, NULL, 1800000000);
    cr_assert_str_eq(jsonx_str(session, "status", "turn", "requestedAt", NULL),
                     "2027-01-15T08:00:00Z");
}

Test(session_edit, what_was_said_of_a_lock_stays_only_with_its_id)
{
    json_auto_t *session = json_pack("{s:{s:{s:s, s:[{s:s, s:b}]}}}", "status", "turn", "state",
                                     "Granted", "locks", "id", "a", "ended", 1);
    json_auto_t *same = json_pack("[{s:s}]", "id", "a");
    json_auto_t *more = json_pack("[{s:s}, {s:s}]", "id", "a", "id", "b");

    cr_assert(session_turn_may_unlock(session));
    session_edit_turn_wish(session, same, 1);
    cr_assert_not(session_turn_may_unlock(session), "a wish is no turn");
    json_object_set_new(jsonx_get(session, "status", "turn", NULL), "state",
                        json_string("Granted"));
    cr_assert(session_turn_may_unlock(session));
    session_edit_turn_wish(session, more, 1);
    json_object_set_new(jsonx_get(session, "status", "turn", NULL), "state",
                        json_string("Granted"));
    cr_assert_not(session_turn_may_unlock(session), "nobody has looked at b");
    cr_assert_str_eq(jsonx_str(session_turn_living_lock(session), "id", NULL), "b");
}

Test(session_edit, a_turn_that_is_not_held_is_not_renewed_or_returned)
{
    json_auto_t *session = session_in("Expired");

    cr_assert_not(session_edit_turn_renewed(session, 1));
    cr_assert_not(session_edit_turn_returned(session));
}

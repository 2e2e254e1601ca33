/* What another namespace writes about a Repository and a target here, whose owners have not agreed, has no say over them. */
#include <criterion/criterion.h>

#include "claims.h"
#include "leader.h"
#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/text.h"
#include "stash/timefmt.h"

static void begin(void)
{
    leader_begin("foreigners.yaml");
}

TestSuite(foreigners, .init = begin, .fini = leader_end, .timeout = 120);

static bool has_turn(const json_t *session)
{
    return text_is(jsonx_str(session, "status", "turn", "state", NULL), "Granted");
}

static void start(const char *session, const char *invoker)
{
    claims_wait_for();
    session_create(session, invoker);
    object_wait_for(KIND_BACKUP_SESSION, session, session_runs);
}

static void ask_for_turn(const char *session)
{
    char now[TIMEFMT_SIZE];

    timefmt_rfc3339(clock_now(), now);
    object_patch_status(KIND_BACKUP_SESSION, session,
                        json_pack("{s:{s:s, s:s, s:s}}", "turn", "state", "Waiting", "requestedAt",
                                  now, "renewedAt", now));
    object_wait_for(KIND_BACKUP_SESSION, session, has_turn);
}

Test(foreigners, do_not_go_before_a_backup_of_the_target_that_they_name)
{
    start("letters-1", "letters");
}

Test(foreigners, do_not_keep_the_repositorys_turn_from_others)
{
    start("photos-1", "photos");
    ask_for_turn("photos-1");
}

Test(foreigners, are_no_users_of_the_repository)
{
    start("photos-1", "photos");
    json_auto_t *repository = object_get(KIND_REPOSITORY, "shelf");
    const json_t *references = jsonx_get(repository, "status", "references", NULL);
    cr_assert_eq(json_array_size(references), 2);
    for (size_t i = 0; i < json_array_size(references); i++)
        cr_assert_str_eq(jsonx_str(json_array_get(references, i), "namespace", NULL), "demo");
}

Test(foreigners, do_not_hold_retention)
{
    start("letters-1", "letters");
    ask_for_turn("letters-1");
    json_auto_t *session = object_get(KIND_BACKUP_SESSION, "letters-1");
    const char *held = jsonx_str(session, "status", "turn", "retentionHeld", NULL);
    cr_assert_null(held, "%s", held);
}

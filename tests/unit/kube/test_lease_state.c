#include "lease_state.h"

#include <criterion/criterion.h>
#include <string.h>

#include "stash/jsonx.h"

static const struct lease_config config = {"stash", "lead", "me", 15, 10, 2};

static json_t *held_by(const char *holder, const char *renewed)
{
    return json_pack("{s:{s:s, s:s}, s:{s:s, s:i, s:s, s:i}}", "metadata", "name", "lead",
                     "resourceVersion", "7", "spec", "holderIdentity", holder,
                     "leaseDurationSeconds", 15, "renewTime", renewed, "leaseTransitions", 3);
}

static void see(struct lease_state *state, const char *holder, const char *renewed, int64_t now_ms)
{
    json_auto_t *lease = held_by(holder, renewed);
    lease_state_see(state, lease, now_ms);
}

Test(lease_state, waits_for_a_holder_as_long_as_its_lease_lasts_on_our_own_clock)
{
    struct lease_state state = {.config = &config};
    see(&state, "other", "1970-01-01T00:00:00.000000Z", 1000); /* a clock that is far off */
    cr_assert(lease_state_is_taken(&state, 15999));
    cr_assert_not(lease_state_is_taken(&state, 16000));
    lease_state_done(&state);
}

Test(lease_state, starts_to_wait_again_at_each_change_only)
{
    struct lease_state state = {.config = &config};
    see(&state, "other", "t1", 1000);
    see(&state, "other", "t1", 9000);
    cr_assert_not(lease_state_is_taken(&state, 16000));
    see(&state, "other", "t2", 16000);
    cr_assert(lease_state_is_taken(&state, 30999));
    lease_state_done(&state);
}

Test(lease_state, is_free_when_absent_released_or_ours)
{
    struct lease_state state = {.config = &config};
    cr_assert_not(lease_state_is_taken(&state, 1000));
    see(&state, "", "t", 1000);
    cr_assert_not(lease_state_is_taken(&state, 1000));
    see(&state, "me", "t", 1000);
    cr_assert_not(lease_state_is_taken(&state, 1000));
    cr_assert(lease_state_is_ours(&state));
    lease_state_done(&state);
}

Test(lease_state, creates_the_first_lease)
{
    struct lease_state state = {.config = &config};
    json_auto_t *lease = lease_state_claim(&state, 1000001);
    cr_assert_str_eq(jsonx_name(lease), "lead");
    cr_assert_str_eq(jsonx_namespace(lease), "stash");
    cr_assert_str_eq(jsonx_str(lease, "spec", "holderIdentity", NULL), "me");
    cr_assert_str_eq(jsonx_str(lease, "spec", "acquireTime", NULL), "1970-01-01T00:00:01.000001Z");
    cr_assert_eq(jsonx_int(lease, -1, "spec", "leaseTransitions", NULL), 0);
    cr_assert_eq(jsonx_int(lease, -1, "spec", "leaseDurationSeconds", NULL), 15);
}

Test(lease_state, counts_a_transition_when_it_takes_over_but_not_when_it_renews)
{
    struct lease_state state = {.config = &config};
    see(&state, "other", "t", 1000);
    json_auto_t *taken = lease_state_claim(&state, 5000000);
    cr_assert_eq(jsonx_int(taken, -1, "spec", "leaseTransitions", NULL), 4);
    cr_assert_str_eq(jsonx_str(taken, "metadata", "resourceVersion", NULL), "7");
    lease_state_see(&state, taken, 2000);
    json_auto_t *renewed = lease_state_claim(&state, 9000000);
    cr_assert_eq(jsonx_int(renewed, -1, "spec", "leaseTransitions", NULL), 4);
    cr_assert_str_eq(jsonx_str(renewed, "spec", "acquireTime", NULL),
                     "1970-01-01T00:00:05.000000Z");
    cr_assert_str_eq(jsonx_str(renewed, "spec", "renewTime", NULL), "1970-01-01T00:00:09.000000Z");
    lease_state_done(&state);
}

Test(lease_state, releases_so_that_others_need_not_wait)
{
    struct lease_state state = {.config = &config};
    see(&state, "me", "t", 1000);
    json_auto_t *lease = lease_state_release(&state, 1000000);
    cr_assert_str_eq(jsonx_str(lease, "spec", "holderIdentity", NULL), "");
    cr_assert_eq(jsonx_int(lease, -1, "spec", "leaseDurationSeconds", NULL), 1);
    cr_assert_str_eq(jsonx_str(state.seen, "spec", "holderIdentity", NULL), "me");
    lease_state_done(&state);
}

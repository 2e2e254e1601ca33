/* What has ended costs nothing: not at the start of a leader, and not while it waits. */
#include <criterion/criterion.h>

#include "leader.h"
#include "stash/clock.h"

#define SESSIONS 20
#define WAIT_MS  30000

static const char looked_at[] = "stash_reconcile_total{kind=\"BackupSession\",result=\"success\"} ";

Test(at_rest, sessions_that_have_ended_are_not_asked_about, .timeout = 120)
{
    int64_t until;

    leader_begin("ended_sessions.yaml");
    until = clock_mono_ms() + WAIT_MS;
    while (leader_metric(looked_at) < SESSIONS) {
        cr_assert_lt(clock_mono_ms(), until, "%lu were looked at", leader_metric(looked_at));
        clock_sleep_ms(50);
    }
    cr_expect_lt(fake_count(leader_fake, "GET", "/deployments/web"), SESSIONS / 2);
    cr_expect_lt(fake_count(leader_fake, "GET", "/secrets/s3-secret"), SESSIONS / 2);
    cr_expect_eq(fake_count(leader_fake, "PATCH", "/backupsessions/"), 0);
    cr_expect_eq(fake_count(leader_fake, "DELETE", "/backupsessions/"), 0);
    leader_end();
}

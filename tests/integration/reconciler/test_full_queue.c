/* A queue that is too small for what there is: nothing is forgotten, and nobody else is kept waiting. */
#include <criterion/criterion.h>

#include "leader.h"
#include "stash/clock.h"

#define SESSIONS 20
#define WAIT_MS  30000

static const char looked_at[] = "stash_reconcile_total{kind=\"BackupSession\",result=\"success\"} ";

Test(full_queue, what_found_no_room_at_the_start_is_looked_at_when_there_is, .timeout = 120)
{
    struct reconciler_config config = leader_config;
    int64_t until = clock_mono_ms() + WAIT_MS;

    config.queue_keys = 8;
    leader_begin_with("ended_sessions.yaml", &config);
    while (leader_metric(looked_at) < SESSIONS) {
        cr_assert_lt(clock_mono_ms(), until, "%lu were looked at", leader_metric(looked_at));
        clock_sleep_ms(50);
    }
    cr_assert_gt(leader_metric("stash_wakeups_refused_total "), SESSIONS / 2);
    leader_end();
}

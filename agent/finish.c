/* finish.c - the end of a host's backup. */
#include "incomplete.h"
#include "maintenance.h"
#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/log.h"
#include "stash/report.h"

#define COUNT_WAIT_MS (60 * 1000)

/* The reconciler counts the hosts; until it has, nobody knows whether this was the last one. */
static void wait_for_count(struct session *session)
{
    int64_t end = clock_mono_ms() + COUNT_WAIT_MS;
    int64_t pause = 100;

    while (clock_mono_ms() < end) {
        ptrdiff_t at = report_target_index(session->object, session->ref);
        const json_t *targets = jsonx_get(session->object, "status", "targets", NULL);
        struct error err;

        if (at >= 0 && jsonx_get(json_array_get(targets, (size_t)at), "totalHosts", NULL))
            return;
        clock_sleep_ms(pause);
        pause = pause < 2000 ? pause * 2 : pause;
        if (session_reload(session, &err) < 0)
            log_debug("session could not be read", "error", err.msg);
    }
}

int session_finish_hosts(struct session *session, const struct agent_flags *flags,
                         const json_t *stats, struct error *err)
{
    struct error unsaid;
    int said = 0;
    int r;

    if (report_is_failed(stats)) {
        incomplete_settle(session, stats);
        maintenance_mark(session, flags);
    } else {
        wait_for_count(session);
        session_reload(session,
                       &unsaid); /* others of its hosts may have reported, or been given up */
        if (session_completed_by(session->object, session->ref, stats))
            said = maintenance_run(session, flags, stats, &unsaid);
    }
    r = session_record_hosts(session, flags, stats, err);
    if (r == 0 && said < 0) {
        *err = unsaid;
        r = said;
    }
    return r;
}

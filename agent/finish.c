/* finish.c - the end of a host's backup. */
#include "maintenance.h"
#include "retention.h"
#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/log.h"
#include "stash/report.h"
#include "stash/spawn.h"

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
        if (!spawn_sleep_ms(pause))
            return;
        pause = pause < 2000 ? pause * 2 : pause;
        if (session_reload(session, &err) < 0)
            log_debug("session could not be read", "error", err.msg);
    }
}

/*
 * A restore of `latest` brings one of two dumps, whichever step asks: that is told, whatever becomes of retention.
 * What the hosts did, with that warning. New reference.
 */
static json_t *warned_of_doubled(const struct session *session, const json_t *stats)
{
    json_auto_t *warned = json_deep_copy(stats);
    const char *path;
    const json_t *stat = retention_doubled(session, warned, &path);
    json_t *warnings;

    if (!stat)
        return TAKE(warned);
    warnings = jsonx_own_array(jsonx_unconst(stat), "warnings");
    if (json_array_size(warnings) < REPORT_WARNINGS_MAX)
        json_array_append_new(
            warnings, json_sprintf(RETENTION_DOUBLED, jsonx_str(stat, "hostname", NULL), path));
    return TAKE(warned);
}

int session_finish_hosts(struct session *session, const struct agent_flags *flags,
                         const json_t *stats, struct error *err)
{
    json_auto_t *warned = warned_of_doubled(session, stats);
    struct error unsaid;
    int said = 0;
    int r;

    if (report_is_failed(warned)) {
        maintenance_mark(session, flags, warned);
    } else {
        wait_for_count(session);
        session_reload(session,
                       &unsaid); /* others of its hosts may have reported, or been given up */
        if (session_completed_by(session->object, session->ref, warned))
            said = maintenance_run(session, flags, warned, &unsaid);
    }
    r = session_record_hosts(session, flags, warned, err);
    if (r == 0 && said < 0) {
        *err = unsaid;
        r = said;
    }
    return r;
}

/* session_record.c - hosts that are done, put into their session. */
#include "measure.h"
#include "stash/jsonx.h"
#include "stash/log.h"
#include "stash/report.h"
#include "stash/text.h"

struct hosts_edit {
    const struct session *session;
    const json_t *stats;
};

static bool edit_hosts(void *ctx, json_t *object)
{
    struct hosts_edit *edit = ctx;

    return edit->session->restore ? session_edit_restore_hosts(object, edit->stats)
                                  : session_edit_hosts(object, edit->session->ref, edit->stats);
}

/* Of a host that succeeded: the first warning, and how many more there are. NULL: none. */
static char *warning_text(const json_t *stat)
{
    const json_t *warnings = jsonx_get(stat, "warnings", NULL);
    size_t count = json_array_size(warnings);
    const char *first = json_string_value(json_array_get(warnings, 0));

    if (!first)
        return NULL;
    return count > 1 ? xasprintf(": %s (and %zu more)", first, count - 1)
                     : xasprintf(": %s", first);
}

static void send_event(const struct session *session, const json_t *stat)
{
    const char *what = session->restore ? "Restore" : "Backup";
    bool failed = report_is_failed(stat);
    const char *host = text_or_empty(jsonx_str(stat, "hostname", NULL));
    AUTO(mem_free) char *warning = failed ? NULL : warning_text(stat);
    AUTO(mem_free) char *reason = xasprintf("Host %s %s", what, failed ? "Failed" : "Succeeded");
    AUTO(mem_free)
    char *message =
        failed ? xasprintf("%s of host %s failed: %s", what, host,
                           text_or_empty(jsonx_str(stat, "error", NULL)))
               : xasprintf("%s of host %s succeeded%s", what, host, text_or_empty(warning));
    const struct kube_event event = {session->object, "Status Updater", reason, message,
                                     failed || warning};
    struct error err;

    if (kube_event(session->kube, &event, &err) < 0)
        log_warn("event was not sent", "reason", reason, "error", err.msg);
}

int session_record_hosts(struct session *session, const struct agent_flags *flags,
                         const json_t *stats, struct error *err)
{
    struct hosts_edit edit = {session, stats};
    size_t i;
    json_t *stat;
    int r = session_update(session, edit_hosts, &edit, err);

    if (r < 0)
        return r;
    json_array_foreach (jsonx_unconst(stats), i, stat)
        send_event(session, stat);
    measure_hosts(session, flags, stats);
    return 0;
}

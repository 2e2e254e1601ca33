#include "stash/session_view.h"

#include <string.h>

#include "stash/buf.h"
#include "stash/conditions.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/mem.h"
#include "stash/text.h"

static const char *const ends[] = {"Succeeded", "Failed", "Skipped", "Unknown", "Invalid", NULL};

const char *session_view_phase(const json_t *session)
{
    const char *phase = jsonx_str(session, "status", "phase", NULL);

    return phase && *phase ? phase : "Pending";
}

bool session_view_has_ended(const json_t *session)
{
    return text_is_one_of(session_view_phase(session), ends);
}

/* The status of each target: of a RestoreSession, which has one, its own status. */
static size_t target_count(const json_t *session)
{
    const json_t *targets = jsonx_get(session, "status", "targets", NULL);

    return targets ? json_array_size(targets) : 1;
}

static const json_t *target_at(const json_t *session, size_t index)
{
    const json_t *targets = jsonx_get(session, "status", "targets", NULL);

    return targets ? json_array_get(targets, index) : jsonx_get(session, "status", NULL);
}

static char *reason_of_host(const json_t *target)
{
    const json_t *stats = jsonx_get(target, "stats", NULL);

    for (size_t i = 0; i < json_array_size(stats); i++) {
        const json_t *host = json_array_get(stats, i);
        const char *error = jsonx_str(host, "error", NULL);
        if (text_is(jsonx_str(host, "phase", NULL), "Failed") && error)
            return xasprintf("%s: %s", text_or_empty(jsonx_str(host, "hostname", NULL)), error);
    }
    return NULL;
}

/* Conditions that tell of trouble by being True; all others do by being False. */
static const char *const troubles[] = {"DeadlineExceeded", "BackupSkipped", "BackupDisrupted",
                                       "RestoreDisrupted", NULL};

/* Fail nobody. */
static const char *const harmless[] = {"MetricsPushed", "RepositoryMetricsPushed", NULL};

static char *reason_of_conditions(const json_t *conditions)
{
    for (size_t i = 0; i < json_array_size(conditions); i++) {
        const json_t *condition = json_array_get(conditions, i);
        const char *type = jsonx_str(condition, "type", NULL);
        const char *bad = text_is_one_of(text_or_empty(type), troubles) ? "True" : "False";
        const char *message = jsonx_str(condition, "message", NULL);

        if (!type || text_is_one_of(type, harmless) ||
            !text_is(jsonx_str(condition, "status", NULL), bad))
            continue;
        return xasprintf("%s: %s", type,
                         message && *message ? message
                                             : text_or_empty(jsonx_str(condition, "reason", NULL)));
    }
    return NULL;
}

static char *reason_of_queue(const json_t *session)
{
    json_int_t position = jsonx_int(session, 0, "status", "queue", "position", NULL);

    return position > 0 ? xasprintf("waits in line at %d", (int)position) : NULL;
}

char *session_view_reason(const json_t *session)
{
    const json_t *status = jsonx_get(session, "status", NULL);
    char *reason = NULL;

    for (size_t i = 0; !reason && i < target_count(session); i++)
        reason = reason_of_host(target_at(session, i));
    for (size_t i = 0; !reason && i < target_count(session); i++)
        reason = reason_of_conditions(jsonx_get(target_at(session, i), "conditions", NULL));
    if (!reason)
        reason = reason_of_conditions(jsonx_get(status, "conditions", NULL));
    return reason ? reason : reason_of_queue(session);
}

struct work {
    size_t hosts, done;
    struct buf parts;
};

/* Each snapshot's sizes, as the status words them. */
static void add_snapshots(struct work *work, const json_t *host)
{
    const json_t *snapshots = jsonx_get(host, "snapshots", NULL);

    for (size_t i = 0; i < json_array_size(snapshots); i++) {
        const json_t *snapshot = json_array_get(snapshots, i);
        const char *name = jsonx_str(snapshot, "name", NULL);
        const char *size = jsonx_str(snapshot, "totalSize", NULL);
        const char *uploaded = jsonx_str(snapshot, "uploaded", NULL);

        if (!name)
            continue;
        buf_addf(&work->parts, "%s%s", work->parts.len ? "; " : "", name);
        if (size)
            buf_addf(&work->parts, " of %s", size);
        if (uploaded)
            buf_addf(&work->parts, " (%s uploaded)", uploaded);
    }
}

static void add_target(struct work *work, const json_t *target)
{
    const json_t *stats = jsonx_get(target, "stats", NULL);
    json_int_t total = jsonx_int(target, 0, "totalHosts", NULL);

    for (size_t i = 0; i < json_array_size(stats); i++) {
        const json_t *host = json_array_get(stats, i);
        work->done += jsonx_get(host, "phase", NULL) != NULL;
        add_snapshots(work, host);
    }
    work->hosts += total > 0 ? (size_t)total : json_array_size(stats);
}

char *session_view_work(const json_t *session)
{
    struct work work = {0};

    buf_init(&work.parts, LIMIT_STATUS_TEXT);
    for (size_t i = 0; i < target_count(session); i++)
        add_target(&work, target_at(session, i));
    const char *many = work.hosts == 1 ? "" : "s";
    char *text = NULL;
    if (work.hosts > 0 && !session_view_has_ended(session))
        text = xasprintf("%zu of %zu host%s done", work.done, work.hosts, many);
    else if (work.hosts > 0)
        text = xasprintf("%zu host%s%s%s", work.hosts, many, work.parts.len ? ": " : "",
                         work.parts.data);
    buf_done(&work.parts);
    return text;
}

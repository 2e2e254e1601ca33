#include "session.h"

#include <inttypes.h>
#include <string.h>

#include "condition_types.h"
#include "invoker.h"
#include "stash/jsonx.h"
#include "stash/names.h"
#include "stash/pair.h"
#include "stash/timefmt.h"

#define GRACE_DEFAULT 600
/* Without a timeOut a session may take a week, but not for ever. */
#define LIMIT_DEFAULT (7 * 24 * 3600)
/* A session at work is looked at even when nothing seems to happen. */
#define RESYNC_SECONDS 600
#define NANOS          INT64_C(1000000000)

bool session_is_final(const json_t *session)
{
    static const char *const finals[] = {"Succeeded", "Failed", "Skipped", "Unknown"};
    const char *phase = jsonx_str(session, "status", "phase", NULL);

    for (size_t i = 0; phase && i < ARRAY_LEN(finals); i++) {
        if (strcmp(phase, finals[i]) == 0)
            return true;
    }
    return false;
}

int64_t session_created(const json_t *session)
{
    return failures_time(jsonx_get(session, "metadata", "creationTimestamp", NULL));
}

int64_t session_ended(const json_t *session)
{
    const char *text = jsonx_str(session, "status", "sessionDuration", NULL);
    int64_t nanos = 0;

    if (text)
        timefmt_parse_duration(text, &nanos);
    return session_created(session) + nanos / NANOS;
}

int64_t session_begun(const struct draft *draft)
{
    int64_t created = session_created(draft->object);
    int64_t admitted = failures_time(jsonx_get(draft->status, "admittedAt", NULL));

    return admitted > created ? admitted : created;
}

bool session_is_started(const json_t *session)
{
    size_t i;
    json_t *target;

    if (jsonx_get(session, "status", "totalHosts", NULL)) /* a RestoreSession's */
        return true;
    json_array_foreach (jsonx_get(session, "status", "targets", NULL), i, target) {
        if (jsonx_get(target, "totalHosts", NULL))
            return true;
    }
    return false;
}

int session_compare_age(const json_t *a, const json_t *b)
{
    int64_t difference = session_created(a) - session_created(b);
    int order;

    if (difference != 0)
        return difference < 0 ? -1 : 1;
    order = strcmp(jsonx_namespace(a) ? jsonx_namespace(a) : "",
                   jsonx_namespace(b) ? jsonx_namespace(b) : "");
    if (order == 0)
        order = strcmp(jsonx_name(a) ? jsonx_name(a) : "", jsonx_name(b) ? jsonx_name(b) : "");
    return order;
}

bool session_is_older(const json_t *a, const json_t *b)
{
    return session_compare_age(a, b) < 0;
}

int64_t session_grace(const struct draft *draft)
{
    return jsonx_int(draft->world, GRACE_DEFAULT, "config", "graceSeconds", NULL);
}

/* When the session has to be over, and whether its invoker said so. */
static int64_t deadline_of(const struct draft *draft, const json_t *invoker, bool *ret_asked)
{
    const char *timeout = jsonx_str(invoker, "spec", "timeOut", NULL);
    int64_t stored = failures_time(jsonx_get(draft->status, "sessionDeadline", NULL));
    int64_t limit = jsonx_int(draft->world, LIMIT_DEFAULT, "config", "sessionLimitSeconds", NULL);
    int64_t nanos;

    *ret_asked = true;
    if (stored)
        return stored;
    if (timeout && timefmt_parse_duration(timeout, &nanos) && nanos > 0)
        return session_created(draft->object) + (nanos + NANOS - 1) / NANOS;
    *ret_asked = false;
    return session_created(draft->object) + limit;
}

bool session_deadline(struct draft *draft, const json_t *invoker)
{
    bool asked;
    int64_t deadline = deadline_of(draft, invoker, &asked);
    bool passed = draft->now >= deadline;
    char text[TIMEFMT_SIZE];

    timefmt_rfc3339(deadline, text);
    if (asked || passed)
        json_object_set_new(draft->status, "sessionDeadline", json_string(text));
    if (!passed)
        draft_requeue(draft, deadline - draft->now < RESYNC_SECONDS ? deadline - draft->now
                                                                    : RESYNC_SECONDS);
    return passed;
}

void session_set_duration(const struct draft *draft)
{
    char text[TIMEFMT_SIZE];

    timefmt_duration((draft->now - session_created(draft->object)) * NANOS, text);
    json_object_set_new(draft->status, "sessionDuration", json_string(text));
}

void session_fail_host(struct draft *draft, json_t *holder, const char *host, const char *message)
{
    json_t *stats = jsonx_own_array(holder, "stats");
    bool restore = invoker_is_restore(draft->object);
    AUTO(mem_free) char *text = xasprintf("host %s: %s", host, message);

    if (jsonx_find(stats, "hostname", host) >= 0)
        return;
    json_array_append_new(stats, json_pack("{s:s, s:s, s:s}", PAIR("hostname", host),
                                           PAIR("phase", "Failed"), PAIR("error", message)));
    draft_add_event(draft,
                    &(struct draft_event){
                        restore ? "Host Restore Failed" : "Host Backup Failed", text,
                        restore ? "RestoreSession Controller" : "BackupSession Controller", true});
}

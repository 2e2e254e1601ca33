#include "session.h"

#include <inttypes.h>
#include <string.h>

#include "condition_types.h"
#include "invoker.h"
#include "stash/jsonx.h"
#include "stash/names.h"
#include "stash/timefmt.h"

#define GRACE_DEFAULT 600
#define NANOS         INT64_C(1000000000)

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

bool session_is_started(const json_t *session)
{
    size_t i;
    json_t *target;

    json_array_foreach (jsonx_get(session, "status", "targets", NULL), i, target) {
        if (jsonx_get(target, "totalHosts", NULL))
            return true;
    }
    return false;
}

bool session_is_older(const json_t *a, const json_t *b)
{
    int64_t difference = session_created(a) - session_created(b);
    int order;

    if (difference != 0)
        return difference < 0;
    order = strcmp(jsonx_namespace(a) ? jsonx_namespace(a) : "",
                   jsonx_namespace(b) ? jsonx_namespace(b) : "");
    if (order == 0)
        order = strcmp(jsonx_name(a) ? jsonx_name(a) : "", jsonx_name(b) ? jsonx_name(b) : "");
    return order < 0;
}

int64_t session_grace(const struct draft *draft)
{
    return jsonx_int(draft->world, GRACE_DEFAULT, "config", "graceSeconds", NULL);
}

bool session_deadline(struct draft *draft, const json_t *invoker)
{
    const char *timeout = jsonx_str(invoker, "spec", "timeOut", NULL);
    int64_t deadline = failures_time(jsonx_get(draft->status, "sessionDeadline", NULL));
    int64_t nanos;
    char text[TIMEFMT_SIZE];

    if (!deadline) {
        if (!timeout || !timefmt_parse_duration(timeout, &nanos) || nanos <= 0)
            return false;
        deadline = session_created(draft->object) + (nanos + NANOS - 1) / NANOS;
        timefmt_rfc3339(deadline, text);
        json_object_set_new(draft->status, "sessionDeadline", json_string(text));
    }
    if (draft->now >= deadline)
        return true;
    draft_requeue(draft, deadline - draft->now);
    return false;
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
    json_array_append_new(
        stats, json_pack("{s:s, s:s, s:s}", "hostname", host, "phase", "Failed", "error", message));
    draft_add_event(draft,
                    &(struct draft_event){
                        restore ? "Host Restore Failed" : "Host Backup Failed", text,
                        restore ? "RestoreSession Controller" : "BackupSession Controller", true});
}

#include "retry.h"

#include <string.h>

#include "failures.h"
#include "invoker.h"
#include "naming.h"
#include "session.h"
#include "stash/jsonx.h"
#include "stash/names.h"
#include "stash/pair.h"
#include "stash/timefmt.h"

#define NANOS INT64_C(1000000000)

bool retry_is_owed(const json_t *session)
{
    const char *phase = jsonx_str(session, "status", "phase", NULL);

    return phase && strcmp(phase, "Failed") == 0 &&
           jsonx_int(session, 0, "spec", "retryLeft", NULL) > 0 &&
           !jsonx_bool(session, false, "status", "retried", NULL);
}

static int64_t retry_delay(const json_t *invoker)
{
    const char *delay = jsonx_str(invoker, "spec", "retryConfig", "delay", NULL);
    int64_t nanos;

    if (!delay || !timefmt_parse_duration(delay, &nanos) || nanos < NANOS)
        return 1; /* never the second in which the failed one was made: the name holds it */
    return (nanos + NANOS - 1) / NANOS;
}

/* What stands beside labels that were cut; NULL when none was. New reference. */
static json_t *whole_names(const json_t *session)
{
    static const char *const keys[] = {ANNOTATION_INVOKER_NAME, ANNOTATION_TARGET_NAME};
    json_auto_t *names = json_object();

    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        json_t *name = jsonx_get(session, "metadata", "annotations", keys[i], NULL);
        if (name)
            json_object_set(names, keys[i], name);
    }
    return json_object_size(names) > 0 ? TAKE(names) : NULL;
}

/* The name comes from the stored nextRetry, so that planning it twice names the same session. */
static json_t *retry_session(const struct draft *draft, const json_t *invoker, int64_t when)
{
    const json_t *failed = draft->object;
    const json_t *labels = jsonx_get(failed, "metadata", "labels", NULL);
    const struct name_owner owner = naming_owner(invoker);
    AUTO(mem_free) char *name = name_backup_session(&owner, when);

    return json_pack("{s:s?, s:s?, s:{s:s, s:s?, s:O*, s:o*, s:o}, s:{s:O?, s:I}}",
                     PAIR("apiVersion", jsonx_str(failed, "apiVersion", NULL)),
                     PAIR("kind", jsonx_str(failed, "kind", NULL)),
                     PAIR("metadata", PAIR("name", name),
                          PAIR("namespace", jsonx_namespace(failed)), PAIR("labels", labels),
                          PAIR("annotations", whole_names(failed)),
                          PAIR("ownerReferences", invoker_owner(invoker))),
                     PAIR("spec", PAIR("invoker", jsonx_get(failed, "spec", "invoker", NULL)),
                          PAIR("retryLeft", jsonx_int(failed, 0, "spec", "retryLeft", NULL) - 1)));
}

void retry_plan(struct draft *draft, const json_t *invoker)
{
    int64_t when = failures_time(jsonx_get(draft->status, "nextRetry", NULL));
    char text[TIMEFMT_SIZE];

    if (!retry_is_owed(draft->object) || !invoker)
        return;
    if (!when) {
        when = draft->now + retry_delay(invoker);
        timefmt_rfc3339(when, text);
        json_object_set_new(draft->status, "nextRetry", json_string(text));
    }
    if (draft->now < when) {
        draft_requeue(draft, when - draft->now);
        return;
    }
    draft_create(draft, retry_session(draft, invoker, when));
    json_object_set_new(draft->status, "retried", json_true());
}

#include <inttypes.h>
#include <string.h>

#include "event_log.h"
#include "rest.h"
#include "stash/clock.h"
#include "stash/cut.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/pair.h"
#include "stash/text.h"
#include "stash/timefmt.h"

static const struct resource event_resource = {
    .kind = "Event", .group = "", .version = "v1", .plural = "events", .namespaced = true};

#define REASON_MAX 128
#define COMBINED   "(combined from similar events): "

/* At most `max` bytes, not inside a UTF-8 sequence. */
static char *cut_text(const char *text, size_t max)
{
    size_t len = strnlen(text, max + 1);
    if (len > max) {
        len = max;
        while (len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80)
            len--;
    }
    return xstrndup(text, len);
}

/* What is sent: the caller's words, cut to what the server takes. */
struct sending {
    const struct kube_event *event;
    const char *namespace;
    const char *type;
    char *message;
    char *object; /* names the object in the log */
    struct event_key key;
};

static void sending_init(struct sending *sending, const struct kube_event *event)
{
    const json_t *object = event->object;
    const char *namespace = jsonx_namespace(object);
    *sending = (struct sending){.event = event};
    sending->namespace = namespace && *namespace ? namespace : "default";
    sending->type = event->warning ? "Warning" : "Normal";
    sending->message = cut_text(event->message, LIMIT_STATUS_TEXT - sizeof(COMBINED));
    sending->object = xasprintf("%s/%s/%s/%s", text_or_empty(jsonx_str(object, "kind", NULL)),
                                text_or_empty(namespace), text_or_empty(jsonx_name(object)),
                                text_or_empty(jsonx_uid(object)));
    sending->key = (struct event_key){.component = event->component,
                                      .object = sending->object,
                                      .type = sending->type,
                                      .reason = event->reason,
                                      .message = sending->message};
}

static void sending_done(struct sending *sending)
{
    free(sending->message);
    free(sending->object);
}
DEFINE_AUTO_VALUE(struct sending, sending_done);

static json_t *involved_object(const json_t *object)
{
    return json_pack(
        "{s:s*, s:s*, s:s*, s:s*, s:s*, s:s*}",
        PAIR("apiVersion", jsonx_str(object, "apiVersion", NULL)),
        PAIR("kind", jsonx_str(object, "kind", NULL)), PAIR("namespace", jsonx_namespace(object)),
        PAIR("name", jsonx_name(object)), PAIR("uid", jsonx_uid(object)),
        PAIR("resourceVersion", jsonx_str(object, "metadata", "resourceVersion", NULL)));
}

static char *event_name(const json_t *object)
{
    const char *name = text_or_empty(jsonx_name(object));
    uint64_t unique = ((uint64_t)clock_now_micros() << 8) | clock_random(256);
    AUTO(mem_free) char *tail = xasprintf(".%016" PRIx64, unique);
    return cut_name(&(struct cut){name, tail, name, CUT_OBJECT, false});
}

static char *full_message(const struct sending *sending, bool combined)
{
    return xasprintf("%s%s", combined ? COMBINED : "", sending->message);
}

static json_t *build_event(const struct sending *sending, bool combined, const char *name,
                           int64_t now)
{
    char stamp[TIMEFMT_SIZE];
    AUTO(mem_free) char *message = full_message(sending, combined);
    AUTO(mem_free) char *reason = cut_text(sending->event->reason, REASON_MAX);
    timefmt_rfc3339(now, stamp);
    return json_pack("{s:s, s:s, s:{s:s, s:s}, s:o, s:s, s:s, s:s, s:{s:s}, s:s, s:s, s:i, s:s}",
                     PAIR("apiVersion", "v1"), PAIR("kind", "Event"),
                     PAIR("metadata", PAIR("name", name), PAIR("namespace", sending->namespace)),
                     PAIR("involvedObject", involved_object(sending->event->object)),
                     PAIR("type", sending->type), PAIR("reason", reason), PAIR("message", message),
                     PAIR("source", PAIR("component", sending->event->component)),
                     PAIR("firstTimestamp", stamp), PAIR("lastTimestamp", stamp), PAIR("count", 1),
                     PAIR("reportingComponent", sending->event->component));
}

static int send_new(struct kube *kube, const struct sending *sending, bool combined, int64_t now,
                    struct error *err)
{
    AUTO(mem_free) char *name = event_name(sending->event->object);
    json_auto_t *event = build_event(sending, combined, name, now);
    if (!event)
        return error_set(err, ERR_INVALID, "event for %s: not valid UTF-8", sending->object);
    int r = kube_create(kube, &event_resource, event, NULL, NULL, err);
    if (r < 0)
        return r;
    event_log_lock(kube->events);
    event_log_stored(kube->events, &sending->key, combined, name, now);
    event_log_unlock(kube->events);
    return 0;
}

static int send_count(struct kube *kube, const struct sending *sending,
                      const struct event_decision *decision, const char *name, int64_t now,
                      struct error *err)
{
    char stamp[TIMEFMT_SIZE];
    AUTO(mem_free) char *message = full_message(sending, decision->combined);
    timefmt_rfc3339(now, stamp);
    json_auto_t *patch = json_pack("{s:i, s:s, s:s}", PAIR("count", decision->count),
                                   PAIR("lastTimestamp", stamp), PAIR("message", message));
    return kube_patch(kube, &event_resource, sending->namespace, name, KUBE_PATCH_MERGE, patch,
                      NULL, NULL, err);
}

int kube_event(struct kube *kube, const struct kube_event *event, struct error *err)
{
    AUTO(sending_done) struct sending sending;
    AUTO(mem_free) char *name = NULL;
    struct event_decision decision;
    int64_t now = clock_now();
    sending_init(&sending, event);
    event_log_lock(kube->events);
    event_log_decide(kube->events, &sending.key, now, &decision);
    if (decision.name)
        name = xstrdup(decision.name);
    event_log_unlock(kube->events);
    if (decision.verdict == EVENT_DROP)
        return 0;
    if (decision.verdict == EVENT_COUNT_UP) {
        int r = send_count(kube, &sending, &decision, name, now, err);
        if (r != -ERR_NOT_FOUND)
            return r;
        /* the server keeps events for an hour only: write it anew */
    }
    return send_new(kube, &sending, decision.combined, now, err);
}

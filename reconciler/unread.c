/* Objects that are there and cannot be read: whoever looks at one finds an event that says so. */
#include <string.h>

#include "room.h"
#include "stash/jsonx.h"
#include "stash/log.h"

/* So many events in one round of housekeeping: whoever makes thousands of such objects fills nobody's day. */
#define EVENTS_MAX 10

struct telling {
    json_t *before, *now; /* what was told before this round, and after it */
    unsigned sent;
};

static void send_event(struct reconciler *r, const json_t *outline)
{
    AUTO(mem_free) char *message = unread_sentence(outline);
    const struct kube_event event = {.object = outline,
                                     .component = "stash-reconciler",
                                     .reason = "CannotBeRead",
                                     .message = message,
                                     .warning = true};
    struct error err;

    if (kube_event(r->kube, &event, &err) < 0)
        log_warn("event not sent", "reason", event.reason, "error", err.msg);
}

static void unread_report(struct reconciler *r, struct telling *telling, const json_t *outline)
{
    AUTO(mem_free) char *key = key_of(outline);
    bool told = json_object_get(telling->before, key);

    if (!told && telling->sent == EVENTS_MAX)
        return; /* its turn comes */
    if (!told) {
        send_event(r, outline);
        telling->sent++;
    }
    json_object_set_new(telling->now, key, json_true());
}

static void tell_kind(struct reconciler *r, struct telling *telling, enum kind kind)
{
    json_auto_t *unread = store_unread(r->store, kind_resource(kind), NULL);

    for (size_t i = 0; i < json_array_size(unread); i++)
        unread_report(r, telling, json_array_get(unread, i));
}

void unread_tell(struct reconciler *r)
{
    struct telling telling = {.before = r->told_unread};

    if (store_unread_count(r->store) == 0 && !r->told_unread)
        return;
    telling.now = json_object();
    for (int kind = 0; kind < KIND_COUNT; kind++)
        tell_kind(r, &telling, (enum kind)kind);
    json_decref(r->told_unread);
    r->told_unread = telling.now;
}

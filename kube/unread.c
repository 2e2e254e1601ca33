#include "unread.h"

#include <stdio.h>

#include "document.h"
#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/kube.h"
#include "stash/log.h"

#define SAID_MAX  10
#define MINUTE_MS 60000

void unread_log_init(struct unread_log *log)
{
    *log = (struct unread_log){.since_ms = clock_mono_ms()};
    pthread_mutex_init(&log->lock, NULL);
}

void unread_log_done(struct unread_log *log)
{
    pthread_mutex_destroy(&log->lock);
}

/* What is not known, or no text, is left out. */
static void put_text(json_t *metadata, const char *key, const char *text)
{
    if (*text)
        json_object_set_new(metadata, key, json_string(text));
}

json_t *unread_outline(const struct resource *resource, const struct outline *outline,
                       const char *reason)
{
    AUTO(mem_free) char *why = xstrdup(reason);
    jsonx_repair_text(why); /* it may quote what was not understood */
    json_auto_t *document = json_pack("{s:{}, s:s}", "metadata", "unread", why);
    json_t *metadata = json_object_get(document, "metadata");
    put_text(metadata, "name", outline->name);
    put_text(metadata, "namespace", outline->namespace);
    put_text(metadata, "uid", outline->uid);
    put_text(metadata, "resourceVersion", outline->version);
    if (!jsonx_name(document) || (resource->namespaced && !jsonx_namespace(document)))
        return NULL;
    document_set_type(document, resource);
    return TAKE(document);
}

json_t *unread_outline_of(const struct resource *resource, const char *text, size_t len,
                          const struct error *why)
{
    struct outline outline;
    outline_init(&outline, false);
    outline_feed(&outline, text, len);
    return unread_outline(resource, &outline, why->msg);
}

char *unread_sentence(const json_t *outline)
{
    const char *namespace = jsonx_namespace(outline);
    return xasprintf("%s %s%s%s cannot be read: %s", jsonx_str(outline, "kind", NULL),
                     namespace ? namespace : "", namespace ? "/" : "", jsonx_name(outline),
                     jsonx_str(outline, "unread", NULL));
}

/* Whether there is room for one more line; how many before it got none. */
static bool may_say(struct unread_log *log, unsigned *ret_left_out)
{
    int64_t now_ms = clock_mono_ms();
    pthread_mutex_lock(&log->lock);
    if (now_ms - log->since_ms >= MINUTE_MS) {
        log->since_ms = now_ms;
        log->said = 0;
    }
    bool room = log->said < SAID_MAX;
    *ret_left_out = log->left_out;
    log->said += room;
    log->left_out = room ? 0 : log->left_out + 1;
    pthread_mutex_unlock(&log->lock);
    return room;
}

void unread_say(struct unread_log *log, const struct resource *resource, const json_t *outline)
{
    unsigned left_out = 0;
    char others[16];
    if (!may_say(log, &left_out))
        return;
    snprintf(others, sizeof(others), "%u", left_out);
    AUTO(mem_free)
    char *text = outline ? unread_sentence(outline)
                         : xasprintf("a %s without a name cannot be read", resource->kind);
    log_warn("an object is left out", "error", text, "others", others);
}

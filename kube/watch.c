#include "watch.h"

#include <malloc.h>
#include <string.h>

#include "client.h"
#include "document.h"
#include "rest.h"
#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/log.h"
#include "status.h"
#include "store_private.h"
#include "url.h"

#define REFUSAL_LIMIT    (64 * LIMIT_KIB)
#define STREAM_MIN_S     300 /* the server ends a stream after this time, and … */
#define STREAM_SPREAD_S  300 /* … up to this much later, so that not all come back at once */
#define STREAM_GRACE_S   30  /* a server that forgot to is cut */
#define LIST_TIMEOUT_MS  300000
#define SHORT_STREAM_MS  1000 /* a stream that ends sooner, without an event, counts as a failure */
#define MISSING_RETRY_MS 5000 /* a CRD is looked for at least this often */
#define ROOM_FIRST_MS    2000 /* between two lists for what found no room before; doubled, up to … */
#define ROOM_MAX_MS      300000
#define EXPIRED_MAX      2 /* then the list is asked for in one piece, which cannot expire */

void watch_init(struct watch *watch, struct kube *kube, struct store *store,
                const struct watch_spec *spec)
{
    *watch = (struct watch){.spec = *spec, .kube = kube, .store = store, .wants_list = true};
    watch->relisted_ms = INT64_MIN / 2;
    watch->room_wait_ms = ROOM_FIRST_MS;
    atomic_init(&watch->synced, false);
    atomic_init(&watch->alive_ms, clock_mono_ms());
    buf_init(&watch->target, URL_LIMIT);
    buf_init(&watch->refusal, REFUSAL_LIMIT);
    items_init(&watch->items);
}

void watch_done(struct watch *watch)
{
    free(watch->version);
    free(watch->token);
    curl_slist_free_all(watch->headers);
    buf_done(&watch->target);
    buf_done(&watch->refusal);
    items_done(&watch->items);
}

static void note_alive(struct watch *watch, int64_t now_ms)
{
    atomic_store(&watch->alive_ms, now_ms);
    atomic_store(&watch->failure_kind, ERR_OK);
}

/* ---- documents --------------------------------------------------------------------------------------------------- */

static void watch_tell(struct watch *watch, enum watch_change change, const json_t *object)
{
    if (watch->spec.on_change)
        watch->spec.on_change(watch->spec.ctx, watch->spec.resource, change, object);
}

/* `object` is freshly parsed, so all of it is ours to trim. */
static void watch_publish(struct watch *watch, json_t *object)
{
    document_set_type(object, watch->spec.resource);
    json_object_del(json_object_get(object, "metadata"), "managedFields");
    if (watch->spec.selector.trim)
        watch->spec.selector.trim(object);
    bool (*put)(struct store *, const struct resource *, json_t *, const void *, unsigned) =
        watch->phase == WATCH_LISTING ? store_put_marked : store_put_event;
    if (put(watch->store, watch->spec.resource, object, watch, watch->mark))
        watch_tell(watch, WATCH_PUT, object);
}

static void watch_retract(struct watch *watch, json_t *object)
{
    document_set_type(object, watch->spec.resource);
    json_object_del(json_object_get(object, "metadata"), "managedFields");
    if (store_remove(watch->store, watch->spec.resource, jsonx_namespace(object),
                     jsonx_name(object)))
        watch_tell(watch, WATCH_REMOVED, object);
}

/* What the complete list did not show is gone: nobody will tell us of it. */
static void watch_sweep(struct watch *watch)
{
    json_auto_t *gone = store_sweep(watch->store, watch->spec.resource, watch, watch->mark);
    size_t i = 0;
    json_t *object = NULL;
    json_array_foreach (gone, i, object)
        watch_tell(watch, WATCH_REMOVED, object);
    atomic_store(&watch->synced, true);
    watch_tell(watch, WATCH_SYNCED, NULL);
    malloc_trim(0); /* the pieces of a long list are scattered over the heap */
}

/* It is there and cannot be read: the others must not suffer for it, and nobody may take it for absent. */
static void publish_unread(struct watch *watch, json_t *outline)
{
    const struct resource *resource = watch->spec.resource;
    watch->crowded += watch->wanted > 0;
    if (outline &&
        !store_put_unread(watch->store, resource, outline, watch, watch->mark, watch->wanted))
        return;
    unread_say(&watch->kube->unread, resource, outline);
    if (outline)
        watch_tell(watch, WATCH_UNREAD, outline);
}

/* What is too large is not even parsed: that would take many times its size. */
static int read_object(const struct watch *watch, const char *text, size_t len, json_t **ret,
                       struct error *err)
{
    if (watch->spec.max_bytes > 0 && len > watch->spec.max_bytes)
        return error_set(err, ERR_LIMIT, "it is larger than %zu KiB",
                         watch->spec.max_bytes / LIMIT_KIB);
    return document_parse(text, len, ret, err);
}

static int accept_object(struct watch *watch, const json_t *object, size_t len, struct error *err)
{
    int r = watch->spec.accept ? watch->spec.accept(object, err) : 0;
    if (r < 0 || store_has_room(watch->store, watch->spec.resource, object, len))
        return r;
    watch->wanted = len;
    return error_set(err, ERR_LIMIT, "the objects of its namespace take more than %zu MiB",
                     LIMIT_NAMESPACE / LIMIT_MIB);
}

static int on_item(void *ctx, const char *text, size_t len, struct error *err)
{
    struct watch *watch = ctx;
    const struct resource *resource = watch->spec.resource;
    json_auto_t *object = NULL;
    json_auto_t *outline = NULL;
    struct error why = {0};
    (void)err;
    watch->wanted = 0;
    if (!text)
        outline = unread_outline(resource, &watch->items.outline, UNREAD_TOO_LONG);
    else if (read_object(watch, text, len, &object, &why) < 0 ||
             accept_object(watch, object, len, &why) < 0)
        outline = unread_outline_of(resource, text, len, &why);
    if (jsonx_name(object) && !outline)
        watch_publish(watch, object);
    else
        publish_unread(watch, outline);
    return 0;
}

static void set_string(char **slot, const char *value)
{
    free(*slot);
    *slot = value && *value ? xstrdup(value) : NULL;
}

enum event_type { EVENT_PUT, EVENT_DELETED, EVENT_BOOKMARK, EVENT_ERROR };

static const struct {
    const char *name;
    enum event_type type;
} event_types[] = {
    {"ADDED", EVENT_PUT},         {"MODIFIED", EVENT_PUT}, {"DELETED", EVENT_DELETED},
    {"BOOKMARK", EVENT_BOOKMARK}, {"ERROR", EVENT_ERROR},
};

static int find_type(const char *name, enum event_type *ret)
{
    for (size_t i = 0; name && i < ARRAY_LEN(event_types); i++) {
        if (strcmp(event_types[i].name, name) == 0) {
            *ret = event_types[i].type;
            return 0;
        }
    }
    return -1;
}

/* Of an event that cannot be read its outline is enough: whose it is, and what became of it. */
static int take_outline(struct watch *watch, const struct outline *drawn, const char *reason,
                        struct error *err)
{
    enum event_type type = EVENT_ERROR;
    json_auto_t *outline = unread_outline(watch->spec.resource, drawn, reason);
    if (!outline || find_type(drawn->type, &type) < 0 || type > EVENT_DELETED)
        return error_set(err, ERR_INVALID, "watch event: %s", reason);
    if (type == EVENT_PUT)
        publish_unread(watch, outline);
    else
        watch_retract(watch, outline);
    if (*drawn->version)
        set_string(&watch->version, drawn->version);
    watch->events++;
    return 0;
}

static int take_event(struct watch *watch, json_t *event, struct error *err)
{
    enum event_type type = EVENT_ERROR;
    json_t *object = jsonx_get(event, "object", NULL);
    if (find_type(jsonx_str(event, "type", NULL), &type) < 0 || !json_is_object(object))
        return error_set(err, ERR_INVALID, "watch event: neither type nor object");
    if (type == EVENT_ERROR)
        return status_object_error(object, err);
    if (type != EVENT_BOOKMARK && !jsonx_name(object))
        return error_set(err, ERR_INVALID, "watch event: an object without a name");
    AUTO(mem_free) char *version = NULL;
    set_string(&version, jsonx_str(object, "metadata", "resourceVersion", NULL));
    if (type == EVENT_PUT)
        watch_publish(watch, object);
    else if (type == EVENT_DELETED)
        watch_retract(watch, object);
    if (version)
        set_string(&watch->version, version);
    watch->events++;
    return 0;
}

static int on_event(void *ctx, const char *text, size_t len, struct error *err)
{
    struct watch *watch = ctx;
    json_auto_t *event = NULL;
    struct error why = {0};
    watch->wanted = 0;
    if (!text)
        return take_outline(watch, &watch->items.outline, UNREAD_TOO_LONG, err);
    if (read_object(watch, text, len, &event, &why) == 0 &&
        accept_object(watch, jsonx_get(event, "object", NULL), len, &why) == 0)
        return take_event(watch, event, err);
    struct outline outline;
    outline_init(&outline, true);
    outline_feed(&outline, text, len);
    return take_outline(watch, &outline, why.msg, err);
}

/* ---- an exchange ------------------------------------------------------------------------------------------------- */

static size_t watch_receive(char *data, size_t size, size_t count, void *ctx)
{
    struct watch *watch = ctx;
    size_t len = size * count;
    long status = 0;
    curl_easy_getinfo(watch->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200) {
        buf_add(&watch->refusal, data, len); /* whatever does not fit is not shown */
        return len;
    }
    bool is_list = watch->phase == WATCH_LISTING;
    int r =
        items_feed(&watch->items, data, len, is_list ? on_item : on_event, watch, &watch->failure);
    if (r == 0 && !is_list)
        note_alive(watch, clock_mono_ms());
    return r < 0 ? CURL_WRITEFUNC_ERROR : len;
}

static void add_number(struct buf *target, const char *key, unsigned value)
{
    char text[16];
    snprintf(text, sizeof(text), "%u", value);
    url_query(target, key, text);
}

static int build_target(struct watch *watch, unsigned stream_s, struct error *err)
{
    struct buf *target = &watch->target;
    buf_reset(target);
    int r = url_object(target, watch->spec.resource, watch->spec.namespace, NULL, NULL, err);
    if (r < 0)
        return r;
    url_query(target, "labelSelector", watch->spec.selector.label);
    url_query(target, "fieldSelector", watch->spec.selector.field);
    if (watch->phase == WATCH_STREAMING) {
        url_query(target, "watch", "1");
        url_query(target, "allowWatchBookmarks", "true");
        url_query(target, "resourceVersion", watch->version);
        add_number(target, "timeoutSeconds", stream_s);
    } else {
        if (watch->expired <= EXPIRED_MAX)
            add_number(target, "limit", LIMIT_LIST_PAGE);
        url_query(target, "continue", watch->token);
    }
    return buf_check(target, "watch request", err);
}

static const char *accept_of(const struct watch *watch)
{
    if (!watch->spec.metadata_only)
        return NULL;
    return watch->phase == WATCH_LISTING ? ACCEPT_METADATA_LIST : ACCEPT_METADATA;
}

/* Buffers that held a large object give it back before the next exchange. */
static void renew_buffers(struct watch *watch)
{
    items_done(&watch->items);
    if (watch->phase == WATCH_STREAMING)
        items_init_stream(&watch->items);
    else
        items_init(&watch->items);
    buf_reset(&watch->refusal);
    watch->failure = (struct error){0};
    watch->detail[0] = '\0';
    watch->events = 0;
}

int watch_begin(struct watch *watch, int64_t now_ms, struct error *err)
{
    unsigned stream_s = STREAM_MIN_S + clock_random(STREAM_SPREAD_S);
    watch->phase = watch->wants_list ? WATCH_LISTING : WATCH_STREAMING;
    watch->began_ms = now_ms;
    if (watch->phase == WATCH_LISTING && !watch->token) {
        watch->mark++;
        watch->crowded = 0;
    }
    renew_buffers(watch);
    int r = build_target(watch, stream_s, err);
    if (r < 0)
        return r;
    const struct http_request request = {
        .method = "GET",
        .target = watch->target.data,
        .accept = accept_of(watch),
        .reload_token = watch->reload_token,
        .timeout_ms =
            watch->phase == WATCH_LISTING ? LIST_TIMEOUT_MS : (stream_s + STREAM_GRACE_S) * 1000,
    };
    curl_slist_free_all(TAKE(watch->headers));
    curl_easy_reset(watch->curl);
    r = http_prepare(watch->kube, watch->curl, &request, &watch->headers, err);
    if (r < 0)
        return r;
    curl_easy_setopt(watch->curl, CURLOPT_PRIVATE, watch);
    curl_easy_setopt(watch->curl, CURLOPT_ERRORBUFFER, watch->detail);
    curl_easy_setopt(watch->curl, CURLOPT_WRITEFUNCTION, watch_receive);
    curl_easy_setopt(watch->curl, CURLOPT_WRITEDATA, watch);
    return 0;
}

/* ---- what is next ------------------------------------------------------------------------------------------------ */

static void wait_until(struct watch *watch, bool wants_list, int64_t due_ms)
{
    watch->phase = WATCH_WAITING;
    watch->wants_list = wants_list;
    watch->due_ms = due_ms;
    if (wants_list)
        set_string(&watch->token, NULL);
}

bool watch_has_room_again(struct watch *watch, int64_t now_ms)
{
    if (watch->phase != WATCH_STREAMING || watch->crowded == 0 || now_ms < watch->room_due_ms)
        return false;
    watch->room_due_ms = now_ms + watch->room_wait_ms;
    return store_has_room_again(watch->store, watch->spec.resource, watch);
}

/* Whoever makes room and fills it again, all the time, is waited for longer and longer. */
void watch_list_again(struct watch *watch, int64_t now_ms)
{
    watch->room_wait_ms =
        watch->room_wait_ms < ROOM_MAX_MS / 2 ? 2 * watch->room_wait_ms : ROOM_MAX_MS;
    wait_until(watch, true, now_ms);
}

static void wait_backoff(struct watch *watch, bool wants_list, int64_t now_ms)
{
    curl_off_t retry_after = 0;
    curl_easy_getinfo(watch->curl, CURLINFO_RETRY_AFTER, &retry_after);
    int64_t wait_ms = backoff_next(&watch->backoff, now_ms, clock_random(UINT32_MAX));
    if (retry_after * 1000 > wait_ms)
        wait_ms = retry_after * 1000 < BACKOFF_MAX_MS ? retry_after * 1000 : BACKOFF_MAX_MS;
    wait_until(watch, wants_list, now_ms + wait_ms);
}

static void watch_say(const struct watch *watch, const char *msg, const struct error *err)
{
    log_warn(msg, "kind", watch->spec.resource->kind, "reason", error_kind_name(err->kind), "error",
             err->msg);
}

/* The resource is not served: its CRD is not there (yet, or any more). Nothing exists of it, which is an answer. */
static void note_missing(struct watch *watch, int64_t now_ms)
{
    watch->mark++;
    note_alive(watch, now_ms);
    if (!watch->is_missing)
        watch_sweep(watch);
    watch->is_missing = true;
    wait_backoff(watch, true, now_ms);
    if (watch->due_ms > now_ms + MISSING_RETRY_MS)
        watch->due_ms = now_ms + MISSING_RETRY_MS;
}

static void end_list_failed(struct watch *watch, const struct error *err, int64_t now_ms)
{
    if (err->kind == ERR_NOT_FOUND) {
        note_missing(watch, now_ms);
    } else if (err->kind == ERR_GONE && watch->expired++ < EXPIRED_MAX) {
        wait_until(watch, true, now_ms);
    } else {
        watch_say(watch, "cannot list", err);
        wait_backoff(watch, true, now_ms);
    }
}

static void end_stream_failed(struct watch *watch, const struct error *err, int64_t now_ms)
{
    /* the stream can be taken up where it broke; after anything else only a list tells the truth */
    bool resumes = err->kind == ERR_TRANSPORT || (err->kind == ERR_TIMEOUT && err->code == 0) ||
                   err->code == 401;
    if (err->kind == ERR_GONE && now_ms - watch->relisted_ms > BACKOFF_MAX_MS) {
        watch->relisted_ms = now_ms;
        wait_until(watch, true, now_ms); /* the usual end of a quiet watch: no reason to wait */
        return;
    }
    if (err->kind != ERR_NOT_FOUND && err->kind != ERR_GONE)
        watch_say(watch, "watch broke off", err);
    wait_backoff(watch, !resumes, now_ms);
}

static void end_page(struct watch *watch, int64_t now_ms)
{
    json_auto_t *envelope = NULL;
    struct error err = {0};
    if (items_end(&watch->items, &envelope, &err) < 0) {
        end_list_failed(watch, &err, now_ms);
        return;
    }
    const char *next = jsonx_str(envelope, "metadata", "continue", NULL);
    set_string(&watch->token, next);
    if (watch->token) {
        watch->phase = WATCH_WAITING; /* wait_until() would forget the token */
        watch->due_ms = now_ms;
        return;
    }
    set_string(&watch->version, jsonx_str(envelope, "metadata", "resourceVersion", NULL));
    watch->expired = 0;
    watch->is_missing = false;
    watch->room_due_ms = now_ms + watch->room_wait_ms;
    if (watch->crowded == 0)
        watch->room_wait_ms = ROOM_FIRST_MS;
    watch_sweep(watch);
    wait_until(watch, false, now_ms);
}

static void end_stream(struct watch *watch, int64_t now_ms)
{
    if (watch->events == 0 && now_ms - watch->began_ms < SHORT_STREAM_MS)
        wait_backoff(watch, false, now_ms);
    else
        wait_until(watch, false, now_ms);
}

/* What went wrong with the exchange; 0 when nothing did. */
static int find_failure(struct watch *watch, CURLcode code, struct error *err)
{
    long status = 0;
    curl_easy_getinfo(watch->curl, CURLINFO_RESPONSE_CODE, &status);
    if (watch->failure.kind != ERR_OK) {
        *err = watch->failure;
        return -(int)err->kind;
    }
    if (code != CURLE_OK)
        return http_error(code, watch->detail, err);
    if (status != 200)
        return status_error(status, watch->refusal.data, watch->refusal.len, err);
    return 0;
}

void watch_fail(struct watch *watch, const struct error *err, int64_t now_ms)
{
    watch->reload_token = err->code == 401;
    atomic_store(&watch->failure_kind, (int)err->kind);
    if (watch->phase == WATCH_LISTING)
        end_list_failed(watch, err, now_ms);
    else
        end_stream_failed(watch, err, now_ms);
}

void watch_end(struct watch *watch, CURLcode code, int64_t now_ms)
{
    struct error err = {0};
    if (find_failure(watch, code, &err) < 0) {
        watch_fail(watch, &err, now_ms);
        return;
    }
    watch->reload_token = false;
    note_alive(watch, now_ms);
    if (watch->phase == WATCH_LISTING)
        end_page(watch, now_ms);
    else
        end_stream(watch, now_ms);
}

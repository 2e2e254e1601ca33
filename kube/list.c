#include "document.h"
#include "items.h"
#include "rest.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "url.h"

#define PAGE_TEXT     "500"
#define EXPIRED_TRIES 3

_Static_assert(LIMIT_LIST_PAGE == 500, "PAGE_TEXT says the same");

struct gathering {
    struct items items;
    const struct resource *resource;
    const struct kube_selector *selector; /* may be NULL */
    json_t *found;                        /* array */
    json_t *unread;                       /* array of outlines */
    size_t weight;                        /* of all that is kept */
    size_t page_begin, page_weight;       /* the same before the present page */
    size_t page_unread;
};

static int take_unread(struct gathering *gathering, const char *text, size_t len,
                       const struct error *why)
{
    json_t *outline =
        text ? unread_outline_of(gathering->resource, text, len, why)
             : unread_outline(gathering->resource, &gathering->items.outline, UNREAD_TOO_LONG);
    json_array_append_new(gathering->unread, outline ? outline : json_null());
    return 0;
}

static int take_item(void *ctx, const char *text, size_t len, struct error *err)
{
    struct gathering *gathering = ctx;
    json_auto_t *item = NULL;
    struct error why = {0};
    if (!text || document_parse(text, len, &item, &why) < 0)
        return take_unread(gathering, text, len, &why);
    document_set_type(item, gathering->resource);
    const struct kube_selector *selector = gathering->selector;
    if (selector && selector->keep && !selector->keep(selector->ctx, item))
        return 0;
    json_object_del(json_object_get(item, "metadata"), "managedFields");
    if (selector && selector->trim)
        selector->trim(item);
    size_t limit = selector && selector->max_weight ? selector->max_weight : LIMIT_LIST;
    gathering->weight += jsonx_weight(item);
    if (gathering->weight > limit)
        return error_set(err, ERR_LIMIT, "the list would take more than %zu MiB of memory",
                         limit / LIMIT_MIB);
    json_array_append(gathering->found, item);
    return 0;
}

static int take_bytes(void *ctx, const char *data, size_t len, struct error *err)
{
    struct gathering *gathering = ctx;
    return items_feed(&gathering->items, data, len, take_item, gathering, err);
}

static void page_shorten(json_t *array, size_t size)
{
    while (json_array_size(array) > size)
        json_array_remove(array, json_array_size(array) - 1);
}

/* A page is asked for again: what came of it so far does not count. */
static void restart_page(void *ctx)
{
    struct gathering *gathering = ctx;
    items_reset(&gathering->items);
    page_shorten(gathering->found, gathering->page_begin);
    page_shorten(gathering->unread, gathering->page_unread);
    gathering->weight = gathering->page_weight;
}

/* One page from `token` (NULL: the first); `*ret_token` is NULL when it was the last. */
static int fetch_page(struct kube *kube, struct rest_call *call,
                      const struct kube_selector *selector, char **token, struct error *err)
{
    AUTO(buf_done) struct buf target;
    AUTO(http_response_done) struct http_response response;
    struct gathering *gathering = call->http.ctx;
    buf_init(&target, URL_LIMIT);
    http_response_init(&response);
    int r = url_object(&target, call->resource, call->namespace, NULL, NULL, err);
    if (r < 0)
        return r;
    url_query(&target, "limit", PAGE_TEXT);
    url_query(&target, "labelSelector", selector ? selector->label : NULL);
    url_query(&target, "fieldSelector", selector ? selector->field : NULL);
    url_query(&target, "continue", *token);
    r = buf_check(&target, "list request", err);
    if (r < 0)
        return r;
    gathering->page_begin = json_array_size(gathering->found);
    gathering->page_weight = gathering->weight;
    gathering->page_unread = json_array_size(gathering->unread);
    call->http.target = target.data;
    r = rest_send(kube, call, &response, err);
    if (r < 0)
        return r;
    json_auto_t *envelope = NULL;
    r = items_end(&gathering->items, &envelope, err);
    if (r < 0)
        return r;
    const char *next = jsonx_str(envelope, "metadata", "continue", NULL);
    free(*token);
    *token = next && *next ? xstrdup(next) : NULL;
    return 0;
}

static int fetch_pages(struct kube *kube, struct rest_call *call,
                       const struct kube_selector *selector, struct error *err)
{
    AUTO(mem_free) char *token = NULL;
    int r = 0;
    do {
        r = fetch_page(kube, call, selector, &token, err);
    } while (r == 0 && token);
    return r;
}

/* What was left out is named, and given to whoever asked for it. */
static void tell_unread(struct kube *kube, const struct gathering *gathering, json_t *wanted)
{
    size_t i;
    json_t *outline;
    json_array_foreach (gathering->unread, i, outline) {
        bool is_known = json_is_object(outline);
        unread_say(&kube->unread, gathering->resource, is_known ? outline : NULL);
        if (is_known)
            json_array_append(wanted, outline);
    }
}

int kube_list(struct kube *kube, const struct resource *resource, const char *namespace,
              const struct kube_selector *selector, json_t **ret_items, struct error *err)
{
    struct gathering gathering = {.resource = resource, .selector = selector};
    struct rest_call call = {
        .verb = "list",
        .resource = resource,
        .namespace = namespace,
        .http = {.method = "GET", .sink = take_bytes, .restart = restart_page, .ctx = &gathering}};
    int r = 0;
    items_init(&gathering.items);
    /* a continue token lives about five minutes; a list that took longer starts again */
    for (int try = 0; try < EXPIRED_TRIES; try++) {
        json_decref(gathering.found);
        json_decref(gathering.unread);
        gathering.found = json_array();
        gathering.unread = json_array();
        gathering.weight = 0;
        r = fetch_pages(kube, &call, selector, err);
        if (r != -ERR_GONE)
            break;
    }
    items_done(&gathering.items);
    if (r == 0)
        tell_unread(kube, &gathering, selector ? selector->unread : NULL);
    json_decref(gathering.unread);
    if (r < 0)
        json_decref(gathering.found);
    else
        *ret_items = gathering.found;
    return r;
}

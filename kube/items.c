#include "items.h"

#include <string.h>

#include "stash/jsonx.h"
#include "stash/limits.h"

#define ENVELOPE_LIMIT (64 * LIMIT_KIB)

void items_init(struct items *items)
{
    *items = (struct items){0};
    buf_init(&items->envelope, ENVELOPE_LIMIT);
    buf_init(&items->item, LIMIT_WATCH_LINE);
}

/* As if the opening of a list had been read already. */
static void open_stream(struct items *items)
{
    items->is_stream = true;
    items->inside = true;
    items->depth = 2;
}

void items_init_stream(struct items *items)
{
    items_init(items);
    open_stream(items);
}

void items_done(struct items *items)
{
    buf_done(&items->envelope);
    buf_done(&items->item);
}

void items_reset(struct items *items)
{
    struct buf envelope = items->envelope;
    struct buf item = items->item;
    bool is_stream = items->is_stream;
    *items = (struct items){.envelope = envelope, .item = item};
    if (is_stream)
        open_stream(items);
    buf_reset(&items->envelope);
    buf_reset(&items->item);
}

static void step_in_string(struct items *items, char c)
{
    bool is_end = c == '"' && !items->escaped;
    items->escaped = c == '\\' && !items->escaped;
    if (!is_end) {
        if (items->depth == 1 && items->key_len < sizeof(items->key))
            items->key[items->key_len++] = c;
        return;
    }
    items->in_string = false;
    if (items->depth == 1)
        items->after_key = items->key_len == 5 && memcmp(items->key, "items", 5) == 0;
}

/* At depth 1: a string followed by a colon is a key, and its value may be our array. */
static void step_key(struct items *items, char c)
{
    if (c == ' ' || c == '\n' || c == '\r' || c == '\t')
        return;
    if (c == '"')
        items->key_len = 0;
    items->after_colon = c == ':' && items->after_key;
    items->after_key = false;
}

/* One character outside strings: follow the brackets. */
static void items_step(struct items *items, char c)
{
    if (c == '"') {
        items->in_string = true;
    } else if (c == '{' || c == '[') {
        if (c == '[' && items->depth == 1 && items->after_colon)
            items->inside = true;
        items->depth++;
    } else if (c == '}' || c == ']') {
        items->depth--;
        if (items->depth == 1)
            items->inside = false;
    }
    if (items->depth == 1)
        step_key(items, c);
}

/* Where a byte goes: into the element, into the envelope, or nowhere (commas and blanks between elements). */
static struct buf *target_of(struct items *items, int depth_before, bool inside_before, char c)
{
    if (!inside_before)
        return &items->envelope; /* the opening bracket too */
    if (!items->inside)
        return &items->envelope; /* the closing bracket */
    if (depth_before > 2 || items->depth > 2)
        return &items->item;
    return strchr(" \t\r\n,", c) && c ? NULL : &items->item;
}

/* The element outgrew its buffer: from here on only its outline is drawn. */
static void begin_outline(struct items *items)
{
    items->too_long = true;
    outline_init(&items->outline, items->is_stream);
    outline_feed(&items->outline, items->item.data, items->item.len);
    buf_done(&items->item);
    buf_init(&items->item, LIMIT_WATCH_LINE);
}

static int items_put(struct items *items, struct buf *target, char c, struct error *err)
{
    if (target == &items->item && !items->too_long && items->item.len == LIMIT_WATCH_LINE)
        begin_outline(items);
    if (target == &items->item && items->too_long)
        outline_feed(&items->outline, &c, 1);
    else if (target && !buf_addc(target, c))
        return buf_check(target, "what surrounds the objects of a list", err);
    return 0;
}

static int hand_over(struct items *items, items_fn fn, void *ctx, struct error *err)
{
    bool too_long = items->too_long;
    items->too_long = false;
    int r = fn(ctx, too_long ? NULL : items->item.data, items->item.len, err);
    buf_reset(&items->item);
    return r;
}

int items_feed(struct items *items, const char *data, size_t len, items_fn fn, void *ctx,
               struct error *err)
{
    for (size_t i = 0; i < len; i++) {
        int depth = items->depth;
        bool inside = items->inside;
        if (items->in_string)
            step_in_string(items, data[i]);
        else
            items_step(items, data[i]);
        int r = items_put(items, target_of(items, depth, inside, data[i]), data[i], err);
        if (r == 0 && inside && depth == 2 && items->depth == 2 && items->item.len > 0)
            r = error_set(err, ERR_INVALID, "an element is not an object");
        if (r == 0 && inside && depth == 3 && items->depth == 2)
            r = hand_over(items, fn, ctx, err);
        if (r < 0)
            return r;
    }
    return 0;
}

int items_end(struct items *items, json_t **ret, struct error *err)
{
    if (items->depth != 0 || items->in_string || items->envelope.len == 0)
        return error_set(err, ERR_TRANSPORT, "list answer: cut off");
    int r = jsonx_parse(items->envelope.data, items->envelope.len, ret, err);
    return r < 0 ? error_wrap(err, "list answer") : 0;
}

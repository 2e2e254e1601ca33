#include "stash/elements.h"

void elements_init(struct elements *e, size_t limit)
{
    *e = (struct elements){0};
    buf_init(&e->pending, limit);
}

void elements_done(struct elements *e)
{
    buf_done(&e->pending);
}

/* The end of an element that is too long is found like any other's; only its text is lost. */
static void elements_deliver(struct elements *e, elements_fn fn, void *ctx)
{
    if (e->pending.overflow)
        e->too_long = true;
    else
        fn(ctx, e->pending.data, e->pending.len);
    buf_reset(&e->pending);
}

static void elements_string(struct elements *e, char c)
{
    if (e->escaped)
        e->escaped = false;
    else if (c == '\\')
        e->escaped = true;
    else if (c == '"')
        e->in_string = false;
}

/* Outside of strings. True when an element has ended with this character. */
static bool elements_step(struct elements *e, char c)
{
    if (c == '"') {
        e->in_string = true;
    } else if (c == '{') {
        e->depth++;
    } else if (c == '}' && e->depth > 0) {
        e->depth--;
        return e->depth == 0;
    } else if (e->depth == 0 && c == '[') {
        e->begun = true;
    } else if (e->depth == 0 && c == ']') {
        e->ended = e->begun;
    }
    return false;
}

void elements_feed(struct elements *e, const char *data, size_t len, elements_fn fn, void *ctx)
{
    for (size_t i = 0; i < len; i++) {
        bool ended = false;

        if (e->in_string)
            elements_string(e, data[i]);
        else
            ended = elements_step(e, data[i]);
        if (e->depth > 0 || ended)
            buf_addc(&e->pending, data[i]);
        if (ended)
            elements_deliver(e, fn, ctx);
    }
}

int elements_end(const struct elements *e, struct error *err)
{
    if (!e->ended || e->depth > 0)
        return error_set(err, ERR_INVALID, "the list is not whole");
    if (e->too_long)
        return error_set(err, ERR_LIMIT, "an entry is longer than %zu bytes", e->pending.limit);
    return 0;
}

#include "stash/lines.h"

#include <string.h>

void lines_init(struct lines *l, size_t limit)
{
    buf_init(&l->pending, limit);
    l->skipping = false;
}

void lines_done(struct lines *l)
{
    buf_done(&l->pending);
}

/* A piece without a line feed: keep it, or start to skip when the line has become too long. */
static bool line_keep(struct lines *l, const char *data, size_t len)
{
    if (l->skipping)
        return true;
    if (buf_add(&l->pending, data, len))
        return true;
    buf_reset(&l->pending);
    l->skipping = true;
    return false;
}

static void line_deliver(struct lines *l, lines_fn fn, void *ctx)
{
    if (!l->skipping)
        fn(ctx, l->pending.data, l->pending.len);
    buf_reset(&l->pending);
    l->skipping = false;
}

int lines_feed(struct lines *l, const char *data, size_t len, lines_fn fn, void *ctx,
               struct error *err)
{
    bool fits = true;
    const char *end = data + len;

    while (data < end) {
        const char *feed = memchr(data, '\n', (size_t)(end - data));
        fits &= line_keep(l, data, (size_t)((feed ? feed : end) - data));
        if (!feed)
            break;
        line_deliver(l, fn, ctx);
        data = feed + 1;
    }
    if (!fits)
        return error_set(err, ERR_LIMIT, "a line is longer than %zu bytes", l->pending.limit);
    return 0;
}

void lines_end(struct lines *l, lines_fn fn, void *ctx)
{
    if (l->pending.len > 0 && !l->skipping)
        fn(ctx, l->pending.data, l->pending.len);
    buf_reset(&l->pending);
    l->skipping = false;
}

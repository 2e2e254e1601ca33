#include "stash/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define BUF_FIRST_CAP 256

void buf_init(struct buf *b, size_t limit)
{
    BUG_ON(limit == 0);
    *b = (struct buf){.data = xmalloc(BUF_FIRST_CAP), .cap = BUF_FIRST_CAP, .limit = limit};
    b->data[0] = '\0';
}

void buf_done(struct buf *b)
{
    free(b->data);
    *b = (struct buf){0};
}

void buf_reset(struct buf *b)
{
    b->len = 0;
    b->overflow = false;
    b->data[0] = '\0';
}

/* Room for `more` bytes and the NUL. */
static bool buf_reserve(struct buf *b, size_t more)
{
    BUG_ON(!b->data);
    if (b->overflow || more > b->limit - b->len) {
        b->overflow = true;
        return false;
    }
    if (b->len + more + 1 <= b->cap)
        return true;
    size_t cap = b->cap * 2;
    if (cap < b->len + more + 1)
        cap = b->len + more + 1;
    if (cap > b->limit + 1)
        cap = b->limit + 1;
    b->data = xrealloc(b->data, cap);
    b->cap = cap;
    return true;
}

bool buf_add(struct buf *b, const void *data, size_t len)
{
    if (!buf_reserve(b, len))
        return false;
    if (len)
        memcpy(b->data + b->len, data, len);
    b->len += len;
    b->data[b->len] = '\0';
    return true;
}

bool buf_adds(struct buf *b, const char *s)
{
    return buf_add(b, s, strlen(s));
}

bool buf_addc(struct buf *b, char c)
{
    if (b->overflow || b->len + 1 >= b->cap || b->len >= b->limit)
        return buf_add(b, &c, 1);
    b->data[b->len++] = c;
    b->data[b->len] = '\0';
    return true;
}

bool buf_addf(struct buf *b, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    int len = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    BUG_ON(len < 0);
    if (!buf_reserve(b, (size_t)len))
        return false;
    va_start(ap, fmt);
    vsnprintf(b->data + b->len, (size_t)len + 1, fmt, ap);
    va_end(ap);
    b->len += (size_t)len;
    return true;
}

void buf_drop(struct buf *b, size_t len)
{
    BUG_ON(len > b->len);
    memmove(b->data, b->data + len, b->len - len + 1);
    b->len -= len;
}

int buf_check(const struct buf *b, const char *what, struct error *err)
{
    if (!b->overflow)
        return 0;
    return error_set(err, ERR_LIMIT, "%s is larger than %zu bytes", what, b->limit);
}

char *buf_take(struct buf *b)
{
    char *data = b->data;

    *b = (struct buf){0};
    return data;
}

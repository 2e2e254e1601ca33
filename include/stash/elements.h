/*
 * elements.h - cut a JSON array that arrives in pieces into its elements, so that a list of any length costs one element.
 *
 * Only objects are elements; what stands between them is not looked at. An element is handed over once, as it was
 * written, valid only during the call: whoever takes it parses it, and finds out there whether it is JSON at all.
 */
#ifndef STASH_ELEMENTS_H
#define STASH_ELEMENTS_H

#include "stash/buf.h"

typedef void (*elements_fn)(void *ctx, const char *element, size_t len);

struct elements {
    struct buf pending;
    unsigned depth; /* of open braces */
    bool in_string, escaped;
    bool begun;    /* the array's bracket was seen */
    bool ended;    /* and its end */
    bool too_long; /* an element was longer than the limit: it was left out */
};

/** `limit`: bytes of the longest element. */
void elements_init(struct elements *e, size_t limit);
/** Free what is held of an element that has not ended. */
void elements_done(struct elements *e);
DEFINE_AUTO_VALUE(struct elements, elements_done);

/** Feed a piece; `fn` sees each element completed by it. */
void elements_feed(struct elements *e, const char *data, size_t len, elements_fn fn, void *ctx);

/** After the last piece. ERR_INVALID: it was no whole array; ERR_LIMIT: an element was left out. */
int elements_end(const struct elements *e, struct error *err);

#endif

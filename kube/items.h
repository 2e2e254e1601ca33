/*
 * items.h - cut a list answer, or a stream of watch events, into its elements while it arrives.
 *
 * A page of 500 objects is megabytes of text and several times that as a tree. Here each element of "items" is handed
 * over alone, as text, and then forgotten; what stands around them (kind, metadata) is kept and parsed at the end.
 * Only as much JSON is understood as is needed to find where elements end; the elements are parsed by whoever gets them.
 * One that is too long to be held is read past, and its outline is handed over instead: the others must not suffer for it.
 */
#ifndef KUBE_ITEMS_H
#define KUBE_ITEMS_H

#include <jansson.h>

#include "outline.h"
#include "stash/buf.h"

/** One element; the text is valid only during the call. NULL: it was longer than LIMIT_WATCH_LINE, and only items->outline
 *  is known of it. A failure ends the feed. */
typedef int (*items_fn)(void *ctx, const char *text, size_t len, struct error *err);

struct items {
    struct buf envelope; /* everything outside the elements */
    struct buf item;     /* the element that has begun */
    char key[8];         /* the last string at depth 1, as far as it fits */
    size_t key_len;
    int depth;
    bool in_string, escaped;
    bool after_key;   /* the last string at depth 1 was "items" */
    bool after_colon; /* … and a colon followed */
    bool inside;      /* between the brackets of "items" */
    bool is_stream;   /* elements without anything around them: watch events */
    bool too_long;    /* the present element is read past */
    struct outline outline;
};

void items_init(struct items *items);
/** For watch events, one after the other: all that comes is elements. */
void items_init_stream(struct items *items);
void items_done(struct items *items);
DEFINE_AUTO_VALUE(struct items, items_done);

/** Forget everything and start with a new answer. */
void items_reset(struct items *items);

/** Feed a piece. ERR_LIMIT for an envelope that is no envelope, ERR_INVALID for what is no list, or fn's error. */
int items_feed(struct items *items, const char *data, size_t len, items_fn fn, void *ctx,
               struct error *err);

/** After the last piece of a list: the answer without its elements. ERR_TRANSPORT when it was cut off. */
int items_end(struct items *items, json_t **ret, struct error *err);

#endif

/*
 * buf.h - a growing byte buffer that is born with its ceiling.
 *
 * The bytes are always followed by a NUL that is not counted, so `data` is a C string as long as no NUL was added.
 * An append that would pass the ceiling changes nothing and fails; the failure sticks until buf_reset(), so a run of
 * appends needs one check at its end.
 */
#ifndef STASH_BUF_H
#define STASH_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "stash/error.h"
#include "stash/mem.h"

struct buf {
    char *data; /* never NULL after buf_init() */
    size_t len;
    size_t cap;
    size_t limit;  /* bytes, without the NUL */
    bool overflow; /* an append was refused */
};

/** Make an empty buffer that will never hold more than `limit` bytes. */
void buf_init(struct buf *b, size_t limit);

/** Free the memory; the buffer may be initialised again. */
void buf_done(struct buf *b);
DEFINE_AUTO_VALUE(struct buf, buf_done);

/** Forget the contents and the overflow, keep the memory. */
void buf_reset(struct buf *b);

/** Append bytes, a string, a formatted string, one character. False when the ceiling was reached. */
bool buf_add(struct buf *b, const void *data, size_t len);
/** Append a string. False when the ceiling was reached. */
bool buf_adds(struct buf *b, const char *s);
/** Append what a format makes. False when the ceiling was reached. */
bool buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** Append one character. False when the ceiling was reached. */
bool buf_addc(struct buf *b, char c);

/** Remove `len` bytes from the front. */
void buf_drop(struct buf *b, size_t len);

/** 0, or ERR_LIMIT naming `what` when an append was refused since buf_reset(). */
int buf_check(const struct buf *b, const char *what, struct error *err);

/** Give the string away and leave the buffer empty (initialise it before using it again). */
char *buf_take(struct buf *b);

#endif

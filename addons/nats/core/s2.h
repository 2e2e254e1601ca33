/*
 * s2.h - read an S2 (or framed Snappy) stream: every checksum is compared. Pure; needs memory for one block, at most 4 MiB
 * compressed and 4 MiB plain.
 */
#ifndef STASH_S2_H
#define STASH_S2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stash/buf.h"
#include "stash/error.h"
#include "stash/limits.h"

#define S2_BLOCK_MAX (4 * LIMIT_MIB)

typedef int (*s2_fn)(void *ctx, const char *data, size_t len, struct error *err);

struct s2 {
    s2_fn fn; /* gets what was compressed, piece by piece */
    void *ctx;
    struct buf chunk; /* header and body that are not complete yet */
    struct buf plain;
    size_t skip; /* bytes of a chunk that means nothing to a reader */
    bool begun;
};

void s2_init(struct s2 *s2, s2_fn fn, void *ctx);
void s2_done(struct s2 *s2);

/** ERR_INVALID when the stream is damaged. */
int s2_feed(struct s2 *s2, const char *data, size_t len, struct error *err);
/** ERR_INVALID when it ends within a chunk, or never began. */
int s2_end(const struct s2 *s2, struct error *err);

#endif

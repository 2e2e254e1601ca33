/*
 * lines.h - cut a byte stream into lines, whatever the pieces it arrives in.
 *
 * A line is handed over once, without its line feed, NUL terminated, valid only during the call. A line longer than the
 * ceiling is an error; the splitter then skips to the next line feed.
 */
#ifndef STASH_LINES_H
#define STASH_LINES_H

#include "stash/buf.h"

typedef void (*lines_fn)(void *ctx, const char *line, size_t len);

struct lines {
    struct buf pending;
    bool skipping; /* inside a line that was too long */
};

/** Lines of at most `limit` bytes; longer ones are skipped as a whole. */
void lines_init(struct lines *l, size_t limit);
/** Free what is held of a line that has not ended. */
void lines_done(struct lines *l);
DEFINE_AUTO_VALUE(struct lines, lines_done);

/** Feed a piece; `fn` sees each line completed by it. ERR_LIMIT when a line was too long (the others are delivered). */
int lines_feed(struct lines *l, const char *data, size_t len, lines_fn fn, void *ctx,
               struct error *err);

/** Hand over the last line if the stream ended without a line feed. */
void lines_end(struct lines *l, lines_fn fn, void *ctx);

#endif

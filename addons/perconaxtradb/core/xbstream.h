/*
 * xbstream.h - read what xtrabackup or mariadb-backup stream while it passes, in whatever pieces. Pure.
 *
 * The stream is a row of chunks, each a piece of a file or the end of one. It has no end mark of its own. What
 * proves that it is whole: no chunk is cut, every file that began has ended, each piece follows the one before it
 * and has the bytes that its checksum says, and the two files that the tool writes when all others are done have
 * come. Memory is the same whatever the size of a file.
 */
#ifndef STASH_XBSTREAM_H
#define STASH_XBSTREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "stash/error.h"
#include "stash/mem.h"

#define XBSTREAM_PATH_MAX 1024
#define XBSTREAM_OPEN_MAX 256 /* files that are sent at once: a few for every thread of the tool */

struct xbstream_file {
    char *path;
    uint64_t at; /* bytes so far */
};

/** Zeroed memory is an empty stream. */
struct xbstream {
    uint64_t files, bytes; /* that have ended, and what they hold */
    bool has_checkpoints, has_info;

    /* the reader's own */
    struct xbstream_file open[XBSTREAM_OPEN_MAX];
    size_t open_count;
    int state;
    uint64_t total; /* of the stream */
    char part[XBSTREAM_PATH_MAX + 1];
    size_t part_len, part_want;
    unsigned char kind;
    struct xbstream_file *file;
    uint64_t left, offset, skipped; /* of the payload */
    uint32_t holes, sum, wanted_sum;
};

void xbstream_done(struct xbstream *stream);
DEFINE_AUTO_VALUE(struct xbstream, xbstream_done);

/** Read a piece. ERR_INVALID says what is wrong with it, and where. */
int xbstream_feed(struct xbstream *stream, const char *data, size_t len, struct error *err);

/** The stream has ended. ERR_INVALID says what it lacks. */
int xbstream_end(const struct xbstream *stream, struct error *err);

/** A checksum goes on from `sum`; it begins with 0. */
uint32_t xbstream_crc(uint32_t sum, const void *data, size_t len);

#endif

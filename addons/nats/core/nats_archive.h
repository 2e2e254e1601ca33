/*
 * nats_archive.h - what a stream's archive holds: stream.tar.s2 as servers before 2.15 write it, a tar file of message blocks.
 * Pure.
 */
#ifndef STASH_NATS_ARCHIVE_H
#define STASH_NATS_ARCHIVE_H

#include "s2.h"
#include "stash/buf.h"
#include "stash/error.h"
#include "stash/limits.h"

/** From backup.json: what the server said that the stream holds. */
struct nats_state {
    uint64_t messages, bytes, first_seq, last_seq;
};

struct nats_archive {
    struct nats_state declared;
    struct s2 s2;
    uint64_t messages, bytes; /* in the sequence range that was declared */
    struct buf errors;        /* what the server could not read */
    /* of the tar file */
    unsigned char header[512];
    size_t header_len;
    uint64_t left, padding; /* of the file that passes */
    enum { ENTRY_OTHER, ENTRY_BLOCK, ENTRY_ERRORS } entry;
    bool ended;
    /* of a block */
    unsigned char record[22];
    size_t record_len;
    uint64_t record_left;
    bool block_bad;
};

void nats_archive_init(struct nats_archive *archive, const struct nats_state *declared);
void nats_archive_done(struct nats_archive *archive);
DEFINE_AUTO_VALUE(struct nats_archive, nats_archive_done);

int nats_archive_feed(struct nats_archive *archive, const char *data, size_t len,
                      struct error *err);
/** ERR_INVALID when it is cut or damaged, or holds errors of the server. Then come `messages` and `bytes`. */
int nats_archive_end(struct nats_archive *archive, struct error *err);

#endif

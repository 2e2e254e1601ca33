/*
 * frames.h - the frames of a websocket (RFC 6455) that a server sends, however they are cut. Pure.
 */
#ifndef KUBE_FRAMES_H
#define KUBE_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stash/error.h"

#define FRAMES_HEADER_MAX  14
#define FRAMES_CONTROL_MAX 125

enum frames_opcode {
    FRAMES_CONTINUED = 0,
    FRAMES_TEXT = 1,
    FRAMES_BINARY = 2,
    FRAMES_CLOSE = 8,
    FRAMES_PING = 9,
    FRAMES_PONG = 10,
};

struct frames_sink {
    /* A piece of a message; `first` when it begins one, and then it is not empty. */
    int (*piece)(void *ctx, const char *data, size_t len, bool first, struct error *err);
    /* A whole control frame. */
    int (*control)(void *ctx, enum frames_opcode opcode, const char *data, size_t len,
                   struct error *err);
};

/* Zeroed at first. */
struct frames {
    unsigned char header[FRAMES_HEADER_MAX];
    size_t header_len;
    uint64_t left; /* of the frame's payload */
    bool in_payload, is_last, in_message, is_first;
    enum frames_opcode opcode;
    char control[FRAMES_CONTROL_MAX];
    size_t control_len;
};

/** The next piece of the stream. ERR_TRANSPORT when these are no frames of a server; or an error of the sink's. */
int frames_feed(struct frames *f, const char *data, size_t len, const struct frames_sink *sink,
                void *ctx, struct error *err);

/** Make a frame as a client sends it; at most FRAMES_CONTROL_MAX bytes of payload. Returns its length. */
size_t frames_render(enum frames_opcode opcode, const char *data, size_t len,
                     const unsigned char mask[4], char out[FRAMES_HEADER_MAX + FRAMES_CONTROL_MAX]);

#endif

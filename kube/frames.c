#include "frames.h"

#include <string.h>

#define FINAL     0x80U
#define RESERVED  0x70U
#define OPCODE    0x0fU
#define MASKED    0x80U
#define LENGTH    0x7fU
#define LENGTH_16 126U
#define LENGTH_64 127U

static bool is_control(enum frames_opcode opcode)
{
    return opcode >= FRAMES_CLOSE;
}

/* How long the header is, as far as it is known. */
static size_t header_size(const struct frames *f)
{
    unsigned length = f->header_len < 2 ? 0 : f->header[1] & LENGTH;

    return length == LENGTH_64 ? 10 : length == LENGTH_16 ? 4 : 2;
}

static uint64_t header_length(const struct frames *f)
{
    uint64_t length = f->header[1] & LENGTH;
    size_t size = header_size(f);

    if (size == 2)
        return length;
    length = 0;
    for (size_t i = 2; i < size; i++)
        length = length << 8 | f->header[i];
    return length;
}

/* A server masks nothing, and we have asked for no extension. */
static int header_check(const struct frames *f, struct error *err)
{
    unsigned first = f->header[0], opcode = first & OPCODE;
    bool control = opcode >= FRAMES_CLOSE;

    if (first & RESERVED || f->header[1] & MASKED || (opcode > FRAMES_BINARY && !control) ||
        opcode > FRAMES_PONG)
        return error_set(err, ERR_TRANSPORT, "the answer is no websocket's");
    if (control && (!(first & FINAL) || f->left > FRAMES_CONTROL_MAX))
        return error_set(err, ERR_TRANSPORT, "a control frame of the websocket is too long");
    if (!control && (opcode == FRAMES_CONTINUED) != f->in_message)
        return error_set(err, ERR_TRANSPORT, "a message of the websocket is not whole");
    return 0;
}

static int payload_begin(struct frames *f, struct error *err)
{
    f->left = header_length(f);
    f->is_last = f->header[0] & FINAL;
    int r = header_check(f, err);
    if (r < 0)
        return r;
    f->opcode = (enum frames_opcode)(f->header[0] & OPCODE);
    f->in_payload = true;
    f->control_len = 0;
    if (f->opcode == FRAMES_TEXT || f->opcode == FRAMES_BINARY)
        f->in_message = f->is_first = true;
    return 0;
}

static int payload_end(struct frames *f, const struct frames_sink *sink, void *ctx,
                       struct error *err)
{
    f->in_payload = false;
    f->header_len = 0;
    if (is_control(f->opcode))
        return sink->control(ctx, f->opcode, f->control, f->control_len, err);
    if (f->is_last)
        f->in_message = false;
    return 0;
}

static int payload_take(struct frames *f, const char *data, size_t len,
                        const struct frames_sink *sink, void *ctx, struct error *err)
{
    f->left -= len;
    if (is_control(f->opcode)) {
        memcpy(f->control + f->control_len, data, len);
        f->control_len += len;
        return 0;
    }
    bool first = f->is_first;
    f->is_first = false;
    return sink->piece(ctx, data, len, first, err);
}

int frames_feed(struct frames *f, const char *data, size_t len, const struct frames_sink *sink,
                void *ctx, struct error *err)
{
    int r = 0;

    while (r == 0 && len > 0) {
        size_t used = 1;
        if (f->in_payload) {
            used = f->left < len ? (size_t)f->left : len;
            r = payload_take(f, data, used, sink, ctx, err);
        } else {
            f->header[f->header_len++] = (unsigned char)*data;
            if (f->header_len >= 2 && f->header_len == header_size(f))
                r = payload_begin(f, err);
        }
        if (r == 0 && f->in_payload && f->left == 0)
            r = payload_end(f, sink, ctx, err);
        data += used;
        len -= used;
    }
    return r;
}

size_t frames_render(enum frames_opcode opcode, const char *data, size_t len,
                     const unsigned char mask[4], char out[FRAMES_HEADER_MAX + FRAMES_CONTROL_MAX])
{
    size_t at = 0;

    out[at++] = (char)(FINAL | (unsigned)opcode);
    out[at++] = (char)(MASKED | (unsigned)len);
    for (size_t i = 0; i < 4; i++)
        out[at++] = (char)mask[i];
    for (size_t i = 0; i < len; i++)
        out[at++] = (char)((unsigned char)data[i] ^ mask[i % 4]);
    return at;
}

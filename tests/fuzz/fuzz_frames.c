/* The frames of a server's websocket: however they are cut, the same is heard. */
#include <string.h>

#include "frames.h"
#include "fuzz.h"
#include "stash/buf.h"
#include "stash/error.h"
#include "stash/limits.h"

static int take_piece(void *ctx, const char *data, size_t len, bool first, struct error *err)
{
    (void)err;
    BUG_ON(first && len == 0);
    buf_adds(ctx, first ? "<" : "");
    buf_add(ctx, data, len);
    return 0;
}

static int take_control(void *ctx, enum frames_opcode opcode, const char *data, size_t len,
                        struct error *err)
{
    (void)err;
    BUG_ON(len > FRAMES_CONTROL_MAX);
    buf_addf(ctx, "(%d:", (int)opcode);
    buf_add(ctx, data, len);
    buf_addc(ctx, ')');
    return 0;
}

static int hear(const uint8_t *data, size_t size, size_t cut, struct buf *heard)
{
    static const struct frames_sink sink = {take_piece, take_control};
    struct frames frames = {0};
    struct error err;

    buf_init(heard, LIMIT_MIB);
    int r = frames_feed(&frames, (const char *)data, cut, &sink, heard, &err);
    return r < 0 ? r
                 : frames_feed(&frames, (const char *)data + cut, size - cut, &sink, heard, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(buf_done) struct buf whole;
    AUTO(buf_done) struct buf halves;
    int r = hear(data, size, size, &whole);

    BUG_ON(hear(data, size, size / 2, &halves) != r);
    BUG_ON(whole.len != halves.len || memcmp(whole.data, halves.data, whole.len) != 0);
    return 0;
}

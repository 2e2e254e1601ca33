#include "frames.h"

#include <criterion/criterion.h>
#include <string.h>

#include "stash/buf.h"

/* What was heard: a message begins with "<", a control frame stands as "(opcode:payload)". */
static int take_piece(void *ctx, const char *data, size_t len, bool first, struct error *err)
{
    (void)err;
    buf_adds(ctx, first ? "<" : "");
    buf_add(ctx, data, len);
    return 0;
}

static int take_control(void *ctx, enum frames_opcode opcode, const char *data, size_t len,
                        struct error *err)
{
    (void)err;
    buf_addf(ctx, "(%d:%.*s)", (int)opcode, (int)len, data);
    return 0;
}

static const struct frames_sink sink = {take_piece, take_control};

static int hear(const char *data, size_t len, size_t cut, struct buf *heard)
{
    struct frames frames = {0};
    struct error err;
    int r = frames_feed(&frames, data, cut, &sink, heard, &err);

    return r < 0 ? r : frames_feed(&frames, data + cut, len - cut, &sink, heard, &err);
}

Test(frames, are_heard_however_they_are_cut)
{
    static const char stream[] = "\x82\x03"
                                 "\x01"
                                 "ab"
                                 "\x02\x02"
                                 "\x01"
                                 "c"
                                 "\x89\x02pi"
                                 "\x00\x00"
                                 "\x80\x01"
                                 "d"
                                 "\x81\x7e\x00\x01"
                                 "e"
                                 "\x82\x7f\x00\x00\x00\x00\x00\x00\x00\x02"
                                 "fg"
                                 "\x82\x00"
                                 "\x88\x02\x03\xe8";

    for (size_t cut = 0; cut < sizeof(stream); cut++) {
        AUTO(buf_done) struct buf heard;
        buf_init(&heard, 1000);
        cr_assert_eq(hear(stream, sizeof(stream) - 1, cut, &heard), 0);
        cr_assert_str_eq(heard.data, "<\x01"
                                     "ab<\x01"
                                     "c(9:pi)d<e<fg(8:\x03\xe8)");
    }
}

Test(frames, of_no_server_are_refused)
{
    static const struct {
        const char *data;
        size_t len;
    } rows[] = {
        {"\xc2\x01x", 3},             /* an extension's */
        {"\x82\x81kkkkx", 7},         /* masked */
        {"\x83\x01x", 3},             /* an opcode that means nothing */
        {"\x8b\x00", 2},              /* nor this one */
        {"\x80\x01x", 3},             /* continued, but not begun */
        {"\x02\x01x\x82\x01y", 6},    /* begun within another */
        {"\x09\x00", 2},              /* a control frame in pieces */
        {"\x89\x7e\x00\x7e", 4},      /* and one that is too long */
        {"HTTP/1.1 400 Bad Req", 20}, /* a page */
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        AUTO(buf_done) struct buf heard;
        buf_init(&heard, 1000);
        cr_assert_eq(hear(rows[i].data, rows[i].len, rows[i].len, &heard), -ERR_TRANSPORT,
                     "row %zu: %s", i, heard.data);
    }
}

Test(frames, of_ours_are_masked)
{
    static const unsigned char mask[4] = {1, 2, 3, 4};
    char out[FRAMES_HEADER_MAX + FRAMES_CONTROL_MAX];
    size_t len = frames_render(FRAMES_PONG, "hello", 5, mask, out);

    cr_assert_eq(len, 11);
    cr_assert_arr_eq(out, "\x8a\x85\x01\x02\x03\x04igohn", 11);
    cr_assert_eq(frames_render(FRAMES_PING, "", 0, mask, out), 6);
}

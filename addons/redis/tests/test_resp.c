#include "resp.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "stash/limits.h"

static void add_event(const struct resp_event *event, struct buf *ret)
{
    static const char *const names[] = {"array", "bulk", "", "end", "line"};

    if (event->kind != RESP_DATA)
        buf_addf(ret, "%s%c%lld", names[event->kind],
                 event->kind == RESP_LINE ? event->marker : ' ', (long long)event->number);
    if (event->kind == RESP_LINE || event->kind == RESP_DATA)
        buf_add(ret, event->data, event->len);
    if (event->kind != RESP_DATA && event->kind != RESP_BULK)
        buf_adds(ret, event->last ? "|" : ",");
}

/* All events as text; pieces of a string are joined, so that it is the same however the bytes are cut. */
static void read_all(const char *data, size_t size, size_t piece, struct buf *ret)
{
    struct resp resp = {0};
    struct error err;

    for (size_t at = 0; at < size; at += piece) {
        const char *next = data + at;
        size_t left = size - at < piece ? size - at : piece;
        struct resp_event event;
        int r;

        while ((r = resp_next(&resp, &next, &left, &event, &err)) > 0)
            add_event(&event, ret);
        if (r < 0) {
            buf_addf(ret, "!%s", err.msg);
            return;
        }
    }
    buf_adds(ret, resp_is_between(&resp) ? "." : "...");
}

static void check_size(const char *data, size_t size, const char *expected)
{
    for (size_t piece = 1; piece <= size; piece++) {
        AUTO(buf_done) struct buf text;

        buf_init(&text, LIMIT_MIB);
        read_all(data, size, piece, &text);
        cr_assert_str_eq(text.data, expected, "in pieces of %zu", piece);
    }
}

static void check_events(const char *data, const char *expected)
{
    check_size(data, strlen(data), expected);
}

Test(resp, answers_are_read_at_every_split_point)
{
    check_events("+OK\r\n:-12\r\n-ERR no\r\n", "line+0OK|line:-12-12|line-0ERR no|.");
    check_events("$3\r\nfoo\r\n$0\r\n\r\n$-1\r\n", "bulk 3fooend 0|bulk 0end 0|bulk -1.");
    check_events("*2\r\n*1\r\n:1\r\n$2\r\n\r\n\r\n", "array 2,array 1,line:11,bulk 2\r\nend 0|.");
    check_events("*0\r\n*-1\r\n", "array 0|array -1|.");
}

Test(resp, what_is_not_over_is_not_between)
{
    check_events("*1\r\n", "array 1,...");
    check_events("$3\r\nfo", "bulk 3fo...");
    check_events("$3\r\nfoo\r", "bulk 3foo...");
    check_events(":1\r", "...");
}

Test(resp, what_is_no_protocol_is_refused)
{
    check_events("foo\r\n", "!not Redis' protocol: \"foo\"");
    check_events("\r\n", "!not Redis' protocol: \"\"");
    check_events("$x\r\n", "!not Redis' protocol: \"$x\"");
    check_events("$-2\r\n", "!not Redis' protocol: \"$-2\"");
    check_events("*1 \r\n", "!not Redis' protocol: \"*1 \"");
    check_events("$9223372036854775807\r\n", "!not Redis' protocol: \"$9223372036854775807\"");
    check_events("$1\r\nab\r\n",
                 "bulk 1a!not Redis' protocol: a string does not end where it should");
}

Test(resp, arrays_nest_so_deep_and_no_deeper)
{
    AUTO(buf_done) struct buf data;
    AUTO(buf_done) struct buf text;

    buf_init(&data, LIMIT_KIB);
    buf_init(&text, LIMIT_KIB);
    for (int i = 0; i < RESP_DEPTH; i++)
        buf_adds(&data, "*1\r\n");
    read_all(data.data, data.len, data.len, &text);
    cr_assert_null(strchr(text.data, '!'), "%s", text.data);
    buf_adds(&data, "*1\r\n");
    buf_reset(&text);
    read_all(data.data, data.len, data.len, &text);
    cr_assert_not_null(strchr(text.data, '!'), "%s", text.data);
}

Test(resp, an_error_that_is_too_long_is_cut_and_the_rest_is_read)
{
    AUTO(buf_done) struct buf data;
    AUTO(buf_done) struct buf text;

    buf_init(&data, 4 * LIMIT_KIB);
    buf_init(&text, 4 * LIMIT_KIB);
    buf_adds(&data, "-");
    for (int i = 0; i < 2000; i++)
        buf_addc(&data, 'x');
    buf_adds(&data, "\r\n:7\r\n");
    read_all(data.data, data.len, 7, &text);
    cr_assert_not_null(strstr(text.data, "x|line:77|."), "%s", text.data);
}

Test(resp, commands_are_written)
{
    AUTO(buf_done) struct buf out;

    buf_init(&out, LIMIT_KIB);
    RESP_PUT(&out, resp_text("SET"), (struct resp_text){"a\0b", 3}, resp_text(""));
    cr_assert_eq(out.len, 28);
    cr_assert_eq(memcmp(out.data, "*3\r\n$3\r\nSET\r\n$3\r\na\0b\r\n$0\r\n\r\n", out.len), 0);
}

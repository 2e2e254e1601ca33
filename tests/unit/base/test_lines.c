#include "stash/lines.h"

#include <criterion/criterion.h>
#include <string.h>

static void collect(void *ctx, const char *line, size_t len)
{
    struct buf *out = ctx;

    cr_assert_eq(strlen(line), len);
    buf_addf(out, "[%s]", line);
}

Test(lines, gives_the_same_lines_at_every_split_point)
{
    const char *text = "one\n\ntwo two\nlast";

    for (size_t cut = 0; cut <= strlen(text); cut++) {
        AUTO(lines_done) struct lines l;
        AUTO(buf_done) struct buf out;
        struct error err;
        lines_init(&l, 100);
        buf_init(&out, 100);
        cr_assert_eq(lines_feed(&l, text, cut, collect, &out, &err), 0);
        cr_assert_eq(lines_feed(&l, text + cut, strlen(text) - cut, collect, &out, &err), 0);
        lines_end(&l, collect, &out);
        cr_assert_str_eq(out.data, "[one][][two two][last]", "cut at %zu", cut);
    }
}

Test(lines, skips_a_line_that_is_too_long_and_goes_on)
{
    AUTO(lines_done) struct lines l;
    AUTO(buf_done) struct buf out;
    struct error err;

    lines_init(&l, 5);
    buf_init(&out, 100);
    cr_assert_eq(lines_feed(&l, "12345\n123", 9, collect, &out, &err), 0);
    cr_assert_eq(lines_feed(&l, "456\nok\n", 7, collect, &out, &err), -ERR_LIMIT);
    cr_assert_str_eq(out.data, "[12345][ok]");
}

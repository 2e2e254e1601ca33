#include "stash/elements.h"

#include <criterion/criterion.h>
#include <string.h>

static void collect(void *ctx, const char *element, size_t len)
{
    struct buf *out = ctx;

    cr_assert_eq(strlen(element), len);
    buf_addf(out, "<%s>", element);
}

static int split(const char *text, size_t cut, size_t limit, struct buf *out, struct error *err)
{
    AUTO(elements_done) struct elements e;

    elements_init(&e, limit);
    elements_feed(&e, text, cut, collect, out);
    elements_feed(&e, text + cut, strlen(text) - cut, collect, out);
    return elements_end(&e, err);
}

Test(elements, gives_the_same_elements_at_every_split_point)
{
    const char *text = " [ {\"a\": [1, {\"b\": \"}]\\\"{\"}]} ,\n{}, {\"c\": {}} ] \n";

    for (size_t cut = 0; cut <= strlen(text); cut++) {
        AUTO(buf_done) struct buf out;
        struct error err;

        buf_init(&out, 200);
        cr_assert_eq(split(text, cut, 100, &out, &err), 0);
        cr_assert_str_eq(out.data, "<{\"a\": [1, {\"b\": \"}]\\\"{\"}]}><{}><{\"c\": {}}>");
    }
}

Test(elements, a_list_that_was_cut_off_is_an_error)
{
    const char *text = "[{\"a\": \"x\"}, {\"b\": 1}]";

    for (size_t len = 0; len < strlen(text); len++) {
        AUTO(buf_done) struct buf out;
        AUTO(mem_free) char *cut = xstrndup(text, len);
        struct error err;

        buf_init(&out, 200);
        cr_assert_eq(split(cut, len / 2, 100, &out, &err), -ERR_INVALID, "%s", cut);
    }
}

Test(elements, one_that_is_too_long_is_left_out_and_said)
{
    AUTO(buf_done) struct buf out;
    struct error err;

    buf_init(&out, 200);
    cr_assert_eq(split("[{\"a\": 1}, {\"long\": 1}, {}]", 3, 8, &out, &err), -ERR_LIMIT);
    cr_assert_str_eq(out.data, "<{\"a\": 1}><{}>");
}

#include "stash/buf.h"

#include <criterion/criterion.h>

Test(buf, fills_up_to_its_limit_and_no_further)
{
    AUTO(buf_done) struct buf b;

    buf_init(&b, 4);
    cr_assert(buf_adds(&b, "abc"));
    cr_assert(buf_adds(&b, "d"));
    cr_assert(!buf_adds(&b, "e"));
    cr_assert_str_eq(b.data, "abcd");
}

Test(buf, an_append_that_does_not_fit_changes_nothing_and_sticks)
{
    AUTO(buf_done) struct buf b;
    struct error err;

    buf_init(&b, 4);
    cr_assert(!buf_adds(&b, "abcde"));
    cr_assert_eq(b.len, 0);
    cr_assert(!buf_adds(&b, "a"), "the failure sticks until reset");
    cr_assert_eq(buf_check(&b, "it", &err), -ERR_LIMIT);
    buf_reset(&b);
    cr_assert(buf_adds(&b, "a"));
    cr_assert_eq(buf_check(&b, "it", &err), 0);
}

Test(buf, formats_and_grows)
{
    AUTO(buf_done) struct buf b;

    buf_init(&b, 100000);
    for (int i = 0; i < 1000; i++)
        cr_assert(buf_addf(&b, "%d,", i));
    cr_assert_eq(b.len, 10 * 2 + 90 * 3 + 900 * 4);
    cr_assert_eq(b.data[b.len], '\0');
}

Test(buf, drops_from_the_front)
{
    AUTO(buf_done) struct buf b;

    buf_init(&b, 10);
    buf_adds(&b, "abcdef");
    buf_drop(&b, 4);
    cr_assert_str_eq(b.data, "ef");
    buf_drop(&b, 2);
    cr_assert_str_eq(b.data, "");
}

#include <criterion/criterion.h>
#include <string.h>

#include "stash/limits.h"
#include "stash/mem.h"
#include "stash/quoted.h"

static void expect_text(json_t *list, enum quoted_form form, const char *want)
{
    AUTO(mem_free) char *text = NULL;
    json_auto_t *back = NULL;
    struct error err;

    cr_assert_eq(quoted_render(list, form, &text, &err), 0, "%s", err.msg);
    cr_expect_str_eq(text, want);
    back = quoted_parse(text, form);
    cr_expect(json_equal(back, list), "%s", text);
    json_decref(list);
}

Test(quoted, plain_lists_look_as_in_stash)
{
    expect_text(json_array(), QUOTED_LIST, "");
    expect_text(json_pack("[s]", "/data"), QUOTED_LIST, "/data");
    expect_text(json_pack("[ss]", "/data/my folder", "*.t\"mp"), QUOTED_LIST,
                "/data/my folder,*.t\"mp");
    expect_text(json_pack("[sss]", "--tag", "a,b", "--x=$HOME"), QUOTED_WORDS,
                "--tag a,b --x=$HOME");
}

Test(quoted, an_item_that_would_not_come_back_stands_in_quotes)
{
    expect_text(json_pack("[ss]", "cache,old", "x"), QUOTED_LIST, "\"cache,old\",x");
    expect_text(json_pack("[ss]", "--tag", "after the show"), QUOTED_WORDS,
                "--tag \"after the show\"");
    expect_text(json_pack("[ss]", "a\nb", "\tc"), QUOTED_WORDS, "\"a\\nb\" \"\\tc\"");
    expect_text(json_pack("[ss]", "", "\"q\""), QUOTED_LIST, "\"\",\"\\\"q\\\"\"");
}

/* The kubelet replaces $(NAME) in a container's arguments, and makes one dollar of two. */
Test(quoted, nobody_on_the_way_finds_something_to_expand)
{
    expect_text(json_pack("[sss]", "$(HOME)", "${A}", "a$$b"), QUOTED_LIST,
                "\"\\u0024(HOME)\",\"\\u0024{A}\",\"a\\u0024\\u0024b\"");
}

static void expect_items(const char *text, enum quoted_form form, json_t *want)
{
    json_auto_t *found = quoted_parse(text, form);

    cr_expect(json_equal(found, want), "%s", text);
    json_decref(want);
}

Test(quoted, what_people_write_by_hand_means_itself)
{
    expect_items(NULL, QUOTED_LIST, json_array());
    expect_items(",x,,y z,", QUOTED_LIST, json_pack("[ss]", "x", "y z"));
    expect_items("  a 'b  c'\t", QUOTED_WORDS, json_pack("[sss]", "a", "'b", "c'"));
    expect_items("\"open,b", QUOTED_LIST, json_pack("[ss]", "\"open", "b"));
    expect_items("\"a\"b c", QUOTED_WORDS, json_pack("[ss]", "\"a\"b", "c"));
    expect_items("\"\\x\" \"\\", QUOTED_WORDS, json_pack("[ss]", "\"\\x\"", "\"\\"));
}

static int render_long(size_t len)
{
    AUTO(mem_free) char *item = xcalloc(len + 1, 1);
    AUTO(mem_free) char *text = NULL;
    struct error err;

    memset(item, 'x', len);
    json_auto_t *list = json_pack("[s]", item);
    return quoted_render(list, QUOTED_LIST, &text, &err);
}

Test(quoted, a_list_that_is_too_long_is_an_error_and_never_cut)
{
    cr_expect_eq(render_long(LIMIT_TEMPLATE - 1), 0);
    cr_expect_eq(render_long(LIMIT_TEMPLATE + 1), -ERR_LIMIT);
}

#include "stash/quoted.h"

#include <criterion/criterion.h>

#include "stash/jsonx.h"
#include "stash/mem.h"

static void expect_text(const char *list, const char *separators, const char *want)
{
    json_auto_t *items = json_loads(list, 0, NULL);
    AUTO(mem_free) char *text = quoted_join(items, separators);

    cr_assert_str_eq(text, want);
}

static void expect_items(const char *text, const char *separators, const char *want)
{
    json_auto_t *items = json_array();
    json_auto_t *wanted = json_loads(want, 0, NULL);
    char *item;

    while (quoted_next(&text, separators, &item)) {
        json_array_append_new(items, json_string(item));
        free(item);
    }
    AUTO(mem_free) char *have = jsonx_dump(items);
    cr_assert(json_equal(items, wanted), "%s", have);
}

static void expect_both(const char *list, const char *separators, const char *text)
{
    expect_text(list, separators, text);
    expect_items(text, separators, list);
}

Test(quoted, a_plain_list_looks_as_stash_writes_it)
{
    expect_both("[\"cache\", \"old files\", \"*.tmp\"]", QUOTED_ITEMS, "cache,old files,*.tmp");
    expect_both("[\"--tag\", \"a,b\", \"c:\\\\d\"]", QUOTED_WORDS, "--tag a,b c:\\d");
}

Test(quoted, what_would_be_read_otherwise_is_quoted)
{
    expect_both("[\"--tag\", \"after the show\"]", QUOTED_WORDS, "--tag \"after the show\"");
    expect_both("[\"a,b\", \"\\\"c\", \"d\\\\,\"]", QUOTED_ITEMS, "\"a,b\",\"\\\"c\",\"d\\\\,\"");
    expect_both("[\"a\\nb\", \"\"]", QUOTED_ITEMS, "\"a\nb\",\"\"");
}

Test(quoted, empty_items_that_nobody_quoted_are_skipped)
{
    expect_items(",,x,,", QUOTED_ITEMS, "[\"x\"]");
    expect_items("  ", QUOTED_WORDS, "[]");
    expect_items(NULL, QUOTED_WORDS, "[]");
}

Test(quoted, a_quote_that_is_not_closed_is_a_character)
{
    expect_items("\"a b", QUOTED_WORDS, "[\"\\\"a\", \"b\"]");
    expect_items("\"a\"b c", QUOTED_WORDS, "[\"\\\"a\\\"b\", \"c\"]");
    expect_items("a\"b c\"", QUOTED_WORDS, "[\"a\\\"b\", \"c\\\"\"]");
    expect_items("\"\\", QUOTED_WORDS, "[\"\\\"\\\\\"]");
}

Test(quoted, what_is_no_string_is_left_out)
{
    expect_text("[1, \"a\", null]", QUOTED_WORDS, "a");
    expect_text("null", QUOTED_WORDS, "");
}

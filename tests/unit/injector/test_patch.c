#include <criterion/criterion.h>
#include <string.h>

#include "patch_diff.h"
#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/patch.h"

static json_t *parse(const char *text)
{
    json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);

    cr_assert_not_null(value, "%s", text);
    return value;
}

/* The difference applied to `from` gives `to`; returns the number of operations. */
static size_t round_trip(const char *from_text, const char *to_text)
{
    json_auto_t *from = parse(from_text), *to = parse(to_text), *applied = NULL;
    json_auto_t *patch = patch_diff(from, to);
    struct error err;

    cr_assert_eq(patch_apply(from, patch, &applied, &err), 0, "%s -> %s: %s", from_text, to_text,
                 err.msg);
    cr_assert(json_equal(applied, to), "%s -> %s", from_text, to_text);
    return json_array_size(patch);
}

static int apply(const char *doc_text, const char *patch_text, char **ret)
{
    json_auto_t *doc = parse(doc_text), *patch = parse(patch_text), *applied = NULL;
    struct error err;
    int r = patch_apply(doc, patch, &applied, &err);

    if (r == 0)
        *ret = jsonx_dump(applied);
    return r;
}

Test(patch, equal_documents_need_nothing)
{
    cr_assert_eq(round_trip("{\"a\":[1,{\"b\":2}]}", "{\"a\":[1,{\"b\":2}]}"), 0);
}

Test(patch, what_is_put_before_or_between_others_leaves_them_alone)
{
    cr_assert_eq(round_trip("[{\"a\":1},{\"b\":2}]", "[{\"n\":0},{\"a\":1},{\"b\":2}]"), 1);
    cr_assert_eq(round_trip("[1,2,3]", "[0,1,2,3,4]"), 2);
    cr_assert_eq(round_trip("[0,1,2,3,4]", "[1,3]"), 3);
    cr_assert_eq(round_trip("[1,2,3,4]", "[1,2,9,3,4]"), 1);
    cr_assert_eq(round_trip("[1,{\"a\":1},3]", "[1,{\"a\":2},3]"), 1);
}

Test(patch, elements_that_moved_far_round_trip)
{
    static const char from[] = "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]";
    AUTO(mem_free) char *to = xasprintf("[20,%s", from + 1);

    round_trip(from, to);
    round_trip(to, from);
}

Test(patch, every_pair_of_values_round_trips)
{
    static const char *const values[] = {"null",         "1",
                                         "\"x\"",        "[]",
                                         "{}",           "[1]",
                                         "[2,1]",        "[1,2,3]",
                                         "[3,1,2]",      "[1,1,1]",
                                         "{\"a\":1}",    "{\"a\":{\"b\":[1]}}",
                                         "{\"\":1}",     "{\"b\":[]}",
                                         "{\"a\":null}", "{\"a/b~c\":1}",
                                         "[[1],[2]]",    "[{\"a\":1},{\"b\":2}]"};

    for (size_t i = 0; i < ARRAY_LEN(values); i++)
        for (size_t k = 0; k < ARRAY_LEN(values); k++)
            round_trip(values[i], values[k]);
}

Test(patch, one_insertion_is_one_operation)
{
    cr_assert_eq(round_trip("[{\"n\":1},{\"n\":2}]", "[{\"n\":0},{\"n\":1},{\"n\":2}]"), 1);
    cr_assert_eq(round_trip("[1,2]", "[1,5,2]"), 1);
    cr_assert_eq(round_trip("[1,2]", "[1,2,3]"), 1);
    cr_assert_eq(round_trip("[1,2,3]", "[1,3]"), 1);
}

Test(patch, slash_and_tilde_in_keys_are_escaped)
{
    json_auto_t *from = parse("{}"), *to = parse("{\"a/b~c\":1}");
    json_auto_t *patch = patch_diff(from, to);

    cr_assert_str_eq(jsonx_str(json_array_get(patch, 0), "path", NULL), "/a~1b~0c");
}

Test(patch, shared_nodes_are_skipped)
{
    json_auto_t *from = parse("{\"big\":{\"x\":[1,2,3]},\"n\":1}");
    json_auto_t *to = json_copy(from);
    json_object_set_new(to, "n", json_integer(2));
    json_auto_t *patch = patch_diff(from, to);

    cr_assert_eq(json_array_size(patch), 1);
    cr_assert_str_eq(jsonx_str(json_array_get(patch, 0), "path", NULL), "/n");
}

Test(patch, every_operation_of_the_rfc_applies)
{
    static const char *const cases[][3] = {
        {"{\"a\":1}", "[{\"op\":\"add\",\"path\":\"/b\",\"value\":2}]", "{\"a\":1,\"b\":2}"},
        {"[1]", "[{\"op\":\"add\",\"path\":\"/-\",\"value\":2}]", "[1,2]"},
        {"[1,3]", "[{\"op\":\"add\",\"path\":\"/1\",\"value\":2}]", "[1,2,3]"},
        {"{\"a\":[1,2]}", "[{\"op\":\"remove\",\"path\":\"/a/0\"}]", "{\"a\":[2]}"},
        {"{\"a\":1}", "[{\"op\":\"replace\",\"path\":\"/a\",\"value\":[]}]", "{\"a\":[]}"},
        {"{\"a\":1}", "[{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/b\"}]", "{\"b\":1}"},
        {"{\"a\":1}", "[{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/b\"}]", "{\"a\":1,\"b\":1}"},
        {"{\"a\":1}", "[{\"op\":\"test\",\"path\":\"/a\",\"value\":1}]", "{\"a\":1}"},
        {"1", "[{\"op\":\"replace\",\"path\":\"\",\"value\":2}]", "2"},
        {"{\"m~n\":{\"a/b\":1}}", "[{\"op\":\"remove\",\"path\":\"/m~0n/a~1b\"}]", "{\"m~n\":{}}"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(mem_free) char *text = NULL;
        cr_assert_eq(apply(cases[i][0], cases[i][1], &text), 0, "%s", cases[i][1]);
        cr_assert_str_eq(text, cases[i][2]);
    }
}

Test(patch, what_does_not_fit_is_refused)
{
    static const char *const patches[] = {
        "{}",
        "[{\"op\":\"add\",\"path\":\"/a\"}]",
        "[{\"op\":\"add\",\"path\":\"a\",\"value\":1}]",
        "[{\"op\":\"add\",\"path\":\"/x/y\",\"value\":1}]",
        "[{\"op\":\"add\",\"path\":\"/l/3\",\"value\":1}]",
        "[{\"op\":\"add\",\"path\":\"/l/01\",\"value\":1}]",
        "[{\"op\":\"add\",\"path\":\"/l/-1\",\"value\":1}]",
        "[{\"op\":\"replace\",\"path\":\"/none\",\"value\":1}]",
        "[{\"op\":\"remove\",\"path\":\"/none\"}]",
        "[{\"op\":\"remove\",\"path\":\"\"}]",
        "[{\"op\":\"test\",\"path\":\"/l/0\",\"value\":2}]",
        "[{\"op\":\"move\",\"path\":\"/a\"}]",
        "[{\"op\":\"fly\",\"path\":\"/l\",\"value\":1}]",
    };

    for (size_t i = 0; i < ARRAY_LEN(patches); i++) {
        AUTO(mem_free) char *text = NULL;
        cr_assert_lt(apply("{\"l\":[1]}", patches[i], &text), 0, "%s", patches[i]);
    }
}

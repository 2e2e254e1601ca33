#include "stash/jsonx.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

static json_t *parse(const char *text)
{
    struct error err;
    json_t *doc = NULL;

    cr_assert_eq(jsonx_parse(text, strlen(text), &doc, &err), 0, "%s", text);
    return doc;
}

Test(jsonx, refuses_what_parsers_read_differently)
{
    const char *bad[] = {"{\"a\":1,\"a\":2}", "{\"a\":1} x",         "\"\xff\"", "",
                         "{\"a\":1e999}",     "99999999999999999999"};

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct error err;
        json_t *doc = NULL;
        cr_assert_eq(jsonx_parse(bad[i], strlen(bad[i]), &doc, &err), -ERR_INVALID, "%s", bad[i]);
        cr_assert_null(doc);
    }
}

Test(jsonx, navigates_and_takes_null_for_absent)
{
    json_auto_t *doc = parse("{\"a\":{\"b\":\"x\",\"n\":null,\"i\":7,\"t\":true}}");

    cr_assert_str_eq(jsonx_str(doc, "a", "b", NULL), "x");
    cr_assert_null(jsonx_get(doc, "a", "n", NULL));
    cr_assert_null(jsonx_str(doc, "a", "b", "c", NULL));
    cr_assert_eq(jsonx_int(doc, 1, "a", "i", NULL), 7);
    cr_assert_eq(jsonx_int(doc, 1, "a", "b", NULL), 1);
    cr_assert(jsonx_bool(doc, false, "a", "t", NULL));
    cr_assert(jsonx_bool(doc, true, "a", "none", NULL));
}

Test(jsonx, path_copy_leaves_the_original_alone)
{
    json_auto_t *doc = parse("{\"a\":{\"list\":[{\"x\":1},{\"x\":2}]},\"b\":{}}");
    AUTO(mem_free) char *before = jsonx_dump(doc);
    json_auto_t *copy = json_copy(doc);
    json_t *list = jsonx_own_array(jsonx_own(copy, "a"), "list");

    json_object_set_new(jsonx_own_item(list, 1), "x", json_integer(9));
    json_object_set_new(jsonx_own(copy, "fresh"), "k", json_true());
    AUTO(mem_free) char *after = jsonx_dump(doc);
    AUTO(mem_free) char *edited = jsonx_dump(copy);
    cr_assert_str_eq(before, after);
    cr_assert_str_eq(edited,
                     "{\"a\":{\"list\":[{\"x\":1},{\"x\":9}]},\"b\":{},\"fresh\":{\"k\":true}}");
    cr_assert_eq(json_object_get(doc, "b"), json_object_get(copy, "b"),
                 "unedited nodes are shared");
}

Test(jsonx, iterates_const_objects)
{
    json_auto_t *doc = parse("{\"a\":1,\"b\":2}");
    const json_t *lent = doc;
    const char *key;
    json_t *value;
    json_int_t sum = 0;

    jsonx_foreach_member (lent, key, value)
        sum += json_integer_value(value) * (key[0] == 'a' ? 1 : 10);
    cr_assert_eq(sum, 21);
}

Test(jsonx, repairs_text_that_is_not_utf8)
{
    const struct {
        const char *text, *want;
    } rows[] = {
        {"plain", "plain"},
        {"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"},
        {"cut \xe2\x82", "cut ??"},
        {"\xe2\x82x", "??x"},
        {"\xff\xfe", "??"},
        {"\xc0\x80", "??"},      /* an overlong NUL */
        {"\xed\xa0\x80", "???"}, /* a surrogate */
        {"\xf4\x90\x80\x80", "????"} /* beyond U+10FFFF */,
        {"\x80", "?"},
        {"", ""},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(mem_free) char *have = xstrdup(rows[i].text);
        jsonx_repair_text(have);
        cr_assert_str_eq(have, rows[i].want, "row %zu", i);
        json_auto_t *value = json_string(have);
        cr_assert_not_null(value, "row %zu: jansson agrees", i);
    }
}

/* Ours and jansson's printer, read again, give the same document. */
Test(jsonx, dump_prints_what_jansson_reads)
{
    static const char *const texts[] = {
        "{}",
        "[]",
        "[[],{},[{}]]",
        "null",
        "true",
        "\"\"",
        "-9223372036854775808",
        "0.1",
        "1e300",
        "-0.0",
        "1.0",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\\u007f\\u00e9\\u20ac\\ud83d\\ude00\"",
        "{\"b\":1,\"a\":{\"d\":[1,2,{\"z\":null}],\"c\":false},\"\":\"\",\"\\u0007\":\"x\"}"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        json_auto_t *value = json_loads(texts[i], JSON_DECODE_ANY, NULL);
        AUTO(mem_free) char *ours = jsonx_dump(value);
        AUTO(mem_free) char *sorted = jsonx_dump_sorted(value);
        AUTO(mem_free) char *theirs = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
        AUTO(mem_free)
        char *theirs_sorted = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS);
        cr_assert_str_eq(ours, theirs);
        cr_assert_str_eq(sorted, theirs_sorted);
    }
}

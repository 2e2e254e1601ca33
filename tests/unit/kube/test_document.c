#include "document.h"

#include <criterion/criterion.h>
#include <string.h>

#include "stash/buf.h"
#include "stash/jsonx.h"
#include "stash/limits.h"

static json_t *parse(const char *text)
{
    json_t *document = NULL;
    struct error err = {0};
    cr_assert_eq(document_parse(text, strlen(text), &document, &err), 0, "%s: %s", text, err.msg);
    return document;
}

static void expect(const char *text, const char *want)
{
    json_auto_t *document = parse(text);
    AUTO(mem_free) char *got = jsonx_dump(document);
    cr_assert_str_eq(got, want, "%s became %s", text, got);
}

Test(document, holds_what_everybody_reads_as_it_is)
{
    expect("{\"a\":[1,-2.5,\"x\\u0001\",null],\"b\":9223372036854775807}",
           "{\"a\":[1,-2.5,\"x\\u0001\",null],\"b\":9223372036854775807}");
}

Test(document, holds_strings_and_keys_with_nul)
{
    expect("{\"a\":\"x\\u0000y\"}", "{\"a\":\"x\xEF\xBF\xBDy\"}");
    expect("{\"k\\u0000\":\"\\u0000\"}", "{\"k\xEF\xBF\xBD\":\"\xEF\xBF\xBD\"}");
    /* a backslash before it makes it a text about NUL */
    expect("{\"a\":\"\\\\u0000\",\"b\":\"\\u0000\"}",
           "{\"a\":\"\\\\u0000\",\"b\":\"\xEF\xBF\xBD\"}");
}

Test(document, holds_integers_beyond_64_bits)
{
    json_auto_t *document = parse(
        "{\"n\":9223372036854775808,\"m\":-9223372036854775809,\"l\":[1000000000000000000000]}");
    cr_assert_float_eq(json_real_value(jsonx_get(document, "n", NULL)), 9223372036854775808.0, 1);
    cr_assert_float_eq(json_real_value(jsonx_get(document, "m", NULL)), -9223372036854775808.0, 1);
    expect("{\"z\":\"\\u0000\",\"n\":-9223372036854775808}",
           "{\"z\":\"\xEF\xBF\xBD\",\"n\":-9223372036854775808}");
}

static char *nested(size_t depth, const char *open, const char *close)
{
    struct buf text;
    buf_init(&text, LIMIT_MIB);
    buf_adds(&text, "{\"metadata\":{\"name\":\"x\"},\"spec\":");
    for (size_t i = 0; i < depth; i++)
        buf_adds(&text, open);
    buf_adds(&text, "\"]}\"");
    for (size_t i = 0; i < depth; i++)
        buf_adds(&text, close);
    buf_adds(&text, ",\"tail\":1}");
    return buf_take(&text);
}

Test(document, leaves_out_what_lies_deeper_than_anything_of_ours)
{
    static const struct {
        const char *open, *close;
    } brackets[] = {{"[", "]"}, {"{\"a\":", "}"}};
    for (size_t i = 0; i < ARRAY_LEN(brackets); i++) {
        AUTO(mem_free) char *text = nested(9990, brackets[i].open, brackets[i].close);
        json_auto_t *document = parse(text);
        cr_assert_str_eq(jsonx_name(document), "x");
        cr_assert_eq(jsonx_int(document, 0, "tail", NULL), 1);
        AUTO(mem_free) char *again = jsonx_dump(document);
        json_auto_t *same = parse(again);
        cr_assert(json_equal(document, same));
    }
}

Test(document, does_not_invent_what_is_no_document)
{
    const char *texts[] = {
        "",  "{",  "{\"a\":\"\\u0000",           "{\"a\":1}}", "{\"a\":\"\\u0000\"}x",
        "]", "{]", "{\"a\":1,\"a\":\"\\u0000\"}"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        json_t *document = NULL;
        struct error err = {0};
        cr_assert_eq(document_parse(texts[i], strlen(texts[i]), &document, &err), -ERR_INVALID,
                     "%s", texts[i]);
        cr_assert_null(document);
    }
}

/* `{"a":[` and so many of the elements. */
static char *repeated(size_t count, const char *element)
{
    AUTO(buf_done) struct buf text;
    buf_init(&text, 8 * LIMIT_MIB);
    buf_adds(&text, "{\"a\":[");
    for (size_t i = 0; i < count; i++)
        buf_addf(&text, "%s%s", i ? "," : "", element);
    buf_adds(&text, "]}");
    return buf_take(&text);
}

/* The API server stores 1.5 MiB, of which whoever wrote it can make hundreds of memory. */
Test(document, refuses_what_takes_far_more_memory_than_text)
{
    const char *elements[] = {"\"\"", "[]", "{}", "0"};
    for (size_t i = 0; i < ARRAY_LEN(elements); i++) {
        AUTO(mem_free) char *text = repeated(700000, elements[i]);
        json_t *document = NULL;
        struct error err = {0};
        cr_assert_eq(document_parse(text, strlen(text), &document, &err), -ERR_LIMIT, "%s",
                     elements[i]);
        cr_assert_null(document);
    }
}

Test(document, holds_large_ones_of_an_honest_kind)
{
    AUTO(mem_free)
    char *text =
        repeated(15000, "{\"name\":\"A_VARIABLE\",\"value\":\"with a value of some length, as "
                        "people write them, and a little more\"}");
    cr_assert_gt(strlen(text), LIMIT_MIB);
    json_auto_t *document = parse(text);
    cr_assert_eq(json_array_size(json_object_get(document, "a")), 15000);
}

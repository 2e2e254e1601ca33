#include "es_mapping.h"

#include <criterion/criterion.h>
#include <string.h>

#include "stash/jsonx.h"
#include "stash/limits.h"

static json_t *json(const char *text)
{
    json_t *doc = NULL;
    struct error err;

    cr_assert_eq(jsonx_parse(text, strlen(text), &doc, &err), 0, "%s", err.msg);
    return doc;
}

static bool differs(const char *wanted, const char *there, struct buf *ret)
{
    json_auto_t *one = json(wanted);
    json_auto_t *two = json(there);

    buf_init(ret, LIMIT_KIB);
    return es_mapping_differs(es_mapping_of(one), es_mapping_of(two), ret);
}

#define MAPPED(properties) "{\"i\":{\"mappings\":{\"properties\":{" properties "}}}}"

Test(es_mapping, a_guessed_field_is_told)
{
    AUTO(buf_done) struct buf text;

    cr_assert(differs(MAPPED("\"a\":{\"type\":\"long\"},\"ip\":{\"type\":\"ip\"}"),
                      MAPPED("\"a\":{\"type\":\"long\"},\"ip\":{\"type\":\"text\"}"), &text));
    cr_assert_str_eq(text.data, "field ip is text on the server, and ip in the dump");
}

Test(es_mapping, an_analyzer_that_is_not_there_is_told)
{
    AUTO(buf_done) struct buf text;

    cr_assert(differs(MAPPED("\"t\":{\"type\":\"text\",\"analyzer\":\"icu\"}"),
                      MAPPED("\"t\":{\"type\":\"text\"}"), &text));
    cr_assert_str_eq(text.data,
                     "field t is text on the server, and text, analyzer icu in the dump");
}

Test(es_mapping, fields_are_compared_at_any_depth)
{
    static const char nested[] =
        MAPPED("\"o\":{\"properties\":{\"p\":{\"type\":\"nested\",\"properties\":{\"q\":"
               "{\"type\":\"text\",\"fields\":{\"raw\":{\"type\":\"keyword\"}}}}}}}");
    AUTO(buf_done) struct buf text;
    AUTO(buf_done) struct buf none;

    cr_assert(differs(nested,
                      MAPPED("\"o\":{\"properties\":{\"p\":{\"type\":\"nested\",\"properties\":"
                             "{\"q\":{\"type\":\"text\"}}}}}"),
                      &text));
    cr_assert(strstr(text.data, "field o.p.q.raw is not there"), "%s", text.data);
    cr_assert_not(differs(nested, nested, &none));
}

Test(es_mapping, more_fields_than_the_dump_has_are_no_difference)
{
    AUTO(buf_done) struct buf text;

    cr_assert_not(differs(MAPPED("\"a\":{\"type\":\"long\"}"),
                          MAPPED("\"a\":{\"type\":\"long\"},\"b\":{\"type\":\"ip\"}"), &text));
}

Test(es_mapping, a_type_of_old_servers_is_no_field)
{
    AUTO(buf_done) struct buf text;

    cr_assert_not(
        differs("{\"i\":{\"mappings\":{\"doc\":{\"properties\":{\"a\":{\"type\":\"long\"}}}}}}",
                MAPPED("\"a\":{\"type\":\"long\"}"), &text));
}

Test(es_mapping, what_an_index_keeps_of_its_documents)
{
    static const struct {
        const char *mapping;
        enum es_source source;
    } cases[] = {
        {"{}", ES_SOURCE_WHOLE},
        {"{\"_source\":{\"enabled\":true}}", ES_SOURCE_WHOLE},
        {"{\"_source\":{\"mode\":\"synthetic\"}}", ES_SOURCE_WHOLE},
        {"{\"_source\":{\"enabled\":false},\"properties\":{}}", ES_SOURCE_NONE},
        {"{\"doc\":{\"_source\":{\"enabled\":false},\"properties\":{}}}", ES_SOURCE_NONE},
        {"{\"_source\":{\"excludes\":[\"secret\"]}}", ES_SOURCE_PARTLY},
        {"{\"_source\":{\"includes\":[\"n\"],\"excludes\":[]}}", ES_SOURCE_PARTLY},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        json_auto_t *mapping = json(cases[i].mapping);

        cr_assert_eq(es_mapping_source(mapping), cases[i].source, "%s", cases[i].mapping);
    }
    cr_assert_eq(es_mapping_source(NULL), ES_SOURCE_WHOLE);
}

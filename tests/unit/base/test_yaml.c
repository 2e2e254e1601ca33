#include "stash/yaml.h"

#include <criterion/criterion.h>
#include <string.h>

#include "stash/buf.h"
#include "stash/jsonx.h"

static void same(const char *yaml, const char *json)
{
    struct error err = {0};
    json_t *docs = NULL;

    cr_assert_eq(yaml_parse_all(yaml, strlen(yaml), &docs, &err), 0, "%s: %s", yaml, err.msg);
    AUTO(mem_free) char *text = jsonx_dump(docs);
    cr_assert_str_eq(text, json);
    json_decref(docs);
}

static void refused(const char *yaml)
{
    struct error err = {0};
    json_t *docs = NULL;

    cr_assert_eq(yaml_parse_all(yaml, strlen(yaml), &docs, &err), -ERR_INVALID, "%.40s", yaml);
    cr_assert(strstr(err.msg, "line"), "%s", err.msg);
}

Test(yaml, reads_scalars_as_kubectl_does)
{
    same("a: yes\nb: \"yes\"\nc: 1\nd: 1.5\ne: ~\nf: 0x10\ng: 1Gi\nh: 010\ni: 1e3\nj: 2026-01-01\n",
         "[{\"a\":true,\"b\":\"yes\",\"c\":1,\"d\":1.5,\"e\":null,\"f\":16,\"g\":\"1Gi\",\"h\":8,"
         "\"i\":1000,\"j\":\"2026-01-01\"}]");
}

Test(yaml, reads_numbers_as_kubectl_does)
{
    same("a: 1_000\nb: 08\nc: 0o17\nd: -0x10\ne: .5\nf: 1_0.5\ng: _1\nh: 1:30\ni: \"1_000\"\n",
         "[{\"a\":1000,\"b\":8,\"c\":15,\"d\":-16,\"e\":0.5,\"f\":10.5,\"g\":\"_1\","
         "\"h\":\"1:30\",\"i\":\"1_000\"}]");
}

Test(yaml, makes_strings_of_keys_as_kubectl_does)
{
    same("y: 1\n\"n\": 2\n0x10: 3\non off: 4\n", "[{\"true\":1,\"n\":2,\"16\":3,\"on off\":4}]");
    refused("yes: 1\non: 2\n");
}

Test(yaml, passes_over_comments_between_documents)
{
    same("# one\n--- # two\n# three\na: 1 # four\n---\n# nothing here\n---\n--- # five\nb: 2\n",
         "[{\"a\":1},{\"b\":2}]");
}

Test(yaml, reads_several_documents_and_json)
{
    same("---\na: 1\n---\n---\n{\"b\": [1, \"x\"]}\n...\n", "[{\"a\":1},{\"b\":[1,\"x\"]}]");
    same("", "[]");
}

Test(yaml, follows_anchors_and_merge_keys)
{
    same("base: &b {x: 1, z: 2}\nuse:\n  <<: *b\n  z: 3\n",
         "[{\"base\":{\"x\":1,\"z\":2},\"use\":{\"z\":3,\"x\":1}}]");
}

Test(yaml, refuses_bad_documents_with_their_place)
{
    refused("a: [1, 2");
    refused("a: 1\na: 2\n");
    refused("a: *nowhere\n");
    refused("\t- x");
    refused("? [1, 2]\n: x\n");
}

Test(yaml, refuses_depth_and_alias_bombs)
{
    AUTO(buf_done) struct buf text;

    buf_init(&text, 10000);
    for (int i = 0; i < 100; i++)
        buf_addc(&text, '[');
    refused(text.data);
    buf_reset(&text);
    buf_adds(&text, "a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 10; i++) {
        buf_addf(&text, "a%d: &a%d [", i, i);
        for (int k = 0; k < 9; k++)
            buf_addf(&text, "%s*a%d", k ? ", " : "", i - 1);
        buf_adds(&text, "]\n");
    }
    refused(text.data);
}

static void prints(const char *json, const char *yaml)
{
    struct error err = {0};
    json_auto_t *value = NULL;
    json_auto_t *again = NULL;
    AUTO(buf_done) struct buf text;

    buf_init(&text, 4096);
    cr_assert_eq(jsonx_parse(json, strlen(json), &value, &err), 0, "%s", err.msg);
    yaml_print(&text, value);
    if (yaml)
        cr_assert_str_eq(text.data, yaml);
    cr_assert_eq(yaml_parse_all(text.data, text.len, &again, &err), 0, "%s: %s", text.data,
                 err.msg);
    cr_assert(json_equal(json_array_get(again, 0), value), "%s", text.data);
}

Test(yaml, prints_what_reads_as_the_same)
{
    prints("{\"kind\":\"List\",\"items\":[{\"name\":\"a\",\"on\":{\"b\":[1,\"2\"]}},\"x\"]}",
           "kind: List\nitems:\n- name: a\n  \"on\":\n    b:\n    - 1\n    - \"2\"\n- x\n");
    prints("{\"a\":{},\"b\":[],\"c\":null,\"d\":true,\"e\":1.5,\"f\":\"\"}", NULL);
    prints(
        "{\"a\":\"no\",\"b\":\"1e3\",\"c\":\"x: y\",\"d\":\"a\\nb\",\"e\":\"- x\",\"<<\":\"a \"}",
        NULL);
    prints("[[1,[2]],[{}],{\"a\":[[]]}]", NULL);
    prints("{\"a\":\"\\u0085\\u2028 \u00e4 \\u001b\\u007f\",\"b\":\"~\",\"c\":\"null\"}", NULL);
}

#include <criterion/criterion.h>
#include <string.h>

#include "golden_diff.h"
#include "golden_patch.h"
#include "golden_text.h"
#include "stash/mem.h"
#include "stash/yaml.h"

static json_t *parse(const char *text)
{
    json_auto_t *documents = NULL;
    struct error err = {0};

    cr_assert_eq(yaml_parse_all(text, strlen(text), &documents, &err), 0, "%s: %s", text, err.msg);
    return json_incref(json_array_get(documents, 0));
}

static const json_t *find(void *ctx, const char *ref, struct error *err)
{
    const json_t *value = golden_pointer_get(ctx, ref + strcspn(ref, "/"));

    if (!value)
        error_set(err, ERR_NOT_FOUND, "%s is not there", ref);
    return value;
}

static json_t *patched(json_t *from, const json_t *patch, struct error *err)
{
    const struct golden_source source = {find, from};

    return golden_patch_apply(from, patch, &source, err);
}

static void check_patch(const char *from_text, const char *patch_text, const char *to_text)
{
    json_auto_t *from = parse(from_text);
    json_auto_t *patch = parse(patch_text);
    json_auto_t *want = parse(to_text);
    struct error err = {0};
    json_auto_t *to = patched(from, patch, &err);

    cr_expect(json_equal(to, want), "%s with %s: %s", from_text, patch_text, err.msg);
}

Test(golden_patch, merges_members)
{
    check_patch("{a: 1, b: 2, c: {d: 3, e: 4}}", "{a: 5, b: null, c: {d: 6}}",
                "{a: 5, c: {d: 6, e: 4}}");
    check_patch("{a: [1, 2]}", "{a: [3]}", "{a: [3]}");
    check_patch("{a: 1}", "{/b/c: 2, /b/d: 3}", "{a: 1, b: {c: 2, d: 3}}");
    check_patch("{a/b: {~c: 1}}", "{/a~1b/~0c: 2}", "{a/b: {~c: 2}}");
}

Test(golden_patch, says_exactly_what_a_merge_cannot)
{
    check_patch("{a: {b: 1, c: 2}}", "{a!: {b: null}}", "{a: {b: null}}");
    check_patch("{a: {b: 1}}", "{/a/b!: null}", "{a: {b: null}}");
}

Test(golden_patch, addresses_elements_of_the_list_as_it_was)
{
    const char *list = "{l: [{name: a, v: 1}, {metadata: {name: b}}, {name: c}]}";

    check_patch(list, "{/l/a/v: 2, /l/b: null, /l/2/v: 3}",
                "{l: [{name: a, v: 2}, {name: c, v: 3}]}");
    check_patch(list, "{/l/0: null, /l/+1: [x, y], /l/-: [z]}",
                "{l: [x, y, {metadata: {name: b}}, {name: c}, z]}");
}

Test(golden_patch, copies_a_base_and_changes_the_copy)
{
    check_patch("{a: {x: 1, y: 2}}", "{b: {base: case/a, x: null}}",
                "{a: {x: 1, y: 2}, b: {y: 2}}");
    check_patch("{a: [1, 2]}", "{b: {base: case/a}, c: {base: case/a, /-: [3]}}",
                "{a: [1, 2], b: [1, 2], c: [1, 2, 3]}");
}

/* Not of what was there before the patch: of what it makes. */
Test(golden_patch, copies_a_value_of_the_document_itself)
{
    check_patch("{a: {x: 1}}", "{/a/x: 2, b: {base: /a, y: 3}}", "{a: {x: 2}, b: {x: 2, y: 3}}");
    check_patch("{l: [{name: a, v: {w: 1}}]}", "{b: {base: /l/a/v}, /l/a/v: {base: /c}, c: {w: 4}}",
                "{l: [{name: a, v: {w: 4}}], b: {w: 4}, c: {w: 4}}");
    check_patch("{a: {x: 1, y: 2}}", "{b: {base: /c, x: null}, c: {base: /a, z: 3}}",
                "{a: {x: 1, y: 2}, b: {y: 2, z: 3}, c: {x: 1, y: 2, z: 3}}");
}

/* The nulls of a document that changes none are values. */
Test(golden_patch, makes_a_document_of_nothing)
{
    json_auto_t *patch = parse("{a: {b: null, c: 1}, d: {base: /a, c: null}, e!: null}");
    json_auto_t *want = parse("{a: {b: null, c: 1}, d: {b: null}, e: null}");
    const struct golden_source nowhere = {find, NULL};
    struct error err = {0};
    json_auto_t *made = golden_patch_apply(NULL, patch, &nowhere, &err);

    cr_expect(json_equal(made, want), "%s", err.msg);
}

Test(golden_patch, refuses_what_leads_nowhere)
{
    static const char *const patches[] = {"{b: null}",
                                          "{/l/7: 1}",
                                          "{/l/x: 1}",
                                          "{/l/+7: [1]}",
                                          "{/l/-: 1}",
                                          "{c: {base: case/zz}}",
                                          "{/l/0: 1, /l/a: 2}",
                                          "{/a/x: 1, a: 2}",
                                          "{c: {base: /zz}}",
                                          "{c: {base: /c}}",
                                          "{c: {base: /d}, d: {base: /c}}",
                                          "{c: {d: {base: /c}}}",
                                          "{c: {base: /a/y/z}}"};
    json_auto_t *from = parse("{a: {y: 1}, l: [{name: a}]}");

    for (size_t i = 0; i < ARRAY_LEN(patches); i++) {
        json_auto_t *patch = parse(patches[i]);
        struct error err = {0};
        json_auto_t *to = patched(from, patch, &err);
        cr_expect(!to && *err.msg, "%s", patches[i]);
    }
}

/* The shortest patch, written as text and read again, leads from each of these to each; also when values of the
 * document itself may be named in it. */
Test(golden_patch, is_found_between_any_two_documents)
{
    static const char *const texts[] = {
        "{a: [{p: {q: 1, r: 2, s: 3, t: 4}}, {p: {q: 1, r: 2, s: 3, t: 4}}, {u: {v: {q: 1, r: 2, "
        "s: 3, t: 5}}}]}",
        "{a: {p: [1, 2, 3, 4, 5], c: {p: [1, 2, 3, 4, 5, 6], q: [1, 2, 3, 4, 5]}}, p: [1, 2, 3, 4, "
        "5]}",
        "{}",
        "{a: {b: [1, 2, 3], c: null}}",
        "{a: {b: [3, 1], c: {d: null}}}",
        "{a: {base: x, c: [{/d: 1}]}, k!: 1}",
        "{a: [{name: x, v: {w: 1}}, {name: y}]}",
        "{a: [{name: y, v: 2}, {name: z}, {name: x, v: {w: null}}], e: ''}",
        "{a: [[1, {b: 2}], [], {}], 'true': 'no', '1': '1.5', t: \"a: b\\n\\x07 'q' \\\"\"}",
        "{a: ~, l: [null, {n: null}, {base: y}], \"~/\": {\"a/b\": {\"c~1\": 1.5}}}",
    };

    for (size_t i = 0; i < 2 * ARRAY_LEN(texts) * ARRAY_LEN(texts); i++) {
        json_auto_t *from = json_pack("{s:o}", "in", parse(texts[i / 2 / ARRAY_LEN(texts)]));
        json_auto_t *to = json_pack("{s:o}", "in", parse(texts[i / 2 % ARRAY_LEN(texts)]));
        json_auto_t *pool = json_array();
        golden_pool_add(pool, "", to);
        json_auto_t *patch = golden_diff(from, to, i % 2 ? pool : NULL);
        AUTO(mem_free) char *text = patch ? golden_text_patch(patch) : xstrdup("{}");
        json_auto_t *read = parse(text);
        struct error err = {0};
        json_auto_t *made = patched(from, read, &err);
        cr_expect(json_equal(made, to), "%zu: %s: %s", i, text, err.msg);
    }
}

#include "value.h"

#include <criterion/criterion.h>

static void note(const struct admit *a, const char *path, const json_t *value)
{
    (void)value;
    causes_add(a->causes, path, CAUSE_INVALID, "here");
}

/* The paths at which `note` was called, in one line. */
static char *noted(const char *doc, const char *path)
{
    AUTO(causes_done) struct causes causes = {0};
    const struct admit_request request = {.kind = KIND_REPOSITORY};
    const struct admit a = {.request = &request, .causes = &causes};
    const struct value_rule rules[] = {{path, note}, {0}};
    json_auto_t *value = json_loads(doc, 0, NULL);

    values_check(&a, "spec", value, rules);
    return causes_sentence(&causes);
}

static void visits(const char *doc, const char *path, const char *want)
{
    AUTO(mem_free) char *got = noted(doc, path);

    cr_assert_str_eq(got, want);
}

Test(value, are_found_by_their_path)
{
    visits("{\"a\": {\"b\": 1}}", "a.b", "spec.a.b: here");
    visits("{\"a\": {\"b\": 1}}", "a", "spec.a: here");
    visits("{\"a\": {\"b\": 1}}", "a.c", "");
    visits("{\"ab\": 1}", "a", "");
}

Test(value, of_lists_are_each_visited)
{
    visits("{\"a\": [{\"b\": 1}, {}, {\"b\": 2}]}", "a[].b",
           "spec.a[0].b: here; spec.a[2].b: here");
    visits("{\"a\": [1, 2]}", "a[]", "spec.a[0]: here; spec.a[1]: here");
    visits("{\"a\": [{\"b\": [{\"c\": 1}]}]}", "a[].b[].c", "spec.a[0].b[0].c: here");
}

Test(value, that_are_absent_null_or_empty_text_are_passed_over)
{
    visits("{\"a\": null}", "a", "");
    visits("{\"a\": \"\"}", "a", "");
    visits("{\"a\": [\"\", null]}", "a[]", "");
    visits("{\"a\": 0}", "a", "spec.a: here");
}

Test(value, of_another_shape_than_the_path_are_passed_over)
{
    visits("{\"a\": \"text\"}", "a.b", "");
    visits("{\"a\": {\"b\": 1}}", "a[].b", "");
    visits("[1]", "a", "");
}

#include <criterion/criterion.h>
#include <string.h>

#include "stash/jsonx.h"
#include "stash/vars.h"

/* The names without a value, sorted, in one line. */
static char *unset(const char *text, const char *vars)
{
    json_auto_t *values = json_loads(vars, 0, NULL);
    json_auto_t *names = json_object();
    struct error err = {0};

    cr_assert_eq(vars_unset(text, values, names, &err), 0, "%s", err.msg);
    return jsonx_dump_sorted(names);
}

static void lacks(const char *text, const char *vars, const char *want)
{
    AUTO(mem_free) char *got = unset(text, vars);

    cr_assert_str_eq(got, want);
}

Test(vars_scan, finds_what_has_neither_value_nor_default)
{
    lacks("${A} ${B:=x} ${C} $D $(E) $${F}", "{\"C\": \"1\"}", "{\"A\":true}");
    lacks("${A^^}${#B}", "{}", "{\"A\":true,\"B\":true}");
    lacks("${#A} and ${B}", "{}", "{\"A\":true,\"B\":true}");
}

Test(vars_scan, looks_into_defaults_that_are_used)
{
    lacks("${A:=${B}}", "{}", "{\"B\":true}");
    lacks("${A:=${B}}", "{\"A\": \"\"}", "{}");
    lacks("${A:=${#B}}", "{}", "{\"B\":true}");
}

Test(vars_scan, tells_bad_grammar)
{
    const char *bad[] = {"${", "${A", "${}", "${A-b}", "${A:=${B}", "${#A", "${1}"};
    json_auto_t *names = json_object();
    struct error err;

    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        cr_assert_eq(vars_unset(bad[i], NULL, names, &err), -(int)ERR_INVALID, "%s", bad[i]);
}

Test(vars_scan, walks_documents)
{
    json_auto_t *doc = json_loads("{\"a\": [\"${A}\", {\"b\": \"${B\"}], \"${C}\": 1}", 0, NULL);
    json_auto_t *names = json_object();

    vars_unset_in(doc, NULL, names);
    AUTO(mem_free) char *got = jsonx_dump_sorted(names);
    cr_assert_str_eq(got, "{\"A\":true}", "keys are not replaced, broken texts are passed over");
    cr_assert(vars_mentions(doc, "B"));
    cr_assert_not(vars_mentions(doc, "C"));
}

Test(vars_scan, lists_every_name_once)
{
    json_auto_t *doc =
        json_loads("[\"${A:=${B}}$${C}$$${D} $E ${#F} ${A^^}\", {\"${G}\": \"${\"}]", 0, NULL);
    json_auto_t *names = json_object();

    vars_names(doc, names);
    AUTO(mem_free) char *got = jsonx_dump_sorted(names);
    cr_assert_str_eq(got, "{\"A\":true,\"B\":true,\"D\":true,\"F\":true}");
}

Test(vars_scan, knows_what_sessions_set)
{
    cr_assert(vars_is_built_in("INTERIM_DATA_DIR"));
    cr_assert_not(vars_is_built_in("interim_data_dir"));
    cr_assert_not(vars_is_built_in(""));
}

#include "stash/vars.h"

#include <criterion/criterion.h>
#include <string.h>

#include "stash/limits.h"
#include "stash/mem.h"

static json_t *vars_new(void)
{
    return json_pack("{s:s,s:s,s:s,s:i}", "A", "x", "EMPTY", "", "QUOTE", "a\"b\\c", "NUMBER", 1);
}

Test(vars, the_grammar)
{
    const struct {
        const char *in, *want; /* NULL: an error */
    } rows[] = {
        {"${A}", "x"},
        {"${M}", NULL},
        {"${M:=d}", "d"},
        {"${M=d}", "d"},
        {"${M:-d}", "d"},
        {"${M-d}", NULL},
        {"${A-d}", NULL},
        {"${M:=}", ""},
        {"${EMPTY:=d}", ""},
        {"${EMPTY}", ""},
        {"${M:=${A}}", "x"},
        {"${M:=${N:=${A}-${A}}}!", "x-x!"},
        {"${A:=${M}}", "x"},
        {"${M:=${N}}", NULL},
        {"${M:=http://h:1/p}", "http://h:1/p"},
        {"$A, $(A)", "$A, $(A)"},
        {"$${A}", "${A}"},
        {"$$", "$"},
        {"$$$${A}", "$${A}"},
        {"$$${A}", "$x"},
        {"$", "$"},
        {"5$", "5$"},
        {"${A^^}", "X"},
        {"${M^^}", NULL},
        {"${#A}", "1"},
        {"${#EMPTY}", "0"},
        {"${#M}", NULL},
        {"${A", NULL},
        {"${", NULL},
        {"${}", NULL},
        {"${1A}", NULL},
        {"${M:=d", NULL},
        {"${NUMBER}", NULL},
        {"a}b", "a}b"},
        {"--x=${A} --y=${M:=}", "--x=x --y="},
        {"${QUOTE}", "a\"b\\c"},
        {"", ""},
    };
    json_auto_t *vars = vars_new();

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(mem_free) char *have = NULL;
        struct error err;
        int r = vars_expand(rows[i].in, vars, &have, &err);
        cr_assert_eq(r == 0, rows[i].want != NULL, "%s", rows[i].in);
        if (rows[i].want)
            cr_assert_str_eq(have, rows[i].want, "%s gives %s", rows[i].in, have);
    }
}

Test(vars, a_value_is_not_expanded_again)
{
    json_auto_t *vars = json_pack("{s:s}", "A", "${B}");
    AUTO(mem_free) char *have = NULL;
    struct error err;

    cr_assert_eq(vars_expand("${A}", vars, &have, &err), 0);
    cr_assert_str_eq(have, "${B}");
}

Test(vars, the_error_names_the_variable_and_the_path)
{
    json_auto_t *vars = vars_new();
    json_auto_t *doc = json_pack("{s:{s:[s,s]}}", "spec", "args", "ok", "--x=${MISSING}");
    json_t *have = NULL;
    struct error err;

    cr_assert_eq(vars_expand_document(doc, vars, &have, &err), -(int)ERR_INVALID);
    cr_assert_str_eq(err.msg, "spec: args: [1]: variable MISSING has no value and no default");
    cr_assert_null(have);
}

Test(vars, documents_keep_keys_and_other_types)
{
    json_auto_t *vars = vars_new();
    json_auto_t *doc = json_pack("{s:s,s:i,s:b,s:n,s:[{s:s}]}", "${A}", "${QUOTE}", "i", 1, "b", 1,
                                 "n", "l", "k", "${A}");
    json_auto_t *want = json_pack("{s:s,s:i,s:b,s:n,s:[{s:s}]}", "${A}", "a\"b\\c", "i", 1, "b", 1,
                                  "n", "l", "k", "x");
    json_auto_t *have = NULL;
    struct error err;

    cr_assert_eq(vars_expand_document(doc, vars, &have, &err), 0);
    cr_assert(json_equal(have, want));
}

Test(vars, growth_is_bounded_at_the_limit)
{
    AUTO(mem_free) char *big = xcalloc(LIMIT_TEMPLATE + 1, 1);
    AUTO(mem_free) char *have = NULL;
    struct error err;

    memset(big, 'x', LIMIT_TEMPLATE / 2);
    json_auto_t *vars = json_pack("{s:s}", "A", big);
    cr_assert_eq(vars_expand("${A}${A}", vars, &have, &err), 0);
    cr_assert_eq(strlen(have), LIMIT_TEMPLATE);
    AUTO(mem_free) char *more = NULL;
    cr_assert_eq(vars_expand("${A}${A}y", vars, &more, &err), -(int)ERR_LIMIT);
    json_auto_t *doc = json_pack("[s,s,s]", "${A}", "${A}", "y");
    json_t *expanded = NULL;
    cr_assert_eq(vars_expand_document(doc, vars, &expanded, &err), -(int)ERR_LIMIT);
}

Test(vars, defaults_nest_64_deep_and_no_deeper)
{
    for (int depth = 64; depth <= 65; depth++) {
        char text[65 * 6 + 1] = "";
        for (int i = 0; i < depth; i++)
            memcpy(text + i * 5, "${M:=", 6);
        for (int i = 0; i < depth; i++)
            text[depth * 5 + i] = '}';
        AUTO(mem_free) char *have = NULL;
        struct error err;
        cr_assert_eq(vars_expand(text, NULL, &have, &err), depth == 64 ? 0 : -(int)ERR_LIMIT);
    }
}

Test(vars, mentions_are_found_in_every_form)
{
    const struct {
        const char *text;
        bool want;
    } rows[] = {
        {"${INTERIM_DATA_DIR}", true},   {"--d=${INTERIM_DATA_DIR:=/x}", true},
        {"${#INTERIM_DATA_DIR}", true},  {"${M:=${INTERIM_DATA_DIR}}", true},
        {"$${INTERIM_DATA_DIR}", false}, {"${INTERIM_DATA_DIRS}", false},
        {"$INTERIM_DATA_DIR", false},    {"INTERIM_DATA_DIR", false},
        {"${INTERIM_DATA}", false},      {"$", false},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        json_auto_t *doc = json_pack("{s:{s:[i,s]}}", "spec", "args", 1, rows[i].text);
        cr_assert_eq(vars_mentions(doc, "INTERIM_DATA_DIR"), rows[i].want, "%s", rows[i].text);
    }
}

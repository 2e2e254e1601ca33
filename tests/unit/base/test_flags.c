#include "stash/flags.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "stash/mem.h"

static const char *text;
static int64_t number;
static bool on;
static int64_t span;
static const struct flag table[] = {
    {"text", FLAG_STRING, &text, "a text"}, {"number", FLAG_INT, &number, "a number"},
    {"on", FLAG_BOOL, &on, "a switch"},     {"span", FLAG_DURATION, &span, "a duration"},
    {"ignored", FLAG_STRING, NULL, NULL},   {0},
};

/* argv is writable in a real program, so here too: 32 bytes a word. */
static char words[16][32];
static char *argv[16];

static int parse(int count, const char *const *given, int *ret_rest, struct error *err)
{
    for (int i = 0; i < count; i++) {
        snprintf(words[i], sizeof(words[i]), "%s", given[i]);
        argv[i] = words[i];
    }
    return flags_parse(count, argv, table, ret_rest, err);
}

Test(flags, takes_every_spelling)
{
    const char *given[] = {"x",    "--text=a=b", "first",       "--number", "-5",
                           "--on", "--span=90s", "--ignored=z", "--",       "--last"};
    struct error err;
    int rest;

    cr_assert_eq(parse(ARRAY_LEN(given), given, &rest, &err), 0, "%s", err.msg);
    cr_assert_str_eq(text, "a=b");
    cr_assert_eq(number, -5);
    cr_assert(on);
    cr_assert_eq(span, 90000000000);
    cr_assert_eq(rest, 2);
    cr_assert_str_eq(argv[1], "first");
    cr_assert_str_eq(argv[2], "--last");
}

Test(flags, an_empty_value_leaves_the_default)
{
    const char *given[] = {"x", "--number=", "--on=", "--text="};
    struct error err;
    int rest;

    number = 7;
    on = true;
    cr_assert_eq(parse(ARRAY_LEN(given), given, &rest, &err), 0);
    cr_assert_eq(number, 7);
    cr_assert(on);
}

Test(flags, says_which_flag_is_wrong)
{
    const struct {
        const char *arg;
        const char *word;
    } rows[] = {{"--none", "--none"},
                {"--number=x", "not a number"},
                {"--on=maybe", "true nor false"},
                {"--span=3", "duration"},
                {"--text", "needs a value"}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *given[] = {"x", rows[i].arg};
        struct error err;
        int rest;
        cr_assert_eq(parse(2, given, &rest, &err), -ERR_INVALID);
        cr_assert(strstr(err.msg, rows[i].word), "%s", err.msg);
    }
}

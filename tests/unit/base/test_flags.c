#include "stash/flags.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "stash/mem.h"

static const char *text;
static int64_t number;
static bool on;
static int64_t span;
static struct flag_words list;
static const struct flag table[] = {
    {"text", FLAG_STRING, &text, "a text"}, {"number", FLAG_INT, &number, "a number"},
    {"on", FLAG_BOOL, &on, "a switch"},     {"span", FLAG_DURATION, &span, "a duration"},
    {"ignored", FLAG_STRING, NULL, NULL},   {"t", FLAG_STRING, &text, NULL},
    {"list", FLAG_WORDS, &list, "a list"},  {0},
};

/* argv is writable in a real program, so here too: 48 bytes a word. */
static char words[16][48];
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
    const char *given[] = {"x",    "--text=a=b", "first",       "--number", "5",
                           "--on", "--span=90s", "--ignored=z", "--",       "--last"};
    struct error err;
    int rest;

    cr_assert_eq(parse(ARRAY_LEN(given), given, &rest, &err), 0, "%s", err.msg);
    cr_assert_str_eq(text, "a=b");
    cr_assert_eq(number, 5);
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
                {"--number=-1", "--number: \"-1\" is not a number from 0 to 2147483647"},
                {"--number=2147483648", "not a number from 0 to"},
                {"--number=9223372036854775807", "not a number from 0 to"},
                {"--number=9223372036854775808", "not a number from 0 to"},
                {"--span=-5s", "--span: \"-5s\" is not a duration"},
                {"--span=9999999999h", "is not a duration"},
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

Test(flags, a_list_that_stands_twice_has_all_its_items)
{
    const char *given[] = {"x",       "--list=a,b", "--list=",   "--list",
                           "\"c,d\"", "--list=\"e", "--list=f\""};
    struct error err;
    int rest;

    list.count = 0;
    cr_assert_null(flags_join_words(&list, ","));
    cr_assert_eq(parse(ARRAY_LEN(given), given, &rest, &err), 0, "%s", err.msg);
    AUTO(mem_free) char *joined = flags_join_words(&list, ",");
    cr_assert_str_eq(joined, "a,b,\"c,d\",\"\\\"e\",f\"", "each value is a list of its own");
}

Test(flags, what_is_no_list_stands_once)
{
    const struct {
        const char *one, *two;
        const char *name; /* NULL: it is taken */
    } rows[] = {{"--text=a", "--text=b", "--text"},
                {"--text=a", "--t=b", "--t"},
                {"--number=1", "--number=2", "--number"},
                {"--on", "--on=false", "--on"},
                {"--span=1s", "--span=2s", "--span"},
                {"--text=a", "--text=a", NULL},
                {"--text=", "--text=b", NULL},
                {"--ignored=a", "--ignored=b", NULL}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *given[] = {"x", rows[i].one, rows[i].two};
        struct error err;
        int rest;
        int r = parse(ARRAY_LEN(given), given, &rest, &err);

        cr_assert_eq(r, rows[i].name ? -ERR_INVALID : 0, "%s %s", rows[i].one, rows[i].two);
        if (rows[i].name)
            cr_assert(strstr(err.msg, rows[i].name) && strstr(err.msg, "twice"), "%s", err.msg);
    }
}

Test(flags, what_comes_after_an_error_is_set_and_the_first_error_is_told)
{
    const char *given[] = {"x", "--none=1", "--number=x", "--text=told", "--span=90s"};
    struct error err;
    int rest = -1;

    text = NULL;
    cr_assert_eq(parse(ARRAY_LEN(given), given, &rest, &err), -ERR_INVALID);
    cr_assert(strstr(err.msg, "--none"), "%s", err.msg);
    cr_assert_str_eq(text, "told");
    cr_assert_eq(rest, -1);
}

Test(flags, a_letter_may_have_its_value_joined)
{
    const char *given[] = {"x", "-tjson", "-number=5"};
    const char *wrong[] = {"x", "--tjson"};
    struct error err;
    int rest;

    cr_assert_eq(parse(ARRAY_LEN(given), given, &rest, &err), 0, "%s", err.msg);
    cr_assert_str_eq(text, "json");
    cr_assert_eq(number, 5);
    cr_assert_eq(parse(ARRAY_LEN(wrong), wrong, &rest, &err), -ERR_INVALID);
}

Test(flags, names_what_was_probably_meant)
{
    const char *given[] = {"x", "--numbre=5"}, *hidden[] = {"x", "--ignord"};
    struct error err;
    int rest;

    cr_assert_eq(parse(ARRAY_LEN(given), given, &rest, &err), -ERR_INVALID);
    cr_assert_str_eq(err.msg, "unknown flag --numbre: did you mean --number? (see --help)");
    cr_assert_eq(parse(ARRAY_LEN(hidden), hidden, &rest, &err), -ERR_INVALID);
    cr_assert_str_eq(err.msg, "unknown flag --ignord (see --help)");
}

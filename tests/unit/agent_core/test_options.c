#include "stash/options.h"

#include <criterion/criterion.h>

#include "stash/buf.h"
#include "stash/limits.h"

static const struct option_row rows[] = {{"alone", 'a', OPTION_ALONE, NULL},
                                         {"maybe", 'm', OPTION_JOINED, NULL},
                                         {"value", 'v', OPTION_VALUE, NULL},
                                         {"value-of-it", '\0', OPTION_VALUE, NULL},
                                         {"refused", 'r', OPTION_VALUE, "it is not good"},
                                         {"rest", '\0', OPTION_ALONE, NULL},
                                         {NULL, 'z', OPTION_ALONE, "it is not good"},
                                         {0}};
static const struct option_table gnu = {OPTIONS_GNU, rows};
static const struct option_table prefixes = {OPTIONS_PREFIXES, rows};
static const struct option_table fisk = {OPTIONS_FISK, rows};
static const struct option_table node = {OPTIONS_MINIMIST, rows};

/* "name=value", "name!" when it is off, "(value)" for other words, "?" for what the table lacks. */
static void write_said(const struct option_said *said, struct buf *out)
{
    const char *name = said->row ? said->row->name : "?";

    if (!said->is_option) {
        buf_addf(out, "(%s)", said->value);
        return;
    }
    buf_adds(out, name ? name : "z");
    buf_adds(out, said->is_off ? "!" : "");
    if (said->value)
        buf_addf(out, "=%s", said->value);
}

static void check_read(const struct option_table *table, const char *text, const char *expected)
{
    AUTO(argv_done) struct argv words = {0};
    AUTO(buf_done) struct buf out;
    struct options options = {.words = &words, .table = table};
    struct option_said said;

    buf_init(&out, LIMIT_KIB);
    argv_add_words(&words, text);
    while (options_next(&options, &said)) {
        buf_adds(&out, out.len ? " " : "");
        write_said(&said, &out);
    }
    cr_assert_str_eq(out.data, expected, "%s is %s", text, out.data);
}

Test(options, letters_stand_together_and_values_behind_them)
{
    check_read(&gnu, "-a -aa -av x", "alone alone alone alone value=x");
    check_read(&gnu, "-avx -vax", "alone value=x value=ax");
    check_read(&gnu, "-m x -mx", "maybe (x) maybe=x");
    check_read(&gnu, "-v -a -v", "value=-a value");
    check_read(&gnu, "-qa -", "? alone (-)");
    check_read(&fisk, "-avx -v x", "alone value=x value=x");
}

Test(options, names_may_be_cut_where_the_tool_allows_it)
{
    check_read(&gnu, "--al --va=x --value x --value-o=y", "alone value=x value=x value-of-it=y");
    check_read(&gnu, "--re=x", "refused=x"); /* the one that matters */
    check_read(&gnu, "--= --alonely", "?= ?");
    check_read(&fisk, "--al --alone", "? alone");
    check_read(&node, "--al --alone", "? alone");
}

Test(options, a_name_may_have_many_forms)
{
    check_read(&prefixes, "--value_of=x --skip-al --skip_alone", "value-of-it=x alone! alone!");
    check_read(&prefixes, "--alone=0 --alone=OFF --alone=1", "alone!=0 alone!=OFF alone=1");
    check_read(&prefixes, "--loose-value=x --loose_skip-alone", "value=x alone!");
    check_read(&prefixes, "--enable-alone --maximum-value 3", "alone value=3");
    check_read(&prefixes, "--skip- --loose-other", "? ?");
    check_read(&gnu, "--skip-alone --value_of=x", "? ?=x");
}

Test(options, some_take_the_next_word_unless_it_is_an_option)
{
    check_read(&node, "--alone x --value -a --other y", "alone=x value alone ?=y");
    check_read(&node, "--no-alone --value=-a", "alone! value=-a");
    check_read(&fisk, "--no-alone", "alone!");
}

Test(options, words_after_two_dashes_are_none)
{
    check_read(&gnu, "a -- -a --alone --", "(a) (-a) (--alone) (--)");
    check_read(&gnu, "-v -- -a", "value=-- alone");
}

Test(options, the_last_time_counts)
{
    AUTO(argv_done) struct argv words = {0};
    struct option_said said;

    argv_add_words(&words, "-vx --skip-alone --val=y -a --skip-alone");
    cr_assert(options_find(&words, &prefixes, "value", &said));
    cr_assert_str_eq(said.value, "y");
    cr_assert_not(options_have(&words, &prefixes, "alone"));
    argv_add(&words, "-aa");
    cr_assert(options_have(&words, &prefixes, "alone"));
    cr_assert_not(options_find(&words, &prefixes, "rest", &said));
}

Test(options, what_was_read_can_be_written_again)
{
    AUTO(argv_done) struct argv words = {0};
    AUTO(argv_done) struct argv again = {0};
    struct options options = {.words = &words, .table = &gnu};
    struct option_said said;
    AUTO(buf_done) struct buf out;

    buf_init(&out, LIMIT_KIB);
    argv_add_words(&words, "-avx x --val y --val=z -v w");
    while (options_next(&options, &said))
        options_add(&said, &again);
    for (size_t i = 0; i < again.count; i++)
        buf_addf(&out, "%s|", again.items[i]);
    cr_assert_str_eq(out.data, "-a|-vx|x|--val|y|--val=z|-v|w|");
}

static void check_refused(const char *text, const char *expected)
{
    AUTO(argv_done) struct argv words = {0};
    struct error err;

    argv_add_words(&words, text);
    cr_assert_eq(options_check(&words, &gnu, &err), *expected ? -ERR_INVALID : 0, "%s", text);
    if (*expected)
        cr_assert_str_eq(err.msg, expected);
}

Test(options, what_is_refused_is_found_in_each_form)
{
    check_refused("-a x --value=-r -v -r -m", "");
    check_refused("-ar x", "parameter args: -ar cannot be used: it is not good");
    check_refused("--ref", "parameter args: --ref cannot be used: it is not good");
    check_refused("-az", "parameter args: -az cannot be used: it is not good");
    check_refused("x --", "parameter args: -- cannot be used: options that follow would be none");
    check_refused("-v --", "");
}

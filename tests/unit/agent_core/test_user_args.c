#include "stash/user_args.h"

#include <criterion/criterion.h>
#include <string.h>

static int check(const char *text, struct error *err)
{
    AUTO(argv_done) struct argv words = {0};

    argv_add_words(&words, text);
    return user_args_check(&words, err);
}

static void expect_fine(const char *text)
{
    struct error err;

    cr_expect_eq(check(text, &err), 0, "%s: %s", text, err.msg);
}

static void expect_refused(const char *text, const char *part)
{
    struct error err;

    cr_expect_eq(check(text, &err), -ERR_INVALID, "%s", text);
    cr_expect_not_null(strstr(err.msg, part), "%s: %s", text, err.msg);
    cr_expect_not_null(strstr(err.msg, "spec.target.args: "), "%s", err.msg);
}

Test(user_args, options_and_their_values_are_fine)
{
    expect_fine(NULL);
    expect_fine("--tag \"after the show\" --exclude=x --skip-if-unchanged -x --verify");
    expect_fine("-vxe *.tmp -e*.log -o s3.connections=7");
    expect_fine("--tag -n --iexclude --host"); /* values, whatever they look like */
}

Test(user_args, what_stash_sets_is_refused_however_it_is_written)
{
    expect_refused("--dry-run", "--dry-run is Stash's to set");
    expect_refused("--host=other", "--host=other is Stash's");
    expect_refused("-Hother", "-Hother is Stash's");
    expect_refused("-xn", "-xn is Stash's");
    expect_refused("--tag a --repo /x", "--repo is Stash's");
    expect_refused("--tag stash-target=x", "leave them out");
}

/* One more path would be backed up, one more snapshot restored. */
Test(user_args, a_stray_word_is_refused)
{
    expect_refused("/etc", "\"/etc\" is no option");
    expect_refused("--verify /etc", "\"/etc\" is no option");
    expect_refused("--tag a b", "\"b\" is no option");
    expect_refused("-- /etc", "\"--\" is no option");
    expect_refused("-x -", "\"-\" is no option");
    expect_refused("\"\"", "\"\" is no option");
}

/* It would take our own next option for its value. */
Test(user_args, an_option_without_its_value_is_refused)
{
    expect_refused("--verify --tag", "--tag has no value");
    expect_refused("-ve", "-ve has no value");
}

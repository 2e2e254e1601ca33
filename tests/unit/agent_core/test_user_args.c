#include "stash/user_args.h"

#include <criterion/criterion.h>

static void expect_refused(const char *text, const char *named)
{
    struct error err = {0};

    cr_assert_eq(user_args_check(text, &err), -ERR_INVALID, "%s", text);
    cr_assert(strstr(err.msg, named), "%s: %s", text, err.msg);
}

static void expect_accepted(const char *text)
{
    struct error err = {0};

    cr_assert_eq(user_args_check(text, &err), 0, "%s: %s", text, err.msg);
}

Test(user_args, flags_and_their_values_pass)
{
    expect_accepted(NULL);
    expect_accepted("--tag \"after the show\" --exclude-caches --limit-upload 2000 -e *.tmp -xv");
    expect_accepted("--tag=a,b --iexclude=-n -eCACHE --exclude --host");
}

Test(user_args, what_says_where_and_whether_restic_works_is_refused)
{
    expect_refused("--exclude-caches --host elsewhere", "--host");
    expect_refused("-xn", "-xn");
    expect_refused("--tag \"stash-target=A/b/c\"", "stash-");
}

Test(user_args, a_path_is_no_argument)
{
    expect_refused("/etc", "/etc");
    expect_refused("--verbose /etc", "/etc");
    expect_refused("--tag a b", "\"b\"");
    expect_refused("\"\"", "\"\"");
    expect_refused("-- /etc", "--");
}

Test(user_args, only_a_flag_with_a_blank_behind_its_name_is_split)
{
    AUTO(argv_done) struct argv argv = {0};

    user_args_add(&argv, "\"--limit-upload 2000\" --tag \"after the show\" \"--tag=a b\"");
    cr_assert_eq(argv.count, 5);
    cr_assert_str_eq(argv.items[1], "2000");
    cr_assert_str_eq(argv.items[3], "after the show");
    cr_assert_str_eq(argv.items[4], "--tag=a b");
}

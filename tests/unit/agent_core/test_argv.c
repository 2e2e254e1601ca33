#include "stash/argv.h"

#include <criterion/criterion.h>

Test(argv, an_empty_list_ends_at_once)
{
    AUTO(argv_done) struct argv argv = {0};

    cr_assert_null(argv_list(&argv)[0]);
    argv_add_words(&argv, NULL);
    argv_add_list(&argv, "--x", "");
    argv_add_pair(&argv, "--x", NULL);
    argv_add_pair(&argv, "--x", "");
    cr_assert_null(argv_list(&argv)[0]);
}

Test(argv, splits_words_at_blanks_and_lists_at_commas)
{
    AUTO(argv_done) struct argv argv = {0};

    argv_add_words(&argv, "  a 'b  c'\t");
    argv_add_list(&argv, "-e", ",x,,y z,");
    cr_assert_eq(argv.count, 7);
    cr_assert_str_eq(argv.items[1], "'b");
    cr_assert_str_eq(argv.items[3], "-e");
    cr_assert_str_eq(argv.items[6], "y z");
    cr_assert_null(argv_list(&argv)[7]);
}

Test(env, the_last_setting_wins_and_names_are_whole)
{
    AUTO(argv_done) struct argv env = {0};
    const char *const inherited[] = {"PATH=/bin", "PATH_X=1", NULL};

    argv_add_all(&env, inherited);
    argv_env_set(&env, "PATH", "/usr/bin");
    argv_env_set(&env, "EMPTY", "");
    cr_assert_eq(env.count, 3);
    cr_assert_str_eq(argv_env_get(&env, "PATH"), "/usr/bin");
    cr_assert_str_eq(argv_env_get(&env, "PATH_X"), "1");
    cr_assert_str_eq(argv_env_get(&env, "EMPTY"), "");
    cr_assert_null(argv_env_get(&env, "PAT"));
}

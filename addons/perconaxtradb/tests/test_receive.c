/* What a donor sends is taken in its turn: the program that dump-stream runs, with a garbd and a donor that are scripts. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "stash/mem.h"

static int run_receive(const char *words, char *ret_said, size_t size)
{
    AUTO(mem_free)
    char *command =
        xasprintf(STASH " addon-tool perconaxtradb 127.0.4.44 5 10 " TESTS "garbd %s 2>&1", words);
    FILE *pipe = popen(command, "r");

    cr_assert_not_null(pipe);
    ret_said[fread(ret_said, 1, size - 1, pipe)] = '\0';
    return WEXITSTATUS(pclose(pipe));
}

static void check_receive(const char *words, int status, const char *expected)
{
    char said[1024];

    cr_assert_eq(run_receive(words, said, sizeof(said)), status, "%s", said);
    cr_assert_str_eq(said, expected);
}

Test(receive, the_first_transfer_is_dropped_and_the_second_passed_on)
{
    check_receive("'who it is' 'the copy'", 0, "the copy");
}

Test(receive, who_says_nothing_is_no_donor)
{
    check_receive("'' '' 'who it is' 'the copy'", 0, "the copy");
}

Test(receive, a_donor_whose_copy_failed_is_not_waited_for)
{
    check_receive("'who it is' ''", 0, "");
}

Test(receive, garbd_says_why_it_was_not_taken_in)
{
    check_receive("", 1, TESTS "garbd ended with exit code 1: failed to reach primary view\n");
}

Test(receive, an_address_that_is_not_ours_is_refused)
{
    char said[1024];
    AUTO(mem_free) char *command = xstrdup(STASH " addon-tool perconaxtradb 192.0.2.1 0 1 x 2>&1");
    FILE *pipe = popen(command, "r");

    said[fread(said, 1, sizeof(said) - 1, pipe)] = '\0';
    cr_assert_eq(WEXITSTATUS(pclose(pipe)), 1);
    cr_assert(strstr(said, "listening for the donor on port 4444: Cannot assign"), "%s", said);
}

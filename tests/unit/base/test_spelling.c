#include "stash/spelling.h"

#include <criterion/criterion.h>
#include <string.h>

#include "stash/mem.h"

static unsigned distance(const char *one, const char *two)
{
    unsigned result;

    cr_assert(spelling_is_near(one, two, &result), "%s %s", one, two);
    return result;
}

Test(spelling, counts_changes_and_not_case)
{
    cr_assert_eq(distance("schedule", "Schedule"), 0);
    cr_assert_eq(distance("paths", "path"), 1);
    cr_assert_eq(distance("scheulde", "schedule"), 2);
    cr_assert_eq(distance("taget", "target"), 1);
    cr_assert_eq(distance("tagret", "target"), 1);
    cr_assert_eq(distance("", "a"), 1);
}

Test(spelling, short_words_bear_one_change)
{
    unsigned unused;

    cr_assert_not(spelling_is_near("name", "kind", &unused));
    cr_assert_not(spelling_is_near("repo", "repository", &unused));
    cr_assert(spelling_is_near("nam", "name", &unused));
}

Test(spelling, words_without_end_are_compared_no_further)
{
    AUTO(mem_free) char *longest = xcalloc(1, 70000);
    unsigned unused;

    memset(longest, 'a', 69999);
    cr_assert_not(spelling_is_near(longest, longest, &unused));
    longest[64] = '\0';
    cr_assert(spelling_is_near(longest, longest, &unused));
}

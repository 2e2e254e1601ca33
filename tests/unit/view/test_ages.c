#include "stash/ages.h"

#include <criterion/criterion.h>

#include "stash/mem.h"

Test(ages, says_as_much_as_three_digits_tell)
{
    static const struct {
        int64_t seconds;
        const char *want;
    } rows[] = {
        {-5, "0s"},          {0, "0s"},          {119, "119s"},      {120, "2m"},
        {150, "2m30s"},      {600, "10m"},       {10799, "179m"},    {10800, "3h"},
        {12000, "3h20m"},    {28800, "8h"},      {172799, "47h"},    {172800, "2d"},
        {187200, "2d4h"},    {691200, "8d"},     {63071999, "729d"}, {63072000, "2y"},
        {66528000, "2y40d"}, {315360000, "10y"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char have[AGES_SIZE];
        ages_span(rows[i].seconds, have);
        cr_assert_str_eq(have, rows[i].want);
    }
}

Test(ages, says_nothing_of_a_time_that_is_none)
{
    char have[AGES_SIZE];

    ages_since("yesterday", 100, have);
    cr_assert_str_eq(have, "");
    ages_since(NULL, 100, have);
    cr_assert_str_eq(have, "");
    ages_since("1970-01-01T00:00:40Z", 100, have);
    cr_assert_str_eq(have, "60s");
}

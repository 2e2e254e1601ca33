#include "stash/quantity.h"

#include <criterion/criterion.h>

#include "stash/mem.h"

Test(quantity, amounts_in_whole_units)
{
    const struct {
        const char *text;
        int64_t want;
    } rows[] = {
        {"0", 0},
        {"1", 1},
        {"-1", -1},
        {"+5", 5},
        {"1.", 1},
        {".5", 1},
        {"-.5", -1},
        {"1.5", 2},
        {"500m", 1},
        {"1n", 1},
        {"1000000u", 1},
        {"1k", 1000},
        {"1Ki", 1024},
        {"1.5Gi", 1610612736},
        {"10Gi", 10737418240},
        {"1E", 1000000000000000000},
        {"7Ei", 8070450532247928832},
        {"1e3", 1000},
        {"1E3", 1000},
        {"12e-1", 2},
        {"1e+2", 100},
        {"0.000000001", 1},
        {"0e9", 0},
        {"007", 7},
        {"0.0000000000", 0},
        {"9223372036854775807", INT64_MAX},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t have = -99;
        cr_assert(quantity_parse(rows[i].text, &have), "%s", rows[i].text);
        cr_assert_eq(have, rows[i].want, "%s gives %ld", rows[i].text, (long)have);
    }
}

Test(quantity, refuses_what_is_none)
{
    const char *bad[] = {"",
                         " 1",
                         "1 ",
                         "Gi",
                         "1gi",
                         "1GB",
                         "1kb",
                         "1K",
                         "1.2.3",
                         "--1",
                         "0x10",
                         "1e",
                         "1e+",
                         ".",
                         "-",
                         "1,5",
                         "1e100",
                         "1e1234567890123456789012345678901234567890",
                         "1e--1",
                         "1e1x",
                         "1234567890123456789012345678901234567890",
                         "8Ei",
                         "9223372036854775808",
                         "1000000000000000000000000000000",
                         "ten",
                         "1Gi1"};

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        int64_t have = -99;
        cr_assert_not(quantity_parse(bad[i], &have), "%s", bad[i]);
        cr_assert_eq(have, -99);
    }
}

Test(quantity, the_same_amount_in_other_words_is_equal)
{
    cr_assert(quantity_equal("1Gi", "1024Mi"));
    cr_assert(quantity_equal("0.1", "100m"));
    cr_assert(quantity_equal("1e3", "1k"));
    cr_assert_not(quantity_equal("1G", "1Gi"));
    cr_assert_not(quantity_equal("100m", "1"));
    cr_assert_not(quantity_equal("x", "x"));
}

Test(quantity, amounts_are_ordered)
{
    static const struct {
        const char *one, *two;
        int order;
    } rows[] = {{"1", "999m", 1}, {"1Gi", "1024Mi", 0}, {"10m", "0.1", -1}, {"-1", "0", -1}};
    int order = 7;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cr_assert(quantity_compare(rows[i].one, rows[i].two, &order));
        cr_assert_eq(order, rows[i].order, "%s, %s", rows[i].one, rows[i].two);
    }
    cr_assert_not(quantity_compare("1", "lots", &order));
}

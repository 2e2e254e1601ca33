#include "stash/text.h"

#include <criterion/criterion.h>

#include "stash/mem.h"

#define FORTY "1234567890123456789012345678901234567890"

Test(text, a_number_is_read_and_stepped_over)
{
    static const struct {
        const char *text, *rest;
        int64_t max, number;
    } rows[] = {
        {"0", "", 0, 0},
        {"80", "", 65535, 80},
        {"007x", "x", 9, 7},
        {"65535/path", "/path", 65535, 65535},
        {"0000000000000000000000000000000000000000", "", 1, 0},
        {"9223372036854775807", "", INT64_MAX, INT64_MAX},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *at = rows[i].text;
        int64_t number = -1;

        cr_assert(text_number(&at, rows[i].max, &number), "%s", rows[i].text);
        cr_assert_eq(number, rows[i].number, "%s", rows[i].text);
        cr_assert_str_eq(at, rows[i].rest);
    }
}

Test(text, what_is_no_number_or_too_great_changes_nothing)
{
    static const struct {
        const char *text;
        int64_t max;
    } rows[] = {
        {"", 9},    {"-1", 9}, {"+1", 9},          {" 1", 9},
        {"x1", 9},  {"2", 1},  {"65536", 65535},   {"9223372036854775808", INT64_MAX},
        {FORTY, 9}, {"10", 9}, {FORTY, INT64_MAX}, {"1", 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *at = rows[i].text;
        int64_t number = -7;

        cr_assert_not(text_number(&at, rows[i].max, &number), "%s", rows[i].text);
        cr_assert_eq(number, -7);
        cr_assert_eq(at, rows[i].text);
    }
}

#include <criterion/criterion.h>
#include <string.h>

#include "stash/admit.h"

Test(warnings, are_cut_at_256_bytes_and_stay_printable)
{
    AUTO(warnings_done) struct warnings warnings = {0};
    char text[300];

    memset(text, 'x', sizeof(text));
    memcpy(text + 255, "\xc3\xa9", 3);
    warnings_add(&warnings, "%s", text);
    cr_assert_eq(strlen(warnings.items[0]), 256);
    json_auto_t *value = json_string(warnings.items[0]);
    cr_assert_not_null(value, "half a character would be no UTF-8");
}

Test(warnings, are_not_many)
{
    AUTO(warnings_done) struct warnings warnings = {0};

    for (int i = 0; i < 100; i++)
        warnings_add(&warnings, "warning %d", i);
    cr_assert_eq(warnings.count, 16);
    cr_assert_str_eq(warnings.items[15], "warning 15");
}

#include "stash/path.h"

#include <criterion/criterion.h>
#include <string.h>

#include "stash/mem.h"

Test(path, one_folder_has_one_form)
{
    static const char *const rows[][2] = {
        {"/data", "/data"},
        {"/data/", "/data"},
        {"//data//", "/data"},
        {"/data/.", "/data"},
        {"/./data/./", "/data"},
        {"/a//b/./c", "/a/b/c"},
        {"/", "/"},
        {"/.", "/"},
        {"///", "/"},
        {"/.hidden", "/.hidden"},
        {"/..a/b.", "/..a/b."},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(mem_free) char *clean = NULL;
        struct error err;

        cr_assert_eq(path_clean(rows[i][0], &clean, &err), 0, "%s", rows[i][0]);
        cr_assert_str_eq(clean, rows[i][1]);
    }
}

Test(path, what_is_relative_or_goes_upwards_is_refused)
{
    static const char *const rows[][2] = {
        {"data", "absolute"}, {"", "absolute"}, {"/data/..", "upwards"}, {"/a/../b", "upwards"}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char *clean = NULL;
        struct error err;

        cr_assert_eq(path_clean(rows[i][0], &clean, &err), -ERR_INVALID, "%s", rows[i][0]);
        cr_assert(strstr(err.msg, rows[i][1]), "%s", err.msg);
        cr_assert_null(clean);
    }
}

Test(path, two_ways_to_write_one_folder_are_the_same)
{
    cr_assert(path_same("/data", "/data/."));
    cr_assert(path_same("data", "data"));
    cr_assert_not(path_same("/data", "/data2"));
    cr_assert_not(path_same("/data", "data"));
}

Test(path, the_folder_above)
{
    AUTO(mem_free) char *deep = path_parent("/a/b");
    AUTO(mem_free) char *top = path_parent("/a");

    cr_assert_str_eq(deep, "/a");
    cr_assert_str_eq(top, "/");
}

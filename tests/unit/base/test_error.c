#include "stash/error.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

Test(error, gains_context_on_the_way_up)
{
    struct error err;

    cr_assert_eq(error_set(&err, ERR_NOT_FOUND, "secret %s not found", "s"), -ERR_NOT_FOUND);
    cr_assert_eq(error_wrap(&err, "repository %s/%s", "demo", "r"), -ERR_NOT_FOUND);
    cr_assert_str_eq(err.msg, "repository demo/r: secret s not found");
}

Test(error, carries_errno)
{
    struct error err;

    cr_assert_eq(error_set_errno(&err, ENOENT, "opening %s", "/x"), -ERR_SYSTEM);
    cr_assert_eq(err.code, ENOENT);
    cr_assert_str_eq(err.msg, "opening /x: No such file or directory");
}

Test(error, cuts_what_is_too_long)
{
    struct error err;
    char longer[2000];

    memset(longer, 'x', sizeof(longer));
    longer[sizeof(longer) - 1] = '\0';
    error_set(&err, ERR_INVALID, "%s", longer);
    error_wrap(&err, "reading");
    cr_assert_eq(strncmp(err.msg, "reading: xxx", 12), 0);
    cr_assert_eq(strlen(err.msg), sizeof(err.msg) - 1);
}

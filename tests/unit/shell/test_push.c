#include "stash/push.h"

#include <criterion/criterion.h>

#include "stash/mem.h"

Test(push, the_url_groups_by_invoker)
{
    AUTO(mem_free)
    char *url = push_url("http://gateway:56789/", "BackupConfiguration", "demo", "my-bc");

    cr_assert_str_eq(url, "http://gateway:56789/metrics/job/backupconfiguration-demo-my-bc");
}

Test(push, what_is_no_name_is_escaped)
{
    AUTO(mem_free) char *url = push_url("http://gateway", "X", "a/b", "c d?");

    cr_assert_str_eq(url, "http://gateway/metrics/job/x-a%2Fb-c%20d%3F");
}

Test(push, a_gateway_that_is_not_there_is_an_error_and_no_more)
{
    struct error err;

    cr_assert_eq(push_metrics("http://127.0.0.1:1/metrics/job/x", "a 1\n", NULL, &err),
                 -ERR_TRANSPORT);
    cr_assert_eq(push_metrics("file:///etc/passwd", "a 1\n", NULL, &err), -ERR_TRANSPORT);
}

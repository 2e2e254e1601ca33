#include "status.h"

#include <criterion/criterion.h>
#include <string.h>

#include "stash/mem.h"

Test(status, maps_every_status_that_the_server_sends)
{
    static const struct {
        long status;
        enum error_kind kind;
    } rows[] = {
        {200, ERR_OK},        {201, ERR_OK},        {202, ERR_OK},       {302, ERR_TRANSPORT},
        {400, ERR_INVALID},   {401, ERR_DENIED},    {403, ERR_DENIED},   {404, ERR_NOT_FOUND},
        {405, ERR_INVALID},   {408, ERR_TIMEOUT},   {409, ERR_CONFLICT}, {410, ERR_GONE},
        {413, ERR_INVALID},   {415, ERR_INVALID},   {422, ERR_INVALID},  {429, ERR_TRANSPORT},
        {500, ERR_TRANSPORT}, {503, ERR_TRANSPORT}, {504, ERR_TIMEOUT},  {0, ERR_TRANSPORT},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        cr_assert_eq(status_kind(rows[i].status), rows[i].kind, "%ld", rows[i].status);
}

Test(status, shows_the_servers_own_message)
{
    struct error err = {0};
    const char *body = "{\"kind\":\"Status\",\"message\":\"jobs.batch \\\"x\\\" already exists\","
                       "\"reason\":\"AlreadyExists\",\"code\":409}";
    cr_assert_eq(status_error(409, body, strlen(body), &err), -ERR_CONFLICT);
    cr_assert_str_eq(err.msg, "jobs.batch \"x\" already exists");
    cr_assert_eq(err.code, 409);
}

Test(status, trusts_the_status_line_over_the_body)
{
    struct error err = {0};
    const char *body = "{\"message\":\"m\",\"code\":200}";
    cr_assert_eq(status_error(503, body, strlen(body), &err), -ERR_TRANSPORT);
    cr_assert_eq(err.code, 503);
}

Test(status, shows_the_begin_of_what_is_no_status)
{
    struct error err = {0};
    cr_assert_eq(status_error(502, "<html>Bad Gateway", 17, &err), -ERR_TRANSPORT);
    cr_assert_str_eq(err.msg, "HTTP 502: <html>Bad Gateway");
    cr_assert_eq(status_error(404, "", 0, &err), -ERR_NOT_FOUND);
    cr_assert_str_eq(err.msg, "HTTP 404");
}

Test(status, waits_for_busy_servers_only)
{
    cr_assert(status_is_busy(429) && status_is_busy(500) && status_is_busy(503));
    cr_assert_not(status_is_busy(409) || status_is_busy(200) || status_is_busy(404));
}

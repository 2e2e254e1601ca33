#include "stash/listen.h"

#include <criterion/criterion.h>

#include "stash/mem.h"

Test(listen, reads_both_families)
{
    struct sockaddr_storage at;
    struct error err;

    cr_assert_eq(listen_parse("127.0.0.1:8443", &at, &err), 0);
    cr_assert_eq(at.ss_family, AF_INET);
    cr_assert_eq(ntohs(((struct sockaddr_in *)&at)->sin_port), 8443);
    cr_assert_eq(listen_parse(":0", &at, &err), 0);
    cr_assert_eq(listen_parse("[::1]:80", &at, &err), 0);
    cr_assert_eq(at.ss_family, AF_INET6);
}

Test(listen, refuses_what_is_no_address)
{
    const char *bad[] = {"",       "8443",  "localhost:1", "1.2.3.4:",  "1.2.3.4:99999",
                         "::1:80", "[::1]", "]:1",         "1.2.3.4:8x"};

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct sockaddr_storage at;
        struct error err;
        cr_assert_eq(listen_parse(bad[i], &at, &err), -ERR_INVALID, "%s", bad[i]);
    }
}

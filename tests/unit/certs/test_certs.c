#include "stash/certs.h"

#include <criterion/criterion.h>
#include <string.h>

#define NOW INT64_C(1800000000)
#define DAY INT64_C(86400)

static const char *const names[] = {"stash-webhook.stash.svc",
                                    "stash-webhook.stash.svc.cluster.local", NULL};

static void issue(struct cert_pair *ca, struct cert_pair *serving)
{
    struct error err;

    cr_assert_eq(cert_issue_ca("stash CA", NOW, 365 * DAY, ca, &err), 0, "%s", err.msg);
    cr_assert_eq(cert_issue_serving(ca, names, NOW, 30 * DAY, serving, &err), 0, "%s", err.msg);
}

Test(certs, a_serving_pair_verifies_for_its_names_and_no_other)
{
    AUTO(cert_pair_done) struct cert_pair ca = {0}, serving = {0};

    issue(&ca, &serving);
    cr_assert(cert_verifies(serving.cert, serving.bundle, names[0], NOW));
    cr_assert(cert_verifies(serving.cert, serving.bundle, names[1], NOW));
    cr_assert(!cert_verifies(serving.cert, serving.bundle, "stash-webhook.other.svc", NOW));
}

Test(certs, it_does_not_verify_outside_its_time_or_by_another_ca)
{
    AUTO(cert_pair_done) struct cert_pair ca = {0}, serving = {0};
    AUTO(cert_pair_done) struct cert_pair other_ca = {0}, other = {0};

    issue(&ca, &serving);
    issue(&other_ca, &other);
    cr_assert(!cert_verifies(serving.cert, serving.bundle, names[0], NOW + 31 * DAY));
    cr_assert(!cert_verifies(serving.cert, serving.bundle, names[0], NOW - DAY));
    cr_assert(!cert_verifies(serving.cert, other_ca.bundle, names[0], NOW));
    cr_assert(!cert_verifies(serving.cert, NULL, names[0], NOW));
}

Test(certs, inspection_finds_a_key_of_another_certificate)
{
    AUTO(cert_pair_done) struct cert_pair ca = {0}, serving = {0};
    struct cert_info info;
    struct error err;

    issue(&ca, &serving);
    cr_assert_eq(cert_inspect(&serving, &info, &err), 0);
    cr_assert(info.matches_key);
    cr_assert_eq(info.not_after, NOW + 30 * DAY);
    struct cert_pair mixed = {.cert = serving.cert, .key = ca.key};
    cr_assert_eq(cert_inspect(&mixed, &info, &err), 0);
    cr_assert(!info.matches_key);
}

Test(certs, what_is_not_pem_is_refused)
{
    struct cert_pair bad[] = {{0}, {.cert = xstrdup("x"), .key = xstrdup("y")}};
    struct cert_info info;
    struct error err;

    cr_assert_eq(cert_inspect(&bad[0], &info, &err), -ERR_INVALID);
    cr_assert_eq(cert_inspect(&bad[1], &info, &err), -ERR_INVALID);
    cert_pair_done(&bad[1]);
}

Test(certs, a_name_that_would_change_the_extension_is_refused)
{
    const char *const evil[] = {"a,DNS:b", NULL};
    AUTO(cert_pair_done) struct cert_pair ca = {0}, serving = {0};
    struct error err;

    cr_assert_eq(cert_issue_ca("stash CA", NOW, DAY, &ca, &err), 0);
    cr_assert_eq(cert_issue_serving(&ca, evil, NOW, DAY, &serving, &err), -ERR_INVALID);
    cr_assert_null(serving.cert);
}

#include "exec_plugin.h"

#include <criterion/criterion.h>
#include <string.h>

#define V1 "client.authentication.k8s.io/v1"

static int parse(const char *status, struct credential *ret, struct error *err)
{
    AUTO(mem_free)
    char *text = xasprintf(
        "{\"kind\":\"ExecCredential\",\"apiVersion\":\"" V1 "\",\"status\":%s}\n", status);
    return credential_parse(text, strlen(text), V1, ret, err);
}

Test(exec_plugin, takes_a_token_or_a_certificate)
{
    AUTO(credential_done) struct credential token = {0}, pair = {0};
    struct error err = {0};
    cr_assert_eq(
        parse("{\"token\":\"t\",\"expirationTimestamp\":\"1970-01-02T00:00:00Z\"}", &token, &err),
        0, "%s", err.msg);
    cr_assert_str_eq(token.token, "t");
    cr_assert_eq(token.expires, 86400);
    cr_assert_eq(parse("{\"clientCertificateData\":\"c\",\"clientKeyData\":\"k\"}", &pair, &err), 0,
                 "%s", err.msg);
    cr_assert_null(pair.token);
    cr_assert_str_eq(pair.cert, "c");
    cr_assert_str_eq(pair.key, "k");
    cr_assert_eq(pair.expires, 0);
}

Test(exec_plugin, says_what_is_wrong_with_an_answer)
{
    static const struct {
        const char *status, *want;
    } rows[] = {
        {"null", "neither a token nor a certificate"},
        {"{\"token\":\"\"}", "neither a token nor a certificate"},
        {"{\"clientKeyData\":\"k\"}", "a key alone"},
        {"{\"token\":\"t\\r\\nX: y\"}", "characters that no token has"},
        {"{\"token\":\"t\",\"expirationTimestamp\":\"soon\"}", "is not a time"},
        {"{", "did not answer with JSON"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(credential_done) struct credential credential = {0};
        struct error err = {0};
        cr_assert_eq(parse(rows[i].status, &credential, &err), -ERR_INVALID, "row %zu", i);
        cr_assert(strstr(err.msg, rows[i].want), "row %zu: %s", i, err.msg);
    }
}

Test(exec_plugin, takes_no_other_kind_or_version)
{
    static const char other[] = "{\"kind\":\"Config\",\"apiVersion\":\"" V1 "\"}";
    static const char beta[] =
        "{\"kind\":\"ExecCredential\",\"apiVersion\":\"" V1 "beta1\",\"status\":{}}";
    struct credential unused;
    struct error err = {0};
    cr_assert_eq(credential_parse(other, strlen(other), V1, &unused, &err), -ERR_INVALID);
    cr_assert(strstr(err.msg, "ExecCredential"), "%s", err.msg);
    cr_assert_eq(credential_parse(beta, strlen(beta), V1, &unused, &err), -ERR_INVALID);
    cr_assert(strstr(err.msg, "v1beta1"), "%s", err.msg);
}

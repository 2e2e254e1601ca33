#include "stash/appbinding.h"

#include <criterion/criterion.h>

#include "stash/jsonx.h"
#include "stash/mem.h"

static json_t *app_of(const char *spec)
{
    json_error_t at;
    json_t *parsed = json_loads(spec, 0, &at);

    cr_assert_not_null(parsed, "%s", at.text);
    return json_pack("{s:{s:s, s:s}, s:o}", "metadata", "name", "db", "namespace", "demo", "spec",
                     parsed);
}

static void check_url(const char *spec, const char *want)
{
    json_auto_t *app = app_of(spec);
    AUTO(mem_free) char *url = NULL;
    struct error err;

    cr_assert_eq(appbinding_url(app, &url, &err), 0);
    cr_assert_str_eq(url, want);
}

static void check_host(const char *spec, const char *want)
{
    json_auto_t *app = app_of(spec);
    AUTO(mem_free) char *host = NULL;
    struct error err;

    cr_assert_eq(appbinding_host(app, &host, &err), 0);
    cr_assert_str_eq(host, want);
}

Test(appbinding, the_url_wins_for_a_url_and_the_service_for_a_host)
{
    const char *both = "{\"clientConfig\": {\"url\": \"https://x.io:1/p?q\", "
                       "\"service\": {\"name\": \"s\", \"port\": 4222}}}";

    check_url(both, "https://x.io:1/p?q");
    check_host(both, "s.demo.svc:4222");
}

Test(appbinding, a_service_makes_a_url)
{
    check_url("{\"clientConfig\": {\"service\": {\"scheme\": \"https\", \"name\": \"s\", "
              "\"namespace\": \"n\", \"port\": 9200, \"path\": \"a\", \"query\": \"b=c\"}}}",
              "https://s.n.svc:9200/a?b=c");
    check_url("{\"clientConfig\": {\"service\": {\"name\": \"s\"}}}", "http://s.demo.svc");
}

Test(appbinding, user_and_password_never_leave_the_url)
{
    check_url("{\"clientConfig\": {\"url\": \"http://u:p@ss@h:9200/x@y\"}}", "http://h:9200/x@y");
    check_host("{\"clientConfig\": {\"url\": \"nats://u:p@h:4222\"}}", "h:4222");
    check_host("{\"clientConfig\": {\"url\": \"h:4222\"}}", "h:4222");
}

Test(appbinding, nowhere_is_an_error)
{
    json_auto_t *app = app_of("{\"clientConfig\": {}}");
    AUTO(mem_free) char *text = NULL;
    struct error err;

    cr_assert_eq(appbinding_url(app, &text, &err), -ERR_INVALID);
    cr_assert_eq(appbinding_host(app, &text, &err), -ERR_INVALID);
    cr_assert_str_eq(err.msg, "AppBinding db: neither url nor service is set in clientConfig");
}

static const char transforms[] =
    "{\"secret\": {\"name\": \"one\"}, \"secretTransforms\": ["
    "{\"renameKey\": {\"from\": \"user\", \"to\": \"username\"}},"
    "{\"renameKey\": {\"from\": \"absent\", \"to\": \"x\"}},"
    "{\"addKey\": {\"key\": \"plain\", \"stringValue\": \"hi\", \"value\": \"ignored\"}},"
    "{\"addKeysFrom\": {\"secretRef\": {\"name\": \"two\"}}},"
    "{\"removeKey\": {\"key\": \"junk\"}}]}";

Test(appbinding, transforms_are_applied_in_order_on_a_copy)
{
    json_auto_t *app = app_of(transforms);
    json_auto_t *secrets = json_pack("{s:{s:{s:s, s:s}}, s:{s:{s:s}}}", "one", "data", "user",
                                     "dQ==", "junk", "ag==", "two", "data", "password", "cA==");
    json_auto_t *secret = NULL;
    json_auto_t *names = appbinding_secret_names(app);
    struct error err;

    cr_assert_eq(json_array_size(names), 2);
    cr_assert_eq(appbinding_secret(app, secrets, &secret, &err), 0);
    cr_assert_str_eq(jsonx_str(secret, "data", "username", NULL), "dQ==");
    cr_assert_str_eq(jsonx_str(secret, "data", "plain", NULL), "aGk=");
    cr_assert_str_eq(jsonx_str(secret, "data", "password", NULL), "cA==");
    cr_assert_eq(json_object_size(json_object_get(secret, "data")), 3);
    cr_assert_str_eq(jsonx_str(secrets, "one", "data", "user", NULL), "dQ==");
}

Test(appbinding, a_certificate_may_be_named_among_the_parameters)
{
    json_auto_t *own = app_of("{\"parameters\": {\"clientCertSecret\": {\"name\": \"c\"}}}");
    json_auto_t *both = app_of("{\"tlsSecret\": {\"name\": \"t\"}, \"parameters\": "
                               "{\"clientCertSecret\": {\"name\": \"c\"}}}");

    cr_assert_str_eq(appbinding_tls_secret_name(own), "c");
    cr_assert_str_eq(appbinding_tls_secret_name(both), "t");
}

Test(appbinding, a_missing_secret_is_named_and_none_is_fine)
{
    json_auto_t *app = app_of(transforms);
    json_auto_t *without = app_of("{}");
    json_auto_t *secrets = json_object();
    json_auto_t *secret = NULL;
    struct error err;

    cr_assert_eq(appbinding_secret(app, secrets, &secret, &err), -ERR_NOT_FOUND);
    cr_assert_str_eq(err.msg, "secret one of AppBinding db does not exist");
    cr_assert_eq(appbinding_secret(without, secrets, &secret, &err), 0);
    cr_assert(json_is_null(secret));
}

Test(appbinding, the_type_says_group_and_kind)
{
    json_auto_t *typed = app_of("{\"type\": \"nats.io/nats\"}");
    json_auto_t *bare = app_of("{\"type\": \"redis\"}");
    AUTO(mem_free) char *group = NULL;
    AUTO(mem_free) char *kind = NULL;
    AUTO(mem_free) char *bare_group = NULL;
    AUTO(mem_free) char *bare_kind = NULL;

    appbinding_type(typed, &group, &kind);
    cr_assert_str_eq(group, "nats.io");
    cr_assert_str_eq(kind, "nats");
    appbinding_type(bare, &bare_group, &bare_kind);
    cr_assert_str_eq(bare_group, "appcatalog.appscode.com");
    cr_assert_str_eq(bare_kind, "redis");
}

#include "stash/backend.h"

#include <criterion/criterion.h>
#include <string.h>

#include "stash/buf.h"
#include "stash/limits.h"
#include "stash/mem.h"

struct row {
    const char *name;
    json_t *backend;
    const char *container, *prefix, *url;
    int64_t connections;
};

static int decode(json_t *backend, json_t **ret_repository, struct backend *ret, struct error *err)
{
    *ret_repository = json_pack("{s:{s:o}}", "spec", "backend", backend);
    return backend_decode(*ret_repository, ret, err);
}

Test(backend, every_provider_has_its_container_prefix_and_url)
{
    const struct row rows[] = {
        {"local", json_pack("{s:{s:s,s:{}}}", "local", "mountPath", "/safe", "nfs"), "/safe", "",
         "/safe", 0},
        {"s3",
         json_pack("{s:{s:s,s:s,s:s,s:i}}", "s3", "endpoint", "http://s3:9000/", "bucket", "b",
                   "prefix", "/p/q", "maxConnections", 3),
         "b", "/p/q", "s3:http://s3:9000/b/p/q", 0},
        {"s3", json_pack("{s:{s:s,s:s}}", "s3", "endpoint", "s3.amazonaws.com", "bucket", "b"), "b",
         "", "s3:s3.amazonaws.com/b", 0},
        {"gcs",
         json_pack("{s:{s:s,s:s,s:i}}", "gcs", "bucket", "b", "prefix", "p", "maxConnections", 3),
         "b", "p", "gs:b:/p", 3},
        {"azure", json_pack("{s:{s:s,s:s}}", "azure", "container", "c", "prefix", "/p"), "c", "/p",
         "azure:c:/p", 0},
        {"swift", json_pack("{s:{s:s}}", "swift", "container", "c"), "c", "", "swift:c:/", 0},
        {"b2", json_pack("{s:{s:s,s:s}}", "b2", "bucket", "b", "prefix", "p"), "b", "p", "b2:b:/p",
         0},
        {"rest", json_pack("{s:{s:s}}", "rest", "url", "https://me@rest.host:8000/repo"),
         "rest.host:8000", "/repo", "rest:https://me@rest.host:8000/repo", 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        json_auto_t *repository = NULL;
        struct backend backend;
        struct error err;
        cr_assert_eq(decode(rows[i].backend, &repository, &backend, &err), 0, "%s", rows[i].name);
        cr_assert_str_eq(backend.provider->name, rows[i].name);
        cr_assert_str_eq(backend.container, rows[i].container);
        cr_assert_str_eq(backend.prefix, rows[i].prefix);
        cr_assert_eq(backend.max_connections, rows[i].connections, "%s", rows[i].name);
        AUTO(mem_free) char *url = backend_url(&backend);
        cr_assert_str_eq(url, rows[i].url);
    }
}

Test(backend, s3_has_region_tls_and_secret)
{
    json_auto_t *repository = NULL;
    struct backend backend;
    struct error err;
    json_t *doc = json_pack("{s:s,s:{s:s,s:s,s:s,s:b}}", "storageSecretName", "creds", "s3",
                            "endpoint", "e", "bucket", "b", "region", "eu", "insecureTLS", 1);

    cr_assert_eq(decode(doc, &repository, &backend, &err), 0);
    cr_assert_str_eq(backend.region, "eu");
    cr_assert_str_eq(backend.secret, "creds");
    cr_assert(backend.insecure_tls);
    cr_assert_null(backend.local);
}

Test(backend, the_first_of_several_wins)
{
    json_auto_t *repository = NULL;
    struct backend backend;
    struct error err;
    json_t *doc =
        json_pack("{s:{s:s},s:{s:s},s:n}", "gcs", "bucket", "g", "local", "mountPath", "/m", "s3");

    cr_assert_eq(decode(doc, &repository, &backend, &err), 0);
    cr_assert_str_eq(backend.provider->name, "local");
    cr_assert_not_null(backend.local);
}

Test(backend, none_or_a_url_without_host_is_an_error)
{
    struct backend backend = {.container = "untouched"};
    struct error err = {0};
    json_auto_t *none = NULL, *no_host = NULL;

    cr_assert_eq(decode(json_object(), &none, &backend, &err), -(int)ERR_INVALID);
    cr_assert(strstr(err.msg, "no provider"));
    cr_assert_eq(
        decode(json_pack("{s:{s:s}}", "rest", "url", "https:///x"), &no_host, &backend, &err),
        -(int)ERR_INVALID);
    cr_assert_str_eq(backend.container, "untouched");
}

Test(backend, sentences_name_every_provider)
{
    AUTO(buf_done) struct buf names;

    buf_init(&names, LIMIT_KIB);
    for (const struct provider *row = providers; row->name; row++)
        buf_addf(&names, "%s%s", names.len == 0 ? "" : row[1].name ? ", " : " or ", row->name);
    cr_assert_str_eq(names.data, PROVIDER_NAMES);
    cr_assert_null(provider_find("floppy"));
    cr_assert_null(provider_find(NULL));
}

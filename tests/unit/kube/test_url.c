#include "url.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct resource pods = {"Pod", "", "v1", "pods", true};
static const struct resource nodes = {"Node", "", "v1", "nodes", false};
static const struct resource sessions = {"BackupSession", "stash.appscode.com", "v1beta1",
                                         "backupsessions", true};

static int build(struct buf *out, const struct resource *resource, const char *namespace,
                 const char *name, const char *subresource)
{
    struct error err;
    buf_init(out, URL_LIMIT);
    return url_object(out, resource, namespace, name, subresource, &err);
}

Test(url, names_objects_and_collections_of_every_scope)
{
    static const struct {
        const struct resource *resource;
        const char *namespace, *name, *subresource, *want;
    } rows[] = {
        {&pods, "demo", "web-0", NULL, "/api/v1/namespaces/demo/pods/web-0"},
        {&pods, "demo", NULL, NULL, "/api/v1/namespaces/demo/pods"},
        {&pods, NULL, NULL, NULL, "/api/v1/pods"},
        {&nodes, NULL, "n1", "status", "/api/v1/nodes/n1/status"},
        {&nodes, "ignored", "n1", NULL, "/api/v1/nodes/n1"},
        {&sessions, "a", "b", "status",
         "/apis/stash.appscode.com/v1beta1/namespaces/a/backupsessions/b/status"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(buf_done) struct buf out = {0};
        cr_assert_eq(
            build(&out, rows[i].resource, rows[i].namespace, rows[i].name, rows[i].subresource), 0);
        cr_assert_str_eq(out.data, rows[i].want);
    }
}

Test(url, refuses_names_that_could_reach_something_else)
{
    const char *bad[] = {"", ".", "..", "a/b", "../secrets/x", "a%2fb"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        AUTO(buf_done) struct buf as_name = {0};
        AUTO(buf_done) struct buf as_namespace = {0};
        cr_assert_eq(build(&as_name, &pods, "demo", bad[i], NULL), -ERR_INVALID, "%s", bad[i]);
        cr_assert_eq(build(&as_namespace, &pods, bad[i], "x", NULL), -ERR_INVALID, "%s", bad[i]);
    }
}

Test(url, escapes_what_a_name_may_hold_but_a_url_may_not)
{
    AUTO(buf_done) struct buf out = {0};
    cr_assert_eq(build(&out, &nodes, NULL, "system:node?x=1 #", NULL), 0);
    cr_assert_str_eq(out.data, "/api/v1/nodes/system%3Anode%3Fx%3D1%20%23");
}

Test(url, needs_a_namespace_for_a_namespaced_object)
{
    AUTO(buf_done) struct buf out = {0};
    cr_assert_eq(build(&out, &pods, NULL, "web-0", NULL), -ERR_INVALID);
}

Test(url, joins_query_members_and_skips_absent_ones)
{
    AUTO(buf_done) struct buf out = {0};
    cr_assert_eq(build(&out, &pods, NULL, NULL, NULL), 0);
    url_query(&out, "limit", "500");
    url_query(&out, "fieldSelector", NULL);
    url_query(&out, "labelSelector", "a=b,c!=d");
    cr_assert_str_eq(out.data, "/api/v1/pods?limit=500&labelSelector=a%3Db%2Cc%21%3Dd");
}

Test(url, says_when_the_request_is_too_long)
{
    AUTO(buf_done) struct buf out = {0};
    char *name = xmalloc(URL_LIMIT + 1);
    memset(name, 'n', URL_LIMIT);
    name[URL_LIMIT] = '\0';
    cr_assert_eq(build(&out, &nodes, NULL, name, NULL), -ERR_LIMIT);
    free(name);
}

#include "config.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "stash/file.h"
#include "stash/jsonx.h"

static char folder[] = "/tmp/test_config.XXXXXX";

static void make_folder(void)
{
    cr_assert(mkdtemp(folder));
}

static void remove_folder(void)
{
    AUTO(mem_free) char *command = xasprintf("rm -rf '%s'", folder);
    cr_assert_eq(system(command), 0);
}

TestSuite(config, .init = make_folder, .fini = remove_folder);

/* Write a file of the test's folder; the caller frees its path. */
static char *put(const char *name, const char *text)
{
    struct error err;
    char *path = xasprintf("%s/%s", folder, name);
    cr_assert_eq(file_write(path, text, strlen(text), 0600, &err), 0);
    return path;
}

#define CLUSTER_AND_CONTEXT                                                                        \
    "current-context: c\n"                                                                         \
    "contexts: [{name: c, context: {cluster: k, user: u, namespace: team}}]\n"                     \
    "clusters: [{name: k, cluster: {server: 'https://k.test:6443/', "                              \
    "certificate-authority: ca.pem}}]\n"

static int load_file(const char *paths, const char *context, struct config *ret, struct error *err)
{
    const struct kube_access access = {.kubeconfig = paths, .context = context};
    return config_load(&access, ret, err);
}

static int load(const char *text, struct config *ret, struct error *err)
{
    AUTO(mem_free) char *path = put("config", text);
    return load_file(path, NULL, ret, err);
}

Test(config, reads_certificates_inline_and_by_path)
{
    AUTO(config_done) struct config config = {0};
    struct error err = {0};
    int r = load(CLUSTER_AND_CONTEXT "users: [{name: u, user: {client-certificate-data: Y2VydA==, "
                                     "client-key: /keys/k.pem}}]\n",
                 &config, &err);
    AUTO(mem_free) char *ca = xasprintf("%s/ca.pem", folder);
    cr_assert_eq(r, 0, "%s", err.msg);
    cr_assert_str_eq(config.server, "https://k.test:6443");
    cr_assert_str_eq(config.ca_file, ca);
    cr_assert_str_eq(config.cert_data, "cert");
    cr_assert_str_eq(config.key_file, "/keys/k.pem");
    cr_assert_str_eq(config.namespace, "team");
    cr_assert_null(config.token);
    cr_assert_not(config.insecure);
}

Test(config, reads_json_as_well)
{
    AUTO(config_done) struct config config = {0};
    struct error err = {0};
    int r =
        load("{\"current-context\":\"c\",\"contexts\":[{\"name\":\"c\",\"context\":{\"cluster\":"
             "\"k\",\"user\":\"u\"}}],\"clusters\":[{\"name\":\"k\",\"cluster\":{\"server\":"
             "\"http://127.0.0.1:1\",\"insecure-skip-tls-verify\":true}}],\"users\":[{\"name\":"
             "\"u\",\"user\":{\"token\":\"t\",\"tokenFile\":\"tok\"}}]}",
             &config, &err);
    AUTO(mem_free) char *token_file = xasprintf("%s/tok", folder);
    cr_assert_eq(r, 0, "%s", err.msg);
    cr_assert(config.insecure);
    cr_assert_str_eq(config.token, "t");
    cr_assert_str_eq(config.token_file, token_file);
    cr_assert_str_eq(config.namespace, "default");
}

Test(config, refuses_credentials_that_it_cannot_use_by_name)
{
    const char *refused[] = {"as-user-extra", "auth-provider", "username"};
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        AUTO(config_done) struct config config = {0};
        struct error err = {0};
        AUTO(mem_free)
        char *text = xasprintf(CLUSTER_AND_CONTEXT "users: [{name: u, user: {%s: {command: x}}}]\n",
                               refused[i]);
        cr_assert_eq(load(text, &config, &err), -ERR_INVALID);
        cr_assert(strstr(err.msg, refused[i]), "%s", err.msg);
        cr_assert(strstr(err.msg, "user \"u\""), "%s", err.msg);
    }
}

Test(config, names_what_is_missing)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"clusters: []\n", "no current-context"},
        {"current-context: x\n", "no context \"x\""},
        {"current-context: c\ncontexts: [{name: c, context: {cluster: k}}]\n", "no cluster \"k\""},
        {"current-context: c\ncontexts: [{name: c, context: {cluster: k}}]\n"
         "clusters: [{name: k, cluster: {server: 'ftp://x'}}]\n",
         "not an http or https URL"},
        {"- 1\n", "not a kubeconfig"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(config_done) struct config config = {0};
        struct error err = {0};
        cr_assert_eq(load(rows[i].text, &config, &err), -ERR_INVALID, "row %zu", i);
        cr_assert(strstr(err.msg, rows[i].want), "row %zu: %s", i, err.msg);
    }
}

Test(config, merges_files_and_the_first_one_wins)
{
    AUTO(config_done) struct config config = {0};
    struct error err = {0};
    AUTO(mem_free)
    char *one = put("one", "current-context: c\nusers: [{name: u, user: {token: one}}]\n");
    AUTO(mem_free)
    char *two = put("two", CLUSTER_AND_CONTEXT "users: [{name: u, user: {token: two}}]\n");
    AUTO(mem_free) char *paths = xasprintf("/nonexistent/x:%s:%s", one, two);
    cr_assert_eq(load_file(paths, NULL, &config, &err), 0, "%s", err.msg);
    cr_assert_str_eq(config.token, "one");
    cr_assert_str_eq(config.server, "https://k.test:6443");
}

Test(config, says_not_found_when_no_file_is_there)
{
    AUTO(config_done) struct config config = {0};
    struct error err = {0};
    cr_assert_eq(load_file("/nonexistent/a:/nonexistent/b", NULL, &config, &err), -ERR_NOT_FOUND);
}

Test(config, puts_brackets_around_an_ipv6_service_address)
{
    AUTO(config_done) struct config config = {0};
    AUTO(mem_free) char *namespace = put("namespace", "backup\n");
    config_in_cluster(folder, "fd00::1", "443", &config);
    AUTO(mem_free) char *token = xasprintf("%s/token", folder);
    cr_assert_str_eq(config.server, "https://[fd00::1]:443");
    cr_assert_str_eq(config.token_file, token);
    cr_assert_str_eq(config.namespace, "backup");
}

Test(config, dials_the_host_but_names_the_tls_server_name)
{
    AUTO(config_done) struct config config = {0};
    struct error err = {0};
    int r = load("current-context: c\ncontexts: [{name: c, context: {cluster: k}}]\n"
                 "clusters: [{name: k, cluster: {server: 'https://10.0.0.1:6443/x', "
                 "tls-server-name: api.test}}]\n",
                 &config, &err);
    cr_assert_eq(r, 0, "%s", err.msg);
    cr_assert_str_eq(config.server, "https://api.test:6443/x");
    cr_assert_str_eq(config.connect_to, "::10.0.0.1:6443");
}

#define EXEC_USER                                                                                  \
    "users: [{name: u, user: {as: jane, as-groups: [ops], exec: {apiVersion: "                     \
    "client.authentication.k8s.io/v1, command: ./login, provideClusterInfo: true}}}]\n"

Test(config, reads_a_credential_plugin_with_the_cluster_it_asks_for)
{
    AUTO(config_done) struct config config = {0};
    struct error err = {0};
    AUTO(mem_free) char *ca = put("ca.pem", "pem");
    cr_assert_eq(load(CLUSTER_AND_CONTEXT EXEC_USER, &config, &err), 0, "%s", err.msg);
    cr_assert_str_eq(jsonx_str(config.exec.spec, "command", NULL), "./login");
    cr_assert_str_eq(config.exec.folder, folder);
    cr_assert_str_eq(jsonx_str(config.exec.cluster, "server", NULL), "https://k.test:6443/");
    cr_assert_str_eq(jsonx_str(config.exec.cluster, "certificate-authority-data", NULL), "cGVt");
    cr_assert_str_eq(config.as, "jane");
    cr_assert_eq(json_array_size(config.as_groups), 1);
}

Test(config, says_what_is_wrong_with_a_credential_plugin)
{
    static const struct {
        const char *exec, *want;
    } rows[] = {
        {"{command: x}", "apiVersion \"\" is not spoken"},
        {"{apiVersion: client.authentication.k8s.io/v1alpha1, command: x}", "ask for a newer"},
        {"{apiVersion: client.authentication.k8s.io/v1}", "does not name a program"},
        {"{apiVersion: client.authentication.k8s.io/v1, command: x, args: [1]}", "\"args\""},
        {"{apiVersion: client.authentication.k8s.io/v1, command: x, env: [{name: A=B, value: c}]}",
         "\"env\""},
        {"{apiVersion: client.authentication.k8s.io/v1, command: x, interactiveMode: Maybe}",
         "none of Never"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(config_done) struct config config = {0};
        struct error err = {0};
        AUTO(mem_free)
        char *text =
            xasprintf(CLUSTER_AND_CONTEXT "users: [{name: u, user: {exec: %s}}]\n", rows[i].exec);
        cr_assert_eq(load(text, &config, &err), -ERR_INVALID, "row %zu", i);
        cr_assert(strstr(err.msg, rows[i].want), "row %zu: %s", i, err.msg);
        cr_assert(strstr(err.msg, "user \"u\""), "row %zu: %s", i, err.msg);
    }
}

Test(config, lets_the_command_line_override_the_file)
{
    AUTO(config_done) struct config config = {0};
    struct error err = {0};
    static const char *const groups[] = {"a", "b"};
    AUTO(mem_free) char *path = put("config", CLUSTER_AND_CONTEXT EXEC_USER);
    AUTO(mem_free) char *ca = put("ca.pem", "pem");
    const struct kube_access access = {.kubeconfig = path,
                                       .server = "https://other.test",
                                       .token = "t",
                                       .namespace = "shop",
                                       .as = "max",
                                       .as_groups = groups,
                                       .as_group_count = 2};
    cr_assert_eq(config_load(&access, &config, &err), 0, "%s", err.msg);
    cr_assert_str_eq(config.server, "https://other.test");
    cr_assert_str_eq(config.token, "t");
    cr_assert_null(config.exec.spec);
    cr_assert_str_eq(config.namespace, "shop");
    cr_assert_str_eq(config.as, "max");
    cr_assert_eq(json_array_size(config.as_groups), 2);
}

Test(config, refuses_names_that_would_forge_a_header)
{
    static const struct kube_access rows[] = {
        {.as = "jane\r\nX: y"}, {.as = "jane", .as_uid = "1\n"}, {.as_uid = "1"}};
    AUTO(mem_free) char *path = put("config", CLUSTER_AND_CONTEXT);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(config_done) struct config config = {0};
        struct error err = {0};
        struct kube_access access = rows[i];
        access.kubeconfig = path;
        cr_assert_eq(config_load(&access, &config, &err), -ERR_INVALID, "row %zu", i);
    }
}

/*
 * Who we are and whom we trust, against a real API server: a ServiceAccount's token from a file that changes, rights
 * that are missing, and a server whose certificate another CA signed.
 */
#include <stdio.h>
#include <string.h>

#include "stash/certs.h"
#include "stash/clock.h"
#include "stash/digest.h"
#include "stash/file.h"
#include "stash/jsonx.h"
#include "stash/kube.h"
#include "stash/limits.h"
#include "stash/yaml.h"

static const struct resource namespaces = {"Namespace", "", "v1", "namespaces", false};
static const struct resource accounts = {"ServiceAccount", "", "v1", "serviceaccounts", true};
static const struct resource config_maps = {"ConfigMap", "", "v1", "configmaps", true};
static const struct resource secrets = {"Secret", "", "v1", "secrets", true};
static const struct resource roles = {"Role", "rbac.authorization.k8s.io", "v1", "roles", true};
static const struct resource bindings = {"RoleBinding", "rbac.authorization.k8s.io", "v1",
                                         "rolebindings", true};

static char folder[] = "/tmp/kube-e2e.XXXXXX";
static char space[40];
static struct kube *admin;
static int failures;

static void check(bool ok, const char *what, const struct error *err)
{
    printf("%s %s%s%s\n", ok ? "ok  " : "FAIL", what, ok ? "" : ": ", ok ? "" : err->msg);
    failures += !ok;
}

#define CHECK(cond) check((cond), #cond, &err)

static void put(const char *name, const char *text)
{
    struct error err = {0};
    AUTO(mem_free) char *path = xasprintf("%s/%s", folder, name);
    CHECK(file_write(path, text, strlen(text), 0600, &err) == 0);
}

/* An account that may read ConfigMaps, and a token of it. The caller frees it. */
static char *make_account(void)
{
    struct error err = {0};
    json_auto_t *answer = NULL;
    json_auto_t *account =
        json_pack("{s:{s:s, s:s}}", "metadata", "name", "reader", "namespace", space);
    json_auto_t *role = json_pack("{s:{s:s, s:s}, s:[{s:[s], s:[s], s:[s]}]}", "metadata", "name",
                                  "reader", "namespace", space, "rules", "apiGroups", "",
                                  "resources", "configmaps", "verbs", "get");
    json_auto_t *binding =
        json_pack("{s:{s:s, s:s}, s:{s:s, s:s, s:s}, s:[{s:s, s:s, s:s}]}", "metadata", "name",
                  "reader", "namespace", space, "roleRef", "apiGroup", "rbac.authorization.k8s.io",
                  "kind", "Role", "name", "reader", "subjects", "kind", "ServiceAccount", "name",
                  "reader", "namespace", space);
    json_auto_t *request =
        json_pack("{s:s, s:s, s:{s:s, s:s}, s:{s:i}}", "apiVersion", "authentication.k8s.io/v1",
                  "kind", "TokenRequest", "metadata", "name", "reader", "namespace", space, "spec",
                  "expirationSeconds", 600);
    const struct kube_write token = {.subresource = "token"};
    CHECK(kube_create(admin, &accounts, account, NULL, NULL, &err) == 0);
    CHECK(kube_create(admin, &roles, role, NULL, NULL, &err) == 0);
    CHECK(kube_create(admin, &bindings, binding, NULL, NULL, &err) == 0);
    CHECK(kube_create(admin, &accounts, request, &token, &answer, &err) == 0);
    const char *value = jsonx_str(answer, "status", "token", NULL);
    return xstrdup(value ? value : "");
}

/* The cluster's entry of the kubeconfig that we were given; new reference. */
static json_t *read_cluster(void)
{
    struct error err = {0};
    AUTO(mem_free) char *text = NULL;
    size_t len = 0;
    json_auto_t *docs = NULL;
    CHECK(file_read(getenv("KUBECONFIG"), LIMIT_MIB, &text, &len, &err) == 0);
    CHECK(yaml_parse_all(text, len, &docs, &err) == 0);
    const json_t *clusters = jsonx_get(json_array_get(docs, 0), "clusters", NULL);
    return json_deep_copy(jsonx_get(json_array_get(clusters, 0), "cluster", NULL));
}

/* A client with the token of the file "token", trusting what `cluster` says. */
static struct kube *open_with(const json_t *cluster, const char *name)
{
    struct error err = {0};
    struct kube *kube = NULL;
    AUTO(mem_free) char *path = xasprintf("%s/%s", folder, name);
    json_auto_t *config =
        json_pack("{s:s, s:[{s:s, s:{s:s, s:s, s:s}}], s:[{s:s, s:O}], s:[{s:s, s:{s:s}}]}",
                  "current-context", "c", "contexts", "name", "c", "context", "cluster", "k",
                  "user", "u", "namespace", space, "clusters", "name", "k", "cluster", cluster,
                  "users", "name", "u", "user", "tokenFile", "token");
    AUTO(mem_free) char *text = jsonx_dump(config);
    put(name, text);
    CHECK(kube_open(path, "e2e-kube", &kube, &err) == 0);
    return kube;
}

/* Whether the account may read what every namespace has; rights take a moment to arrive. */
static int read_map(struct kube *kube, struct error *err)
{
    int r = 0;
    for (int i = 0; i < 50; i++) {
        json_auto_t *found = NULL;
        r = kube_get(kube, &config_maps, space, "kube-root-ca.crt", &found, err);
        if (r == 0 || (err->code != 403 && err->code != 404))
            break;
        clock_sleep_ms(100);
    }
    return r;
}

static void try_token(const json_t *cluster, const char *token)
{
    struct error err = {0};
    json_t *found = NULL;
    put("token", "not-a-token");
    AUTO(kube_close) struct kube *kube = open_with(cluster, "config");
    CHECK(strcmp(kube_namespace(kube), space) == 0);
    CHECK(read_map(kube, &err) == -ERR_DENIED && err.code == 401);
    put("token", token);
    CHECK(read_map(kube, &err) == 0);
    CHECK(kube_get(kube, &secrets, space, "x", &found, &err) == -ERR_DENIED && err.code == 403);
    CHECK(strstr(err.msg, "secrets \"x\" is forbidden") != NULL);
}

static void try_foreign_ca(json_t *cluster)
{
    struct error err = {0};
    AUTO(cert_pair_done) struct cert_pair ca = {0};
    CHECK(cert_issue_ca("another", clock_now() - 60, 3600, &ca, &err) == 0);
    AUTO(mem_free) char *encoded = digest_base64(ca.cert, strlen(ca.cert));
    json_object_del(cluster, "certificate-authority");
    json_object_set_new(cluster, "certificate-authority-data", json_string(encoded));
    AUTO(kube_close) struct kube *kube = open_with(cluster, "foreign");
    CHECK(read_map(kube, &err) == -ERR_TRANSPORT && strstr(err.msg, "certificate") != NULL);
}

int main(void)
{
    struct error err = {0};
    snprintf(space, sizeof(space), "kube-e2e-%08x", clock_random(UINT32_MAX));
    json_auto_t *object = json_pack("{s:{s:s}}", "metadata", "name", space);
    CHECK(getenv("KUBECONFIG") && mkdtemp(folder));
    CHECK(kube_open(NULL, "e2e-kube", &admin, &err) == 0);
    if (failures > 0)
        return 1;
    CHECK(kube_create(admin, &namespaces, object, NULL, NULL, &err) == 0);
    AUTO(mem_free) char *token = make_account();
    json_auto_t *cluster = read_cluster();
    try_token(cluster, token);
    try_foreign_ca(cluster);
    CHECK(kube_delete(admin, &namespaces, NULL, space, NULL, &err) == 0);
    kube_close(admin);
    AUTO(mem_free) char *clean = xasprintf("rm -r '%s'", folder);
    CHECK(system(clean) == 0);
    printf("%d failures\n", failures);
    return failures > 0;
}

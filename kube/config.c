#include "config.h"

#include <ctype.h>
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#include "stash/file.h"
#include "stash/limits.h"

#define SERVICE_ACCOUNT "/var/run/secrets/kubernetes.io/serviceaccount"

DEFINE_AUTO(CURLU, curl_url_cleanup);
DEFINE_AUTO(char, curl_free);

void config_done(struct config *config)
{
    char *strings[] = {config->server,    config->connect_to, config->ca_file,  config->ca_data,
                       config->cert_file, config->cert_data,  config->key_file, config->key_data,
                       config->token,     config->token_file, config->proxy,    config->tls_name,
                       config->namespace, config->as,         config->as_uid};
    for (size_t i = 0; i < ARRAY_LEN(strings); i++)
        free(strings[i]);
    json_decref(config->as_groups);
    exec_plugin_done(&config->exec);
    *config = (struct config){0};
}

/* Dial the host that was written, but name (SNI, Host, certificate check) the one that tls-server-name says. */
static int apply_tls_name(struct config *config, struct error *err)
{
    AUTO(curl_url_cleanup) CURLU *url = curl_url();
    AUTO(curl_free) char *host = NULL;
    AUTO(curl_free) char *port = NULL;
    AUTO(curl_free) char *renamed = NULL;
    if (!url || curl_url_set(url, CURLUPART_URL, config->server, 0) != CURLUE_OK ||
        curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
        curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) != CURLUE_OK ||
        curl_url_set(url, CURLUPART_HOST, config->tls_name, 0) != CURLUE_OK ||
        curl_url_get(url, CURLUPART_URL, &renamed, 0) != CURLUE_OK)
        return error_set(err, ERR_INVALID, "server %.200s with tls-server-name %.100s is no URL",
                         config->server, config->tls_name);
    config->connect_to = xasprintf("::%s:%s", host, port);
    free(config->server);
    config->server = xstrdup(renamed);
    return 0;
}

/* Names end up in headers: a line break in one would begin another. */
static bool is_name(const char *text)
{
    const char *at = text;
    while (*at && !iscntrl((unsigned char)*at))
        at++;
    return *text && !*at;
}

static int check_impersonation(const struct config *config, struct error *err)
{
    bool good =
        (!config->as || is_name(config->as)) && (!config->as_uid || is_name(config->as_uid));
    for (size_t i = 0; i < json_array_size(config->as_groups); i++)
        good = good && is_name(json_string_value(json_array_get(config->as_groups, i)));
    if (!good)
        return error_set(err, ERR_INVALID, "no user, uid or group to act as has such a name");
    if (!config->as && (config->as_uid || json_array_size(config->as_groups) > 0))
        return error_set(err, ERR_INVALID, "a uid or group to act as needs a user: --as");
    return 0;
}

int config_settle(struct config *config, struct error *err)
{
    const char *server = config->server;
    if (!server || (strncmp(server, "https://", 8) != 0 && strncmp(server, "http://", 7) != 0))
        return error_set(err, ERR_INVALID, "server \"%.200s\" is not an http or https URL",
                         server ? server : "");
    int r = config->tls_name ? apply_tls_name(config, err) : 0;
    if (r == 0)
        r = check_impersonation(config, err);
    if (r < 0)
        return r;
    for (size_t len = strlen(config->server); config->server[len - 1] == '/'; len--)
        config->server[len - 1] = '\0';
    if (!config->namespace)
        config->namespace = xstrdup("default");
    return 0;
}

/* The namespace file is optional: a projected volume may hold the token alone. */
static char *read_namespace(const char *folder)
{
    struct error ignored;
    AUTO(mem_free) char *path = xasprintf("%s/namespace", folder);
    char *text = NULL;
    size_t len = 0;
    if (file_read(path, 4 * LIMIT_KIB, &text, &len, &ignored) < 0)
        return NULL;
    text[strcspn(text, " \r\n")] = '\0';
    if (!*text) {
        free(text);
        return NULL;
    }
    return text;
}

void config_in_cluster(const char *folder, const char *host, const char *port, struct config *ret)
{
    AUTO(config_done) struct config config = {0};
    bool is_ipv6 = strchr(host, ':') && host[0] != '[';
    config.server = xasprintf(is_ipv6 ? "https://[%s]:%s" : "https://%s:%s", host, port);
    config.token_file = xasprintf("%s/token", folder);
    config.ca_file = xasprintf("%s/ca.crt", folder);
    config.namespace = read_namespace(folder);
    *ret = config;
    config = (struct config){0};
}

static bool is_set(const char *text)
{
    return text && *text;
}

static void override_text(char **slot, const char *text)
{
    if (!is_set(text))
        return;
    free(*slot);
    *slot = xstrdup(text);
}

/* A file of the command line instead of what the kubeconfig holds inline. */
static void override_file(char **file, char **data, const char *path)
{
    override_text(file, path);
    if (is_set(path))
        mem_free(TAKE(*data));
}

void config_override(struct config *config, const struct kube_access *access)
{
    override_text(&config->server, access->server);
    override_text(&config->tls_name, access->tls_name);
    override_text(&config->namespace, access->namespace);
    override_file(&config->ca_file, &config->ca_data, access->ca_file);
    override_file(&config->cert_file, &config->cert_data, access->cert_file);
    override_file(&config->key_file, &config->key_data, access->key_file);
    config->insecure = config->insecure || access->insecure;
    override_text(&config->token, access->token);
    if (is_set(access->token)) {
        mem_free(TAKE(config->token_file));
        exec_plugin_done(&config->exec);
    }
    if (!is_set(access->as) && !is_set(access->as_uid) && access->as_group_count == 0)
        return;
    override_text(&config->as, access->as);
    override_text(&config->as_uid, access->as_uid);
    json_decref(config->as_groups);
    config->as_groups = json_array();
    for (size_t i = 0; i < access->as_group_count; i++)
        json_array_append_new(config->as_groups, json_string(access->as_groups[i]));
}

/* Whether we are in a pod that may speak with the API server; then *ret says how. */
static bool config_of_pod(struct config *ret)
{
    const char *host = getenv("KUBERNETES_SERVICE_HOST");
    const char *port = getenv("KUBERNETES_SERVICE_PORT");
    if (!host || !*host || !port || !*port || access(SERVICE_ACCOUNT "/token", F_OK) != 0)
        return false;
    config_in_cluster(SERVICE_ACCOUNT, host, port, ret);
    return true;
}

/* What the command line does not name as a whole. */
static int config_find(const struct kube_access *access, struct config *ret, struct error *err)
{
    const char *from_env = getenv("KUBECONFIG");
    if (is_set(access->kubeconfig))
        return config_from_files(access->kubeconfig, access, ret, err);
    if (is_set(from_env))
        return config_from_files(from_env, access, ret, err);
    bool picks = is_set(access->context) || is_set(access->cluster) || is_set(access->user);
    if (!picks && config_of_pod(ret))
        return 0;
    const char *home = getenv("HOME");
    AUTO(mem_free) char *path = xasprintf("%s/.kube/config", home ? home : "");
    int r = config_from_files(path, access, ret, err);
    if (r == -ERR_NOT_FOUND && is_set(access->server))
        return 0;
    if (r == -ERR_NOT_FOUND)
        return error_set(
            err, ERR_NOT_FOUND,
            "no API server: no --kubeconfig, no $KUBECONFIG, no ServiceAccount token, no %s", path);
    return r;
}

int config_load(const struct kube_access *access, struct config *ret, struct error *err)
{
    AUTO(config_done) struct config config = {0};
    int r = config_find(access, &config, err);
    if (r < 0)
        return r;
    config_override(&config, access);
    r = config_settle(&config, err);
    if (r < 0)
        return r;
    *ret = config;
    config = (struct config){0};
    return 0;
}

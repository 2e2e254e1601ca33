#include "config.h"

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
                       config->namespace};
    for (size_t i = 0; i < ARRAY_LEN(strings); i++)
        free(strings[i]);
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

int config_settle(struct config *config, struct error *err)
{
    const char *server = config->server;
    if (!server || (strncmp(server, "https://", 8) != 0 && strncmp(server, "http://", 7) != 0))
        return error_set(err, ERR_INVALID, "server \"%.200s\" is not an http or https URL",
                         server ? server : "");
    int r = config->tls_name ? apply_tls_name(config, err) : 0;
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

int config_in_cluster(const char *folder, const char *host, const char *port, struct config *ret,
                      struct error *err)
{
    AUTO(config_done) struct config config = {0};
    bool is_ipv6 = strchr(host, ':') && host[0] != '[';
    config.server = xasprintf(is_ipv6 ? "https://[%s]:%s" : "https://%s:%s", host, port);
    config.token_file = xasprintf("%s/token", folder);
    config.ca_file = xasprintf("%s/ca.crt", folder);
    config.namespace = read_namespace(folder);
    int r = config_settle(&config, err);
    if (r < 0)
        return r;
    *ret = config;
    config = (struct config){0};
    return 0;
}

static bool is_set(const char *text)
{
    return text && *text;
}

int config_load(const char *kubeconfig, struct config *ret, struct error *err)
{
    const char *from_env = getenv("KUBECONFIG");
    if (is_set(kubeconfig))
        return config_from_files(kubeconfig, ret, err);
    if (is_set(from_env))
        return config_from_files(from_env, ret, err);
    const char *host = getenv("KUBERNETES_SERVICE_HOST");
    const char *port = getenv("KUBERNETES_SERVICE_PORT");
    if (is_set(host) && is_set(port) && access(SERVICE_ACCOUNT "/token", F_OK) == 0)
        return config_in_cluster(SERVICE_ACCOUNT, host, port, ret, err);
    const char *home = getenv("HOME");
    AUTO(mem_free) char *path = xasprintf("%s/.kube/config", home ? home : "");
    int r = config_from_files(path, ret, err);
    if (r == -ERR_NOT_FOUND)
        return error_set(
            err, ERR_NOT_FOUND,
            "no API server: no --kubeconfig, no $KUBECONFIG, no ServiceAccount token, no %s", path);
    return r;
}

#include "http.h"

#include <string.h>

#include "client.h"
#include "stash/limits.h"

#define CONNECT_TIMEOUT_MS 10000L
#define IDLE_CONNECTION_S  90L
#define CA_CACHE_S         60L /* a rotated CA file is seen after this time */

DEFINE_AUTO(struct curl_slist, curl_slist_free_all);

/* ---- options ----------------------------------------------------------------------------------------------------- */

static int add_header(struct curl_slist **list, const char *name, const char *value)
{
    AUTO(mem_free) char *line = xasprintf("%s: %s", name, value);
    struct curl_slist *longer = curl_slist_append(*list, line);
    if (longer)
        *list = longer;
    return longer ? 0 : -1;
}

static CURLcode set_pem(CURL *curl, CURLoption option, const char *pem, unsigned flags)
{
    struct curl_blob blob = {.data = (void *)(uintptr_t)pem, .len = strlen(pem), .flags = flags};
    return curl_easy_setopt(curl, option, &blob);
}

static CURLcode set_trust(CURL *curl, const struct config *config)
{
    CURLcode code = CURLE_OK;
    if (config->insecure) {
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    } else if (config->ca_data) {
        code = set_pem(curl, CURLOPT_CAINFO_BLOB, config->ca_data, CURL_BLOB_NOCOPY);
    } else if (config->ca_file) {
        curl_easy_setopt(curl, CURLOPT_CA_CACHE_TIMEOUT, CA_CACHE_S);
        code = curl_easy_setopt(curl, CURLOPT_CAINFO, config->ca_file);
    }
    if (code == CURLE_OK && config->cert_data)
        code = set_pem(curl, CURLOPT_SSLCERT_BLOB, config->cert_data, CURL_BLOB_NOCOPY);
    else if (code == CURLE_OK && config->cert_file)
        code = curl_easy_setopt(curl, CURLOPT_SSLCERT, config->cert_file);
    if (code == CURLE_OK && config->key_data)
        code = set_pem(curl, CURLOPT_SSLKEY_BLOB, config->key_data, CURL_BLOB_NOCOPY);
    else if (code == CURLE_OK && config->key_file)
        code = curl_easy_setopt(curl, CURLOPT_SSLKEY, config->key_file);
    return code;
}

static CURLcode set_bearer(CURL *curl, const char *token)
{
    curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
    return curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, token);
}

static int set_token(struct kube *kube, CURL *curl, bool reload, struct error *err)
{
    AUTO(mem_free) char *token = NULL;
    int r = token_get(&kube->token, reload, &token, err);
    if (r < 0 || !token)
        return r;
    CURLcode code = set_bearer(curl, token);
    return code == CURLE_OK ? 0 : http_error(code, NULL, err);
}

/* What a credential plugin answered; the next answer may replace it while this call runs. */
static int set_credential(struct kube *kube, CURL *curl, bool renew, struct error *err)
{
    AUTO(credential_done) struct credential credential = {0};
    CURLcode code = CURLE_OK;
    int r = identity_get(&kube->identity, renew, &credential, err);
    if (r < 0)
        return r;
    if (credential.token)
        code = set_bearer(curl, credential.token);
    if (code == CURLE_OK && credential.cert)
        code = set_pem(curl, CURLOPT_SSLCERT_BLOB, credential.cert, CURL_BLOB_COPY);
    if (code == CURLE_OK && credential.key)
        code = set_pem(curl, CURLOPT_SSLKEY_BLOB, credential.key, CURL_BLOB_COPY);
    return code == CURLE_OK ? 0 : http_error(code, NULL, err);
}

static int set_identity(struct kube *kube, CURL *curl, bool renew, struct error *err)
{
    return kube->config.exec.spec ? set_credential(kube, curl, renew, err)
                                  : set_token(kube, curl, renew, err);
}

int http_bearer(struct kube *kube, char **ret, struct error *err)
{
    AUTO(credential_done) struct credential credential = {0};
    int r = kube->config.exec.spec ? identity_get(&kube->identity, false, &credential, err)
                                   : token_get(&kube->token, false, ret, err);

    if (r == 0 && kube->config.exec.spec)
        *ret = TAKE(credential.token);
    return r;
}

/* A proxy of the environment never stands between us and our own machine. */
static bool is_loopback(const char *server)
{
    const char *host = strstr(server, "://") + 3;
    return strncmp(host, "127.", 4) == 0 || strncmp(host, "localhost", 9) == 0 ||
           strncmp(host, "[::1]", 5) == 0;
}

static void set_route(const struct kube *kube, CURL *curl, struct curl_slist *connect_to)
{
    if (kube->config.proxy)
        curl_easy_setopt(curl, CURLOPT_PROXY, kube->config.proxy);
    else if (is_loopback(kube->config.server))
        curl_easy_setopt(curl, CURLOPT_PROXY, "");
    if (connect_to)
        curl_easy_setopt(curl, CURLOPT_CONNECT_TO, connect_to);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
    curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(curl, CURLOPT_TCP_KEEPIDLE, 30L);
    curl_easy_setopt(curl, CURLOPT_TCP_KEEPINTVL, 10L);
    curl_easy_setopt(curl, CURLOPT_MAXAGE_CONN, IDLE_CONNECTION_S);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
}

/* Whom to act as, if the server lets us. */
static int add_impersonation(const struct config *config, struct curl_slist **headers)
{
    int r = config->as ? add_header(headers, "Impersonate-User", config->as) : 0;
    if (r == 0 && config->as_uid)
        r = add_header(headers, "Impersonate-Uid", config->as_uid);
    for (size_t i = 0; r == 0 && i < json_array_size(config->as_groups); i++)
        r = add_header(headers, "Impersonate-Group",
                       json_string_value(json_array_get(config->as_groups, i)));
    return r;
}

static int set_headers(const struct config *config, const struct http_request *request, CURL *curl,
                       struct curl_slist **ret, struct error *err)
{
    AUTO(curl_slist_free_all) struct curl_slist *headers = NULL;
    int r = add_header(&headers, "Accept", request->accept ? request->accept : "application/json");
    if (r == 0 && request->content_type)
        r = add_header(&headers, "Content-Type", request->content_type);
    if (r == 0)
        r = add_header(&headers, "Expect", ""); /* else curl waits a second before a large body */
    if (r == 0)
        r = add_impersonation(config, &headers);
    if (r < 0)
        return error_set(err, ERR_INTERNAL, "http headers: out of memory");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    *ret = TAKE(headers);
    return 0;
}

int http_prepare(struct kube *kube, CURL *curl, const struct http_request *request,
                 struct curl_slist **ret_headers, struct error *err)
{
    AUTO(mem_free) char *url = xasprintf("%s%s", kube->config.server, request->target);
    CURLcode code = curl_easy_setopt(curl, CURLOPT_URL, url);
    if (code == CURLE_OK)
        code = curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
    if (code == CURLE_OK)
        code = curl_easy_setopt(curl, CURLOPT_USERAGENT, kube->user_agent);
    if (code == CURLE_OK)
        code = set_trust(curl, &kube->config);
    if (code != CURLE_OK)
        return http_error(code, NULL, err);
    int r = set_identity(kube, curl, request->reload_token, err);
    if (r < 0)
        return r;
    set_route(kube, curl, kube->connect_to);
    if (request->content_type) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(request->body));
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body);
    }
    if (request->timeout_ms > 0)
        curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
    return set_headers(&kube->config, request, curl, ret_headers, err);
}

/* ---- errors ------------------------------------------------------------------------------------------------------ */

int http_error(CURLcode code, const char *detail, struct error *err)
{
    const char *text = detail && *detail ? detail : curl_easy_strerror(code);
    switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
        return error_set(err, ERR_TIMEOUT, "%s", text);
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_SSL_CERTPROBLEM:
        return error_set(err, ERR_INVALID, "%s", text);
    case CURLE_OUT_OF_MEMORY:
    case CURLE_FAILED_INIT:
    case CURLE_UNKNOWN_OPTION:
    case CURLE_BAD_FUNCTION_ARGUMENT:
        return error_set(err, ERR_INTERNAL, "%s", text);
    default:
        return error_set(err, ERR_TRANSPORT, "%s", text);
    }
}

/* ---- the exchange ------------------------------------------------------------------------------------------------ */

struct exchange {
    CURL *curl;
    const struct http_request *request;
    struct http_response *response;
    struct error failure; /* what the receiver did not like */
};

static size_t http_receive(char *data, size_t size, size_t count, void *ctx)
{
    struct exchange *exchange = ctx;
    size_t len = size * count;
    long status = 0;
    int r = 0;
    curl_easy_getinfo(exchange->curl, CURLINFO_RESPONSE_CODE, &status);
    if (exchange->request->sink && status == 200)
        r = exchange->request->sink(exchange->request->ctx, data, len, &exchange->failure);
    else if (!buf_add(&exchange->response->body, data, len))
        r = buf_check(&exchange->response->body, "answer of the API server", &exchange->failure);
    return r < 0 ? CURL_WRITEFUNC_ERROR : len;
}

void http_response_init(struct http_response *response)
{
    *response = (struct http_response){.retry_after_s = -1};
    buf_init(&response->body, LIMIT_HTTP_RESPONSE);
}

void http_response_done(struct http_response *response)
{
    buf_done(&response->body);
}

static int http_perform(CURL *curl, struct exchange *exchange, struct error *err)
{
    char detail[CURL_ERROR_SIZE] = "";
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, http_receive);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, exchange);
    CURLcode code = curl_easy_perform(curl);
    if (exchange->failure.kind) {
        *err = exchange->failure;
        return -(int)err->kind;
    }
    if (code != CURLE_OK)
        return http_error(code, detail, err);
    curl_off_t retry_after = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &exchange->response->status);
    curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &retry_after);
    exchange->response->retry_after_s = retry_after > 0 ? (long)retry_after : -1;
    return 0;
}

int http_send(struct kube *kube, const struct http_request *request, struct http_response *response,
              struct error *err)
{
    CURL *curl = pool_take(&kube->pool, request->urgent);
    struct exchange exchange = {.curl = curl, .request = request, .response = response};
    AUTO(curl_slist_free_all) struct curl_slist *headers = NULL;
    buf_reset(&response->body);
    int r = curl ? http_prepare(kube, curl, request, &headers, err)
                 : error_set(err, ERR_INTERNAL, "libcurl: no handle");
    if (r == 0)
        r = http_perform(curl, &exchange, err);
    pool_return(&kube->pool, curl);
    return r;
}

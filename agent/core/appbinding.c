#include "stash/appbinding.h"

#include <string.h>

#include "stash/digest.h"
#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/pair.h"
#include "stash/text.h"

/* name.namespace.svc:port of clientConfig.service; NULL when there is none. */
static char *service_host(const json_t *app)
{
    const json_t *service = jsonx_get(app, "spec", "clientConfig", "service", NULL);
    const char *name = jsonx_str(service, "name", NULL);
    const char *namespace = jsonx_str(service, "namespace", NULL);
    json_int_t port = jsonx_int(service, 0, "port", NULL);

    if (!name)
        return NULL;
    if (!namespace || !*namespace)
    namespace = text_or_empty(jsonx_namespace(app));
    if (port <= 0)
        return xasprintf("%s.%s.svc", name, namespace);
    return xasprintf("%s.%s.svc:%lld", name, namespace, (long long)port);
}

/* The authority of a URL and what comes after the user and password in it. */
static const char *url_authority(const char *url, size_t *ret_len)
{
    const char *scheme_end = strstr(url, "://");
    const char *start = scheme_end ? scheme_end + 3 : url;
    size_t len = strcspn(start, "/?#");
    const char *at = memrchr(start, '@', len);

    if (at) {
        len -= (size_t)(at + 1 - start);
        start = at + 1;
    }
    *ret_len = len;
    return start;
}

static int value_missing(const json_t *app, struct error *err)
{
    return error_set(err, ERR_INVALID,
                     "AppBinding %s: neither url nor service is set in clientConfig",
                     text_or_empty(jsonx_name(app)));
}

int appbinding_url(const json_t *app, char **ret, struct error *err)
{
    const json_t *service = jsonx_get(app, "spec", "clientConfig", "service", NULL);
    const char *url = jsonx_str(app, "spec", "clientConfig", "url", NULL);
    const char *scheme = jsonx_str(service, "scheme", NULL);
    const char *path = jsonx_str(service, "path", NULL);
    const char *query = jsonx_str(service, "query", NULL);
    AUTO(mem_free) char *host = service_host(app);
    const char *scheme_end;
    size_t len;

    if (url && *url) {
        scheme_end = strstr(url, "://");
        *ret = xasprintf("%.*s%s", scheme_end ? (int)(scheme_end + 3 - url) : 0, url,
                         url_authority(url, &len));
        return 0;
    }
    if (!host)
        return value_missing(app, err);
    path = text_or_empty(path);
    *ret = xasprintf("%s://%s%s%s%s%s", scheme && *scheme ? scheme : "http", host,
                     *path && *path != '/' ? "/" : "", path, query && *query ? "?" : "",
                     text_or_empty(query));
    return 0;
}

int appbinding_host(const json_t *app, char **ret, struct error *err)
{
    const char *url = jsonx_str(app, "spec", "clientConfig", "url", NULL);
    AUTO(mem_free) char *host = service_host(app);
    const char *start;
    size_t len;

    if (host) {
        *ret = TAKE(host);
        return 0;
    }
    if (!url || !*url)
        return value_missing(app, err);
    start = url_authority(url, &len);
    if (len == 0)
        return error_set(err, ERR_INVALID, "AppBinding %s: its url names no host",
                         text_or_empty(jsonx_name(app)));
    *ret = xstrndup(start, len);
    return 0;
}

int appbinding_ca(const json_t *app, char **ret, struct error *err)
{
    const char *bundle = jsonx_str(app, "spec", "clientConfig", "caBundle", NULL);
    size_t len;

    if (!bundle || !*bundle) {
        *ret = NULL;
        return 0;
    }
    if (digest_base64_decode(bundle, ret, &len, err) < 0)
        return error_wrap(err, "AppBinding %s: caBundle", text_or_empty(jsonx_name(app)));
    return 0;
}

/* KubeDB's bindings for Redis name it among their parameters. */
const char *appbinding_tls_secret_name(const json_t *app)
{
    const char *name = jsonx_str(app, "spec", "tlsSecret", "name", NULL);

    if (!name || !*name)
        name = jsonx_str(app, "spec", "parameters", "clientCertSecret", "name", NULL);
    return name && *name ? name : NULL;
}

json_t *appbinding_secret_names(const json_t *app)
{
    const char *own = jsonx_str(app, "spec", "secret", "name", NULL);
    const char *tls = appbinding_tls_secret_name(app);
    json_t *names = json_array();
    size_t i;
    json_t *transform;

    if (tls)
        json_array_append_new(names, json_string(tls));
    if (!own || !*own)
        return names;
    json_array_append_new(names, json_string(own));
    json_array_foreach (jsonx_get(app, "spec", "secretTransforms", NULL), i, transform) {
        const char *other = jsonx_str(transform, "addKeysFrom", "secretRef", "name", NULL);

        if (other && *other)
            json_array_append_new(names, json_string(other));
    }
    return names;
}

/* ---- transforms: one member each, on a copy of the data ----------------------------------------- */

static void add_key(json_t *data, const json_t *add)
{
    const char *key = jsonx_str(add, "key", NULL);
    const char *plain = jsonx_str(add, "stringValue", NULL);
    const char *encoded = jsonx_str(add, "value", NULL);
    AUTO(mem_free) char *made = plain && *plain ? digest_base64(plain, strlen(plain)) : NULL;

    if (key)
        json_object_set_new(data, key, json_string(made ? made : text_or_empty(encoded)));
}

static void rename_key(json_t *data, const json_t *rename)
{
    const char *from = jsonx_str(rename, "from", NULL), *to = jsonx_str(rename, "to", NULL);
    json_t *value = from ? json_object_get(data, from) : NULL;

    if (!value || !to || strcmp(from, to) == 0)
        return;
    json_object_set(data, to, value);
    json_object_del(data, from);
}

static int transform_data(json_t *data, const json_t *transform, const json_t *secrets,
                          struct error *err)
{
    const char *other = jsonx_str(transform, "addKeysFrom", "secretRef", "name", NULL);
    const char *gone = jsonx_str(transform, "removeKey", "key", NULL);
    const json_t *from = other ? jsonx_get(secrets, other, NULL) : NULL;

    add_key(data, jsonx_get(transform, "addKey", NULL));
    rename_key(data, jsonx_get(transform, "renameKey", NULL));
    if (other && !from)
        return error_set(err, ERR_NOT_FOUND, "secret %s of addKeysFrom does not exist", other);
    json_object_update(data, jsonx_get(from, "data", NULL));
    if (gone)
        json_object_del(data, gone);
    return 0;
}

int appbinding_secret(const json_t *app, const json_t *secrets, json_t **ret, struct error *err)
{
    const char *name = jsonx_str(app, "spec", "secret", "name", NULL);
    const json_t *secret = name && *name ? jsonx_get(secrets, name, NULL) : NULL;
    json_auto_t *data = NULL;
    size_t i;
    json_t *transform;

    if (!name || !*name) {
        *ret = json_null();
        return 0;
    }
    if (!secret)
        return error_set(err, ERR_NOT_FOUND, "secret %s of AppBinding %s does not exist", name,
                         text_or_empty(jsonx_name(app)));
    data = json_copy(jsonx_get(secret, "data", NULL));
    if (!data)
        data = json_object();
    json_array_foreach (jsonx_get(app, "spec", "secretTransforms", NULL), i, transform) {
        int r = transform_data(data, transform, secrets, err);

        if (r < 0)
            return r;
    }
    *ret = json_pack("{s:{s:s}, s:O}", PAIR("metadata", PAIR("name", name)), PAIR("data", data));
    return 0;
}

void appbinding_type(const json_t *app, char **ret_group, char **ret_kind)
{
    const char *type = text_or_empty(jsonx_str(app, "spec", "type", NULL));
    const char *slash = strrchr(type, '/');

    *ret_group =
        slash ? xstrndup(type, (size_t)(slash - type)) : xstrdup("appcatalog.appscode.com");
    *ret_kind = xstrdup(slash ? slash + 1 : *type ? type : "AppBinding");
}

/* backend.c - one row per storage provider, in the order in which Stash looks for them. */
#include "stash/backend.h"

#include <string.h>

#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/text.h"

struct provider {
    const char *name;
    const char *container_key; /* NULL: the host of the URL */
    char *(*url)(const struct backend *backend);
    bool has_prefix, has_connections;
};

static char *url_local(const struct backend *backend)
{
    return xstrdup(backend->container);
}

static const char *skip_slashes(const char *path)
{
    return path + strspn(path, "/");
}

/* restic splits at slashes to find the bucket, so doubled ones go. */
static char *url_s3(const struct backend *backend)
{
    const char *prefix = skip_slashes(backend->prefix);
    size_t len = strlen(backend->endpoint);

    while (len > 0 && backend->endpoint[len - 1] == '/')
        len--;
    return xasprintf("s3:%.*s/%s%s%s", (int)len, backend->endpoint, backend->container,
                     *prefix ? "/" : "", prefix);
}

static char *url_gcs(const struct backend *backend)
{
    return xasprintf("gs:%s:/%s", backend->container, skip_slashes(backend->prefix));
}

static char *url_plain(const struct backend *backend)
{
    return xasprintf("%s:%s:/%s", backend->provider, backend->container,
                     skip_slashes(backend->prefix));
}

static char *url_rest(const struct backend *backend)
{
    return xasprintf("rest:%s", backend->endpoint);
}

static const struct provider providers[] = {
    {"local", "mountPath", url_local, false, false}, {"s3", "bucket", url_s3, true, false},
    {"gcs", "bucket", url_gcs, true, true},          {"azure", "container", url_plain, true, true},
    {"swift", "container", url_plain, true, false},  {"b2", "bucket", url_plain, true, true},
    {"rest", NULL, url_rest, false, false},
};

/* https://user@host:port/path -> host into the backend's own buffer, path borrowed. */
static int split_url(const char *url, struct backend *backend, struct error *err)
{
    const char *scheme = strstr(url, "://");
    const char *authority = scheme ? scheme + 3 : url;
    size_t len = strcspn(authority, "/?#");
    const char *at = memchr(authority, '@', len);

    backend->endpoint = url;
    backend->prefix = authority + len;
    if (at) {
        len -= (size_t)(at + 1 - authority);
        authority = at + 1;
    }
    if (len == 0 || len >= sizeof(backend->host))
        return error_set(err, ERR_INVALID, "spec.backend.rest.url names no usable host");
    memcpy(backend->host, authority, len);
    backend->host[len] = '\0';
    return 0;
}

static const struct provider *find_provider(const json_t *spec)
{
    for (size_t i = 0; i < ARRAY_LEN(providers); i++) {
        if (jsonx_get(spec, providers[i].name, NULL))
            return &providers[i];
    }
    return NULL;
}

int backend_decode(const json_t *repository, struct backend *ret, struct error *err)
{
    const json_t *spec = jsonx_get(repository, "spec", "backend", NULL);
    const struct provider *provider = find_provider(spec);

    if (!provider)
        return error_set(err, ERR_INVALID,
                         "no provider: set one of spec.backend.local, s3, gcs, "
                         "azure, swift, b2, rest");
    const json_t *own = jsonx_get(spec, provider->name, NULL);
    struct backend backend = {
        .provider = provider->name,
        .prefix = provider->has_prefix ? text_or_empty(jsonx_str(own, "prefix", NULL)) : "",
        .endpoint = text_or_empty(jsonx_str(own, "endpoint", NULL)),
        .region = text_or_empty(jsonx_str(own, "region", NULL)),
        .secret = text_or_empty(jsonx_str(spec, "storageSecretName", NULL)),
        .max_connections =
            provider->has_connections ? jsonx_int(own, 0, "maxConnections", NULL) : 0,
        .insecure_tls = jsonx_bool(own, false, "insecureTLS", NULL),
        .local = strcmp(provider->name, "local") == 0 ? own : NULL,
    };
    if (provider->container_key) {
        backend.container = text_or_empty(jsonx_str(own, provider->container_key, NULL));
    } else {
        int r = split_url(text_or_empty(jsonx_str(own, "url", NULL)), &backend, err);
        if (r < 0)
            return r;
    }
    *ret = backend;
    if (!ret->container)
        ret->container = ret->host;
    return 0;
}

bool backend_has_provider(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(providers); i++)
        if (strcmp(providers[i].name, name) == 0)
            return true;
    return false;
}

char *backend_url(const struct backend *backend)
{
    for (size_t i = 0; i < ARRAY_LEN(providers); i++) {
        if (strcmp(providers[i].name, backend->provider) == 0)
            return providers[i].url(backend);
    }
    error_bug(__FILE__, __LINE__, "a decoded backend has a known provider");
}

/* backend.c - spec.backend, decoded by its provider's row. */
#include "stash/backend.h"

#include <string.h>

#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/text.h"

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

static const struct provider *provider_of(const json_t *spec)
{
    for (const struct provider *row = providers; row->name; row++)
        if (jsonx_get(spec, row->name, NULL))
            return row;
    return NULL;
}

int backend_decode(const json_t *repository, struct backend *ret, struct error *err)
{
    const json_t *spec = jsonx_get(repository, "spec", "backend", NULL);
    const struct provider *provider = provider_of(spec);

    if (!provider)
        return error_set(err, ERR_INVALID,
                         "no provider: set one of " PROVIDER_NAMES " in spec.backend");
    const json_t *own = jsonx_get(spec, provider->name, NULL);
    struct backend backend = {
        .provider = provider,
        .prefix = provider->has_prefix ? text_or_empty(jsonx_str(own, "prefix", NULL)) : "",
        .endpoint = text_or_empty(jsonx_str(own, "endpoint", NULL)),
        .region = text_or_empty(jsonx_str(own, "region", NULL)),
        .secret = text_or_empty(jsonx_str(spec, "storageSecretName", NULL)),
        .max_connections = provider->connections ? jsonx_int(own, 0, "maxConnections", NULL) : 0,
        .insecure_tls = jsonx_bool(own, false, "insecureTLS", NULL),
        .local = provider->is_folder ? own : NULL,
    };
    if (provider->container_field) {
        backend.container = text_or_empty(jsonx_str(own, provider->container_field, NULL));
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

char *backend_url(const struct backend *backend)
{
    return backend->provider->url(backend);
}

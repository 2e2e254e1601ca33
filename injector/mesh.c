/*
 * Service meshes. A restore comes before the proxy runs. Where an init container of the mesh redirects the pod's traffic
 * (istio-init, linkerd-init) the restore comes before that too and needs no proxy. Where a CNI plugin has redirected it
 * before any container, which the mesh proves in an init container, only a proxy that runs by then lets anything out.
 */
#include <stdint.h>
#include <string.h>

#include "parts.h"
#include "stash/jsonx.h"
#include "stash/text.h"

static const struct mesh_row {
    const char *proof; /* init container that shows a CNI plugin at work */
    const char *proxy;
    json_int_t proxy_user;      /* whose traffic is not redirected */
    const char *ports, *ranges; /* annotations by which the user lets traffic past the proxy */
} mesh_rows[] = {
    {"istio-validation", "istio-proxy", 1337, "traffic.sidecar.istio.io/excludeOutboundPorts",
     "traffic.sidecar.istio.io/excludeOutboundIPRanges"},
    {"linkerd-network-validator", "linkerd-proxy", 2102, "config.linkerd.io/skip-outbound-ports",
     "config.linkerd.io/skip-subnets"},
};

/* The mesh whose CNI plugin redirects the pod's traffic; NULL: none does. */
static const struct mesh_row *mesh_find(const json_t *init_containers)
{
    for (size_t i = 0; i < ARRAY_LEN(mesh_rows); i++)
        if (jsonx_find(init_containers, "name", mesh_rows[i].proof) >= 0)
            return &mesh_rows[i];
    return NULL;
}

/* Index of the proxy when it runs from among the init containers on; -1 when it does not. */
static ptrdiff_t proxy_index(const json_t *init_containers, const struct mesh_row *mesh)
{
    ptrdiff_t at = jsonx_find(init_containers, "name", mesh->proxy);
    const json_t *proxy = at < 0 ? NULL : json_array_get(init_containers, (size_t)at);
    const char *policy = jsonx_str(proxy, "restartPolicy", NULL);

    return policy && strcmp(policy, "Always") == 0 ? at : -1;
}

size_t mesh_restore_index(const json_t *init_containers)
{
    const struct mesh_row *mesh = mesh_find(init_containers);

    return mesh ? (size_t)(proxy_index(init_containers, mesh) + 1) : 0;
}

/* ---- what the user lets past the proxy ---- */

/* Where a restore connects to. */
struct endpoint {
    const char *what;
    char host[64]; /* an IPv4 address; "": not known */
    int port;
};

#define PORT_HTTP  80
#define PORT_HTTPS 443
#define PORT_MAX   65535

/* The port of "scheme://user@host:port/path"; the scheme's own where none is written, 0 where that is no number. */
static int url_port(const char *url)
{
    const char *scheme = strstr(url, "://");
    const char *host = scheme ? scheme + 3 : url;
    size_t len = strcspn(host, "/?#");
    const char *at = memchr(host, '@', len);

    if (at) {
        len -= (size_t)(at + 1 - host);
        host = at + 1;
    }
    const char *end = *host == '[' ? memchr(host, ']', len) : host;
    const char *colon = end ? memchr(end, ':', len - (size_t)(end - host)) : NULL;
    if (colon && colon + 1 < host + len) {
        const char *text = colon + 1;
        int64_t port;
        return text_number(&text, PORT_MAX, &port) && text == host + len ? (int)port : 0;
    }
    return strncmp(url, "http://", 7) == 0 ? PORT_HTTP : PORT_HTTPS;
}

static void url_address(const char *url, char *ret, size_t size)
{
    const char *scheme = strstr(url, "://");
    const char *host = scheme ? scheme + 3 : url;
    size_t len = strspn(host, "0123456789.");

    if (len > 0 && len < size && (!host[len] || strchr(":/", host[len]))) {
        memcpy(ret, host, len);
        ret[len] = '\0';
    }
}

static bool is_item_end(const char *at)
{
    return !*at || strchr(", \t", *at);
}

/* An item of "443, 9000-9010". */
static bool item_has_port(const char *item, int port)
{
    int64_t first, last;

    if (!text_number(&item, PORT_MAX, &first))
        return false;
    last = first;
    if (*item == '-' && (item++, !text_number(&item, PORT_MAX, &last)))
        return false;
    return is_item_end(item) && first <= port && port <= last;
}

static bool ports_cover(const char *list, int port)
{
    for (; list && *list; list += strcspn(list, ",")) {
        list += strspn(list, ", \t");
        if (item_has_port(list, port))
            return true;
    }
    return false;
}

/* False unless four numbers are there. */
static bool address_parse(const char *text, uint32_t *ret, const char **ret_end)
{
    uint32_t value = 0;

    for (int i = 0; i < 4; i++) {
        int64_t byte;
        if (!text_number(&text, UINT8_MAX, &byte) || (i < 3 && *text != '.'))
            return false;
        value = value << 8 | (uint32_t)byte;
        text += i < 3;
    }
    *ret = value;
    *ret_end = text;
    return true;
}

/* A name can be anywhere: only the range of all addresses has it for sure. */
static bool range_has(const char *range, const char *address)
{
    uint32_t network, host;
    int64_t bits = 32;
    const char *end, *rest;

    if (!address_parse(range, &network, &end))
        return false;
    if (*end == '/' && (end++, !text_number(&end, 32, &bits)))
        return false;
    if (!is_item_end(end))
        return false;
    if (bits == 0)
        return true;
    if (!address_parse(address, &host, &rest))
        return false;
    return ((network ^ host) >> (32 - bits)) == 0;
}

static bool ranges_cover(const char *list, const char *address)
{
    for (; list && *list; list += strcspn(list, ",")) {
        list += strspn(list, ", \t");
        if (range_has(list, address))
            return true;
    }
    return false;
}

static bool policy_covers(const struct site *site, const struct mesh_row *mesh,
                          const struct endpoint *endpoint)
{
    return ports_cover(jsonx_annotation(site->pod, mesh->ports), endpoint->port) ||
           ranges_cover(jsonx_annotation(site->pod, mesh->ranges), endpoint->host);
}

/* ---- */

static bool is_the_proxys_user(const struct part *part, const struct mesh_row *mesh)
{
    return jsonx_int(recipe_settings(part->recipe), -1, "securityContext", "runAsUser", NULL) ==
           mesh->proxy_user;
}

static bool check_endpoints(const struct site *site, struct part *part, const struct mesh_row *mesh)
{
    const struct backend *backend = &part->recipe->backend;
    struct endpoint endpoints[] = {{"the API server", "", PORT_HTTPS},
                                   {"the backend", "", url_port(backend->endpoint)}};
    size_t count = backend->local ? 1 : ARRAY_LEN(endpoints);

    url_address(backend->endpoint, endpoints[1].host, sizeof(endpoints[1].host));
    for (size_t i = 0; i < count; i++)
        if (!policy_covers(site, mesh, &endpoints[i]))
            return recipe_refuse(&part->refusal, INJECT_MESH, "%s: %s lacks port %d of %s",
                                 mesh->proof, mesh->ports, endpoints[i].port, endpoints[i].what);
    return true;
}

bool mesh_check(const struct site *site, struct part *part)
{
    const json_t *init_containers = jsonx_get(site->pod, "spec", "initContainers", NULL);
    const struct mesh_row *mesh = mesh_find(init_containers);

    if (!part_is_restore(part) || !mesh || proxy_index(init_containers, mesh) >= 0 ||
        is_the_proxys_user(part, mesh))
        return true;
    return check_endpoints(site, part, mesh);
}

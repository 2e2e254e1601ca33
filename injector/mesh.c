/*
 * Service meshes. A restore comes before the proxy runs. Where an init container of the mesh redirects the pod's traffic
 * (istio-init, linkerd-init) the restore comes before that too and needs no proxy. Where a CNI plugin has redirected it
 * before any container, which the mesh proves in an init container, only a proxy that runs by then lets anything out.
 */
#include <string.h>

#include "parts.h"
#include "stash/jsonx.h"

static const struct mesh_row {
    const char *proof; /* init container that shows a CNI plugin at work */
    const char *proxy;
    json_int_t proxy_user;     /* whose traffic is not redirected */
    const char *exclusions[2]; /* annotations by which the user lets traffic past the proxy */
} mesh_rows[] = {
    {"istio-validation",
     "istio-proxy",
     1337,
     {"traffic.sidecar.istio.io/excludeOutboundPorts",
      "traffic.sidecar.istio.io/excludeOutboundIPRanges"}},
    {"linkerd-network-validator",
     "linkerd-proxy",
     2102,
     {"config.linkerd.io/skip-outbound-ports", "config.linkerd.io/skip-subnets"}},
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

static bool is_excluded(const struct site *site, const struct part *part,
                        const struct mesh_row *mesh)
{
    for (size_t i = 0; i < ARRAY_LEN(mesh->exclusions); i++)
        if (jsonx_annotation(site->pod, mesh->exclusions[i]))
            return true;
    return jsonx_int(recipe_settings(part->recipe), -1, "securityContext", "runAsUser", NULL) ==
           mesh->proxy_user;
}

const char *mesh_obstacle(const struct site *site, const struct part *part)
{
    const json_t *init_containers = jsonx_get(site->pod, "spec", "initContainers", NULL);
    const struct mesh_row *mesh = mesh_find(init_containers);

    if (part_kind(part) != PART_RESTORE || !mesh || proxy_index(init_containers, mesh) >= 0 ||
        is_excluded(site, part, mesh))
        return NULL;
    return mesh->proof;
}

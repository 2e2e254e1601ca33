#include "sidecar_pod.h"

#include <string.h>

#include "invoker.h"
#include "stash/hosts.h"
#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/names.h"
#include "stash/text.h"

static const struct sidecar_model models[] = {
    {CONTAINER_SIDECAR, "sidecar"},
    {CONTAINER_INIT, "init container"},
};

const struct sidecar_model *sidecar_model_of(const json_t *invoker)
{
    return &models[invoker_is_restore(invoker)];
}

/* The element of that name in either list: the sidecar of a pod that is to finish is an init container. */
static const json_t *find_in(const json_t *parent, const char *list, const char *init_list,
                             const char *name)
{
    const json_t *items = jsonx_get(parent, list, NULL);
    ptrdiff_t at = jsonx_find(items, "name", name);

    if (at < 0) {
        items = jsonx_get(parent, init_list, NULL);
        at = jsonx_find(items, "name", name);
    }
    return at >= 0 ? json_array_get(items, (size_t)at) : NULL;
}

const json_t *sidecar_status(const json_t *pod, const struct sidecar_model *model)
{
    return find_in(jsonx_get(pod, "status", NULL), "containerStatuses", "initContainerStatuses",
                   model->container);
}

bool sidecar_is_injected(const json_t *pod, const struct sidecar_model *model)
{
    const char *hash = jsonx_annotation(pod, ANNOTATION_INJECTED_HASH);

    return hash && *hash &&
           find_in(jsonx_get(pod, "spec", NULL), "containers", "initContainers", model->container);
}

bool sidecar_is_at_work(const json_t *pod, const struct sidecar_model *model)
{
    return sidecar_is_injected(pod, model) &&
           !jsonx_get(pod, "metadata", "deletionTimestamp", NULL) &&
           jsonx_get(sidecar_status(pod, model), "state", "running", NULL);
}

static char *name_by_ordinal(const char *alias, const json_t *pod)
{
    const char *dash = jsonx_name(pod) ? strrchr(jsonx_name(pod), '-') : NULL;

    return dash ? hosts_name_ordinal(alias, dash + 1) : NULL;
}

static char *name_by_node(const char *alias, const json_t *pod)
{
    const char *node = jsonx_str(pod, "spec", "nodeName", NULL);

    return node ? hosts_name_node(alias, node) : NULL;
}

char *sidecar_host(const json_t *invoker, size_t index, const json_t *pod)
{
    const json_t *target = jsonx_get(invoker_member(invoker, index), "target", NULL);
    const char *alias = jsonx_str(target, "alias", NULL);
    const char *kind = jsonx_str(target, "ref", "kind", NULL);

    if (text_is(kind, "StatefulSet"))
        return name_by_ordinal(alias, pod);
    if (text_is(kind, "DaemonSet"))
        return name_by_node(alias, pod);
    return xstrdup(hosts_name_single(alias));
}

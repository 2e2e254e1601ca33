/*
 * Two operators that both drive the same objects would back everything up twice and fight over sidecars: as long as a
 * live upstream Stash operator is in the cluster, this one does not work, and says so.
 */
#include <string.h>

#include "room.h"
#include "stash/jsonx.h"

#define UPSTREAM_LABEL                                                                             \
    "app.kubernetes.io/name in (stash,stash-community,stash-enterprise,stash-operator)"

/* The operator runs the subcommand "run" of an image called stash…; anything else with that label is not it. */
static bool is_operator(const json_t *container)
{
    const char *image = jsonx_str(container, "image", NULL);
    const char *name = image ? strrchr(image, '/') : NULL;
    const char *first = json_string_value(json_array_get(jsonx_get(container, "args", NULL), 0));

    return name && strncmp(name, "/stash", 6) == 0 && first && strcmp(first, "run") == 0;
}

static bool is_live_operator(const json_t *deployment)
{
    const json_t *containers =
        jsonx_get(deployment, "spec", "template", "spec", "containers", NULL);

    if (jsonx_int(deployment, 1, "spec", "replicas", NULL) == 0)
        return false;
    for (size_t i = 0; i < json_array_size(containers); i++)
        if (is_operator(json_array_get(containers, i)))
            return true;
    return false;
}

char *upstream_find(struct reconciler *r)
{
    const struct kube_selector selector = {.label = UPSTREAM_LABEL};
    json_auto_t *found = NULL;
    struct error ignored;

    if (kube_list(r->kube, kind_resource(KIND_DEPLOYMENT), NULL, &selector, &found, &ignored) < 0)
        return NULL;
    for (size_t i = 0; i < json_array_size(found); i++) {
        const json_t *deployment = json_array_get(found, i);
        if (is_live_operator(deployment))
            return xasprintf("%s/%s", jsonx_namespace(deployment), jsonx_name(deployment));
    }
    return NULL;
}

/* Injection into whole workloads and lists, for offline use. */
#include <string.h>

#include "stash/inject.h"
#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/names.h"
#include "template.h"

static const struct {
    const char *group, *key;
} our_metadata[] = {
    {"labels", LABEL_INJECTED},
    {"annotations", ANNOTATION_INJECTION},
    {"annotations", ANNOTATION_INJECTED_HASH},
    {"annotations", ANNOTATION_AGENT_PROTOCOL},
    {"annotations", ANNOTATION_NOT_INJECTED},
    {"annotations", ANNOTATION_EVICT_LOCAL}, /* also the owner's: the pod's has all of it */
};

static json_t *pod_inject(const json_t *pod, const char *namespace, const struct snapshot *snapshot,
                          const struct inject_config *config)
{
    struct inject_request request = {.pod = pod,
                                     .namespace = namespace,
                                     .snapshot = snapshot,
                                     .config = config,
                                     .size = json_dumpb(pod, NULL, 0, JSON_COMPACT)};
    AUTO(inject_result_done) struct inject_result result = {0};

    inject_pod(&request, &result);
    return json_incref(result.pod);
}

/* Claim templates were volumes only for the injection's sake. */
static void claims_remove(json_t *spec, const json_t *workload)
{
    const json_t *templates = jsonx_get(workload, "spec", "volumeClaimTemplates", NULL);
    const json_t *own = jsonx_get(template_find(workload), "spec", "volumes", NULL);
    json_t *volumes = json_array_size(templates) ? jsonx_own_array(spec, "volumes") : NULL;

    for (size_t i = 0; i < json_array_size(templates); i++) {
        const char *name = jsonx_name(json_array_get(templates, i));
        ptrdiff_t at = name ? jsonx_find(volumes, "name", name) : -1;
        if (at >= 0 && jsonx_find(own, "name", name) < 0)
            json_array_remove(volumes, (size_t)at);
    }
}

static void metadata_carry(json_t *template, const json_t *pod)
{
    json_t *metadata = jsonx_own(template, "metadata");

    for (size_t i = 0; i < ARRAY_LEN(our_metadata); i++) {
        const char *group = our_metadata[i].group, *key = our_metadata[i].key;
        json_t *value = jsonx_get(pod, "metadata", group, key, NULL);
        if (value)
            json_object_set(jsonx_own(metadata, group), key, value);
        else if (jsonx_get(metadata, group, key, NULL))
            json_object_del(jsonx_own(metadata, group), key);
    }
}

static json_t *workload_inject(const json_t *object, const char *namespace,
                               const struct snapshot *snapshot, const struct inject_config *config)
{
    json_auto_t *pod = inject_template_pod(object);
    json_auto_t *injected = pod ? pod_inject(pod, namespace, snapshot, config) : NULL;

    if (injected == pod)
        return json_incref(jsonx_unconst(object));
    json_t *copy = json_copy(jsonx_unconst(object));
    json_t *template = template_own(copy);
    json_object_set(template, "spec", json_object_get(injected, "spec"));
    claims_remove(jsonx_own(template, "spec"), object);
    metadata_carry(template, injected);
    return copy;
}

static json_t *list_inject(const json_t *list, const char *namespace,
                           const struct snapshot *snapshot, const struct inject_config *config)
{
    const json_t *items = json_object_get(list, "items");
    json_t *copy = NULL;

    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);
        json_auto_t *injected = inject_any(item, namespace, snapshot, config);
        if (injected == item)
            continue;
        copy = copy ? copy : json_copy(jsonx_unconst(list));
        json_array_set(jsonx_own_array(copy, "items"), i, injected);
    }
    return copy ? copy : json_incref(jsonx_unconst(list));
}

json_t *inject_any(const json_t *object, const char *namespace, const struct snapshot *snapshot,
                   const struct inject_config *config)
{
    const char *kind = jsonx_str(object, "kind", NULL), *own = jsonx_namespace(object);

    if (kind && json_is_array(json_object_get(object, "items")))
        return list_inject(object, namespace, snapshot, config);
    if (own && *own)
    namespace = own;
    if (kind && strcmp(kind, "Pod") == 0)
        return pod_inject(object, namespace, snapshot, config);
    return workload_inject(object, namespace, snapshot, config);
}

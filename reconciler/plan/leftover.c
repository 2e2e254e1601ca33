/* What the upstream operator wrote into a workload's template, recognised and taken out once. */
#include "stash/inject.h"
#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/names.h"
#include "stash/pair.h"
#include "stash/plan.h"
#include "stash/timefmt.h"

#define UPSTREAM "stash.appscode.com/last-applied-"

static const char *const object_annotations[] = {
    UPSTREAM "backup-invoker",
    UPSTREAM "backup-invoker-kind",
    UPSTREAM "restore-invoker",
    UPSTREAM "restore-invoker-kind",
};
static const char *const template_annotations[] = {
    UPSTREAM "backup-invoker-hash",
    UPSTREAM "restore-invoker-hash",
};

static const char *const lists[] = {"containers", "initContainers"};

/* The list without upstream's containers; NULL when it holds none. */
static json_t *without_injected(const json_t *spec, const char *where)
{
    json_auto_t *kept = json_array();
    const json_t *list = jsonx_get(spec, where, NULL);
    size_t i;
    json_t *container;

    json_array_foreach (jsonx_unconst(list), i, container) {
        if (!inject_is_injected(container, where))
            json_array_append(kept, container);
    }
    return json_array_size(kept) < json_array_size(list) ? TAKE(kept) : NULL;
}

static bool is_mounted(const json_t *containers, const char *volume)
{
    size_t i;
    json_t *container;

    json_array_foreach (jsonx_unconst(containers), i, container) {
        if (jsonx_find(jsonx_get(container, "volumeMounts", NULL), "name", volume) >= 0)
            return true;
    }
    return false;
}

/* The list for a patch: what is left of it, or null. */
static void set_list(json_t *patch, const char *key, json_t *list)
{
    if (json_array_size(list) > 0) {
        json_object_set_new(patch, key, list);
        return;
    }
    json_decref(list);
    json_object_set_new(patch, key, json_null());
}

/* Upstream's scratch volume, when nothing that stays mounts it. */
static void drop_volume(const json_t *spec, json_t *patch)
{
    const json_t *volumes = jsonx_get(spec, "volumes", NULL);
    ptrdiff_t at = jsonx_find(volumes, "name", VOLUME_TMP);

    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        const json_t *changed = json_object_get(patch, lists[i]);
        const json_t *list = changed ? changed : jsonx_get(spec, lists[i], NULL);

        if (is_mounted(list, VOLUME_TMP))
            return;
    }
    if (at < 0 || !jsonx_get(json_array_get(volumes, (size_t)at), "emptyDir", NULL))
        return;
    json_t *kept = json_copy(jsonx_unconst(volumes));
    json_array_remove(kept, (size_t)at);
    set_list(patch, "volumes", kept);
}

static void add_nulls(json_t *patch, const json_t *annotations, const char *const *keys,
                      size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (jsonx_get(annotations, keys[i], NULL))
            json_object_set_new(patch, keys[i], json_null());
    }
}

/* What leaves the pod's spec; NULL when nothing does. */
static json_t *pod_patch(const json_t *spec)
{
    json_auto_t *pod = json_object();

    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        json_t *kept = without_injected(spec, lists[i]);

        if (kept)
            set_list(pod, lists[i], kept);
    }
    if (json_object_size(pod) == 0)
        return NULL;
    drop_volume(spec, pod);
    return TAKE(pod);
}

json_t *plan_leftover(const json_t *workload, int64_t now)
{
    const json_t *annotations = jsonx_get(workload, "metadata", "annotations", NULL);
    const json_t *template = jsonx_get(workload, "spec", "template", NULL);
    json_auto_t *own = json_object();
    json_auto_t *inner = json_object();
    char text[TIMEFMT_SIZE];

    if (jsonx_get(annotations, ANNOTATION_UPSTREAM_REMOVED, NULL))
        return NULL;
    json_auto_t *pod = pod_patch(jsonx_get(template, "spec", NULL));
    if (!pod)
        return NULL;
    timefmt_rfc3339(now, text);
    json_object_set_new(own, ANNOTATION_UPSTREAM_REMOVED, json_string(text));
    add_nulls(own, annotations, object_annotations, ARRAY_LEN(object_annotations));
    add_nulls(inner, jsonx_get(template, "metadata", "annotations", NULL), template_annotations,
              ARRAY_LEN(template_annotations));
    return json_pack(
        "{s:{s:s*, s:O}, s:{s:{s:{s:O}, s:O}}}",
        PAIR("metadata",
             PAIR("resourceVersion", jsonx_str(workload, "metadata", "resourceVersion", NULL)),
             PAIR("annotations", own)),
        PAIR("spec",
             PAIR("template", PAIR("metadata", PAIR("annotations", inner)), PAIR("spec", pod))));
}

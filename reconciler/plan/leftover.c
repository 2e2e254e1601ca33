#include "leftover.h"

#include <string.h>

#include "requirements.h"
#include "stash/jsonx.h"
#include "stash/names.h"

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

/* Where upstream puts a container, and how its arguments begin. */
static const struct injected {
    const char *list;
    const char *container;
    const char *command;
} injected[] = {
    {"containers", CONTAINER_SIDECAR, "run-backup"},
    {"initContainers", CONTAINER_INIT, "restore"},
};

/* "registry/dir/stash:tag": the last part of the name begins with "stash". */
static bool is_stash_image(const char *image)
{
    const char *slash = image ? strrchr(image, '/') : NULL;
    const char *name = slash ? slash + 1 : image;

    return name && strncmp(name, "stash", strlen("stash")) == 0;
}

static bool is_injected(const json_t *container, const struct injected *row)
{
    const char *name = jsonx_str(container, "name", NULL);
    const char *command = json_string_value(json_array_get(jsonx_get(container, "args", NULL), 0));

    return name && command && strcmp(name, row->container) == 0 &&
           strcmp(command, row->command) == 0 &&
           is_stash_image(jsonx_str(container, "image", NULL));
}

/* The list without upstream's containers; NULL when it holds none. */
static json_t *without_injected(const json_t *spec, const struct injected *row)
{
    json_auto_t *kept = json_array();
    const json_t *list = jsonx_get(spec, row->list, NULL);
    size_t i;
    json_t *container;

    json_array_foreach (jsonx_unconst(list), i, container) {
        if (!is_injected(container, row))
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

    for (size_t i = 0; i < ARRAY_LEN(injected); i++) {
        const json_t *changed = json_object_get(patch, injected[i].list);
        const json_t *list = changed ? changed : jsonx_get(spec, injected[i].list, NULL);

        if (is_mounted(list, VOLUME_TMP))
            return;
    }
    if (at < 0 || !jsonx_get(json_array_get(volumes, (size_t)at), "emptyDir", NULL))
        return;
    json_t *kept = json_copy(jsonx_unconst(volumes));
    json_array_remove(kept, (size_t)at);
    set_list(patch, "volumes", kept);
}

static bool add_nulls(json_t *patch, const json_t *annotations, const char *const *keys,
                      size_t count)
{
    bool any = false;

    for (size_t i = 0; i < count; i++) {
        if (!jsonx_get(annotations, keys[i], NULL))
            continue;
        json_object_set_new(patch, keys[i], json_null());
        any = true;
    }
    return any;
}

/* The merge patch; NULL when nothing of upstream's is there. */
static json_t *leftover_patch(const json_t *workload)
{
    const json_t *template = jsonx_get(workload, "spec", "template", NULL);
    const json_t *spec = jsonx_get(template, "spec", NULL);
    json_auto_t *own = json_object();
    json_auto_t *inner = json_object();
    json_auto_t *pod = json_object();
    bool marked = add_nulls(own, jsonx_get(workload, "metadata", "annotations", NULL),
                            object_annotations, ARRAY_LEN(object_annotations));

    marked = add_nulls(inner, jsonx_get(template, "metadata", "annotations", NULL),
                       template_annotations, ARRAY_LEN(template_annotations)) ||
             marked;
    if (!marked)
        return NULL;
    for (size_t i = 0; i < ARRAY_LEN(injected); i++) {
        json_t *kept = without_injected(spec, &injected[i]);

        if (kept)
            set_list(pod, injected[i].list, kept);
    }
    if (json_object_size(pod) == 0)
        return NULL;
    drop_volume(spec, pod);
    return json_pack("{s:{s:s*, s:O}, s:{s:{s:{s:O}, s:O}}}", "metadata", "resourceVersion",
                     jsonx_str(workload, "metadata", "resourceVersion", NULL), "annotations", own,
                     "spec", "template", "metadata", "annotations", inner, "spec", pod);
}

bool leftover_remove(struct draft *draft, size_t index)
{
    const json_t *workload = jsonx_get(requirements_target(draft, index), "object", NULL);
    json_t *patch = leftover_patch(workload);

    if (!patch)
        return false;
    draft_patch(draft, workload, patch);
    return true;
}

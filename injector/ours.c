/*
 * What injection adds to a pod, recognised again: by name and arguments, never by name alone. What
 * upstream's operator left in a workload's template is recognised too and gives way to ours.
 */
#include <string.h>

#include "parts.h"
#include "stash/jsonx.h"
#include "stash/names.h"

static const char *const volume_names[] = {
    VOLUME_TMP,     VOLUME_TMP "-restore",    VOLUME_TOKEN, VOLUME_LOCAL, VOLUME_LOCAL "-restore",
    VOLUME_STORAGE, VOLUME_STORAGE "-restore"};
static const char *const annotation_names[] = {ANNOTATION_INJECTION, ANNOTATION_INJECTED_HASH,
                                               ANNOTATION_AGENT_PROTOCOL, ANNOTATION_NOT_INJECTED};
static const char *const container_lists[] = {"containers", "initContainers",
                                              "ephemeralContainers"};

static bool has_arg_prefix(const json_t *args, const char *prefix)
{
    for (size_t i = 0; i < json_array_size(args); i++) {
        const char *arg = json_string_value(json_array_get(args, i));
        if (arg && strncmp(arg, prefix, strlen(prefix)) == 0)
            return true;
    }
    return false;
}

/* "registry:5000/appscode/stash:v0.30.0@sha256:…" is of the repository called stash; so are upstream's other editions. */
static bool image_is_stash(const char *image)
{
    static const char *const names[] = {"stash", "stash-enterprise", "stash-community"};
    const char *base = image ? strrchr(image, '/') : NULL;

    base = base ? base + 1 : image;
    for (size_t i = 0; base && i < ARRAY_LEN(names); i++) {
        size_t length = strcspn(base, ":@");
        if (length == strlen(names[i]) && strncmp(base, names[i], length) == 0)
            return true;
    }
    return false;
}

bool ours_is_container(const json_t *container, enum part_kind kind)
{
    const struct part_row *row = &part_rows[kind];
    const char *name = jsonx_str(container, "name", NULL);
    const json_t *args = jsonx_get(container, "args", NULL);
    const char *first = json_string_value(json_array_get(args, 0));

    return name && strcmp(name, row->container) == 0 && first && strcmp(first, row->command) == 0 &&
           has_arg_prefix(args, "--invoker-kind=") && has_arg_prefix(args, "--invoker-name=") &&
           (image_is_stash(jsonx_str(container, "image", NULL)) ||
            jsonx_find(jsonx_get(container, "volumeMounts", NULL), "name", VOLUME_TOKEN) >= 0);
}

/* A sidecar may stand in either list, a restore only among the init containers. */
bool inject_is_injected(const json_t *container, const char *list)
{
    bool init = strcmp(list, "initContainers") == 0;

    return ((init || strcmp(list, "containers") == 0) &&
            ours_is_container(container, PART_BACKUP)) ||
           (init && ours_is_container(container, PART_RESTORE));
}

/* Its value in "--invoker-name=web-backup"; NULL without. */
static const char *invoker_argument(const json_t *container)
{
    static const char flag[] = "--invoker-name=";
    const json_t *args = jsonx_get(container, "args", NULL);

    for (size_t i = 0; i < json_array_size(args); i++) {
        const char *arg = json_string_value(json_array_get(args, i));
        if (arg && strncmp(arg, flag, strlen(flag)) == 0)
            return arg + strlen(flag);
    }
    return NULL;
}

const char *inject_carried_backup(const json_t *pod)
{
    for (size_t i = 0; i < ARRAY_LEN(container_lists); i++) {
        const json_t *list = jsonx_get(pod, "spec", container_lists[i], NULL);
        for (size_t k = 0; k < json_array_size(list); k++)
            if (ours_is_container(json_array_get(list, k), PART_BACKUP))
                return invoker_argument(json_array_get(list, k));
    }
    return NULL;
}

static bool is_our_volume(const char *name)
{
    for (size_t i = 0; name && i < ARRAY_LEN(volume_names); i++)
        if (strcmp(volume_names[i], name) == 0)
            return true;
    return false;
}

/* The first of our volumes' names that the container mounts, or has as a device; only `volume` when that is given; NULL:
 * none. */
static const char *container_mounts(const json_t *container, const char *volume)
{
    static const char *const uses[] = {"volumeMounts", "volumeDevices"};

    for (size_t use = 0; use < ARRAY_LEN(uses); use++) {
        const json_t *list = jsonx_get(container, uses[use], NULL);
        for (size_t i = 0; i < json_array_size(list); i++) {
            const char *name = jsonx_str(json_array_get(list, i), "name", NULL);
            if (is_our_volume(name) && (!volume || strcmp(volume, name) == 0))
                return name;
        }
    }
    return NULL;
}

/* The same for all containers that are not ours. */
static const char *foreign_mounts(const json_t *pod, const char *volume)
{
    for (size_t i = 0; i < ARRAY_LEN(container_lists); i++) {
        const json_t *list = jsonx_get(pod, "spec", container_lists[i], NULL);
        for (size_t k = 0; k < json_array_size(list); k++) {
            const json_t *item = json_array_get(list, k);
            const char *name = container_mounts(item, volume);
            if (name && !inject_is_injected(item, container_lists[i]))
                return name;
        }
    }
    return NULL;
}

const char *ours_taken(const json_t *pod, const struct part *part)
{
    for (size_t i = 0; i < ARRAY_LEN(container_lists); i++) {
        const json_t *list = jsonx_get(pod, "spec", container_lists[i], NULL);
        ptrdiff_t at = jsonx_find(list, "name", part->recipe->row->container);
        if (at >= 0 && !inject_is_injected(json_array_get(list, (size_t)at), container_lists[i]))
            return part->recipe->row->container;
    }
    return foreign_mounts(pod, NULL);
}

static void containers_strip(json_t *spec, const char *list)
{
    json_t *items = json_object_get(spec, list), *owned = NULL;

    for (size_t i = json_array_size(items); i > 0; i--) {
        if (!inject_is_injected(json_array_get(items, i - 1), list))
            continue;
        owned = owned ? owned : jsonx_own_array(spec, list);
        json_array_remove(owned, i - 1);
    }
    if (owned && json_array_size(owned) == 0)
        json_object_del(spec, list);
}

static void volumes_strip(const json_t *pod, json_t *spec)
{
    json_t *owned = NULL;

    for (size_t i = 0; i < ARRAY_LEN(volume_names); i++) {
        ptrdiff_t at = jsonx_find(json_object_get(spec, "volumes"), "name", volume_names[i]);
        if (at < 0 || foreign_mounts(pod, volume_names[i]))
            continue;
        owned = owned ? owned : jsonx_own_array(spec, "volumes");
        json_array_remove(owned, (size_t)at);
    }
    if (owned && json_array_size(owned) == 0)
        json_object_del(spec, "volumes");
}

static void member_strip(json_t *metadata, const char *group, const char *key)
{
    if (!jsonx_get(metadata, group, key, NULL))
        return;
    json_t *owned = jsonx_own(metadata, group);
    json_object_del(owned, key);
    if (json_object_size(owned) == 0)
        json_object_del(metadata, group);
}

static bool has_ours(const json_t *pod)
{
    for (size_t i = 0; i < ARRAY_LEN(annotation_names); i++)
        if (jsonx_annotation(pod, annotation_names[i]))
            return true;
    if (evict_has_ours(pod))
        return true;
    const json_t *volumes = jsonx_get(pod, "spec", "volumes", NULL);
    for (size_t i = 0; i < json_array_size(volumes); i++)
        if (is_our_volume(jsonx_str(json_array_get(volumes, i), "name", NULL)))
            return true;
    for (size_t i = 0; i < ARRAY_LEN(container_lists); i++) {
        const json_t *list = jsonx_get(pod, "spec", container_lists[i], NULL);
        for (size_t kind = 0; kind < PART_COUNT; kind++)
            if (jsonx_find(list, "name", part_rows[kind].container) >= 0)
                return true;
    }
    return false;
}

json_t *ours_strip(const json_t *pod)
{
    if (!has_ours(pod))
        return json_incref(jsonx_unconst(pod));
    json_t *stripped = json_copy(jsonx_unconst(pod));
    json_t *spec = jsonx_own(stripped, "spec"), *metadata = jsonx_own(stripped, "metadata");
    volumes_strip(pod, spec);
    containers_strip(spec, "containers");
    containers_strip(spec, "initContainers");
    for (size_t i = 0; i < ARRAY_LEN(annotation_names); i++)
        member_strip(metadata, "annotations", annotation_names[i]);
    member_strip(metadata, "labels", LABEL_INJECTED);
    evict_strip(metadata);
    return stripped;
}

/* Whether the pod has the volumes that are asked for, as what they are asked for. */
#include <string.h>

#include "parts.h"
#include "stash/inject_check.h"
#include "stash/jsonx.h"

static const char *const container_lists[] = {"containers", "initContainers",
                                              "ephemeralContainers"};

/* The kubelet mounts no device as a directory. */
static bool is_device(const json_t *pod, const json_t *volume, const char *name)
{
    if (text_is(jsonx_str(volume, "ephemeral", "volumeClaimTemplate", "spec", "volumeMode", NULL),
                "Block"))
        return true;
    for (size_t list = 0; list < ARRAY_LEN(container_lists); list++) {
        const json_t *items = jsonx_get(pod, "spec", container_lists[list], NULL);
        for (size_t i = 0; i < json_array_size(items); i++) {
            const json_t *devices = jsonx_get(json_array_get(items, i), "volumeDevices", NULL);
            if (devices && jsonx_find(devices, "name", name) >= 0)
                return true;
        }
    }
    return false;
}

/* ---- restores ---- */

static bool is_read_only(const json_t *volume)
{
    static const char *const fixed[] = {"configMap", "secret", "downwardAPI", "projected", "image"};
    const char *kind;
    const json_t *source;

    for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
        if (jsonx_get(volume, fixed[i], NULL))
            return true;
    jsonx_foreach_member (volume, kind, source)
        if (jsonx_bool(source, false, "readOnly", NULL))
            return true;
    return false;
}

static const json_t *rules_of(const json_t *restore)
{
    const json_t *rules = jsonx_get(restore, "spec", "target", "rules", NULL);

    return rules ? rules : jsonx_get(restore, "spec", "rules", NULL);
}

static bool rule_writes(const json_t *rule, const char *mount_path)
{
    const json_t *paths = jsonx_get(rule, "paths", NULL);

    for (size_t i = 0; i < json_array_size(paths); i++) {
        const char *path = json_string_value(json_array_get(paths, i));
        if (path && (inject_check_path_is_in(path, mount_path) ||
                     inject_check_path_is_in(mount_path, path)))
            return true;
    }
    return json_array_size(paths) == 0; /* whatever paths the snapshot has */
}

static bool restore_writes(const json_t *restore, const char *mount_path)
{
    const json_t *rules = rules_of(restore);

    for (size_t i = 0; i < json_array_size(rules); i++)
        if (rule_writes(json_array_get(rules, i), mount_path))
            return true;
    return json_array_size(rules) == 0;
}

/* ---- */

static bool check_volume(const struct site *site, struct part *part, const json_t *mount)
{
    const json_t *volumes = jsonx_get(site->pod, "spec", "volumes", NULL);
    const char *name = jsonx_str(mount, "name", NULL);
    const char *path = jsonx_str(mount, "mountPath", NULL);
    ptrdiff_t at = jsonx_find(volumes, "name", name);

    if (at < 0)
        return recipe_refuse(&part->refusal, INJECT_VOLUME_MISSING, "\"%.63s\"", name);
    const json_t *volume = json_array_get(volumes, (size_t)at);
    if (is_device(site->pod, volume, name))
        return recipe_refuse(&part->refusal, INJECT_INVALID,
                             "volume \"%.63s\" is a block device, which has no files", name);
    if (part_is_restore(part) &&
        (is_read_only(volume) || jsonx_bool(mount, false, "readOnly", NULL)) &&
        restore_writes(part->recipe->invoker, path))
        return recipe_refuse(&part->refusal, INJECT_INVALID,
                             "volume \"%.63s\" can only be read: nothing can be restored into it",
                             name);
    return true;
}

bool check_volumes(const struct site *site, struct part *part)
{
    const json_t *mounts = recipe_mounts(part->recipe);

    for (size_t i = 0; i < json_array_size(mounts); i++)
        if (!check_volume(site, part, json_array_get(mounts, i)))
            return false;
    return true;
}

/*
 * Variables in sub-paths. The kubelet does not start a container that lacks one, so what the user did not give us is taken
 * from the container that mounts the volume by it.
 */
#include <string.h>

#include "parts.h"
#include "stash/inject_check.h"
#include "stash/jsonx.h"
#include "stash/mem.h"

/* A variable may be made of others, and those of others. */
#define DEPTH_MAX 16
/* More of them than anybody writes would only keep others waiting. */
#define VARIABLES_MAX 100

static const char *const container_lists[] = {"containers", "initContainers"};

/* The next $(NAME) at or after `at`, as the kubelet reads it ("$$" is a dollar); NULL: there is none. */
static const char *variable_next(const char *at, size_t *ret_len)
{
    while ((at = strchr(at, '$'))) {
        const char *end = at[1] == '(' ? strchr(at + 2, ')') : NULL;
        if (end) {
            *ret_len = (size_t)(end - at - 2);
            return at + 2;
        }
        at += at[1] ? 2 : 1;
    }
    return NULL;
}

static const json_t *env_item(const json_t *env, const char *name)
{
    ptrdiff_t at = jsonx_find(env, "name", name);

    return at < 0 ? NULL : json_array_get(env, (size_t)at);
}

static bool mounts_by_path(const json_t *container, const char *volume)
{
    return jsonx_find(jsonx_get(container, "volumeMounts", NULL), "name", volume) >= 0;
}

/* The container that mounts the volume and has the variable. */
static const json_t *container_with(const json_t *pod, const char *volume, const char *name)
{
    for (size_t list = 0; list < ARRAY_LEN(container_lists); list++) {
        const json_t *items = jsonx_get(pod, "spec", container_lists[list], NULL);
        for (size_t i = 0; i < json_array_size(items); i++) {
            const json_t *container = json_array_get(items, i);
            if (mounts_by_path(container, volume) &&
                env_item(jsonx_get(container, "env", NULL), name))
                return container;
        }
    }
    return NULL;
}

static bool is_used_by(const json_t *mount, const char *volume, const char *name)
{
    const char *of = jsonx_str(mount, "name", NULL);
    const char *at = jsonx_str(mount, "subPathExpr", NULL);
    size_t len;

    while (of && strcmp(of, volume) == 0 && at && (at = variable_next(at, &len))) {
        if (len == strlen(name) && strncmp(at, name, len) == 0)
            return true;
        at += len + 1;
    }
    return false;
}

/* Whether the container mounts the volume by this variable; one that does not use it says nothing about it. */
static bool mounts_by_variable(const json_t *container, const char *volume, const char *name)
{
    const json_t *mounts = jsonx_get(container, "volumeMounts", NULL);

    for (size_t i = 0; i < json_array_size(mounts); i++)
        if (is_used_by(json_array_get(mounts, i), volume, name))
            return true;
    return false;
}

/* Without a name it means the container that it stands in. */
static json_t *item_copy(const json_t *item, const json_t *container)
{
    json_t *copy = json_copy(jsonx_unconst(item));
    const json_t *ref = jsonx_get(item, "valueFrom", "resourceFieldRef", NULL);

    if (ref && jsonx_is_empty(jsonx_get(ref, "containerName", NULL)))
        json_object_set(jsonx_own(jsonx_own(copy, "valueFrom"), "resourceFieldRef"),
                        "containerName", jsonx_get(container, "name", NULL));
    return copy;
}

static bool variable_take(struct part *part, const json_t *container, const char *name, int depth);

/* Those that it is made of come before it. One that nobody sets stands for itself, there and here. */
static bool parts_take(struct part *part, const json_t *container, const json_t *item, int depth)
{
    const char *at = jsonx_str(item, "value", NULL);
    size_t len;

    while (at && (at = variable_next(at, &len))) {
        AUTO(mem_free) char *name = xstrndup(at, len);
        bool is_set = env_item(jsonx_get(container, "env", NULL), name) ||
                      env_item(jsonx_get(part->recipe->container, "env", NULL), name);
        if (is_set && !variable_take(part, container, name, depth + 1))
            return false;
        at += len + 1;
    }
    return true;
}

static bool value_is_same(const json_t *one, const json_t *other)
{
    return one && other ? json_equal(one, other) : one == other;
}

/* Ours of that name must mean the same. */
static bool is_same(const json_t *ours, const json_t *theirs)
{
    static const char *const others[] = {"secretKeyRef", "configMapKeyRef", "resourceFieldRef"};

    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (jsonx_get(theirs, "valueFrom", others[i], NULL) ||
            jsonx_get(ours, "valueFrom", others[i], NULL))
            return false;
    return theirs &&
           value_is_same(jsonx_get(ours, "value", NULL), jsonx_get(theirs, "value", NULL)) &&
           value_is_same(jsonx_get(ours, "valueFrom", "fieldRef", "fieldPath", NULL),
                         jsonx_get(theirs, "valueFrom", "fieldRef", "fieldPath", NULL));
}

static bool variable_take(struct part *part, const json_t *container, const char *name, int depth)
{
    const json_t *theirs = env_item(jsonx_get(container, "env", NULL), name);
    const json_t *ours = env_item(jsonx_get(part->recipe->container, "env", NULL), name);

    if (ours && is_same(ours, theirs))
        return true;
    if (ours || !theirs || depth > DEPTH_MAX)
        return recipe_refuse(
            &part->refusal, INJECT_INVALID,
            "subPathExpr: the variable %.60s is another one in container \"%.60s\"", name,
            jsonx_str(container, "name", NULL));
    if (env_item(part->variables, name))
        return true;
    if (json_array_size(part->variables) >= VARIABLES_MAX)
        return recipe_refuse(&part->refusal, INJECT_INVALID,
                             "subPathExpr: more than %d variables are needed", VARIABLES_MAX);
    if (!parts_take(part, container, theirs, depth))
        return false;
    if (!part->variables)
        part->variables = json_array();
    json_array_append_new(part->variables, item_copy(theirs, container));
    return true;
}

/* The kubelet makes no container whose expression leads out of the volume, or nowhere. */
static bool own_is_fine(struct part *part, const json_t *item, const char *name)
{
    const char *value = jsonx_str(item, "value", NULL);

    if (!json_object_get(item, "value") ||
        (value && *value && *value != '/' && inject_check_is_clean_path(value)))
        return true;
    return recipe_refuse(
        &part->refusal, INJECT_INVALID,
        "subPathExpr: the variable %.60s of runtimeSettings.container.env is no path in a "
        "volume: not empty, without \"/\" before it and without \"..\"",
        name);
}

/*
 * What runtimeSettings say is meant. Of the backup's own variables (POD_NAME, …) the application may mean something else by
 * the name: then another directory would be backed up.
 */
static bool own_check(const struct site *site, struct part *part, const char *volume,
                      const char *name)
{
    const json_t *item = env_item(jsonx_get(recipe_settings(part->recipe), "env", NULL), name);

    if (item)
        return own_is_fine(part, item, name);
    if (site->is_cut)
        return recipe_refuse(&part->refusal, INJECT_CUT, "env");
    for (size_t list = 0; list < ARRAY_LEN(container_lists); list++) {
        const json_t *items = jsonx_get(site->pod, "spec", container_lists[list], NULL);
        for (size_t i = 0; i < json_array_size(items); i++) {
            const json_t *container = json_array_get(items, i);
            if (mounts_by_variable(container, volume, name) &&
                env_item(jsonx_get(container, "env", NULL), name) &&
                !variable_take(part, container, name, 0))
                return false;
        }
    }
    return true;
}

static bool foreign_check(const struct site *site, struct part *part, const char *volume,
                          const char *name)
{
    const json_t *container;

    if (site->is_cut)
        return recipe_refuse(&part->refusal, INJECT_CUT, "env");
    container = container_with(site->pod, volume, name);
    if (!container)
        return recipe_refuse(
            &part->refusal, INJECT_INVALID,
            "subPathExpr: no container that mounts \"%.60s\" has the variable %.60s; "
            "set it in runtimeSettings.container.env",
            volume, name);
    return variable_take(part, container, name, 0);
}

static bool mount_check(const struct site *site, struct part *part, const json_t *mount,
                        size_t *count)
{
    const json_t *have = jsonx_get(part->recipe->container, "env", NULL);
    const char *volume = jsonx_str(mount, "name", NULL);
    const char *at = jsonx_str(mount, "subPathExpr", NULL);
    size_t len;

    while (at && (at = variable_next(at, &len))) {
        AUTO(mem_free) char *name = xstrndup(at, len);
        at += len + 1;
        if (++*count > VARIABLES_MAX)
            return recipe_refuse(&part->refusal, INJECT_INVALID,
                                 "subPathExpr: more than %d variables", VARIABLES_MAX);
        if (!(env_item(have, name) ? own_check(site, part, volume, name)
                                   : foreign_check(site, part, volume, name)))
            return false;
    }
    return true;
}

bool check_variables(const struct site *site, struct part *part)
{
    const json_t *mounts = recipe_mounts(part->recipe);
    size_t count = 0;

    for (size_t i = 0; i < json_array_size(mounts); i++)
        if (!mount_check(site, part, json_array_get(mounts, i), &count))
            return false;
    return true;
}

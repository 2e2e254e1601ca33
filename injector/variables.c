/*
 * Variables in sub-paths. The kubelet does not start a container that lacks one, so what the user did not give us is taken
 * from the container that mounts the volume by it.
 */
#include <string.h>

#include "parts.h"
#include "stash/jsonx.h"
#include "stash/mem.h"

/* A variable may be made of others, and those of others. */
#define DEPTH_MAX 16

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
        return refuse(&part->refusal, INJECT_INVALID,
                      "subPathExpr: the variable %.60s is another one in container \"%.60s\"", name,
                      jsonx_str(container, "name", NULL));
    if (env_item(part->variables, name))
        return true;
    if (!parts_take(part, container, theirs, depth))
        return false;
    if (!part->variables)
        part->variables = json_array();
    json_array_append_new(part->variables, item_copy(theirs, container));
    return true;
}

static bool mount_check(const struct site *site, struct part *part, const json_t *mount)
{
    const json_t *have = jsonx_get(part->recipe->container, "env", NULL);
    const char *volume = jsonx_str(mount, "name", NULL);
    const char *at = jsonx_str(mount, "subPathExpr", NULL);
    size_t len;

    while (at && (at = variable_next(at, &len))) {
        AUTO(mem_free) char *name = xstrndup(at, len);
        at += len + 1;
        if (env_item(have, name))
            continue;
        if (site->is_cut)
            return refuse(&part->refusal, INJECT_CUT, "env");
        const json_t *container = container_with(site->pod, volume, name);
        if (!container)
            return refuse(&part->refusal, INJECT_INVALID,
                          "subPathExpr: no container that mounts \"%.60s\" has the variable %.60s; "
                          "set it in runtimeSettings.container.env",
                          volume, name);
        if (!variable_take(part, container, name, 0))
            return false;
    }
    return true;
}

bool variables_check(const struct site *site, struct part *part)
{
    const json_t *mounts = recipe_mounts(part->recipe);

    for (size_t i = 0; i < json_array_size(mounts); i++)
        if (!mount_check(site, part, json_array_get(mounts, i)))
            return false;
    return true;
}

/*
 * Whether what an invoker and its Repository say can be built at all: what the API server would refuse in any pod.
 */
#include <ctype.h>
#include <string.h>

#include "amount.h"
#include "recipe.h"
#include "stash/jsonx.h"
#include "stash/names.h"

/* Our own mount paths; a mount of the user's may not repeat one. */
static const char *const own_paths[] = {PATH_TMP, "/var/run/secrets/kubernetes.io/serviceaccount"};

static const char *const propagations[] = {"None", "HostToContainer", "Bidirectional"};

/* ---- the repository ---- */

static bool check_local(struct recipe *recipe, const char *name)
{
    if (!recipe->backend.local)
        return true;
    if (text_is(jsonx_annotation(recipe->invoker, ANNOTATION_ALLOW_LOCAL), "true"))
        return true;
    return refuse(&recipe->refusal, INJECT_LOCAL_BACKEND, "repository %.80s", name);
}

static bool check_repository(struct recipe *recipe)
{
    const char *name = jsonx_str(recipe->invoker, "spec", "repository", "name", NULL);
    struct error err;

    if (!name || !*name)
        return refuse(&recipe->refusal, INJECT_NO_REPOSITORY, "spec.repository.name is empty");
    if (!recipe->repository)
        return refuse(&recipe->refusal, INJECT_NO_REPOSITORY, "%.63s/%.80s",
                      invoker_repository_namespace(recipe->invoker), name);
    if (backend_decode(recipe->repository, &recipe->backend, &err) < 0)
        return refuse(&recipe->refusal, INJECT_INVALID, "repository %.60s: %.80s", name, err.msg);
    return check_local(recipe, name);
}

/* ---- mounts ---- */

/* Paths are compared as the API server compares them, and without a trailing slash too. */
static bool path_equals(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);

    n -= n > 1 && a[n - 1] == '/';
    m -= m > 1 && b[m - 1] == '/';
    return n == m && strncmp(a, b, n) == 0;
}

static bool path_is_taken(const struct recipe *recipe, size_t index, const char *path)
{
    const json_t *mounts = recipe_mounts(recipe);

    for (size_t i = 0; i < ARRAY_LEN(own_paths); i++)
        if (path_equals(path, own_paths[i]))
            return true;
    for (size_t i = 0; i < index; i++) {
        const char *other = jsonx_str(json_array_get(mounts, i), "mountPath", NULL);
        if (other && path_equals(path, other))
            return true;
    }
    return recipe_mounts_local(recipe) && path_equals(path, recipe->backend.container);
}

/* As the API server wants it: relative, without "..". */
static bool sub_path_is_fine(const char *path)
{
    if (!path)
        return true;
    if (*path == '/')
        return false;
    for (const char *p = path; *p; p += strcspn(p, "/"), p += *p == '/')
        if (strcspn(p, "/") == 2 && strncmp(p, "..", 2) == 0)
            return false;
    return true;
}

static bool is_privileged(const struct recipe *recipe)
{
    return jsonx_bool(recipe_settings(recipe), false, "securityContext", "privileged", NULL);
}

static const char *mount_complaint(const struct recipe *recipe, const json_t *mount)
{
    const char *propagation = jsonx_str(mount, "mountPropagation", NULL);
    const char *recursive = jsonx_str(mount, "recursiveReadOnly", NULL);
    const char *sub_path = jsonx_str(mount, "subPath", NULL);
    const char *expression = jsonx_str(mount, "subPathExpr", NULL);
    bool known = !propagation;

    for (size_t i = 0; propagation && i < ARRAY_LEN(propagations); i++)
        known = known || strcmp(propagation, propagations[i]) == 0;
    if (!known)
        return "has an unknown mountPropagation";
    if (text_is(propagation, "Bidirectional") && !is_privileged(recipe))
        return "has mountPropagation Bidirectional, which needs a privileged container";
    if (recursive && strcmp(recursive, "Disabled") != 0 &&
        !jsonx_bool(mount, false, "readOnly", NULL))
        return "is recursiveReadOnly but not readOnly";
    if (sub_path && *sub_path && expression && *expression)
        return "has both subPath and subPathExpr";
    if (!sub_path_is_fine(sub_path) || !sub_path_is_fine(expression))
        return "has a subPath that leaves the volume";
    return NULL;
}

static bool check_mount(struct recipe *recipe, size_t index)
{
    const json_t *mount = json_array_get(recipe_mounts(recipe), index);
    const char *path = jsonx_str(mount, "mountPath", NULL);
    const char *complaint = mount_complaint(recipe, mount);

    if (!jsonx_str(mount, "name", NULL) || !path || !*path)
        return refuse(&recipe->refusal, INJECT_INVALID,
                      "volumeMounts[%zu] lacks a name or a mountPath", index);
    if (path_is_taken(recipe, index, path))
        return refuse(&recipe->refusal, INJECT_INVALID,
                      "volumeMounts[%zu]: %.80s is mounted already", index, path);
    if (complaint)
        return refuse(&recipe->refusal, INJECT_INVALID, "volumeMounts[%zu] %s", index, complaint);
    return true;
}

static bool check_mounts(struct recipe *recipe)
{
    for (size_t i = 0; i < json_array_size(recipe_mounts(recipe)); i++)
        if (!check_mount(recipe, i))
            return false;
    return true;
}

/* ---- runtimeSettings.container ---- */

static bool env_name_is_fine(const char *name)
{
    if (!name || !*name || isdigit((unsigned char)*name))
        return false;
    for (const char *p = name; *p; p++)
        if (!isalnum((unsigned char)*p) && !strchr("_-.", *p))
            return false;
    return true;
}

static bool check_env(struct recipe *recipe)
{
    const json_t *env = jsonx_get(recipe_settings(recipe), "env", NULL);
    const json_t *sources = jsonx_get(recipe_settings(recipe), "envFrom", NULL);

    for (size_t i = 0; i < json_array_size(env); i++) {
        const json_t *item = json_array_get(env, i);
        const json_t *from = jsonx_get(item, "valueFrom", NULL);
        if (!env_name_is_fine(jsonx_str(item, "name", NULL)))
            return refuse(&recipe->refusal, INJECT_INVALID, "env[%zu] has no valid name", i);
        if (from &&
            (json_object_size(from) != 1 || !jsonx_is_empty(jsonx_get(item, "value", NULL))))
            return refuse(&recipe->refusal, INJECT_INVALID, "env[%zu] needs exactly one source", i);
    }
    for (size_t i = 0; i < json_array_size(sources); i++) {
        const json_t *item = json_array_get(sources, i);
        bool secret = jsonx_str(item, "secretRef", "name", NULL) != NULL;
        bool map = jsonx_str(item, "configMapRef", "name", NULL) != NULL;
        if (secret == map)
            return refuse(&recipe->refusal, INJECT_INVALID, "envFrom[%zu] needs exactly one source",
                          i);
    }
    return true;
}

/* The API server refuses a request above its limit, and text that is not a quantity. */
static bool check_resources(struct recipe *recipe)
{
    const json_t *resources = jsonx_get(recipe_settings(recipe), "resources", NULL);
    const json_t *requests = jsonx_get(resources, "requests", NULL), *value;
    const json_t *limits = jsonx_get(resources, "limits", NULL);
    const char *name;
    int order;

    jsonx_foreach_member (limits, name, value)
        if (!amount_is_valid(value))
            return refuse(&recipe->refusal, INJECT_INVALID,
                          "resources.limits.%.40s is not a quantity", name);
    jsonx_foreach_member (requests, name, value) {
        const json_t *bound = jsonx_get(limits, name, NULL);
        if (!amount_is_valid(value))
            return refuse(&recipe->refusal, INJECT_INVALID,
                          "resources.requests.%.40s is not a quantity", name);
        if (bound && amount_compare(value, bound, &order) && order > 0)
            return refuse(&recipe->refusal, INJECT_INVALID,
                          "resources.requests.%.40s is above the limit", name);
    }
    return true;
}

static bool check_temp_dir(struct recipe *recipe)
{
    const json_t *settings = jsonx_get(recipe->invoker, "spec", "tempDir", NULL);
    const json_t *size = jsonx_get(settings, "sizeLimit", NULL);
    const char *medium = jsonx_str(settings, "medium", NULL);

    if (size && !amount_is_valid(size))
        return refuse(&recipe->refusal, INJECT_INVALID, "tempDir.sizeLimit is not a quantity");
    if (medium && *medium && strcmp(medium, "Memory") != 0)
        return refuse(&recipe->refusal, INJECT_INVALID,
                      "tempDir.medium is neither empty nor Memory");
    return true;
}

void recipe_check(struct recipe *recipe)
{
    (void)(check_repository(recipe) && check_mounts(recipe) && check_env(recipe) &&
           check_resources(recipe) && check_temp_dir(recipe));
}

/*
 * Whether a part can be built without harm. The pod is somebody else's: whatever would make the API
 * server refuse it, or the kubelet hold it back, is found here, and the pod is left alone.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "parts.h"
#include "stash/admit.h"
#include "stash/jsonx.h"
#include "stash/names.h"

#define LABEL_OS "kubernetes.io/os"

/* Our own mount paths; a mount of the user's may not repeat one. */
static const char *const own_paths[] = {PATH_TMP, "/var/run/secrets/kubernetes.io/serviceaccount"};

static const char *const propagations[] = {"None", "HostToContainer", "Bidirectional"};

static bool refuse(struct part *part, enum inject_reason reason, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Always false, so that a check can end with it. */
static bool refuse(struct part *part, enum inject_reason reason, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(part->detail, sizeof(part->detail), fmt, ap);
    va_end(ap);
    part->reason = reason;
    return false;
}

static bool text_is(const char *a, const char *b)
{
    return a && strcmp(a, b) == 0;
}

/* ---- the pod ---- */

static bool check_pod(const struct site *site, struct part *part)
{
    const char *taken = ours_taken(site->pod, part);

    if (text_is(jsonx_str(site->pod, "spec", "os", "name", NULL), "windows") ||
        text_is(jsonx_str(site->pod, "spec", "nodeSelector", LABEL_OS, NULL), "windows"))
        return refuse(part, INJECT_INVALID, "a Windows pod");
    if (taken)
        return refuse(part, INJECT_NAME_TAKEN, "\"%.63s\"", taken);
    const char *mesh = mesh_obstacle(site, part);
    if (mesh)
        return refuse(part, INJECT_MESH, "%s", mesh);
    return true;
}

/* ---- the repository ---- */

static bool check_usage(const struct site *site, struct part *part, const char *name)
{
    const struct snapshot *snapshot = site->snapshot;
    json_auto_t *namespace = snapshot->get(snapshot->ctx, KIND_NAMESPACE, NULL, site->namespace);

    if (!usage_allows(part->repository, site->namespace, namespace))
        return refuse(part, INJECT_INVALID, "repository %.80s does not allow this namespace", name);
    return true;
}

static bool check_local(struct part *part, const char *name)
{
    if (!part->backend.local)
        return true;
    if (text_is(jsonx_annotation(part->invoker, ANNOTATION_ALLOW_LOCAL), "true"))
        return true;
    return refuse(part, INJECT_LOCAL_BACKEND, "repository %.80s", name);
}

static bool check_repository(const struct site *site, struct part *part)
{
    const struct snapshot *snapshot = site->snapshot;
    const char *name = jsonx_str(part->invoker, "spec", "repository", "name", NULL);
    const char *namespace = jsonx_str(part->invoker, "spec", "repository", "namespace", NULL);
    struct error err;

    if (!name || !*name)
        return refuse(part, INJECT_NO_REPOSITORY, "spec.repository.name is empty");
    namespace = namespace && *namespace ? namespace : site->namespace;
    part->repository = snapshot->get(snapshot->ctx, KIND_REPOSITORY, namespace, name);
    if (!part->repository)
        return refuse(part, INJECT_NO_REPOSITORY, "%.63s/%.80s", namespace, name);
    if (backend_decode(part->repository, &part->backend, &err) < 0)
        return refuse(part, INJECT_INVALID, "repository %.60s: %.80s", name, err.msg);
    return check_usage(site, part, name) && check_local(part, name);
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

static bool path_is_taken(const struct part *part, size_t index, const char *path)
{
    const json_t *mounts = part_mounts(part);

    for (size_t i = 0; i < ARRAY_LEN(own_paths); i++)
        if (path_equals(path, own_paths[i]))
            return true;
    for (size_t i = 0; i < index; i++) {
        const char *other = jsonx_str(json_array_get(mounts, i), "mountPath", NULL);
        if (other && path_equals(path, other))
            return true;
    }
    return part_mounts_local(part) && path_equals(path, part->backend.container);
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

static bool is_privileged(const struct part *part)
{
    return jsonx_bool(part_settings(part), false, "securityContext", "privileged", NULL);
}

static const char *mount_complaint(const struct part *part, const json_t *mount)
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
    if (text_is(propagation, "Bidirectional") && !is_privileged(part))
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

static bool check_mount(const struct site *site, struct part *part, size_t index)
{
    const json_t *mount = json_array_get(part_mounts(part), index);
    const char *name = jsonx_str(mount, "name", NULL), *path = jsonx_str(mount, "mountPath", NULL);
    const char *complaint = mount_complaint(part, mount);

    if (!name || !path || !*path)
        return refuse(part, INJECT_INVALID, "volumeMounts[%zu] lacks a name or a mountPath", index);
    if (jsonx_find(jsonx_get(site->pod, "spec", "volumes", NULL), "name", name) < 0)
        return refuse(part, INJECT_VOLUME_MISSING, "\"%.63s\"", name);
    if (path_is_taken(part, index, path))
        return refuse(part, INJECT_INVALID, "volumeMounts[%zu]: %.80s is mounted already", index,
                      path);
    if (complaint)
        return refuse(part, INJECT_INVALID, "volumeMounts[%zu] %s", index, complaint);
    return true;
}

static bool check_mounts(const struct site *site, struct part *part)
{
    for (size_t i = 0; i < json_array_size(part_mounts(part)); i++)
        if (!check_mount(site, part, i))
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

static bool check_env(struct part *part)
{
    const json_t *env = jsonx_get(part_settings(part), "env", NULL);
    const json_t *sources = jsonx_get(part_settings(part), "envFrom", NULL);

    for (size_t i = 0; i < json_array_size(env); i++) {
        const json_t *item = json_array_get(env, i);
        const json_t *from = jsonx_get(item, "valueFrom", NULL);
        if (!env_name_is_fine(jsonx_str(item, "name", NULL)))
            return refuse(part, INJECT_INVALID, "env[%zu] has no valid name", i);
        if (from &&
            (json_object_size(from) != 1 || !jsonx_is_empty(jsonx_get(item, "value", NULL))))
            return refuse(part, INJECT_INVALID, "env[%zu] needs exactly one source", i);
    }
    for (size_t i = 0; i < json_array_size(sources); i++) {
        const json_t *item = json_array_get(sources, i);
        bool secret = jsonx_str(item, "secretRef", "name", NULL) != NULL;
        bool map = jsonx_str(item, "configMapRef", "name", NULL) != NULL;
        if (secret == map)
            return refuse(part, INJECT_INVALID, "envFrom[%zu] needs exactly one source", i);
    }
    return true;
}

/* The API server refuses a request above its limit, and text that is not a quantity. */
static bool check_resources(struct part *part)
{
    const json_t *resources = jsonx_get(part_settings(part), "resources", NULL);
    const json_t *requests = jsonx_get(resources, "requests", NULL), *value;
    const json_t *limits = jsonx_get(resources, "limits", NULL);
    const char *name;
    int order;

    jsonx_foreach_member (limits, name, value)
        if (!amount_is_valid(value))
            return refuse(part, INJECT_INVALID, "resources.limits.%.40s is not a quantity", name);
    jsonx_foreach_member (requests, name, value) {
        const json_t *bound = jsonx_get(limits, name, NULL);
        if (!amount_is_valid(value))
            return refuse(part, INJECT_INVALID, "resources.requests.%.40s is not a quantity", name);
        if (bound && amount_compare(value, bound, &order) && order > 0)
            return refuse(part, INJECT_INVALID, "resources.requests.%.40s is above the limit",
                          name);
    }
    return true;
}

static bool check_temp_dir(struct part *part)
{
    const json_t *settings = jsonx_get(part->invoker, "spec", "tempDir", NULL);
    const json_t *size = jsonx_get(settings, "sizeLimit", NULL);
    const char *medium = jsonx_str(settings, "medium", NULL);

    if (size && !amount_is_valid(size))
        return refuse(part, INJECT_INVALID, "tempDir.sizeLimit is not a quantity");
    if (medium && *medium && strcmp(medium, "Memory") != 0)
        return refuse(part, INJECT_INVALID, "tempDir.medium is neither empty nor Memory");
    return true;
}

/* What the API server or the kubelet refuses in the context as it would be. */
static bool check_security(const struct site *site, struct part *part)
{
    const json_t *context = part->security = security_build(site, part);
    json_int_t of_pod = jsonx_int(site->pod, -1, "spec", "securityContext", "runAsUser", NULL);

    if (jsonx_bool(context, false, "privileged", NULL) &&
        json_is_false(jsonx_get(context, "allowPrivilegeEscalation", NULL)))
        return refuse(part, INJECT_INVALID,
                      "securityContext is privileged without allowPrivilegeEscalation");
    if (jsonx_bool(context, false, "runAsNonRoot", NULL) &&
        jsonx_int(context, of_pod, "runAsUser", NULL) == 0)
        return refuse(part, INJECT_INVALID, "securityContext has runAsNonRoot, but the user is 0");
    return true;
}

void part_check(const struct site *site, struct part *part)
{
    if (!part->row)
        return;
    (void)(check_pod(site, part) && check_repository(site, part) && check_mounts(site, part) &&
           check_env(part) && check_resources(part) && check_temp_dir(part) &&
           check_security(site, part));
}

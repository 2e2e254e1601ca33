/*
 * Whether a part can be built without harm. The pod is somebody else's: whatever would make the API
 * server refuse it, or the kubelet hold it back, is found here, and the pod is left alone.
 */
#include "parts.h"
#include "stash/admit.h"
#include "stash/jsonx.h"
#include "stash/names.h"

#define LABEL_OS "kubernetes.io/os"

static bool check_pod(const struct site *site, struct part *part)
{
    const char *taken = ours_taken(site->pod, part);

    if (text_is(jsonx_str(site->pod, "spec", "os", "name", NULL), "windows") ||
        text_is(jsonx_str(site->pod, "spec", "nodeSelector", LABEL_OS, NULL), "windows"))
        return refuse(&part->refusal, INJECT_INVALID, "a Windows pod");
    if (taken)
        return refuse(&part->refusal, INJECT_NAME_TAKEN, "\"%.63s\"", taken);
    const char *mesh = mesh_obstacle(site, part);
    if (mesh)
        return refuse(&part->refusal, INJECT_MESH, "%s", mesh);
    return true;
}

static bool check_recipe(struct part *part)
{
    part->refusal = part->recipe->refusal;
    return part->refusal.reason == INJECT_DONE;
}

/* A Repository of another namespace may be for some only. */
static bool check_usage(const struct site *site, struct part *part)
{
    const struct snapshot *snapshot = site->snapshot;
    json_auto_t *namespace = snapshot->get(snapshot->ctx, KIND_NAMESPACE, NULL, site->namespace);

    if (!usage_allows(part->recipe->repository, site->namespace, namespace))
        return refuse(&part->refusal, INJECT_INVALID,
                      "repository %.80s does not allow this namespace",
                      jsonx_name(part->recipe->repository));
    return true;
}

static bool check_volumes(const struct site *site, struct part *part)
{
    const json_t *mounts = recipe_mounts(part->recipe);
    const json_t *volumes = jsonx_get(site->pod, "spec", "volumes", NULL);

    for (size_t i = 0; i < json_array_size(mounts); i++) {
        const char *name = jsonx_str(json_array_get(mounts, i), "name", NULL);
        if (jsonx_find(volumes, "name", name) < 0)
            return refuse(&part->refusal, INJECT_VOLUME_MISSING, "\"%.63s\"", name);
    }
    return true;
}

/* What the API server or the kubelet refuses in the context as it would be. */
static bool check_security(const struct site *site, struct part *part)
{
    const json_t *context = part->security = security_build(site, part);
    json_int_t of_pod = jsonx_int(site->pod, -1, "spec", "securityContext", "runAsUser", NULL);

    if (jsonx_bool(context, false, "privileged", NULL) &&
        json_is_false(jsonx_get(context, "allowPrivilegeEscalation", NULL)))
        return refuse(&part->refusal, INJECT_INVALID,
                      "securityContext is privileged without allowPrivilegeEscalation");
    if (jsonx_bool(context, false, "runAsNonRoot", NULL) &&
        jsonx_int(context, of_pod, "runAsUser", NULL) == 0)
        return refuse(&part->refusal, INJECT_INVALID,
                      "securityContext has runAsNonRoot, but the user is 0");
    return true;
}

void part_check(const struct site *site, struct part *part)
{
    if (!part->recipe)
        return;
    (void)(check_pod(site, part) && check_recipe(part) && check_usage(site, part) &&
           check_volumes(site, part) && check_security(site, part));
}

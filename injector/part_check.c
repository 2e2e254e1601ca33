/*
 * Whether a part can be built without harm. The pod is somebody else's: whatever would make the API
 * server refuse it, or the kubelet hold it back, is found here, and the pod is left alone.
 */
#include <string.h>

#include "parts.h"
#include "stash/admit.h"
#include "stash/conditions.h"
#include "stash/jsonx.h"
#include "stash/names.h"

/* ---- the pod ---- */

static const char *const os_labels[] = {"kubernetes.io/os", "beta.kubernetes.io/os"};

/* One of the alternatives: whether only a Windows node is meant. */
static bool term_is_windows(const json_t *term)
{
    const json_t *expressions = jsonx_get(term, "matchExpressions", NULL);

    for (size_t i = 0; i < json_array_size(expressions); i++) {
        const json_t *row = json_array_get(expressions, i);
        const char *key = jsonx_str(row, "key", NULL);
        const json_t *values = jsonx_get(row, "values", NULL);
        if ((text_is(key, os_labels[0]) || text_is(key, os_labels[1])) &&
            text_is(jsonx_str(row, "operator", NULL), "In") && json_array_size(values) == 1 &&
            text_is(json_string_value(json_array_get(values, 0)), "windows"))
            return true;
    }
    return false;
}

static bool affinity_is_windows(const json_t *spec)
{
    const json_t *terms =
        jsonx_get(spec, "affinity", "nodeAffinity",
                  "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms", NULL);

    for (size_t i = 0; i < json_array_size(terms); i++)
        if (!term_is_windows(json_array_get(terms, i)))
            return false;
    return json_array_size(terms) > 0;
}

static bool has_options(const json_t *object)
{
    return !jsonx_is_empty(jsonx_get(object, "securityContext", "windowsOptions", NULL));
}

static bool options_are_windows(const json_t *spec)
{
    const json_t *containers = jsonx_get(spec, "containers", NULL);

    for (size_t i = 0; i < json_array_size(containers); i++)
        if (has_options(json_array_get(containers, i)))
            return true;
    return has_options(spec);
}

/* What the pod says of its system counts first. */
static bool is_windows(const json_t *spec)
{
    const char *system = jsonx_str(spec, "os", "name", NULL);

    for (size_t i = 0; !system && i < ARRAY_LEN(os_labels); i++)
        system = jsonx_str(spec, "nodeSelector", os_labels[i], NULL);
    if (system && *system)
        return strcmp(system, "windows") == 0;
    return affinity_is_windows(spec) || options_are_windows(spec);
}

static bool check_pod(const struct site *site, struct part *part)
{
    const char *taken = ours_taken(site->pod, part);

    if (is_windows(jsonx_get(site->pod, "spec", NULL)))
        return recipe_refuse(&part->refusal, INJECT_INVALID, "a Windows pod");
    if (taken)
        return recipe_refuse(&part->refusal, INJECT_NAME_TAKEN, "\"%.63s\"", taken);
    return true;
}

/* ---- what is asked for ---- */

static bool check_recipe(struct part *part)
{
    part->refusal = part->recipe->refusal;
    return part->refusal.reason == INJECT_DONE;
}

/* What a dry run has found out. A dry run itself is to find it out again. */
static bool check_verdict(const struct site *site, struct part *part)
{
    const json_t *conditions = jsonx_get(part->recipe->invoker, "status", "conditions", NULL);
    const json_t *verdict = condition_find(conditions, CONDITION_PODS_REFUSED);
    const char *message = jsonx_str(verdict, "message", NULL);

    if (!text_is(jsonx_str(verdict, "status", NULL), "True") ||
        text_is(jsonx_annotation(site->pod, ANNOTATION_TRIAL), "true"))
        return true;
    return recipe_refuse(&part->refusal, INJECT_BLOCKED, "%s", message ? message : "");
}

/* A Repository of another namespace may be for some only. */
static bool check_usage(const struct site *site, struct part *part)
{
    if (!usage_allows(part->recipe->repository, site->namespace, site->namespace_object))
        return recipe_refuse(&part->refusal, INJECT_INVALID,
                             "repository %.80s does not allow this namespace",
                             jsonx_name(part->recipe->repository));
    return true;
}

/* What the API server or the kubelet refuses in the context as it would be. */
static bool check_security(const struct site *site, struct part *part)
{
    const json_t *context = part->security = security_build(site, part);
    json_int_t of_pod = jsonx_int(site->pod, -1, "spec", "securityContext", "runAsUser", NULL);

    if (jsonx_bool(context, false, "runAsNonRoot", NULL) &&
        jsonx_int(context, of_pod, "runAsUser", NULL) == 0)
        return recipe_refuse(&part->refusal, INJECT_INVALID,
                             "securityContext has runAsNonRoot, but the user is 0");
    return true;
}

/* The proof: the container as it would be, in this pod and this namespace. */
static bool check_result(const struct site *site, struct part *part)
{
    part->container = container_build(site, part);
    return fit_check(site, part) && pod_security_check(site->namespace_object, part);
}

/* Restores are few, and look at more of a pod. */
static bool check_whole(const struct site *site, struct part *part)
{
    return !site->is_cut || !part_is_restore(part) ||
           recipe_refuse(&part->refusal, INJECT_CUT, "volumes");
}

void part_check(const struct site *site, struct part *part)
{
    if (!part->recipe)
        return;
    (void)(check_whole(site, part) && check_pod(site, part) && check_recipe(part) &&
           check_verdict(site, part) && mesh_check(site, part) && check_usage(site, part) &&
           check_volumes(site, part) && check_variables(site, part) && check_security(site, part) &&
           check_result(site, part));
}

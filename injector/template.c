/* A pod as its workload's controller would make it, and the template in the workload. */
#include "template.h"

#include <stdio.h>
#include <string.h>

#include "parts.h"
#include "stash/inject.h"
#include "stash/jsonx.h"
#include "stash/mem.h"

/* Stands for the ReplicaSet's hash in a pod that no ReplicaSet made. */
#define MADE_HASH "stash"

/* Where a template may be; the first that is there. */
#define TEMPLATE_DEPTH 4
static const char *const template_paths[][TEMPLATE_DEPTH + 1] = {
    {"spec", "jobTemplate", "spec", "template"}, {"spec", "template"}};

static const char *const *path_find(const json_t *workload)
{
    for (size_t i = 0; i < ARRAY_LEN(template_paths); i++) {
        const json_t *at = workload;
        for (const char *const *step = template_paths[i]; *step; step++)
            at = jsonx_get(at, *step, NULL);
        if (json_is_object(at))
            return template_paths[i];
    }
    return NULL;
}

const json_t *template_find(const json_t *workload)
{
    const char *const *step = path_find(workload);

    for (; step && *step; step++)
        workload = jsonx_get(workload, *step, NULL);
    return step ? workload : NULL;
}

json_t *template_own(json_t *copy)
{
    for (const char *const *step = path_find(copy); step && *step; step++)
        copy = jsonx_own(copy, *step);
    return copy;
}

static json_t *owner_reference(const char *kind, const char *api_version, const char *name,
                               const char *uid)
{
    return json_pack("{ss, ss, ss, ss, sb}", "apiVersion", api_version ? api_version : "v1", "kind",
                     kind, "name", name, "uid", uid ? uid : "00000000-0000-0000-0000-000000000000",
                     "controller", 1);
}

/* Fills what inject_workload_of() reads. */
static void controller_set(json_t *metadata, const json_t *workload)
{
    const char *kind = jsonx_str(workload, "kind", NULL), *name = jsonx_name(workload);
    const char *api_version = jsonx_str(workload, "apiVersion", NULL), *uid = jsonx_uid(workload);
    const char *owner = kind, *owner_name = name;
    char replica_set[300];

    if (strcmp(kind, "Deployment") == 0) {
        json_object_set_new(jsonx_own(metadata, "labels"), LABEL_TEMPLATE_HASH,
                            json_string(MADE_HASH));
        snprintf(replica_set, sizeof(replica_set), "%s-" MADE_HASH, name);
        owner = "ReplicaSet";
        owner_name = replica_set;
        api_version = "apps/v1";
    } else if (strcmp(kind, "DeploymentConfig") == 0) {
        json_object_set_new(jsonx_own(metadata, "annotations"), ANNOTATION_DC, json_string(name));
        owner = "ReplicationController";
        api_version = "v1";
    }
    json_object_set_new(metadata, "ownerReferences",
                        json_pack("[o]", owner_reference(owner, api_version, owner_name, uid)));
}

/* The controller adds a volume for every claim template; the template itself does not name them. First
 * come first, so that a template that was injected before gives the same pod again. */
static void claims_add(json_t *spec, const json_t *workload, const char *name)
{
    const json_t *templates = jsonx_get(workload, "spec", "volumeClaimTemplates", NULL);
    json_t *volumes = json_array_size(templates) ? jsonx_own_array(spec, "volumes") : NULL;

    for (size_t i = json_array_size(templates); i > 0; i--) {
        const char *volume = jsonx_name(json_array_get(templates, i - 1));
        if (!volume || jsonx_find(volumes, "name", volume) >= 0)
            continue;
        AUTO(mem_free) char *claim = xasprintf("%s-%s-0", volume, name);
        json_array_insert_new(
            volumes, 0,
            json_pack("{ss, s{ss}}", "name", volume, "persistentVolumeClaim", "claimName", claim));
    }
}

json_t *inject_template_pod(const json_t *workload)
{
    const json_t *template = template_find(workload);
    const char *kind = jsonx_str(workload, "kind", NULL), *name = jsonx_name(workload);
    const char *namespace = jsonx_namespace(workload);

    if (!template || !kind || !name)
        return NULL;
    json_t *pod = json_pack("{ss, ss}", "apiVersion", "v1", "kind", "Pod");
    json_object_set(pod, "metadata", json_object_get(template, "metadata"));
    json_object_set(pod, "spec", json_object_get(template, "spec"));
    json_t *metadata = jsonx_own(pod, "metadata");
    AUTO(mem_free) char *prefix = xasprintf("%s-", name);
    json_object_set_new(metadata, "generateName", json_string(prefix));
    if (namespace)
        json_object_set_new(metadata, "namespace", json_string(namespace));
    controller_set(metadata, workload);
    claims_add(jsonx_own(pod, "spec"), workload, name);
    return pod;
}

/* Only of the kind Pod does a pod have to keep its name to be of its target; that name may still be taken. */
static void name_set(json_t *metadata, const json_t *pod)
{
    const char *prefix = jsonx_str(pod, "metadata", "generateName", NULL);
    const char *name = jsonx_name(pod);
    struct inject_workload workload;

    if (inject_workload_of(pod, &workload) == INJECT_DONE && strcmp(workload.kind, "Pod") == 0)
        json_object_set_new(metadata, "name", json_string(name));
    else
        json_object_set_new(metadata, "generateName",
                            prefix ? json_string(prefix)
                                   : json_sprintf("%s-", name ? name : "pod"));
}

json_t *inject_next_pod(const json_t *pod)
{
    static const char *const metadata_kept[] = {"namespace", "labels", "annotations"};
    static const char *const spec_added[] = {"nodeName", "ephemeralContainers", "priority",
                                             "preemptionPolicy"};
    json_auto_t *bare = ours_strip(pod);
    json_t *next = json_pack("{ss, ss, s{}, sO*}", "apiVersion", "v1", "kind", "Pod", "metadata",
                             "spec", json_object_get(bare, "spec"));
    json_t *metadata = json_object_get(next, "metadata"), *spec = jsonx_own(next, "spec");

    name_set(metadata, bare);
    for (size_t i = 0; i < ARRAY_LEN(metadata_kept); i++) {
        json_t *value = jsonx_get(bare, "metadata", metadata_kept[i], NULL);
        if (value)
            json_object_set(metadata, metadata_kept[i], value);
    }
    for (size_t i = 0; i < ARRAY_LEN(spec_added); i++)
        json_object_del(spec, spec_added[i]);
    return next;
}

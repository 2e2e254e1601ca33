/* Which workload a pod belongs to, and the pod that a workload would make. */
#include <stdio.h>
#include <string.h>

#include "stash/inject.h"
#include "stash/jsonx.h"
#include "stash/mem.h"

#define LABEL_TEMPLATE_HASH "pod-template-hash"
#define LABEL_DC_DEPLOYER   "openshift.io/deployer-pod-for.name"
#define ANNOTATION_DC       "openshift.io/deployment-config.name"

/* Stands for the ReplicaSet's hash in a pod that no ReplicaSet made. */
#define MADE_HASH "stash"

static const struct owner_row {
    const char *kind, *group, *api_version;
} owner_rows[] = {
    {"ReplicaSet", "apps", "apps/v1"},
    {"StatefulSet", "apps", "apps/v1"},
    {"DaemonSet", "apps", "apps/v1"},
    {"ReplicationController", "", "v1"},
};

/* "apps/v1" is of group "apps", "v1" of group "". */
static bool group_is(const char *api_version, const char *group)
{
    const char *slash = api_version ? strchr(api_version, '/') : NULL;
    size_t len = slash ? (size_t)(slash - api_version) : 0;

    return strlen(group) == len && strncmp(group, api_version ? api_version : "", len) == 0;
}

static const json_t *owner_find(const json_t *pod)
{
    const json_t *owners = jsonx_get(pod, "metadata", "ownerReferences", NULL);

    for (size_t i = 0; i < json_array_size(owners); i++) {
        const json_t *owner = json_array_get(owners, i);
        if (jsonx_bool(owner, false, "controller", NULL))
            return owner;
    }
    return NULL;
}

static const struct owner_row *owner_row_find(const json_t *owner)
{
    const char *kind = jsonx_str(owner, "kind", NULL);
    const char *api_version = jsonx_str(owner, "apiVersion", NULL);

    for (size_t i = 0; kind && i < ARRAY_LEN(owner_rows); i++)
        if (strcmp(kind, owner_rows[i].kind) == 0 && group_is(api_version, owner_rows[i].group))
            return &owner_rows[i];
    return NULL;
}

/* `name` without "-<suffix>"; NULL when it does not end so, or when nothing is left. */
static char *name_cut(const char *name, const char *suffix)
{
    size_t len = strlen(name), cut = suffix ? strlen(suffix) + 1 : 0;

    if (cut < 2 || len <= cut || name[len - cut] != '-' ||
        strcmp(name + len - cut + 1, suffix) != 0)
        return NULL;
    return xstrndup(name, len - cut);
}

/* A ReplicaSet with the hash label is a Deployment's, one without it stands for itself. */
static void resolve_replica_set(const json_t *pod, const char *name, const char **ret_kind,
                                char **ret_name)
{
    char *deployment = name_cut(name, jsonx_label(pod, LABEL_TEMPLATE_HASH));

    *ret_kind = deployment ? "Deployment" : "ReplicaSet";
    *ret_name = deployment ? deployment : xstrdup(name);
}

/* DeploymentConfig <dc> owns the ReplicationController <dc>-<version>. */
static void resolve_replication_controller(const json_t *pod, const char *name,
                                           const char **ret_kind, char **ret_name)
{
    const char *config = jsonx_annotation(pod, ANNOTATION_DC);

    if (jsonx_label(pod, LABEL_DC_DEPLOYER))
        return; /* the pod that carries a rollout out, not one of the application's */
    *ret_kind = config ? "DeploymentConfig" : "ReplicationController";
    *ret_name = xstrdup(config ? config : name);
}

void inject_controller(const json_t *pod, const char **ret_kind, char **ret_name)
{
    const json_t *owner = owner_find(pod);
    const struct owner_row *row = owner_row_find(owner);
    const char *name = jsonx_str(owner, "name", NULL);

    *ret_kind = NULL;
    *ret_name = NULL;
    if (!row || !name)
        return;
    if (strcmp(row->kind, "ReplicaSet") == 0) {
        resolve_replica_set(pod, name, ret_kind, ret_name);
    } else if (strcmp(row->kind, "ReplicationController") == 0) {
        resolve_replication_controller(pod, name, ret_kind, ret_name);
    } else {
        *ret_kind = row->kind;
        *ret_name = xstrdup(name);
    }
}

/* ---- the other direction: a pod as the workload's controller would make it ---- */

static json_t *owner_reference(const char *kind, const char *api_version, const char *name,
                               const char *uid)
{
    return json_pack("{ss, ss, ss, ss, sb}", "apiVersion", api_version, "kind", kind, "name", name,
                     "uid", uid ? uid : "00000000-0000-0000-0000-000000000000", "controller", 1);
}

/* Fills what inject_controller() reads. */
static void controller_set(json_t *metadata, const char *kind, const char *name, const char *uid)
{
    char replica_set[300];
    const char *owner = kind, *owner_name = name, *api_version = "apps/v1";

    if (strcmp(kind, "Deployment") == 0) {
        json_object_set_new(jsonx_own(metadata, "labels"), LABEL_TEMPLATE_HASH,
                            json_string(MADE_HASH));
        snprintf(replica_set, sizeof(replica_set), "%s-" MADE_HASH, name);
        owner = "ReplicaSet";
        owner_name = replica_set;
    } else if (strcmp(kind, "DeploymentConfig") == 0) {
        json_object_set_new(jsonx_own(metadata, "annotations"), ANNOTATION_DC, json_string(name));
        owner = "ReplicationController";
    }
    if (strcmp(owner, "ReplicationController") == 0)
        api_version = "v1";
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
    const json_t *template = jsonx_get(workload, "spec", "template", NULL);
    const char *kind = jsonx_str(workload, "kind", NULL), *name = jsonx_name(workload);
    const char *namespace = jsonx_namespace(workload);

    if (!json_is_object(template) || !kind || !name)
        return NULL;
    json_t *pod = json_pack("{ss, ss}", "apiVersion", "v1", "kind", "Pod");
    json_object_set(pod, "metadata", json_object_get(template, "metadata"));
    json_object_set(pod, "spec", json_object_get(template, "spec"));
    json_t *metadata = jsonx_own(pod, "metadata");
    AUTO(mem_free) char *prefix = xasprintf("%s-", name);
    json_object_set_new(metadata, "generateName", json_string(prefix));
    if (namespace)
        json_object_set_new(metadata, "namespace", json_string(namespace));
    controller_set(metadata, kind, name, jsonx_uid(workload));
    claims_add(jsonx_own(pod, "spec"), workload, name);
    return pod;
}

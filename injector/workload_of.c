/* Whose pod it is: what its annotation says, else who controls it. */
#include <ctype.h>
#include <string.h>

#include "stash/inject.h"
#include "stash/jsonx.h"
#include "stash/names.h"
#include "stash/text.h"
#include "template.h"

static const struct owner_row {
    const char *kind, *group;
} owner_rows[] = {
    {"ReplicaSet", "apps"},
    {"StatefulSet", "apps"},
    {"DaemonSet", "apps"},
    {"ReplicationController", ""},
};

/* ---- the controller ---- */

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

/* False when a part is empty or too long: no object has such a name. */
static bool workload_set(struct inject_workload *ret, const char *kind, const char *name,
                         size_t name_len)
{
    size_t kind_len = strlen(kind);

    if (name_len == 0 || name_len >= sizeof(ret->name) || kind_len >= sizeof(ret->kind))
        return false;
    memcpy(ret->kind, kind, kind_len + 1);
    memcpy(ret->name, name, name_len);
    ret->name[name_len] = '\0';
    return true;
}

/* Length of `name` without "-<suffix>"; 0 when it does not end so. */
static size_t length_before(const char *name, const char *suffix)
{
    size_t len = strlen(name), cut = suffix ? strlen(suffix) + 1 : 0;

    if (cut < 2 || len <= cut || name[len - cut] != '-' ||
        strcmp(name + len - cut + 1, suffix) != 0)
        return 0;
    return len - cut;
}

/* A ReplicaSet with the hash label is a Deployment's, one without it stands for itself. */
static bool resolve_replica_set(const json_t *pod, const char *name, struct inject_workload *ret)
{
    size_t deployment = length_before(name, jsonx_label(pod, LABEL_TEMPLATE_HASH));

    return deployment ? workload_set(ret, "Deployment", name, deployment)
                      : workload_set(ret, "ReplicaSet", name, strlen(name));
}

/* DeploymentConfig <dc> owns the ReplicationController <dc>-<version>. */
static bool resolve_replication_controller(const json_t *pod, const char *name,
                                           struct inject_workload *ret)
{
    const char *config = jsonx_annotation(pod, ANNOTATION_DC);

    if (jsonx_label(pod, LABEL_DC_DEPLOYER))
        return false; /* the pod that carries a rollout out, not one of the application's */
    return config ? workload_set(ret, "DeploymentConfig", config, strlen(config))
                  : workload_set(ret, "ReplicationController", name, strlen(name));
}

static bool controller_resolve(const json_t *pod, struct inject_workload *ret)
{
    const json_t *owner = owner_find(pod);
    const struct owner_row *row = owner_row_find(owner);
    const char *name = jsonx_str(owner, "name", NULL);

    if (!row || !name)
        return false;
    if (strcmp(row->kind, "ReplicaSet") == 0)
        return resolve_replica_set(pod, name, ret);
    if (strcmp(row->kind, "ReplicationController") == 0)
        return resolve_replication_controller(pod, name, ret);
    return workload_set(ret, row->kind, name, strlen(name));
}

/* ---- the annotation ---- */

static bool kind_is_fine(const char *kind)
{
    if (!isupper((unsigned char)*kind))
        return false;
    for (; *kind; kind++)
        if (!isalnum((unsigned char)*kind))
            return false;
    return true;
}

/* As the API server wants the names of most objects: a DNS subdomain. */
static bool name_is_fine(const char *name)
{
    size_t len = strlen(name);

    if (!isalnum((unsigned char)name[0]) || !isalnum((unsigned char)name[len - 1]))
        return false;
    for (; *name; name++)
        if (!(islower((unsigned char)*name) || isdigit((unsigned char)*name) || *name == '-' ||
              *name == '.'))
            return false;
    return true;
}

static bool target_split(const char *text, struct inject_workload *ret)
{
    const char *slash = strchr(text, '/');
    char kind[sizeof(ret->kind)];

    if (!slash || (size_t)(slash - text) >= sizeof(kind))
        return false;
    memcpy(kind, text, (size_t)(slash - text));
    kind[slash - text] = '\0';
    return kind_is_fine(kind) && workload_set(ret, kind, slash + 1, strlen(slash + 1)) &&
           name_is_fine(ret->name);
}

/* Every pod of these is a host of its own, and counted: another's pod would be one too many. */
static bool counts_its_pods(const char *kind)
{
    return strcmp(kind, "StatefulSet") == 0 || strcmp(kind, "DaemonSet") == 0;
}

static const char *target_fault(const json_t *pod, const struct inject_workload *target)
{
    struct inject_workload controller;
    const char *name = jsonx_name(pod);

    if (jsonx_annotation(pod, ANNOTATION_MIRROR))
        return "it is a static pod's: the API server takes none with Secrets and tokens";
    if (strcmp(target->kind, "Pod") == 0 && !(name && strcmp(name, target->name) == 0))
        return "it names another Pod, or this one gets its name only later";
    if (counts_its_pods(target->kind) &&
        !(controller_resolve(pod, &controller) && strcmp(controller.kind, target->kind) == 0 &&
          strcmp(controller.name, target->name) == 0))
        return "pods of a StatefulSet or DaemonSet are hosts that only their controller makes";
    return NULL;
}

enum inject_reason inject_workload_of(const json_t *pod, struct inject_workload *ret)
{
    const char *target = jsonx_annotation(pod, ANNOTATION_TARGET);

    ret->fault = NULL;
    ret->kind[0] = ret->name[0] = '\0';
    if (!target || !*target)
        return controller_resolve(pod, ret) ? INJECT_DONE : INJECT_NO_CONTROLLER;
    ret->fault = target_split(target, ret) ? target_fault(pod, ret) : "it is not \"Kind/name\"";
    return ret->fault ? INJECT_BAD_TARGET : INJECT_DONE;
}

bool inject_is_of(const json_t *pod, const json_t *ref)
{
    struct inject_workload workload;

    return inject_workload_of(pod, &workload) == INJECT_DONE &&
           text_is(jsonx_str(ref, "kind", NULL), workload.kind) &&
           text_is(jsonx_str(ref, "name", NULL), workload.name);
}

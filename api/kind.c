/* kind.c - the table of kinds. Adding a kind is adding a row here and a constant in kinds.h. */
#include "stash/kinds.h"

#include <stddef.h>
#include <string.h>

#include "stash/error.h"
#include "stash/names.h"

struct row {
    struct resource resource;
    const char *api_version;
};

#define CLUSTER    false
#define NAMESPACED true
#define CORE(kind_, plural_, scope_)                                                               \
    {                                                                                              \
        {kind_, "", "v1", plural_, scope_}, "v1"                                                   \
    }
#define GROUP(group_, version_, kind_, plural_, scope_)                                            \
    {                                                                                              \
        {kind_, group_, version_, plural_, scope_}, group_ "/" version_                            \
    }
#define STASH(version_, kind_, plural_, scope_) GROUP(STASH_GROUP, version_, kind_, plural_, scope_)
#define RBAC(kind_, plural_, scope_)                                                               \
    GROUP("rbac.authorization.k8s.io", "v1", kind_, plural_, scope_)
#define ADMISSION(kind_, plural_)                                                                  \
    GROUP("admissionregistration.k8s.io", "v1", kind_, plural_, CLUSTER)

static const struct row rows[KIND_COUNT] = {
    [KIND_REPOSITORY] = STASH("v1alpha1", "Repository", "repositories", NAMESPACED),
    [KIND_BACKUP_CONFIGURATION] =
        STASH("v1beta1", "BackupConfiguration", "backupconfigurations", NAMESPACED),
    [KIND_BACKUP_SESSION] = STASH("v1beta1", "BackupSession", "backupsessions", NAMESPACED),
    [KIND_RESTORE_SESSION] = STASH("v1beta1", "RestoreSession", "restoresessions", NAMESPACED),
    [KIND_BACKUP_BATCH] = STASH("v1beta1", "BackupBatch", "backupbatches", NAMESPACED),
    [KIND_RESTORE_BATCH] = STASH("v1beta1", "RestoreBatch", "restorebatches", NAMESPACED),
    [KIND_BACKUP_BLUEPRINT] = STASH("v1beta1", "BackupBlueprint", "backupblueprints", CLUSTER),
    [KIND_TASK] = STASH("v1beta1", "Task", "tasks", CLUSTER),
    [KIND_FUNCTION] = STASH("v1beta1", "Function", "functions", CLUSTER),
    [KIND_APP_BINDING] =
        GROUP("appcatalog.appscode.com", "v1alpha1", "AppBinding", "appbindings", NAMESPACED),

    [KIND_POD] = CORE("Pod", "pods", NAMESPACED),
    [KIND_SECRET] = CORE("Secret", "secrets", NAMESPACED),
    [KIND_SERVICE_ACCOUNT] = CORE("ServiceAccount", "serviceaccounts", NAMESPACED),
    [KIND_NAMESPACE] = CORE("Namespace", "namespaces", CLUSTER),
    [KIND_NODE] = CORE("Node", "nodes", CLUSTER),
    [KIND_EVENT] = CORE("Event", "events", NAMESPACED),
    [KIND_PERSISTENT_VOLUME_CLAIM] =
        CORE("PersistentVolumeClaim", "persistentvolumeclaims", NAMESPACED),
    [KIND_PERSISTENT_VOLUME] = CORE("PersistentVolume", "persistentvolumes", CLUSTER),
    [KIND_REPLICATION_CONTROLLER] =
        CORE("ReplicationController", "replicationcontrollers", NAMESPACED),
    [KIND_DEPLOYMENT] = GROUP("apps", "v1", "Deployment", "deployments", NAMESPACED),
    [KIND_STATEFUL_SET] = GROUP("apps", "v1", "StatefulSet", "statefulsets", NAMESPACED),
    [KIND_DAEMON_SET] = GROUP("apps", "v1", "DaemonSet", "daemonsets", NAMESPACED),
    [KIND_REPLICA_SET] = GROUP("apps", "v1", "ReplicaSet", "replicasets", NAMESPACED),
    [KIND_DEPLOYMENT_CONFIG] =
        GROUP("apps.openshift.io", "v1", "DeploymentConfig", "deploymentconfigs", NAMESPACED),
    [KIND_JOB] = GROUP("batch", "v1", "Job", "jobs", NAMESPACED),
    [KIND_CRON_JOB] = GROUP("batch", "v1", "CronJob", "cronjobs", NAMESPACED),
    [KIND_ROLE] = RBAC("Role", "roles", NAMESPACED),
    [KIND_ROLE_BINDING] = RBAC("RoleBinding", "rolebindings", NAMESPACED),
    [KIND_CLUSTER_ROLE] = RBAC("ClusterRole", "clusterroles", CLUSTER),
    [KIND_LEASE] = GROUP("coordination.k8s.io", "v1", "Lease", "leases", NAMESPACED),
    [KIND_STORAGE_CLASS] = GROUP("storage.k8s.io", "v1", "StorageClass", "storageclasses", CLUSTER),
    [KIND_VALIDATING_WEBHOOK_CONFIGURATION] =
        ADMISSION("ValidatingWebhookConfiguration", "validatingwebhookconfigurations"),
    [KIND_MUTATING_WEBHOOK_CONFIGURATION] =
        ADMISSION("MutatingWebhookConfiguration", "mutatingwebhookconfigurations"),
};

const struct resource *kind_resource(enum kind kind)
{
    BUG_ON(kind >= KIND_COUNT);
    return &rows[kind].resource;
}

const char *kind_api_version(enum kind kind)
{
    BUG_ON(kind >= KIND_COUNT);
    return rows[kind].api_version;
}

enum kind kind_by_name(const char *kind)
{
    size_t i;

    if (!kind)
        return KIND_UNKNOWN;
    for (i = 0; i < KIND_COUNT; i++) {
        if (strcmp(rows[i].resource.kind, kind) == 0)
            return (enum kind)i;
    }
    return KIND_UNKNOWN;
}

enum kind kind_find(const char *api_version, const char *kind)
{
    enum kind found = kind_by_name(kind); /* kind names are unique in the table */
    const char *slash = api_version ? strchr(api_version, '/') : NULL;
    size_t len = slash ? (size_t)(slash - api_version) : 0;
    const char *group;

    if (!api_version || found == KIND_UNKNOWN)
        return KIND_UNKNOWN;
    group = rows[found].resource.group;
    if (strlen(group) != len || strncmp(group, api_version, len) != 0)
        return KIND_UNKNOWN;
    return found;
}

bool kind_is_workload(enum kind kind)
{
    return kind == KIND_DEPLOYMENT || kind == KIND_STATEFUL_SET || kind == KIND_DAEMON_SET ||
           kind == KIND_DEPLOYMENT_CONFIG || kind == KIND_REPLICA_SET ||
           kind == KIND_REPLICATION_CONTROLLER;
}

static bool group_is_known(const char *api_version)
{
    size_t len = strcspn(api_version, "/");

    for (size_t i = 0; i < KIND_COUNT; i++) {
        const char *group = rows[i].resource.group;
        if (strlen(group) == len && strncmp(group, api_version, len) == 0)
            return true;
    }
    return !api_version[len]; /* "v1": the core group */
}

bool kind_is_named_by_pods(const char *api_version, const char *kind)
{
    enum kind found = kind_find(api_version, kind);

    if (found == KIND_POD || found == KIND_JOB || found == KIND_CRON_JOB)
        return true;
    return api_version && kind_by_name(kind) == KIND_UNKNOWN && !group_is_known(api_version);
}

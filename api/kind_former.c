/* kind_former.c - kinds that older versions of Stash had, those of its successor, and names that are nearly one of ours. */
#include <string.h>

#include "stash/fields.h"
#include "stash/mem.h"
#include "stash/names.h"
#include "stash/spelling.h"

static const struct former {
    const char *group, *kind, *sentence;
} rows[] = {
    {STASH_GROUP, "Restic",
     "is of Stash before 0.9: write a BackupConfiguration (stash.appscode.com/v1beta1) for the "
     "workload, and a Repository for its backend"},
    {STASH_GROUP, "Recovery",
     "is of Stash before 0.9: write a RestoreSession (stash.appscode.com/v1beta1)"},
    {STASH_GROUP, "BackupConfigurationTemplate",
     "is of Stash before 0.9: write a BackupBlueprint (stash.appscode.com/v1beta1)"},
    {STASH_GROUP, "BackupTemplate",
     "is of Stash before 0.9: write a BackupBlueprint (stash.appscode.com/v1beta1)"},
    {"repositories.stash.appscode.com", "Snapshot",
     "is no object in the cluster: restic snapshots lists them in the Repository"},
    {"core.kubestash.com", "BackupConfiguration",
     "is KubeStash's; here it is a BackupConfiguration of stash.appscode.com/v1beta1, whose "
     "spec.repository names the Repository"},
    {"core.kubestash.com", "BackupSession",
     "is KubeStash's; here it is a BackupSession of stash.appscode.com/v1beta1"},
    {"core.kubestash.com", "RestoreSession",
     "is KubeStash's; here it is a RestoreSession of stash.appscode.com/v1beta1"},
    {"core.kubestash.com", "BackupBlueprint",
     "is KubeStash's; here it is a BackupBlueprint of stash.appscode.com/v1beta1"},
    {"core.kubestash.com", "BackupBatch",
     "is KubeStash's; here it is a BackupBatch of stash.appscode.com/v1beta1"},
    {"core.kubestash.com", "HookTemplate",
     "is KubeStash's; here it is spec.hooks of the BackupConfiguration or RestoreSession"},
    {"core.kubestash.com", "BackupVerificationSession",
     "is KubeStash's; nothing here verifies backups by themselves"},
    {"core.kubestash.com", "BackupVerifier",
     "is KubeStash's; nothing here verifies backups by themselves"},
    {"storage.kubestash.com", "BackupStorage",
     "is KubeStash's; here it is spec.backend of a Repository (stash.appscode.com/v1alpha1)"},
    {"storage.kubestash.com", "Repository",
     "is KubeStash's; here it is a Repository of stash.appscode.com/v1alpha1, with the backend in "
     "it"},
    {"storage.kubestash.com", "RetentionPolicy",
     "is KubeStash's; here it is spec.retentionPolicy of the BackupConfiguration"},
    {"storage.kubestash.com", "Snapshot",
     "is KubeStash's; here it is no object in the cluster: restic snapshots lists them"},
    {"addons.kubestash.com", "Addon",
     "is KubeStash's; here it is a Task (stash.appscode.com/v1beta1)"},
    {"addons.kubestash.com", "Function",
     "is KubeStash's; here it is a Function of stash.appscode.com/v1beta1"},
};

static bool is_of_group(const char *api_version, const char *group)
{
    size_t len = strlen(group);

    return strncmp(api_version, group, len) == 0 && (!api_version[len] || api_version[len] == '/');
}

static bool is_ours(enum kind kind)
{
    return strcmp(kind_resource(kind)->group, STASH_GROUP) == 0;
}

static enum kind find_alike(const char *name)
{
    enum kind found = KIND_UNKNOWN;
    unsigned best = 0, distance;

    for (size_t i = 0; i < KIND_COUNT; i++) {
        enum kind kind = (enum kind)i;
        if (is_ours(kind) && spelling_is_near(name, kind_resource(kind)->kind, &distance) &&
            (found == KIND_UNKNOWN || distance < best)) {
            found = kind;
            best = distance;
        }
    }
    return found;
}

char *kinds_former(const char *api_version, const char *kind)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (is_of_group(api_version, rows[i].group) && strcmp(kind, rows[i].kind) == 0)
            return xstrdup(rows[i].sentence);
    if (!is_of_group(api_version, STASH_GROUP))
        return NULL;
    enum kind alike = find_alike(kind);
    if (alike == KIND_UNKNOWN)
        return NULL;
    const char *known = kind_resource(alike)->kind;
    if (strcmp(known, kind) != 0)
        return xasprintf("there is no such kind; did you mean %s?", known);
    if (strcmp(api_version, kind_api_version(alike)) != 0)
        return xasprintf("%.60s has no %s: write %s", api_version, known, kind_api_version(alike));
    return NULL;
}

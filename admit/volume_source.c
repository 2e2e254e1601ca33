/* volume_source.c - what the API server wants of each kind of volume. */
#include <string.h>

#include "container.h"
#include "stash/jsonx.h"
#include "syntax.h"

#define NEEDS_MAX 3

/* Members that must not be empty, besides what other tables say. */
static const struct volume {
    const char *kind;
    const char *needs[NEEDS_MAX];
} volumes[] = {
    {"hostPath", {"path"}},
    {"nfs", {"server", "path"}},
    {"persistentVolumeClaim", {"claimName"}},
    {"gcePersistentDisk", {"pdName"}},
    {"awsElasticBlockStore", {"volumeID"}},
    {"azureDisk", {"diskName", "diskURI"}},
    {"azureFile", {"secretName", "shareName"}},
    {"cephfs", {"monitors"}},
    {"rbd", {"monitors", "image"}},
    {"cinder", {"volumeID"}},
    {"glusterfs", {"endpoints", "path"}},
    {"iscsi", {"targetPortal", "iqn"}},
    {"quobyte", {"registry", "volume"}},
    {"flexVolume", {"driver"}},
    {"csi", {"driver"}},
    {"vsphereVolume", {"volumePath"}},
    {"photonPersistentDisk", {"pdID"}},
    {"portworxVolume", {"volumeID"}},
    {"scaleIO", {"gateway", "system", "volumeName"}},
    {"secret", {"secretName"}},
    {"configMap", {"name"}},
};

static void check_host_type(const struct admit *a, const char *path, const json_t *value)
{
    value_one_of(a, path, value,
                 (const char *const[]){"DirectoryOrCreate", "Directory", "FileOrCreate", "File",
                                       "Socket", "CharDevice", "BlockDevice", NULL});
}

static void check_host_path(const struct admit *a, const char *path, const json_t *value)
{
    const char *text = value_text(a, path, value);
    const char *relative = text ? text + strspn(text, "/") : NULL;
    json_auto_t *rest = relative ? json_string(relative) : NULL;

    if (rest && json_string_length(rest))
        value_sub_path(a, path, rest);
}

static void check_nfs_path(const struct admit *a, const char *path, const json_t *value)
{
    const char *text = value_text(a, path, value);

    if (text && *text != '/')
        causes_add(a->causes, path, CAUSE_INVALID, "\"%.100s\" is not an absolute path", text);
}

static const struct value_rule values[] = {
    {"hostPath.type", check_host_type},
    {"hostPath.path", check_host_path},
    {"nfs.path", check_nfs_path},
    {"emptyDir.sizeLimit", value_quantity},
    {"persistentVolumeClaim.claimName", value_name},
    {0},
};

void volume_source(const struct admit *a, const char *at, const json_t *source)
{
    for (size_t i = 0; i < ARRAY_LEN(volumes); i++) {
        const json_t *doc = jsonx_get(source, volumes[i].kind, NULL);
        for (size_t k = 0; doc && k < NEEDS_MAX && volumes[i].needs[k]; k++) {
            AUTO(mem_free) char *field = xasprintf("%s.%s", volumes[i].kind, volumes[i].needs[k]);
            if (jsonx_is_empty(jsonx_get(doc, volumes[i].needs[k], NULL)))
                rule_cause(a, at, field, CAUSE_REQUIRED, "must not be empty");
        }
    }
    values_check(a, at, source, values);
}

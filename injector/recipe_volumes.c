/* The volumes that we add: none of them can keep the pod from starting, unless the user asked for that. */
#include "recipe.h"
#include "stash/jsonx.h"
#include "stash/names.h"

#define TOKEN_SECONDS 3600

static json_t *temp_dir_build(const struct recipe *recipe)
{
    const json_t *settings = jsonx_get(recipe->invoker, "spec", "tempDir", NULL);
    json_t *medium = jsonx_get(settings, "medium", NULL);
    json_t *size = jsonx_get(settings, "sizeLimit", NULL);

    return json_pack("{ss, s{sO*, sO*}}", "name", recipe->row->tmp_volume, "emptyDir", "medium",
                     medium, "sizeLimit", size);
}

/* A token of the pod's own ServiceAccount, whatever automountServiceAccountToken says, as the API
 * server itself would mount it. */
json_t *recipe_token(void)
{
    return json_pack("{ss, s{s[{s{si, ss}}, {s{ss, sb, s[{ss, ss}]}}, {s{s[{ss, s{ss}}]}}]}}",
                     "name", VOLUME_TOKEN, "projected", "sources", "serviceAccountToken",
                     "expirationSeconds", TOKEN_SECONDS, "path", "token", "configMap", "name",
                     "kube-root-ca.crt", "optional", 1, "items", "key", "ca.crt", "path", "ca.crt",
                     "downwardAPI", "items", "path", "namespace", "fieldRef", "fieldPath",
                     "metadata.namespace");
}

/* The Repository's volume source is spec.backend.local less the two members that are ours. */
static json_t *local_build(const struct recipe *recipe)
{
    json_t *volume = json_copy(jsonx_unconst(recipe->backend.local));

    json_object_del(volume, "mountPath");
    json_object_del(volume, "subPath");
    json_object_set_new(volume, "name", json_string(recipe->row->local_volume));
    return volume;
}

/*
 * Only our container mounts it, so nobody else in the pod can see the files, whatever their mode; and our container may
 * be any user, of no group that we know, while the files belong to root.
 */
#define STORAGE_MODE 0444

static json_t *storage_build(const struct recipe *recipe)
{
    return json_pack("{ss, s{ss, sb, si}}", "name", recipe->row->storage_volume, "secret",
                     "secretName", recipe_secret(recipe), "optional", 1, "defaultMode",
                     STORAGE_MODE);
}

json_t *recipe_volumes(const struct recipe *recipe)
{
    json_t *volumes = json_array();

    json_array_append_new(volumes, temp_dir_build(recipe));
    if (recipe_mounts_local(recipe))
        json_array_append_new(volumes, local_build(recipe));
    if (recipe_secret(recipe))
        json_array_append_new(volumes, storage_build(recipe));
    return volumes;
}

/* The containers that we add, the pod aside: arguments and environment as Stash's agent takes them. */
#include <string.h>

#include "recipe.h"
#include "stash/jsonx.h"
#include "stash/names.h"

/* Members of a VolumeMount; anything else would be refused by the API server. */
static const char *const mount_members[] = {
    "name",        "mountPath",        "subPath", "readOnly", "mountPropagation",
    "subPathExpr", "recursiveReadOnly"};

/* Members of runtimeSettings.container that a sidecar takes as they are; an init container must not have them. */
static const char *const sidecar_members[] = {"livenessProbe", "readinessProbe", "lifecycle"};

/* nice and ionice travel as environment; the agent wraps restic with them. */
static const struct priority_row {
    const char *group, *member, *env;
} priority_rows[] = {
    {"nice", "adjustment", "NICE_ADJUSTMENT"},
    {"ionice", "class", "IONICE_CLASS"},
    {"ionice", "classData", "IONICE_CLASS_DATA"},
};

static void arg_add(json_t *args, const char *flag, const char *value)
{
    AUTO(mem_free) char *arg = xasprintf("--%s=%s", flag, value);

    json_array_append_new(args, json_string(arg));
}

static void literal_add(json_t *args, const char *arg)
{
    json_array_append_new(args, json_string(arg));
}

static json_t *args_build(const struct recipe *recipe, const struct inject_config *config)
{
    bool no_cache = jsonx_bool(recipe->invoker, false, "spec", "tempDir", "disableCaching", NULL);
    const char *url = config->pushgateway_url;
    const json_t *target = jsonx_get(recipe->invoker, "spec", "target", "ref", NULL);
    AUTO(mem_free)
    char *connections = xasprintf("%lld", (long long)recipe->backend.max_connections);
    json_t *args = json_pack("[s]", recipe->row->command);

    arg_add(args, "invoker-name", jsonx_name(recipe->invoker));
    arg_add(args, "invoker-kind", recipe->row->invoker_kind);
    arg_add(args, "target-name", jsonx_str(target, "name", NULL));
    arg_add(args, "target-namespace", snapshot_invoker_namespace(recipe->invoker));
    arg_add(args, "target-kind", jsonx_str(target, "kind", NULL));
    literal_add(args, no_cache ? "--enable-cache=false" : "--enable-cache=true");
    arg_add(args, "max-connections", connections);
    literal_add(args, url ? "--metrics-enabled=true" : "--metrics-enabled=false");
    if (url)
        arg_add(args, "pushgateway-url", url);
    literal_add(args, "--use-kubeapiserver-fqdn-for-aks=true");
    literal_add(args, "--logtostderr=false");
    literal_add(args, "--alsologtostderr=false");
    return args;
}

static json_t *env_field(const char *name, const char *path)
{
    return json_pack("{ss, s{s{ss}}}", "name", name, "valueFrom", "fieldRef", "fieldPath", path);
}

/* A Secret or ConfigMap that is not there must not keep the user's pod from getting ready. */
static void reference_soften(json_t *parent, const char *const *members, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!json_is_object(json_object_get(parent, members[i])))
            continue;
        json_t *reference = jsonx_own(parent, members[i]);
        if (!json_object_get(reference, "optional"))
            json_object_set_new(reference, "optional", json_true());
    }
}

static json_t *env_softened(const json_t *item)
{
    static const char *const members[] = {"secretKeyRef", "configMapKeyRef"};
    json_t *copy = json_copy(jsonx_unconst(item));

    if (json_is_object(json_object_get(copy, "valueFrom")))
        reference_soften(jsonx_own(copy, "valueFrom"), members, ARRAY_LEN(members));
    return copy;
}

static void env_add_priorities(json_t *env, const json_t *settings)
{
    for (size_t i = 0; i < ARRAY_LEN(priority_rows); i++) {
        const struct priority_row *row = &priority_rows[i];
        const json_t *value = jsonx_get(settings, row->group, row->member, NULL);
        if (!json_is_integer(value))
            continue;
        AUTO(mem_free) char *text = xasprintf("%lld", (long long)json_integer_value(value));
        json_auto_t *item = json_pack("{ss, ss}", "name", row->env, "value", text);
        jsonx_upsert_new(env, "name", json_incref(item));
    }
}

static json_t *env_build(const struct recipe *recipe)
{
    const json_t *settings = recipe_settings(recipe), *users = jsonx_get(settings, "env", NULL);
    json_t *env = json_array();

    json_array_append_new(env, env_field("NODE_NAME", "spec.nodeName"));
    json_array_append_new(env, env_field("POD_NAME", "metadata.name"));
    json_array_append_new(env, env_field("POD_UID", "metadata.uid"));
    json_array_append_new(
        env, json_pack("{ss, ss}", "name", "STASH_CONTAINER", "value", recipe->row->container));
    env_add_priorities(env, settings);
    for (size_t i = 0; i < json_array_size(users); i++) {
        json_auto_t *item = env_softened(json_array_get(users, i));
        jsonx_upsert_new(env, "name", json_incref(item));
    }
    return env;
}

static json_t *env_from_build(const struct recipe *recipe)
{
    static const char *const members[] = {"secretRef", "configMapRef"};
    const json_t *users = jsonx_get(recipe_settings(recipe), "envFrom", NULL);
    json_t *sources = json_array();

    for (size_t i = 0; i < json_array_size(users); i++) {
        json_t *copy = json_copy(json_array_get(users, i));
        reference_soften(copy, members, ARRAY_LEN(members));
        json_array_append_new(sources, copy);
    }
    return sources;
}

static json_t *mount_copy(const json_t *mount)
{
    json_t *copy = json_object();

    for (size_t i = 0; i < ARRAY_LEN(mount_members); i++) {
        json_t *value = jsonx_get(mount, mount_members[i], NULL);
        if (value)
            json_object_set(copy, mount_members[i], value);
    }
    return copy;
}

/* In a folder of its name: who finds it knows that it is the one that is meant. */
static json_t *storage_mount(const struct recipe *recipe)
{
    AUTO(mem_free) char *path = xasprintf(PATH_STORAGE "/%s", recipe_secret(recipe));

    return json_pack("{ss, ss, sb}", "name", recipe->row->storage_volume, "mountPath", path,
                     "readOnly", 1);
}

static json_t *mounts_build(const struct recipe *recipe)
{
    const json_t *users = recipe_mounts(recipe), *local = recipe->backend.local;
    const char *sub_path = jsonx_str(local, "subPath", NULL);
    json_t *mounts = json_array();

    json_array_append_new(
        mounts, json_pack("{ss, ss}", "name", recipe->row->tmp_volume, "mountPath", PATH_TMP));
    for (size_t i = 0; i < json_array_size(users); i++)
        json_array_append_new(mounts, mount_copy(json_array_get(users, i)));
    if (recipe_mounts_local(recipe))
        json_array_append_new(mounts, json_pack("{ss, ss, ss*}", "name", recipe->row->local_volume,
                                                "mountPath", recipe->backend.container, "subPath",
                                                sub_path && *sub_path ? sub_path : NULL));
    if (recipe_secret(recipe))
        json_array_append_new(mounts, storage_mount(recipe));
    json_array_append_new(mounts, json_pack("{ss, ss, sb}", "name", VOLUME_TOKEN, "mountPath",
                                            PATH_TOKEN, "readOnly", 1));
    return mounts;
}

static void set_unless_empty(json_t *object, const char *key, json_t *value)
{
    if (jsonx_is_empty(value))
        json_decref(value);
    else
        json_object_set_new(object, key, value);
}

json_t *recipe_container(const struct recipe *recipe, const struct inject_config *config)
{
    const json_t *settings = recipe_settings(recipe);
    json_t *container = json_pack("{ss, ss, so, so, so}", "name", recipe->row->container, "image",
                                  config->image, "args", args_build(recipe, config), "env",
                                  env_build(recipe), "volumeMounts", mounts_build(recipe));

    set_unless_empty(container, "envFrom", env_from_build(recipe));
    if (recipe->row == &part_rows[PART_RESTORE])
        return container;
    for (size_t i = 0; i < ARRAY_LEN(sidecar_members); i++) {
        json_t *value = jsonx_get(settings, sidecar_members[i], NULL);
        if (!jsonx_is_empty(value))
            json_object_set(container, sidecar_members[i], value);
    }
    return container;
}

/*
 * What an invoker asks for, in eight hex digits.
 *
 * Only what the invoker says about the container counts, never what the pod or our command line
 * adds: other webhooks may change a pod between its template and us, and a new image of ours must
 * not restart anybody's workload.
 */
#include <inttypes.h>
#include <stdio.h>

#include "recipe.h"
#include "stash/jsonx.h"

/* Members of runtimeSettings.container that the container has; a restore's has no probes and hooks. */
static const struct {
    const char *key;
    bool in_restore;
} settings_counted[] = {
    {"env", true},
    {"envFrom", true},
    {"resources", true},
    {"nice", true},
    {"ionice", true},
    {"securityContext", true},
    {"livenessProbe", false},
    {"readinessProbe", false},
    {"lifecycle", false},
};

static void member_add(json_t *object, const char *key, const json_t *value)
{
    json_auto_t *meant = meaning_of(value, key);

    if (!jsonx_is_empty(meant))
        json_object_set(object, key, meant);
}

static json_t *settings_of(const struct recipe *recipe)
{
    bool is_restore = recipe->row == &part_rows[PART_RESTORE];
    json_t *counted = json_object();

    for (size_t i = 0; i < ARRAY_LEN(settings_counted); i++) {
        const char *key = settings_counted[i].key;
        json_t *value = jsonx_get(recipe_settings(recipe), key, NULL);
        if (value && (settings_counted[i].in_restore || !is_restore))
            json_object_set(counted, key, value);
    }
    return counted;
}

/* A RestoreSession of the same name but made anew must run anew, hence its uid; the sidecar does the
 * same under a configuration that was made anew. */
static json_t *recipe_inputs(const struct recipe *recipe)
{
    json_t *inputs =
        json_pack("{s:s*}", "name", jsonx_name(recipe->invoker)); /* none: generateName */
    json_auto_t *settings = settings_of(recipe);

    if (recipe->row == &part_rows[PART_RESTORE])
        member_add(inputs, "uid", jsonx_get(recipe->invoker, "metadata", "uid", NULL));
    member_add(inputs, "mounts", recipe_mounts(recipe));
    member_add(inputs, "settings", settings);
    member_add(inputs, "tempDir", jsonx_get(recipe->invoker, "spec", "tempDir", NULL));
    if (recipe->refusal.reason == INJECT_DONE && recipe_mounts_local(recipe))
        member_add(inputs, "local", recipe->backend.local);
    if (recipe->refusal.reason == INJECT_DONE && recipe_secret(recipe))
        json_object_set_new(inputs, "secret", json_string(recipe_secret(recipe)));
    return inputs;
}

/* FNV-1a, folded: nobody is kept from anything by it, it only has to change when the text does. */
static uint32_t text_hash(const char *text)
{
    uint64_t hash = 0xcbf29ce484222325;

    for (const char *p = text; *p; p++)
        hash = (hash ^ (unsigned char)*p) * 0x100000001b3;
    return (uint32_t)(hash ^ hash >> 32);
}

void recipe_hash(const struct recipe *recipe, char out[HASH_HALF + 1])
{
    json_auto_t *inputs = recipe_inputs(recipe);
    AUTO(mem_free) char *text = jsonx_dump_sorted(inputs);
    uint32_t hash = text_hash(text);

    snprintf(out, HASH_HALF + 1, "%08" PRIx32, hash ? hash : 1);
}

/*
 * Our container's security context.
 *
 * It runs as the user that the data belongs to: the one of the container that mounts it. Where the
 * pod passes restricted Pod Security, so does our container. What the invoker's runtimeSettings say
 * wins, member by member.
 */
#include <string.h>

#include "parts.h"
#include "stash/jsonx.h"

#define UID_UNKNOWN (-1)

/* What root needs of its powers, by part; the rest is dropped. */
static const char *const root_powers[PART_COUNT][4] = {
    [PART_BACKUP] = {"DAC_OVERRIDE"},
    [PART_RESTORE] = {"CHOWN", "DAC_OVERRIDE", "FOWNER"},
};

static const char *const inherited_members[] = {"runAsUser", "runAsGroup", "seLinuxOptions"};

static const json_t *container_context(const json_t *container)
{
    return jsonx_get(container, "securityContext", NULL);
}

static const json_t *mounting_container(const json_t *pod, const char *volume)
{
    const json_t *containers = jsonx_get(pod, "spec", "containers", NULL);

    for (size_t i = 0; volume && i < json_array_size(containers); i++) {
        const json_t *container = json_array_get(containers, i);
        if (jsonx_find(jsonx_get(container, "volumeMounts", NULL), "name", volume) >= 0)
            return container;
    }
    return NULL;
}

const json_t *security_data_container(const struct site *site, const struct part *part)
{
    const json_t *mounts = recipe_mounts(part->recipe), *found = NULL;

    for (size_t i = 0; !found && i < json_array_size(mounts); i++)
        found = mounting_container(site->pod, jsonx_str(json_array_get(mounts, i), "name", NULL));
    return found;
}

/* Whether this context says who its processes are. */
static bool says_user(const json_t *context)
{
    return jsonx_get(context, "runAsUser", NULL) ||
           jsonx_bool(context, false, "runAsNonRoot", NULL);
}

/* The container that has the data decides: who a mesh's proxy is, say, has nothing to do with it. */
static bool pod_says_user(const json_t *pod, const json_t *data)
{
    const json_t *containers = jsonx_get(pod, "spec", "containers", NULL);

    if (says_user(jsonx_get(pod, "spec", "securityContext", NULL)))
        return true;
    if (data)
        return says_user(container_context(data));
    for (size_t i = 0; i < json_array_size(containers); i++)
        if (says_user(container_context(json_array_get(containers, i))))
            return true;
    return false;
}

/* Files can be given back to their owners by root alone. Where nobody says who the processes are,
 * restoring is done as root, as Stash does; a pod under restricted Pod Security always says it. */
static bool restores_as_root(const struct site *site, const struct part *part, const json_t *wanted)
{
    return part_kind(part) == PART_RESTORE && !says_user(wanted) &&
           !pod_says_user(site->pod, security_data_container(site, part));
}

static json_t *identity_build(const struct site *site, const struct part *part,
                              const json_t *wanted)
{
    const json_t *data = container_context(security_data_container(site, part));
    json_t *context = json_object();

    for (size_t i = 0; i < ARRAY_LEN(inherited_members); i++) {
        json_t *value = jsonx_get(data, inherited_members[i], NULL);
        if (value)
            json_object_set(context, inherited_members[i], value);
    }
    if (restores_as_root(site, part, wanted)) {
        json_object_set_new(context, "runAsUser", json_integer(0));
        json_object_set_new(context, "runAsGroup", json_integer(0));
    }
    return context;
}

static json_int_t uid_effective(const struct site *site, const json_t *context)
{
    json_int_t of_pod =
        jsonx_int(site->pod, UID_UNKNOWN, "spec", "securityContext", "runAsUser", NULL);

    return jsonx_int(context, of_pod, "runAsUser", NULL);
}

static bool array_has(const json_t *array, const char *text)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        const char *item = json_string_value(json_array_get(array, i));
        if (item && strcmp(item, text) == 0)
            return true;
    }
    return false;
}

/* Never more than the container that mounts the data has itself, unless the user chose root. */
static bool power_allowed(const json_t *data, const char *power)
{
    const json_t *drop = jsonx_get(data, "capabilities", "drop", NULL);

    return array_has(jsonx_get(data, "capabilities", "add", NULL), power) ||
           !(array_has(drop, "ALL") || array_has(drop, power));
}

static json_t *capabilities_build(const struct site *site, const struct part *part,
                                  const json_t *wanted, bool root)
{
    const json_t *data = container_context(security_data_container(site, part));
    const json_t *asked = jsonx_get(wanted, "capabilities", NULL);
    bool chosen = jsonx_get(wanted, "runAsUser", NULL) != NULL;
    json_t *result = json_pack("{s[s]}", "drop", "ALL");

    if (asked) {
        json_object_update(result, jsonx_unconst(asked));
        return result;
    }
    json_auto_t *add = json_array();
    for (size_t i = 0; root && i < ARRAY_LEN(root_powers[0]); i++) {
        const char *power = root_powers[part_kind(part)][i];
        if (power && (chosen || power_allowed(data, power)))
            json_array_append_new(add, json_string(power));
    }
    if (json_array_size(add))
        json_object_set(result, "add", add);
    return result;
}

static void set_missing(json_t *object, const char *key, json_t *value)
{
    if (jsonx_get(object, key, NULL))
        json_decref(value);
    else
        json_object_set_new(object, key, value);
}

/* The API server refuses allowPrivilegeEscalation: false beside these. */
static bool may_escalate(const json_t *context)
{
    const json_t *add = jsonx_get(context, "capabilities", "add", NULL);

    return jsonx_bool(context, false, "privileged", NULL) || array_has(add, "SYS_ADMIN") ||
           array_has(add, "CAP_SYS_ADMIN");
}

json_t *security_build(const struct site *site, const struct part *part)
{
    const json_t *wanted = jsonx_get(recipe_settings(part->recipe), "securityContext", NULL);
    json_t *context = identity_build(site, part, wanted);

    if (json_is_object(wanted))
        json_object_update(context, jsonx_unconst(wanted));
    bool root = uid_effective(site, context) == 0;
    json_object_set_new(context, "capabilities", capabilities_build(site, part, wanted, root));
    if (!may_escalate(context))
        set_missing(context, "allowPrivilegeEscalation", json_false());
    set_missing(context, "readOnlyRootFilesystem", json_true());
    /* the image's own user is not root either */
    set_missing(context, "runAsNonRoot", json_boolean(!root));
    set_missing(context, "seccompProfile", json_pack("{ss}", "type", "RuntimeDefault"));
    return context;
}

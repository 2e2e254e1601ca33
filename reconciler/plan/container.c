#include "container.h"

#include <inttypes.h>
#include <string.h>

#include "stash/cut.h"
#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/names.h"
#include "stash/pair.h"

#define UID_NOBODY 65534

static void copy_members(json_t *to, const json_t *from, const char *const *keys, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        json_t *value = jsonx_get(from, keys[i], NULL);

        if (!jsonx_is_empty(value))
            json_object_set(to, keys[i], value);
    }
}

/* A DNS label: Function names may hold dots. */
static char *container_name(const char *function, size_t index)
{
    AUTO(mem_free) char *head = xstrdup(function);
    AUTO(mem_free) char *tail = xasprintf("-%zu", index);

    for (char *p = head; *p; p++) {
        if (*p == '.')
            *p = '-';
    }
    return cut_name(&(struct cut){head, tail, function, CUT_LABEL, false});
}

json_t *container_from_function(const char *function, size_t index, const json_t *spec)
{
    static const char *const keys[] = {"image", "command",      "args",         "workingDir",
                                       "ports", "volumeMounts", "volumeDevices"};
    AUTO(mem_free) char *name = container_name(function, index);
    json_t *container =
        json_pack("{s:s, s:s, s:s}", PAIR("name", name), PAIR("imagePullPolicy", "IfNotPresent"),
                  PAIR("terminationMessagePolicy", "FallbackToLogsOnError"));

    copy_members(container, spec, keys, ARRAY_LEN(keys));
    container_add_mount(container, VOLUME_TMP, PATH_TMP, NULL);
    container_apply_settings(container, jsonx_get(spec, "runtimeSettings", NULL));
    return container;
}

void container_add_mount(json_t *container, const char *volume, const char *path,
                         const char *sub_path)
{
    json_t *mount = json_pack("{s:s, s:s}", "name", volume, "mountPath", path);

    if (sub_path && *sub_path)
        json_object_set_new(mount, "subPath", json_string(sub_path));
    jsonx_upsert_new(jsonx_own_array(container, "volumeMounts"), "mountPath", mount);
}

void container_set_env(json_t *container, const char *name, const char *value)
{
    jsonx_upsert_new(jsonx_own_array(container, "env"), "name",
                     json_pack("{s:s, s:s}", "name", name, "value", value));
}

static void set_env_field(json_t *container, const char *name, const char *path)
{
    jsonx_upsert_new(jsonx_own_array(container, "env"), "name",
                     json_pack("{s:s, s:{s:{s:s}}}", PAIR("name", name),
                               PAIR("valueFrom", PAIR("fieldRef", PAIR("fieldPath", path)))));
}

void container_identify(json_t *container, const char *session)
{
    set_env_field(container, "POD_NAME", "metadata.name");
    set_env_field(container, "POD_UID", "metadata.uid");
    container_set_env(container, "STASH_CONTAINER", jsonx_str(container, "name", NULL));
    container_set_env(container, "STASH_SESSION", session);
}

/* The agent reads these and wraps restic in nice and ionice. */
static void apply_priority(json_t *container, const json_t *settings)
{
    static const struct {
        const char *group;
        const char *field;
        const char *variable;
    } rows[] = {
        {"nice", "adjustment", "NICE_ADJUSTMENT"},
        {"ionice", "class", "IONICE_CLASS"},
        {"ionice", "classData", "IONICE_CLASS_DATA"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const json_t *value = jsonx_get(settings, rows[i].group, rows[i].field, NULL);
        char text[32];

        if (!json_is_integer(value))
            continue;
        snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        container_set_env(container, rows[i].variable, text);
    }
}

void container_apply_settings(json_t *container, const json_t *settings)
{
    static const char *const keys[] = {"resources", "livenessProbe", "readinessProbe", "lifecycle",
                                       "securityContext"};
    size_t i;
    json_t *item;

    copy_members(container, settings, keys, ARRAY_LEN(keys));
    json_array_foreach (jsonx_get(settings, "envFrom", NULL), i, item)
        json_array_append(jsonx_own_array(container, "envFrom"), item);
    json_array_foreach (jsonx_get(settings, "env", NULL), i, item)
        jsonx_upsert_new(jsonx_own_array(container, "env"), "name", json_incref(item));
    apply_priority(container, settings);
}

void container_make_init(json_t *container)
{
    static const char *const keys[] = {"livenessProbe", "readinessProbe", "startupProbe",
                                       "lifecycle"};

    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        json_object_del(container, keys[i]);
}

/* The container's own value, else the pod's. */
static const json_t *effective_setting(const json_t *own, const json_t *pod, const char *key)
{
    const json_t *value = jsonx_get(own, key, NULL);

    return value ? value : jsonx_get(pod, key, NULL);
}

static bool is_root(const json_t *own, const json_t *pod)
{
    const json_t *uid = effective_setting(own, pod, "runAsUser");

    if (json_is_integer(uid))
        return json_integer_value(uid) == 0;
    return json_is_false(effective_setting(own, pod, "runAsNonRoot")) ||
           jsonx_bool(own, false, "privileged", NULL);
}

static void set_default(json_t *context, const json_t *pod, const char *key, json_t *value)
{
    if (effective_setting(context, pod, key))
        json_decref(value);
    else
        json_object_set_new(context, key, value);
}

/* The API server refuses a privileged container that may not escalate. */
static bool may_escalate(const json_t *context)
{
    const json_t *added = jsonx_get(context, "capabilities", "add", NULL);
    size_t i;
    json_t *item;

    json_array_foreach (jsonx_unconst(added), i, item) {
        if (json_is_string(item) && strstr(json_string_value(item), "SYS_ADMIN"))
            return true;
    }
    return jsonx_bool(context, false, "privileged", NULL);
}

void container_harden(json_t *container, const json_t *pod_context)
{
    json_t *context = jsonx_own(container, "securityContext");
    bool root = is_root(context, pod_context);

    if (!may_escalate(context))
        set_default(context, NULL, "allowPrivilegeEscalation", json_false());
    set_default(context, NULL, "readOnlyRootFilesystem", json_true());
    set_default(context, pod_context, "seccompProfile",
                json_pack("{s:s}", "type", "RuntimeDefault"));
    if (root)
        return;
    /* whoever adds one wants that one, not also those that the runtime gives */
    set_default(jsonx_own(context, "capabilities"), NULL, "drop", json_pack("[s]", "ALL"));
    set_default(context, pod_context, "runAsNonRoot", json_true());
    set_default(context, pod_context, "runAsUser", json_integer(UID_NOBODY));
}

#include "hook.h"

#include "container.h"
#include "invoker.h"
#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/names.h"

/* Flags of run-hook and the variable that holds each value. */
static const struct hook_flag {
    const char *flag;
    const char *variable;
} hook_flags[] = {
    {"backupsession", "BACKUP_SESSION"},
    {"invoker-kind", "INVOKER_KIND"},
    {"invoker-name", "INVOKER_NAME"},
    {"target-kind", "TARGET_KIND"},
    {"target-namespace", "TARGET_NAMESPACE"},
    {"target-name", "TARGET_NAME"},
    {"hook-type", "HOOK_TYPE"},
    {"hostname", "HOSTNAME"},
};

struct hook {
    const char *type; /* preBackup, postBackup, preRestore, postRestore */
    const char *container;
};

static void add_arg(json_t *args, const char *flag, const char *value)
{
    AUTO(mem_free) char *text = xasprintf("--%s=%s", flag, value);

    json_array_append_new(args, json_string(text));
}

static json_t *hook_args(const json_t *variables, const char *type)
{
    json_t *args = json_pack("[s]", "run-hook");
    json_auto_t *vars = json_copy(jsonx_unconst(variables));

    json_object_set_new(vars, "HOOK_TYPE", json_string(type));
    for (size_t i = 0; i < ARRAY_LEN(hook_flags); i++) {
        const char *value = jsonx_str(vars, hook_flags[i].variable, NULL);

        if (value)
            add_arg(args, hook_flags[i].flag, value);
    }
    add_arg(args, "output-dir", PATH_OUTPUT);
    add_arg(args, "metrics-enabled", "true");
    add_arg(args, "metrics-pushgateway-url", jsonx_str(vars, "PROMETHEUS_PUSHGATEWAY_URL", NULL));
    return args;
}

/* The mounts of all siblings, so that a hook sees what they see; the last one wins a path. */
static json_t *hook_mounts(const json_t *containers)
{
    json_auto_t *holder = json_object();
    size_t i;
    size_t j;
    json_t *container;
    json_t *mount;

    json_array_foreach (jsonx_unconst(containers), i, container) {
        json_array_foreach (jsonx_get(container, "volumeMounts", NULL), j, mount) {
            json_t *list = jsonx_own_array(holder, "volumeMounts");
            ptrdiff_t at = jsonx_find(list, "mountPath", jsonx_str(mount, "mountPath", NULL));

            if (at >= 0)
                json_array_set(list, (size_t)at, mount);
            else
                json_array_append(list, mount);
        }
    }
    return json_incref(jsonx_own_array(holder, "volumeMounts"));
}

static json_t *hook_container(const struct job_request *request, const json_t *variables,
                              const json_t *containers, const struct hook *hook)
{
    const json_t *member = invoker_member(request->invoker, request->index);
    json_t *container =
        json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "name", hook->container, "image",
                  jsonx_str(request->config, "image", NULL), "imagePullPolicy", "IfNotPresent",
                  "terminationMessagePolicy", "FallbackToLogsOnError", "args",
                  hook_args(variables, hook->type), "volumeMounts", hook_mounts(containers));

    container_apply_settings(container, jsonx_get(member, "runtimeSettings", "container", NULL));
    return container;
}

void hook_wrap(const struct job_request *request, const json_t *variables, json_t *containers)
{
    const json_t *hooks =
        jsonx_get(invoker_member(request->invoker, request->index), "hooks", NULL);
    bool restore = invoker_is_restore(request->invoker);
    struct hook pre = {restore ? "preRestore" : "preBackup", "pre-task-hook"};
    struct hook post = {restore ? "postRestore" : "postBackup", "post-task-hook"};
    json_auto_t *siblings = json_copy(containers);

    if (!jsonx_is_empty(jsonx_get(hooks, pre.type, NULL)))
        json_array_insert_new(containers, 0, hook_container(request, variables, siblings, &pre));
    if (!jsonx_is_empty(jsonx_get(hooks, post.type, NULL)))
        json_array_append_new(containers, hook_container(request, variables, siblings, &post));
}

#include "resolve.h"

#include "container.h"
#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/vars.h"

/* [{name, value}] upserted into an object. */
static void add_params(json_t *vars, const json_t *params)
{
    size_t i;
    json_t *param;

    json_array_foreach (jsonx_unconst(params), i, param) {
        const char *name = jsonx_str(param, "name", NULL);

        if (name)
            json_object_set(vars, name, json_object_get(param, "value"));
    }
}

static const json_t *recommended_task(const json_t *target_object, bool restore)
{
    return jsonx_get(target_object, "spec", "parameters", "stash", "addon",
                     restore ? "restoreTask" : "backupTask", NULL);
}

const char *resolve_task_name(const json_t *member, const json_t *target_object, bool restore)
{
    const char *name = jsonx_str(member, "task", "name", NULL);

    if (!name || !*name)
        name = jsonx_str(recommended_task(target_object, restore), "name", NULL);
    return name && *name ? name : NULL;
}

int resolve_task_ref(const json_t *member, const json_t *target_object, bool restore, json_t **ret,
                     struct error *err)
{
    const json_t *addon = recommended_task(target_object, restore);
    const json_t *task = jsonx_get(member, "task", NULL);
    const char *name = resolve_task_name(member, target_object, restore);

    if (!name)
        return error_set(err, ERR_INVALID,
                         "no task: spec.task.name is empty and the target %s recommends none",
                         jsonx_name(target_object) ? jsonx_name(target_object) : "");
    json_t *params = json_object();
    add_params(params, jsonx_get(addon, "params", NULL));
    add_params(params, jsonx_get(task, "params", NULL));
    *ret = json_pack("{s:s, s:o}", "name", name, "params", params);
    return 0;
}

/* Later layers win: step parameters, built-ins, the user's parameters, the image of the Function itself. */
static json_t *step_variables(const struct resolve_request *request, const json_t *step,
                              const json_t *function)
{
    json_t *vars = json_object();

    add_params(vars, jsonx_get(step, "params", NULL));
    json_object_update(vars, jsonx_unconst(request->variables));
    json_object_update(vars, jsonx_get(request->task_ref, "params", NULL));
    json_object_set(vars, "ADDON_IMAGE", jsonx_get(function, "spec", "image", NULL));
    return vars;
}

static int resolve_step(const struct resolve_request *request, const json_t *step, size_t index,
                        json_t **ret, struct error *err)
{
    const char *name = jsonx_str(step, "name", NULL);
    const json_t *function = name ? jsonx_get(request->functions, name, NULL) : NULL;
    json_auto_t *spec = NULL;

    if (!function)
        return error_set(err, ERR_NOT_FOUND, "function %s not found", name ? name : "\"\"");
    json_auto_t *vars = step_variables(request, step, function);
    int r = vars_expand_document(jsonx_get(function, "spec", NULL), vars, &spec, err);
    if (r < 0)
        return error_wrap(err, "function %s", name);
    *ret = container_from_function(name, index, spec);
    return 0;
}

/* Variables of the Task document itself: built-ins and the user's parameters. */
static int expand_task(const struct resolve_request *request, const json_t *task, json_t **ret,
                       struct error *err)
{
    json_auto_t *vars = json_copy(jsonx_unconst(request->variables));

    json_object_update(vars, jsonx_get(request->task_ref, "params", NULL));
    int r = vars_expand_document(jsonx_get(task, "spec", NULL), vars, ret, err);
    if (r < 0)
        return error_wrap(err, "task %s", jsonx_str(request->task_ref, "name", NULL));
    return 0;
}

int resolve_task(const struct resolve_request *request, json_t **ret, struct error *err)
{
    const char *name = jsonx_str(request->task_ref, "name", NULL);
    const json_t *task = jsonx_get(request->tasks, name, NULL);
    json_auto_t *containers = json_array();
    json_auto_t *spec = NULL;
    size_t i;
    json_t *step;

    if (!task)
        return error_set(err, ERR_NOT_FOUND, "task %s not found", name);
    int r = expand_task(request, task, &spec, err);
    if (r < 0)
        return r;
    json_array_foreach (jsonx_get(spec, "steps", NULL), i, step) {
        json_t *container = NULL;

        r = resolve_step(request, step, i, &container, err);
        if (r < 0)
            return error_wrap(err, "task %s, step %zu", name, i);
        json_array_append_new(containers, container);
    }
    if (json_array_size(containers) == 0)
        return error_set(err, ERR_INVALID, "task %s has no steps", name);
    *ret = json_pack("{s:O, s:O*}", "containers", containers, "volumes",
                     jsonx_get(spec, "volumes", NULL));
    return 0;
}

/* rules_use.c - the Task that a target uses: is it there, is it whole, and who reads its parameters. */
#include <string.h>

#include "stash/buf.h"
#include "stash/jsonx.h"
#include "stash/vars.h"
#include "syntax.h"
#include "value.h"

/* A Task, with the Functions of its steps; NULL in place of one that is not there. */
struct use {
    const struct admit *a;
    const json_t *task;
    json_t *functions;
    bool is_whole;
};

static void use_done(struct use *use)
{
    json_decref(use->functions);
}
DEFINE_AUTO_VALUE(struct use, use_done);

static void use_init(const struct admit *a, const json_t *task, struct use *ret)
{
    const json_t *steps = jsonx_get(task, "spec", "steps", NULL);

    *ret = (struct use){a, task, json_array(), true};
    for (size_t i = 0; i < json_array_size(steps); i++) {
        const char *name = jsonx_str(json_array_get(steps, i), "name", NULL);
        json_t *function = rule_lookup(a, KIND_FUNCTION, NULL, name ? name : "");
        ret->is_whole &= function != NULL;
        json_array_append_new(ret->functions, function ? function : json_null());
    }
}

static void warn_of_missing_functions(const struct use *use, const char *path)
{
    const json_t *steps = jsonx_get(use->task, "spec", "steps", NULL);

    for (size_t i = 0; i < json_array_size(steps); i++) {
        const char *name = jsonx_str(json_array_get(steps, i), "name", NULL);
        if (name && json_is_null(json_array_get(use->functions, i)))
            warnings_add(use->a->warnings, "%s: Task %s needs Function %s, which is not there yet",
                         path, jsonx_name(use->task), name);
    }
}

/* The parameters that can be given, in one line: what a step sets itself, or a session, is no news. */
static char *is_readable(const struct use *use)
{
    const json_t *steps = jsonx_get(use->task, "spec", "steps", NULL);
    json_auto_t *names = json_object();
    json_auto_t *set = json_object();
    AUTO(buf_done) struct buf text;
    const char *name;
    const json_t *unused;

    buf_init(&text, 128);
    vars_names(jsonx_get(use->task, "spec", NULL), names);
    for (size_t i = 0; i < json_array_size(steps); i++) {
        rule_task_params_add(set, jsonx_get(json_array_get(steps, i), "params", NULL));
        vars_names(jsonx_get(json_array_get(use->functions, i), "spec", NULL), names);
    }
    jsonx_foreach_member (names, name, unused) {
        if (!vars_is_built_in(name) && !json_object_get(set, name))
            buf_addf(&text, "%s%s", text.len > 0 ? ", " : "", name);
    }
    return buf_take(&text);
}

static bool is_read(const struct use *use, const char *name)
{
    if (vars_mentions(jsonx_get(use->task, "spec", NULL), name))
        return true;
    for (size_t i = 0; i < json_array_size(use->functions); i++) {
        if (vars_mentions(jsonx_get(json_array_get(use->functions, i), "spec", NULL), name))
            return true;
    }
    return false;
}

static void warn_of_unread_params(const struct use *use, const char *path, const json_t *params)
{
    AUTO(mem_free) char *known = use->is_whole ? is_readable(use) : NULL;

    for (size_t i = 0; use->is_whole && i < json_array_size(params); i++) {
        const char *name = jsonx_str(json_array_get(params, i), "name", NULL);
        if (name && syntax_is_variable(name) && !is_read(use, name))
            warnings_add(use->a->warnings,
                         "%s.params[%zu]: nothing in Task %s reads ${%.60s}; it reads %s", path, i,
                         jsonx_name(use->task), name, *known ? known : "no parameters");
    }
}

/* Variables without a default that neither the step, nor the user, nor Stash sets: the session will fail. */
static void warn_of_unset(const struct use *use, const char *path, const json_t *given)
{
    const json_t *steps = jsonx_get(use->task, "spec", "steps", NULL);
    json_auto_t *unset = json_object();
    const char *name;
    const json_t *unused;

    vars_unset_in(jsonx_get(use->task, "spec", NULL), given, unset);
    for (size_t i = 0; i < json_array_size(steps); i++) {
        json_auto_t *values = json_copy(jsonx_unconst(given));
        rule_task_params_add(values, jsonx_get(json_array_get(steps, i), "params", NULL));
        vars_unset_in(jsonx_get(json_array_get(use->functions, i), "spec", NULL), values, unset);
    }
    jsonx_foreach_member (unset, name, unused) {
        if (!vars_is_built_in(name))
            warnings_add(use->a->warnings,
                         "%s.params: Task %s reads ${%.60s}, which has no default: set it here",
                         path, jsonx_name(use->task), name);
    }
}

void rule_task_use(const struct admit *a, const char *path, const struct task_use *use)
{
    json_auto_t *task = rule_lookup(a, KIND_TASK, NULL, use->name);
    json_auto_t *given = json_object();
    AUTO(mem_free) char *params_path = xasprintf("%s.params", path);

    rule_params(a, params_path, use->params);
    if (!task) {
        warnings_add(a->warnings, "%s: Task %s %s", path, use->name,
                     rule_absence(a, KIND_TASK, NULL, use->name));
        return;
    }
    AUTO(use_done) struct use known;
    use_init(a, task, &known);
    warn_of_missing_functions(&known, path);
    warn_of_unread_params(&known, path, use->params);
    rule_task_params_add(given, use->addon_params);
    rule_task_params_add(given, use->params);
    if (use->is_final)
        warn_of_unset(&known, path, given);
}

/* ---- of a target ------------------------------------------------------------------------------------------------- */

static void check_use(const struct admit *a, const struct target_view *t, const json_t *app_binding)
{
    const char *addon = t->is_restore ? "restoreTask" : "backupTask";
    AUTO(mem_free) char *path = xasprintf("%s.task", t->path);
    const struct task_use use = {
        .name = target_task(t, app_binding),
        .params = jsonx_get(t->doc, "task", "params", NULL),
        .addon_params =
            jsonx_get(app_binding, "spec", "parameters", "stash", "addon", addon, "params", NULL),
        .is_final = true,
    };

    if (*use.name)
        rule_task_use(a, path, &use);
}

/* A volume or unknown kind needs a Task; an AppBinding may bring its own. */
void rule_task(const struct admit *a, const struct target_view *t)
{
    if (t->is_sidecar && !jsonx_is_empty(jsonx_get(t->doc, "task", "params", NULL)))
        warnings_add(a->warnings, "%s.task.params: nothing reads them without task.name", t->path);
    if (t->is_sidecar || strcmp(t->driver, "Restic") != 0 || !*t->kind)
        return;
    json_auto_t *app_binding = target_app_binding(t, a->request->snapshot);
    const char *name = target_task(t, app_binding);
    if (!*name && !target_is_app_binding(t) && !target_has_claims(t)) {
        rule_cause(a, t->path, "task.name", CAUSE_REQUIRED, "a %s needs a Task (a volume: pvc-%s)",
                   t->kind, t->is_restore ? "restore" : "backup");
        return;
    }
    if (target_is_app_binding(t) && !app_binding && *t->name)
        warnings_add(a->warnings, "%s.target.ref: AppBinding %s/%s %s", t->path, t->namespace,
                     t->name, rule_absence(a, KIND_APP_BINDING, t->namespace, t->name));
    else if (!*name && target_is_app_binding(t))
        warnings_add(a->warnings, "%s.task.name: neither it nor AppBinding %s/%s names a Task",
                     t->path, t->namespace, t->name);
    check_use(a, t, app_binding);
}

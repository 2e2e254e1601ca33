/* rules_task.c - Tasks and Functions: what can be resolved into a pod, and what will be missed when it is. */
#include <string.h>

#include "container.h"
#include "stash/jsonx.h"
#include "stash/names.h"
#include "stash/text.h"
#include "stash/vars.h"
#include "syntax.h"

/* ---- the grammar of ${…}, in every string ------------------------------------------------------------------------ */

#define DEPTH_MAX 64

static void check_grammar(const struct admit *a, const char *path, const json_t *value, int depth)
{
    json_auto_t *unset = json_object();
    const char *key;
    const json_t *member;
    struct error err;

    if (depth > DEPTH_MAX)
        return; /* what is nested deeper is refused when it is replaced */
    if (json_is_string(value) && vars_unset(json_string_value(value), NULL, unset, &err) < 0)
        causes_add(a->causes, path, CAUSE_INVALID,
                   "%s; write ${NAME}, ${NAME:=default}, or $${ for the characters themselves",
                   err.msg);
    for (size_t i = 0; i < json_array_size(value); i++) {
        AUTO(mem_free) char *at = xasprintf("%s[%zu]", path, i);
        check_grammar(a, at, json_array_get(value, i), depth + 1);
    }
    jsonx_foreach_member (value, key, member) {
        AUTO(mem_free) char *at = xasprintf("%s.%.60s", path, key);
        check_grammar(a, at, member, depth + 1);
    }
}

void rule_grammar(const struct admit *a)
{
    check_grammar(a, "spec", a->spec, 0);
}

/* ---- parameters -------------------------------------------------------------------------------------------------- */

void rule_params(const struct admit *a, const char *path, const json_t *params)
{
    json_auto_t *seen = json_object();

    for (size_t i = 0; i < json_array_size(params); i++) {
        const char *name = jsonx_str(json_array_get(params, i), "name", NULL);
        if (!name || !syntax_is_variable(name))
            warnings_add(a->warnings,
                         "%s[%zu].name: \"%.60s\" cannot stand in ${…}: names are of letters, "
                         "digits and \"_\"",
                         path, i, name ? name : "");
        else if (json_object_get(seen, name))
            warnings_add(a->warnings, "%s[%zu].name: %.60s is there twice; the last one counts",
                         path, i, name);
        json_object_set_new(seen, name ? name : "", json_true());
    }
}

void rule_task_params_add(json_t *values, const json_t *params)
{
    for (size_t i = 0; i < json_array_size(params); i++) {
        const char *name = jsonx_str(json_array_get(params, i), "name", NULL);
        if (name)
            json_object_set_new(values, name, json_string(""));
    }
}

/* ---- Task -------------------------------------------------------------------------------------------------------- */

/* One step of the Task, with its Function where that is known. */
struct step {
    const struct admit *a;
    const json_t *doc, *function;
    char path[40];
};

static void check_step_params(const struct step *step)
{
    const json_t *params = jsonx_get(step->doc, "params", NULL);
    AUTO(mem_free) char *path = xasprintf("%s.params", step->path);

    rule_params(step->a, path, params);
    for (size_t i = 0; step->function && i < json_array_size(params); i++) {
        const char *name = jsonx_str(json_array_get(params, i), "name", NULL);
        if (name && !vars_mentions(jsonx_get(step->function, "spec", NULL), name))
            warnings_add(step->a->warnings, "%s[%zu]: Function %s does not read ${%.60s}", path, i,
                         jsonx_name(step->function), name);
    }
}

static void check_step_variables(const struct step *step)
{
    json_auto_t *values = json_object();
    json_auto_t *unset = json_object();
    const char *name;
    const json_t *unused;

    rule_task_params_add(values, jsonx_get(step->doc, "params", NULL));
    vars_unset_in(jsonx_get(step->function, "spec", NULL), values, unset);
    jsonx_foreach_member (unset, name, unused) {
        if (!vars_is_built_in(name))
            warnings_add(step->a->warnings,
                         "%s: Function %s reads ${%.60s}, which has no default: add it to params, "
                         "or every user has to set it in task.params",
                         step->path, jsonx_name(step->function), name);
    }
}

static void check_step(const struct step *step)
{
    const char *name = jsonx_str(step->doc, "name", NULL);

    if (!name || !*name) {
        rule_cause(step->a, step->path, "name", CAUSE_REQUIRED,
                   "name the Function that does this step");
        return;
    }
    if (!step->function && !strstr(name, "${"))
        warnings_add(step->a->warnings, "%s.name: Function %s is not there yet", step->path, name);
    check_step_params(step);
    if (step->function)
        check_step_variables(step);
}

/* Without it no host is ever recorded, and the session ends by its deadline only. */
static bool step_reports(const json_t *function, const char *name)
{
    const json_t *args = jsonx_get(function, "spec", "args", NULL);
    const char *command = json_string_value(json_array_get(args, 0));

    return strcmp(name, "update-status") == 0 || (command && strcmp(command, "update-status") == 0);
}

static bool check_steps(const struct admit *a, const json_t *steps)
{
    bool is_reported = false;

    for (size_t i = 0; i < json_array_size(steps); i++) {
        const char *name = jsonx_str(json_array_get(steps, i), "name", NULL);
        json_auto_t *function = name ? rule_lookup(a, KIND_FUNCTION, NULL, name) : NULL;
        struct step step = {.a = a, .doc = json_array_get(steps, i), .function = function};
        snprintf(step.path, sizeof(step.path), "spec.steps[%zu]", i);
        check_step(&step);
        is_reported |= name && step_reports(function, name);
    }
    return is_reported;
}

static const char *const own_volumes[] = {VOLUME_TMP,   VOLUME_INTERIM, VOLUME_TOKEN,
                                          VOLUME_LOCAL, VOLUME_STORAGE, NULL};

static void check_volumes(const struct admit *a, const json_t *volumes)
{
    json_auto_t *seen = json_object();

    for (size_t i = 0; i < json_array_size(volumes); i++) {
        const char *name = jsonx_str(json_array_get(volumes, i), "name", NULL);
        AUTO(mem_free) char *field = xasprintf("volumes[%zu].name", i);
        if (!name || !*name)
            rule_cause(a, "spec", field, CAUSE_REQUIRED, "must not be empty");
        else if (text_is_one_of(name, own_volumes))
            warnings_add(a->warnings,
                         "spec.%s: Stash adds a volume %s to every pod, in place of this one",
                         field, name);
        else if (json_object_get(seen, name))
            rule_cause(a, "spec", field, CAUSE_DUPLICATE, "%.60s is there twice", name);
        else
            json_object_set_new(seen, name, json_true());
    }
}

void rule_task_document(const struct admit *a)
{
    const json_t *steps = jsonx_get(a->spec, "steps", NULL);

    if (json_array_size(steps) == 0)
        causes_add(a->causes, "spec.steps", CAUSE_REQUIRED,
                   "a Task has at least one step: the name of a Function");
    else if (!check_steps(a, steps))
        warnings_add(a->warnings, "spec.steps: no step is update-status: nobody tells the session "
                                  "how the others ended");
    check_volumes(a, jsonx_get(a->spec, "volumes", NULL));
}

/* ---- Function ---------------------------------------------------------------------------------------------------- */

static void check_mounts(const struct admit *a, const json_t *mounts)
{
    json_auto_t *seen = json_object();

    for (size_t i = 0; i < json_array_size(mounts); i++) {
        const char *path = jsonx_str(json_array_get(mounts, i), "mountPath", NULL);
        AUTO(mem_free) char *field = xasprintf("volumeMounts[%zu].mountPath", i);
        if (!path || !*path)
            rule_cause(a, "spec", field, CAUSE_REQUIRED, "must not be empty");
        else if (strcmp(path, PATH_TMP) == 0 || strcmp(path, PATH_INTERIM) == 0)
            warnings_add(a->warnings,
                         "spec.%s: Stash mounts a volume of its own at %s, in place of this one",
                         field, path);
        else if (json_object_get(seen, path))
            rule_cause(a, "spec", field, CAUSE_DUPLICATE, "%.100s is mounted twice", path);
        else
            json_object_set_new(seen, path, json_true());
    }
}

static const struct value_rule function_values[] = {
    {"ports[].containerPort", value_port},
    {"runtimeSettings", container_settings},
    {0},
};

void rule_function_document(const struct admit *a)
{
    const char *image = jsonx_str(a->spec, "image", NULL);

    if (!image || !*image)
        causes_add(a->causes, "spec.image", CAUSE_REQUIRED,
                   "name the image that holds the program");
    else if (syntax_has_blank(image))
        causes_add(a->causes, "spec.image", CAUSE_INVALID, "\"%.100s\" has a blank in it", image);
    check_mounts(a, jsonx_get(a->spec, "volumeMounts", NULL));
    values_check(a, "spec", a->spec, function_values);
}

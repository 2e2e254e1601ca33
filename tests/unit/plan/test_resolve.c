#include <criterion/criterion.h>

#include "resolve.h"
#include "stash/jsonx.h"
#include "stash/mem.h"

static json_t *document(const char *text)
{
    json_t *doc = json_loads(text, 0, NULL);

    cr_assert(doc, "the test's own document is broken: %s", text);
    return doc;
}

static const char addon[] =
    "{\"metadata\": {\"name\": \"db\"}, \"spec\": {\"parameters\": {\"stash\": "
    "{\"addon\": {\"backupTask\": {\"name\": \"from-addon\", \"params\": "
    "[{\"name\": \"a\", \"value\": \"1\"}, {\"name\": \"b\", \"value\": "
    "\"2\"}]}}}}}}";

static json_t *task_ref(const char *member, const char *target, bool restore)
{
    json_auto_t *asked = document(member);
    json_auto_t *object = document(target);
    struct error err = {0};
    json_t *ref = NULL;

    if (resolve_task_ref(asked, object, restore, &ref, &err) < 0)
        return NULL;
    return ref;
}

Test(resolve, an_app_binding_recommends_its_task)
{
    json_auto_t *ref = task_ref("{}", addon, false);

    cr_assert_str_eq(jsonx_str(ref, "name", NULL), "from-addon");
    cr_assert_str_eq(jsonx_str(ref, "params", "a", NULL), "1");
}

Test(resolve, the_users_task_and_parameters_go_first)
{
    json_auto_t *ref = task_ref("{\"task\": {\"name\": \"mine\", \"params\": [{\"name\": \"b\", "
                                "\"value\": \"9\"}]}}",
                                addon, false);

    cr_assert_str_eq(jsonx_str(ref, "name", NULL), "mine");
    cr_assert_str_eq(jsonx_str(ref, "params", "a", NULL), "1");
    cr_assert_str_eq(jsonx_str(ref, "params", "b", NULL), "9");
}

Test(resolve, a_restore_does_not_take_the_backup_task)
{
    cr_assert_null(task_ref("{}", addon, true));
}

static int resolve(const char *functions, const char *variables, json_t **ret, struct error *err)
{
    json_auto_t *ref = document("{\"name\": \"t\", \"params\": {\"who\": \"user\"}}");
    json_auto_t *tasks = document("{\"t\": {\"spec\": {\"steps\": [{\"name\": \"f.1\", \"params\": "
                                  "[{\"name\": \"who\", \"value\": \"step\"}, {\"name\": \"dir\", "
                                  "\"value\": \"${BASE}/out\"}]}]}}}");
    json_auto_t *list = document(functions);
    json_auto_t *vars = document(variables);
    struct resolve_request request = {ref, tasks, list, vars};

    return resolve_task(&request, ret, err);
}

static const char *arg(const json_t *resolved, size_t index)
{
    const json_t *container = json_array_get(jsonx_get(resolved, "containers", NULL), 0);

    return json_string_value(json_array_get(jsonx_get(container, "args", NULL), index));
}

Test(resolve, parameters_go_over_built_ins_and_those_over_steps)
{
    json_auto_t *resolved = NULL;
    struct error err = {0};

    cr_assert_eq(resolve("{\"f.1\": {\"spec\": {\"image\": \"i:1\", \"args\": [\"${who}\", "
                         "\"${dir}\", \"${ADDON_IMAGE}\", \"${HOST:=none}\"]}}}",
                         "{\"BASE\": \"/b\", \"HOST\": \"\"}", &resolved, &err),
                 0, "%s", err.msg);
    cr_assert_str_eq(arg(resolved, 0), "user");
    cr_assert_str_eq(arg(resolved, 1), "/b/out");
    cr_assert_str_eq(arg(resolved, 2), "i:1");
    cr_assert_str_eq(arg(resolved, 3), "");
}

Test(resolve, values_with_quotes_do_not_break_the_document)
{
    json_auto_t *resolved = NULL;
    struct error err = {0};

    cr_assert_eq(resolve("{\"f.1\": {\"spec\": {\"image\": \"i\", \"args\": [\"--x=${V}\"]}}}",
                         "{\"BASE\": \"\", \"V\": \"a\\\"b\\\\c\"}", &resolved, &err),
                 0, "%s", err.msg);
    cr_assert_str_eq(arg(resolved, 0), "--x=a\"b\\c");
}

Test(resolve, a_container_is_named_after_its_function_without_dots)
{
    json_auto_t *resolved = NULL;
    struct error err = {0};

    cr_assert_eq(
        resolve("{\"f.1\": {\"spec\": {\"image\": \"i\"}}}", "{\"BASE\": \"\"}", &resolved, &err),
        0, "%s", err.msg);
    cr_assert_str_eq(
        jsonx_str(json_array_get(jsonx_get(resolved, "containers", NULL), 0), "name", NULL),
        "f-1-0");
}

Test(resolve, what_is_missing_is_told_apart_from_what_is_wrong)
{
    json_t *resolved = NULL;
    struct error err = {0};

    cr_assert_eq(resolve("{}", "{\"BASE\": \"\"}", &resolved, &err), -ERR_NOT_FOUND);
    cr_assert_str_eq(err.msg, "task t, step 0: function f.1 not found");
    cr_assert_eq(resolve("{\"f.1\": {\"spec\": {\"args\": [\"${X}\"]}}}", "{\"BASE\": \"\"}",
                         &resolved, &err),
                 -ERR_INVALID);
    cr_assert_eq(resolve("{}", "{}", &resolved, &err), -ERR_INVALID, "the Task's own variable");
}

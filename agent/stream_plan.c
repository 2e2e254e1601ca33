/* stream_plan.c - what parent and child of a streamed dump tell each other: files in the folder of the run. */
#include <string.h>

#include "stash/file.h"
#include "stash/format.h"
#include "stash/jsonx.h"
#include "stash/pair.h"
#include "stream.h"

#define PLAN_MAX  (1 * LIMIT_MIB)
#define TALLY_MAX (4 * LIMIT_MIB)
#define WHY_MAX   (4 * LIMIT_KIB)

static int write_document(const char *folder, const char *name, const json_t *doc,
                          struct error *err)
{
    AUTO(mem_free) char *path = xasprintf("%s/%s", folder, name);
    AUTO(mem_free) char *text = jsonx_dump(doc);

    return file_write(path, text, strlen(text), 0600, err);
}

static int read_document(const char *folder, const char *name, size_t limit, json_t **ret,
                         struct error *err)
{
    AUTO(mem_free) char *path = xasprintf("%s/%s", folder, name);
    AUTO(mem_free) char *text = NULL;
    size_t len;
    int r = file_read(path, limit, &text, &len, err);

    return r < 0 ? r : jsonx_parse(text, len, ret, err);
}

/* ---- the plan ---------------------------------------------------------------------------------------------------- */

static json_t *strings_of(const struct argv *argv)
{
    json_t *list = json_array();

    for (size_t i = 0; i < argv->count; i++)
        json_array_append_new(list, json_string(argv->items[i]));
    return list;
}

static json_t *values_of(const struct addon_run *run)
{
    json_t *list = json_array();

    for (size_t i = 0; i < addon_info_param_count(run->info); i++)
        json_array_append_new(list,
                              json_string(run->values && run->values[i] ? run->values[i] : ""));
    return list;
}

/* The environment holds passwords, and some of its bytes may be no UTF-8: it goes as it is, ended by NULs. */
static int write_env(const struct addon_run *run, const char *folder, struct error *err)
{
    AUTO(mem_free) char *path = xasprintf("%s/environment", folder);
    AUTO(buf_done) struct buf text;
    int r;

    buf_init(&text, PLAN_MAX);
    for (size_t i = 0; i < run->env.env.count; i++)
        buf_add(&text, run->env.env.items[i], strlen(run->env.env.items[i]) + 1);
    r = buf_check(&text, "the environment", err);
    return r < 0 ? r : file_write(path, text.data, text.len, 0600, err);
}

int stream_plan_write(const struct addon_run *run, const char *folder, struct error *err)
{
    json_auto_t *tools = json_array();
    json_auto_t *plan = NULL;
    int r = write_env(run, folder, err);

    for (size_t i = 0; i < run->tool_count; i++)
        json_array_append_new(tools, strings_of(&run->tools[i]));
    plan = json_pack("{s:s, s:i, s:o, s:O}", PAIR("addon", run->info->name),
                     PAIR("step", (int)run->step), PAIR("values", values_of(run)),
                     PAIR("tools", tools));
    if (r == 0 && !plan)
        r = error_set(err, ERR_INVALID, "a parameter is not valid UTF-8");
    return r < 0 ? r : write_document(folder, "plan.json", plan, err);
}

void stream_plan_done(struct stream_plan *plan)
{
    if (plan->addon && plan->addon->done)
        plan->addon->done(&plan->run);
    for (size_t i = 0; i < plan->run.tool_count; i++)
        argv_done(&plan->run.tools[i]);
    child_env_done(&plan->run.env);
    argv_done(&plan->values);
    json_decref(plan->run.warnings);
    json_decref(plan->run.tally.counts);
}

static void add_strings(const json_t *list, struct argv *ret)
{
    size_t i;
    json_t *item;

    json_array_foreach (list, i, item)
        argv_add(ret, json_string_value(item) ? json_string_value(item) : "");
}

static int read_env(const char *folder, struct argv *ret, struct error *err)
{
    AUTO(mem_free) char *path = xasprintf("%s/environment", folder);
    AUTO(mem_free) char *text = NULL;
    size_t len;
    int r = file_read(path, PLAN_MAX, &text, &len, err);

    for (size_t at = 0; r == 0 && at < len; at += strlen(text + at) + 1)
        argv_add(ret, text + at);
    return r;
}

static const struct addon *find_addon(const struct addon *const *addons, const char *name)
{
    for (; *addons; addons++)
        if (name && strcmp((*addons)->info->name, name) == 0)
            return *addons;
    return NULL;
}

int stream_plan_read(const char *folder, const struct addon *const *addons, struct stream_plan *ret,
                     struct error *err)
{
    json_auto_t *plan = NULL;
    size_t i;
    json_t *tool;
    int r = read_document(folder, "plan.json", PLAN_MAX, &plan, err);

    if (r < 0)
        return r;
    ret->addon = find_addon(addons, jsonx_str(plan, "addon", NULL));
    if (!ret->addon || ret->addon->info->shape != ADDON_STREAM)
        return error_set(err, ERR_INVALID, "%s/plan.json names no addon that streams", folder);
    add_strings(jsonx_get(plan, "values", NULL), &ret->values);
    ret->run.info = ret->addon->info;
    ret->run.works = ret->addon->works;
    ret->run.step =
        jsonx_int(plan, 0, "step", NULL) == ADDON_RESTORE ? ADDON_RESTORE : ADDON_BACKUP;
    ret->run.values = ret->values.count ? argv_list(&ret->values) : NULL;
    ret->run.warnings = json_array();
    json_array_foreach (jsonx_get(plan, "tools", NULL), i, tool)
        add_strings(tool, addon_tool(&ret->run));
    return read_env(folder, &ret->run.env.env, err);
}

/* ---- the tally --------------------------------------------------------------------------------------------------- */

int stream_tally_write(const struct addon_run *run, const char *folder, struct error *err)
{
    json_auto_t *tally =
        json_pack("{s:I, s:I, s:O*, s:O*}", PAIR("bytes", (json_int_t)run->tally.bytes),
                  PAIR("lines", (json_int_t)run->tally.lines), PAIR("counts", run->tally.counts),
                  PAIR("warnings", run->warnings));

    return write_document(folder, "tally.json", tally, err);
}

int stream_tally_read(struct addon_run *run, const char *folder, struct error *err)
{
    json_auto_t *tally = NULL;
    size_t i;
    json_t *warning;
    int r = read_document(folder, "tally.json", TALLY_MAX, &tally, err);

    if (r < 0)
        return error_wrap(err, "what passed is not known");
    run->tally.bytes = (uint64_t)jsonx_int(tally, 0, "bytes", NULL);
    run->tally.lines = (uint64_t)jsonx_int(tally, 0, "lines", NULL);
    json_decref(run->tally.counts);
    run->tally.counts = json_incref(json_object_get(tally, "counts"));
    json_array_foreach (json_object_get(tally, "warnings"), i, warning)
        addon_warn(run, "%s", json_string_value(warning) ? json_string_value(warning) : "");
    return 0;
}

/* ---- last words -------------------------------------------------------------------------------------------------- */

void stream_why_write(const char *folder, const char *why)
{
    AUTO(mem_free) char *path = xasprintf("%s/why", folder);
    struct error ignored; /* it has been said on standard error as well */

    (void)!file_write(path, why, strlen(why), 0600, &ignored);
}

bool stream_why_read(const char *folder, struct error *err)
{
    AUTO(mem_free) char *path = xasprintf("%s/why", folder);
    AUTO(mem_free) char *text = NULL;
    struct error ignored;
    struct text why;
    size_t len;

    if (file_read(path, WHY_MAX, &text, &len, &ignored) < 0 || len == 0)
        return false;
    format_text(text, &why);
    error_set(err, ERR_SYSTEM, "%s", why.s);
    return true;
}

/* rules_values.c - a table of paths, each with the check of the value that stands there. */
#include <string.h>

#include "rules.h"
#include "stash/cron.h"
#include "stash/jsonx.h"
#include "stash/quantity.h"
#include "stash/timefmt.h"

typedef void (*value_check)(const struct admit *a, const char *path, const json_t *value);

struct value_rule {
    const char *path; /* below the document that is checked */
    value_check check;
    bool is_required;
};

/* A string that is to be checked: not one that a blueprint's variables will still change. */
static const char *text_of(const struct admit *a, const char *path, const json_t *value)
{
    const char *text = json_string_value(value);

    if (!text)
        causes_add(a->causes, path, CAUSE_TYPE, "must be a string");
    else if (a->request->kind == KIND_BACKUP_BLUEPRINT && strstr(text, "${"))
        return NULL;
    return text;
}

static void check_schedule(const struct admit *a, const char *path, const json_t *value)
{
    const char *text = text_of(a, path, value);
    struct error err;

    if (text && cron_check(text, &err) < 0)
        causes_add(a->causes, path, CAUSE_INVALID, "%s", err.msg);
}

static bool parse_duration(const struct admit *a, const char *path, const json_t *value,
                           int64_t *ret)
{
    const char *text = text_of(a, path, value);

    if (!text)
        return false;
    if (timefmt_parse_duration(text, ret))
        return true;
    causes_add(a->causes, path, CAUSE_INVALID,
               "\"%.60s\" is not a duration; write hours, minutes and seconds: 1h30m (there is no "
               "unit for days)",
               text);
    return false;
}

static void check_time_out(const struct admit *a, const char *path, const json_t *value)
{
    int64_t nanos;

    if (parse_duration(a, path, value, &nanos) && nanos <= 0)
        causes_add(a->causes, path, CAUSE_INVALID, "must be longer than nothing");
}

static void check_delay(const struct admit *a, const char *path, const json_t *value)
{
    int64_t nanos;

    if (parse_duration(a, path, value, &nanos) && nanos < 0)
        causes_add(a->causes, path, CAUSE_INVALID, "must not be negative");
}

static void check_count(const struct admit *a, const char *path, const json_t *value)
{
    if (!json_is_integer(value))
        causes_add(a->causes, path, CAUSE_TYPE, "must be a whole number");
    else if (json_integer_value(value) < 0)
        causes_add(a->causes, path, CAUSE_INVALID, "must not be negative");
}

/* Kubernetes takes plain numbers for quantities too. */
static bool parse_quantity(const struct admit *a, const char *path, const json_t *value,
                           int64_t *ret)
{
    if (json_is_integer(value)) {
        *ret = json_integer_value(value);
        return true;
    }
    const char *text = text_of(a, path, value);
    if (!text)
        return false;
    if (quantity_parse(text, ret))
        return true;
    causes_add(a->causes, path, CAUSE_INVALID,
               "\"%.60s\" is not a quantity; write a number and a unit: 500m, 2, 10Gi", text);
    return false;
}

static void check_quantity(const struct admit *a, const char *path, const json_t *value)
{
    int64_t amount;

    if (parse_quantity(a, path, value, &amount) && amount < 0)
        causes_add(a->causes, path, CAUSE_INVALID, "must not be negative");
}

static void check_storage(const struct admit *a, const char *path, const json_t *value)
{
    int64_t amount;

    if (parse_quantity(a, path, value, &amount) && amount <= 0)
        causes_add(a->causes, path, CAUSE_INVALID, "a volume needs room: more than 0 bytes");
}

static void check_quantities(const struct admit *a, const char *path, const json_t *value)
{
    const char *key;
    const json_t *member;

    jsonx_foreach_member (value, key, member) {
        AUTO(mem_free) char *name = xasprintf("%s[%.60s]", path, key);
        check_quantity(a, name, member);
    }
}

static const char *const hook_actions[] = {"exec", "httpGet", "httpPost", "tcpSocket"};

static void check_hook(const struct admit *a, const char *path, const json_t *hook)
{
    const json_t *exec = jsonx_get(hook, "exec", NULL);
    size_t count = 0;

    for (size_t i = 0; i < ARRAY_LEN(hook_actions); i++)
        count += jsonx_get(hook, hook_actions[i], NULL) != NULL;
    if (count != 1)
        causes_add(a->causes, path, count ? CAUSE_INVALID : CAUSE_REQUIRED,
                   "a hook does one thing: set one of exec, httpGet, httpPost, tcpSocket (%zu are "
                   "set)",
                   count);
    if (exec && jsonx_is_empty(jsonx_get(exec, "command", NULL)))
        rule_cause(a, path, "exec.command", CAUSE_REQUIRED, "name the command to run");
}

static const char *const keep_counts[] = {"keepLast",   "keepHourly",  "keepDaily",
                                          "keepWeekly", "keepMonthly", "keepYearly"};

static void check_retention(const struct admit *a, const char *path, const json_t *policy)
{
    size_t kept = 0;

    for (size_t i = 0; i < ARRAY_LEN(keep_counts); i++) {
        const json_t *value = jsonx_get(policy, keep_counts[i], NULL);
        AUTO(mem_free) char *name = xasprintf("%s.%s", path, keep_counts[i]);
        if (value)
            check_count(a, name, value);
        kept += json_integer_value(value) > 0;
    }
    if (kept > 0)
        return;
    if (jsonx_is_empty(jsonx_get(policy, "keepTags", NULL)))
        warnings_add(a->warnings,
                     "%s: none of keepLast, keepHourly, keepDaily and so on is set: no snapshot "
                     "will ever be removed",
                     path);
    else
        warnings_add(a->warnings,
                     "%s: only keepTags is set: snapshots without these tags are not kept", path);
}

static const struct value_rule backup_values[] = {
    {"schedule", check_schedule, true},
    {"retentionPolicy", check_retention, true},
    {"timeOut", check_time_out, false},
    {"retryConfig.delay", check_delay, false},
    {"retryConfig.maxRetry", check_count, false},
    {"backupHistoryLimit", check_count, false},
    {NULL, NULL, false},
};

static const struct value_rule blueprint_values[] = {
    {"schedule", check_schedule, false},
    {"retentionPolicy", check_retention, true},
    {"timeOut", check_time_out, false},
    {"retryConfig.delay", check_delay, false},
    {"retryConfig.maxRetry", check_count, false},
    {"backupHistoryLimit", check_count, false},
    {NULL, NULL, false},
};

static const struct value_rule restore_values[] = {
    {"timeOut", check_time_out, false},
    {NULL, NULL, false},
};

/* Where a target has its settings: the spec, and each member of a batch. */
static const struct value_rule settings[] = {
    {"tempDir.sizeLimit", check_quantity, false},
    {"interimVolumeTemplate.spec.resources.requests.storage", check_storage, false},
    {"runtimeSettings.container.resources.limits", check_quantities, false},
    {"runtimeSettings.container.resources.requests", check_quantities, false},
    {"target.replicas", check_count, false},
    {"hooks.preBackup", check_hook, false},
    {"hooks.postBackup", check_hook, false},
    {"hooks.preRestore", check_hook, false},
    {"hooks.postRestore", check_hook, false},
    {NULL, NULL, false},
};

/* The value at "a.b.c", NULL when absent. */
static const json_t *value_at(const json_t *doc, const char *path)
{
    while (doc && *path) {
        size_t len = strcspn(path, ".");
        doc = json_object_getn(doc, path, len);
        path += len + (path[len] == '.');
    }
    return json_is_null(doc) ? NULL : doc;
}

static void check_values(const struct admit *a, const char *base, const json_t *doc,
                         const struct value_rule *rules)
{
    for (; rules->path; rules++) {
        const json_t *value = value_at(doc, rules->path);
        AUTO(mem_free) char *path = xasprintf("%s.%s", base, rules->path);
        bool is_empty = json_is_string(value) && json_string_length(value) == 0;
        if (value && !is_empty)
            rules->check(a, path, value);
        else if (rules->is_required)
            causes_add(a->causes, path, CAUSE_REQUIRED, "must be set");
    }
}

static void check_all(const struct admit *a, const struct value_rule *rules)
{
    const json_t *members = jsonx_get(a->spec, "members", NULL);

    check_values(a, "spec", a->spec, rules);
    check_values(a, "spec", a->spec, settings);
    for (size_t i = 0; i < json_array_size(members); i++) {
        AUTO(mem_free) char *path = xasprintf("spec.members[%zu]", i);
        check_values(a, path, json_array_get(members, i), settings);
    }
}

void rule_backup_values(const struct admit *a)
{
    check_all(a, backup_values);
}

void rule_blueprint_values(const struct admit *a)
{
    check_all(a, blueprint_values);
}

void rule_restore_values(const struct admit *a)
{
    check_all(a, restore_values);
}

/* rules_values.c - single values of invokers and blueprints: when, for how long, how often, how much. */
#include "container.h"

#include "stash/jsonx.h"

static const struct value_rule timing[] = {
    {"schedule", value_schedule},        {"timeOut", value_time_out},
    {"retryConfig.delay", value_delay},  {"retryConfig.maxRetry", value_count},
    {"backupHistoryLimit", value_count}, {0},
};

/* Where a target has its settings: the spec, and each member of a batch. */
static const struct value_rule settings[] = {
    {"tempDir", container_temp_dir},
    {"runtimeSettings.container", container_settings},
    {"runtimeSettings.pod", pod_settings},
    {"target.replicas", value_count},
    {0},
};

/* A failed session that is tried for ever hides that it fails. */
#define RETRIES_USUAL 10

static void warn_of_many_retries(const struct admit *a)
{
    json_int_t retries = jsonx_int(a->spec, 0, "retryConfig", "maxRetry", NULL);

    if (retries > RETRIES_USUAL)
        warnings_add(
            a->warnings,
            "spec.retryConfig.maxRetry: a session that fails is tried %" JSON_INTEGER_FORMAT
            " times more; 1 to 3 is usual",
            retries);
}

void rule_schedule_required(const struct admit *a)
{
    if (jsonx_is_empty(jsonx_get(a->spec, "schedule", NULL)))
        causes_add(a->causes, "spec.schedule", CAUSE_REQUIRED,
                   "say when to back up, such as \"0 3 * * *\" for every day at 3:00");
}

void rule_timing(const struct admit *a)
{
    values_check(a, "spec", a->spec, timing);
    warn_of_many_retries(a);
}

void rule_settings(const struct admit *a)
{
    const json_t *members = jsonx_get(a->spec, "members", NULL);

    values_check(a, "spec", a->spec, settings);
    for (size_t i = 0; i < json_array_size(members); i++) {
        AUTO(mem_free) char *path = xasprintf("spec.members[%zu]", i);
        values_check(a, path, json_array_get(members, i), settings);
    }
}

/* pod_settings.c - runtimeSettings.pod: of the pods of Jobs. */
#include <string.h>

#include "container.h"
#include "stash/jsonx.h"
#include "stash/limits.h"

/* ---- labels and annotations -------------------------------------------------------------------------------------- */

static void check_keys(const struct admit *a, const char *at, const json_t *map, value_check check)
{
    const char *key;
    const json_t *value;

    jsonx_foreach_member (map, key, value) {
        AUTO(mem_free) char *path = xasprintf("%s[%.60s]", at, key);
        json_auto_t *name = json_string(key);
        value_label_key(a, path, name);
        if (check)
            check(a, path, value);
    }
}

static void check_labels(const struct admit *a, const char *at, const json_t *map)
{
    check_keys(a, at, map, value_label_value);
}

static void check_annotations(const struct admit *a, const char *at, const json_t *map)
{
    size_t size = jsonx_map_size(map);

    check_keys(a, at, map, NULL);
    if (size > LIMIT_ANNOTATIONS)
        causes_add(a->causes, at, CAUSE_INVALID,
                   "%zu bytes of annotations; an object can have at most %zu", size,
                   LIMIT_ANNOTATIONS);
}

/* ---- scheduling -------------------------------------------------------------------------------------------------- */

static void check_effect(const struct admit *a, const char *path, const json_t *value)
{
    value_one_of(a, path, value,
                 (const char *const[]){"NoSchedule", "PreferNoSchedule", "NoExecute", NULL});
}

static void check_operator(const struct admit *a, const char *path, const json_t *value)
{
    value_one_of(a, path, value, (const char *const[]){"Equal", "Exists", NULL});
}

static const struct value_rule toleration_rules[] = {{"key", value_label_key},
                                                     {"operator", check_operator},
                                                     {"value", value_label_value},
                                                     {"effect", check_effect},
                                                     {0}};

static void check_toleration(const struct admit *a, const char *at, const json_t *toleration)
{
    const char *word = jsonx_str(toleration, "operator", NULL);
    const char *effect = jsonx_str(toleration, "effect", NULL);
    bool exists = word && strcmp(word, "Exists") == 0;

    values_check(a, at, toleration, toleration_rules);
    if (value_is_open(a, word) || value_is_open(a, effect))
        return;
    if (!exists && jsonx_is_empty(jsonx_get(toleration, "key", NULL)))
        rule_cause(a, at, "operator", CAUSE_INVALID, "without a key it must be Exists");
    if (exists && !jsonx_is_empty(jsonx_get(toleration, "value", NULL)))
        rule_cause(a, at, "value", CAUSE_INVALID, "goes with operator Equal only");
    if (jsonx_get(toleration, "tolerationSeconds", NULL) &&
        !(effect && strcmp(effect, "NoExecute") == 0))
        rule_cause(a, at, "effect", CAUSE_INVALID,
                   "must be NoExecute where tolerationSeconds is set");
}

static void check_unsatisfiable(const struct admit *a, const char *path, const json_t *value)
{
    value_one_of(a, path, value, (const char *const[]){"DoNotSchedule", "ScheduleAnyway", NULL});
}

static void check_skew(const struct admit *a, const char *path, const json_t *value)
{
    value_within(a, path, value, (const json_int_t[]){1, INT32_MAX});
}

static const struct value_rule spread_rules[] = {{"maxSkew", check_skew},
                                                 {"topologyKey", value_label_key},
                                                 {"whenUnsatisfiable", check_unsatisfiable},
                                                 {0}};

static void check_spread(const struct admit *a, const char *at, const json_t *constraint)
{
    static const char *const needs[] = {"maxSkew", "topologyKey", "whenUnsatisfiable"};

    values_check(a, at, constraint, spread_rules);
    for (size_t i = 0; i < ARRAY_LEN(needs); i++)
        if (jsonx_is_empty(jsonx_get(constraint, needs[i], NULL)))
            rule_cause(a, at, needs[i], CAUSE_REQUIRED, "must not be empty");
}

static void check_term_operator(const struct admit *a, const char *path, const json_t *value)
{
    value_one_of(a, path, value,
                 (const char *const[]){"In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt", NULL});
}

/* ---- the rest ---------------------------------------------------------------------------------------------------- */

static void check_pull_secret(const struct admit *a, const char *at, const json_t *secret)
{
    static const struct value_rule rules[] = {{"name", value_name}, {0}};

    values_check(a, at, secret, rules);
    if (jsonx_is_empty(jsonx_get(secret, "name", NULL)))
        rule_cause(a, at, "name", CAUSE_REQUIRED, "name the Secret with the registry's password");
}

static void check_change_policy(const struct admit *a, const char *path, const json_t *value)
{
    value_one_of(a, path, value, (const char *const[]){"Always", "OnRootMismatch", NULL});
}

static void check_groups_policy(const struct admit *a, const char *path, const json_t *value)
{
    value_one_of(a, path, value, (const char *const[]){"Merge", "Strict", NULL});
}

static void check_context(const struct admit *a, const char *at, const json_t *context)
{
    static const struct value_rule rules[] = {
        {"runAsUser", value_id},
        {"runAsGroup", value_id},
        {"fsGroup", value_id},
        {"supplementalGroups[]", value_id},
        {"runAsNonRoot", value_bool},
        {"fsGroupChangePolicy", check_change_policy},
        {"supplementalGroupsPolicy", check_groups_policy},
        {"seccompProfile", container_seccomp},
        {"appArmorProfile", container_app_armor},
        {"seLinuxOptions", container_selinux},
        {"windowsOptions", container_windows},
        {0},
    };

    values_check(a, at, context, rules);
}

#define NODE_TERMS                                                                                 \
    "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[]"

static const struct value_rule members[] = {
    {"podLabels", check_labels},
    {"podAnnotations", check_annotations},
    {"serviceAccountName", value_name},
    {"serviceAccountAnnotations", check_annotations},
    {"nodeSelector", check_labels},
    {"nodeName", value_name},
    {"priorityClassName", value_name},
    {"runtimeClassName", value_name},
    {"readinessGates[].conditionType", value_label_key},
    {"tolerations[]", check_toleration},
    {"topologySpreadConstraints[]", check_spread},
    {NODE_TERMS ".matchExpressions[].key", value_label_key},
    {NODE_TERMS ".matchExpressions[].operator", check_term_operator},
    {"imagePullSecrets[]", check_pull_secret},
    {"securityContext", check_context},
    {0},
};

void pod_settings(const struct admit *a, const char *at, const json_t *settings)
{
    values_check(a, at, settings, members);
}

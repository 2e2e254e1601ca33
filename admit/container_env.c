/* container_env.c - environment variables and where their values come from. */
#include <string.h>

#include "container.h"
#include "stash/jsonx.h"
#include "stash/text.h"
#include "syntax.h"

/* What the kernel starts a program with: 128 KiB for one variable, 2 MiB for all and the arguments. */
#define ENV_VALUE_MAX (100 * 1024)
#define ENV_ALL_MAX   (1024 * 1024)

static const char *const env_fields[] = {"metadata.name",
                                         "metadata.namespace",
                                         "metadata.uid",
                                         "spec.nodeName",
                                         "spec.host",
                                         "spec.serviceAccountName",
                                         "status.hostIP",
                                         "status.hostIPs",
                                         "status.podIP",
                                         "status.podIPs",
                                         NULL};

static const char *const resource_fields[] = {"limits.cpu",
                                              "limits.memory",
                                              "requests.cpu",
                                              "requests.memory",
                                              "limits.ephemeral-storage",
                                              "requests.ephemeral-storage",
                                              NULL};

static const char *const cpu_divisors[] = {"0", "1", "1m", NULL};
static const char *const size_divisors[] = {"0",   "1",   "1k",  "1M",  "1G",  "1T",  "1P", "1E",
                                            "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei", NULL};

/* "metadata.labels['app']": the key between the quotes. False when the text is of another form. */
static bool subscript_is_fine(const char *text, const char *map)
{
    size_t before = strlen(map), len = strlen(text);

    if (strncmp(text, map, before) != 0 || len < before + 4 ||
        strncmp(text + before, "['", 2) != 0 || strcmp(text + len - 2, "']") != 0)
        return false;
    AUTO(mem_free) char *key = xstrndup(text + before + 2, len - before - 4);
    return syntax_is_qualified(key);
}

static void check_field_path(const struct admit *a, const char *path, const json_t *value)
{
    const char *text = value_text(a, path, value);

    if (text && !text_is_one_of(text, env_fields) && !subscript_is_fine(text, "metadata.labels") &&
        !subscript_is_fine(text, "metadata.annotations"))
        causes_add(a->causes, path, CAUSE_UNKNOWN,
                   "\"%.60s\" is no field that a variable can have; write metadata.name, "
                   "metadata.namespace, metadata.labels['key'], spec.nodeName, status.podIP, …",
                   text);
}

static void check_field(const struct admit *a, const char *at, const json_t *ref)
{
    static const struct value_rule rules[] = {{"fieldPath", check_field_path}, {0}};
    const char *version = jsonx_str(ref, "apiVersion", NULL);

    values_check(a, at, ref, rules);
    if (version && *version && strcmp(version, "v1") != 0)
        rule_cause(a, at, "apiVersion", CAUSE_UNKNOWN, "write v1, or leave it out");
    if (jsonx_is_empty(jsonx_get(ref, "fieldPath", NULL)))
        rule_cause(a, at, "fieldPath", CAUSE_REQUIRED, "name a field, such as metadata.name");
}

static void check_resource_field(const struct admit *a, const char *at, const json_t *ref)
{
    const char *resource = jsonx_str(ref, "resource", NULL);
    const char *divisor = jsonx_str(ref, "divisor", NULL);
    bool is_huge = resource && (strncmp(resource, "limits.hugepages-", 17) == 0 ||
                                strncmp(resource, "requests.hugepages-", 19) == 0);
    bool is_cpu = resource && strstr(resource, ".cpu");

    if (value_is_open(a, resource) || value_is_open(a, divisor))
        return;
    if (!resource || (!is_huge && !text_is_one_of(resource, resource_fields)))
        rule_cause(a, at, "resource", CAUSE_UNKNOWN,
                   "write limits or requests and one of cpu, memory and ephemeral-storage, such "
                   "as limits.memory");
    else if (divisor && !text_is_one_of(divisor, is_cpu ? cpu_divisors : size_divisors))
        rule_cause(a, at, "divisor", CAUSE_INVALID,
                   is_cpu ? "write 1 or 1m" : "write 1, 1k, 1M, 1G, 1Ki, 1Mi or 1Gi");
}

static void check_name_of(const struct admit *a, const char *at, const json_t *ref)
{
    static const struct value_rule rules[] = {{"name", value_name}, {0}};

    values_check(a, at, ref, rules);
    if (jsonx_is_empty(jsonx_get(ref, "name", NULL)))
        rule_cause(a, at, "name", CAUSE_REQUIRED, "must not be empty");
}

static void check_key_of(const struct admit *a, const char *at, const json_t *ref)
{
    const char *key = jsonx_str(ref, "key", NULL);

    check_name_of(a, at, ref);
    if (!key || !*key)
        rule_cause(a, at, "key", CAUSE_REQUIRED, "must not be empty");
    else if (!value_is_open(a, key) && !syntax_is_data_key(key))
        rule_cause(a, at, "key", CAUSE_INVALID,
                   "\"%.60s\" cannot be a key; keys are of letters, digits, \"-\", \"_\" and "
                   "\".\"",
                   key);
}

static const struct source {
    const char *member;
    value_check check;
} sources[] = {
    {"fieldRef", check_field},
    {"resourceFieldRef", check_resource_field},
    {"configMapKeyRef", check_key_of},
    {"secretKeyRef", check_key_of},
};

static void check_source(const struct admit *a, const char *at, const json_t *item)
{
    const json_t *from = jsonx_get(item, "valueFrom", NULL);
    size_t count = 0;

    if (!from)
        return;
    for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
        const json_t *ref = jsonx_get(from, sources[i].member, NULL);
        AUTO(mem_free) char *path = xasprintf("%s.valueFrom.%s", at, sources[i].member);
        if (ref)
            sources[i].check(a, path, ref);
        count += ref != NULL;
    }
    if (count != 1)
        rule_cause(a, at, "valueFrom", CAUSE_INVALID,
                   "needs exactly one of fieldRef, resourceFieldRef, configMapKeyRef and "
                   "secretKeyRef");
    else if (!jsonx_is_empty(jsonx_get(item, "value", NULL)))
        rule_cause(a, at, "valueFrom", CAUSE_INVALID, "there is a value already: leave one out");
}

static void check_env_name(const struct admit *a, const char *at, const char *name)
{
    if (!name || !*name)
        causes_add(a->causes, at, CAUSE_REQUIRED, "a variable needs a name");
    else if (!value_is_open(a, name) && !syntax_is_env_name(name))
        causes_add(a->causes, at, CAUSE_INVALID,
                   "\"%.60s\" cannot be a variable; names are of letters, digits, \"_\", \"-\" "
                   "and \".\", and do not begin with a digit",
                   name);
}

/* The value with each $(NAME) as long as the kubelet makes it; `lens` has those that come before. */
static size_t expanded_len(const char *value, const json_t *lens)
{
    size_t len = strlen(value);

    while ((value = strstr(value, "$("))) {
        const char *name = value + 2, *end = strchr(name, ')');
        if (!end)
            break;
        len += (size_t)json_integer_value(json_object_getn(lens, name, (size_t)(end - name)));
        value = name;
    }
    return len;
}

/* A NUL stands here as U+FFFD. */
static void check_env_value(const struct admit *a, const char *at, const char *value, size_t len)
{
    if (len > ENV_VALUE_MAX)
        rule_cause(a, at, "value", CAUSE_INVALID, "is longer than %d KiB; put it into a file",
                   ENV_VALUE_MAX / 1024);
    else if (strstr(value, "\xEF\xBF\xBD"))
        rule_cause(a, at, "value", CAUSE_INVALID, "holds a NUL or U+FFFD: no variable can");
}

/* The variable's name and value, as long as they will be, at most a little more than may be. */
static size_t env_item_check(const struct admit *a, const char *at, const json_t *item,
                             const json_t *lens)
{
    AUTO(mem_free) char *path = xasprintf("%s.name", at);
    const char *name = jsonx_str(item, "name", NULL);
    const char *value = text_or_empty(jsonx_str(item, "value", NULL));
    size_t len = expanded_len(value, lens) + strlen(text_or_empty(name));

    check_env_name(a, path, name);
    check_env_value(a, at, value, len);
    check_source(a, at, item);
    return len < ENV_VALUE_MAX ? len : ENV_VALUE_MAX;
}

void container_env(const struct admit *a, const char *at, const json_t *env)
{
    json_auto_t *lens = json_object();
    size_t all = 0;

    for (size_t i = 0; i < json_array_size(env); i++) {
        const json_t *item = json_array_get(env, i);
        AUTO(mem_free) char *path = xasprintf("%s[%zu]", at, i);
        size_t len = env_item_check(a, path, item, lens);
        json_object_set_new(lens, text_or_empty(jsonx_str(item, "name", NULL)),
                            json_integer((json_int_t)len));
        all += len;
    }
    if (all > ENV_ALL_MAX)
        causes_add(a->causes, at, CAUSE_INVALID,
                   "is longer than %d KiB with all that its variables stand for",
                   ENV_ALL_MAX / 1024);
}

void container_env_from(const struct admit *a, const char *at, const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        const json_t *secret = jsonx_get(item, "secretRef", NULL);
        const json_t *map = jsonx_get(item, "configMapRef", NULL);
        const char *prefix = jsonx_str(item, "prefix", NULL);
        AUTO(mem_free) char *path = xasprintf("%s[%zu]", at, i);
        AUTO(mem_free) char *ref = xasprintf("%s.%s", path, secret ? "secretRef" : "configMapRef");
        AUTO(mem_free) char *name = xasprintf("%s.prefix", path);
        if (prefix && *prefix)
            check_env_name(a, name, prefix);
        if (!secret == !map)
            causes_add(a->causes, path, CAUSE_INVALID,
                       "needs exactly one of secretRef and configMapRef");
        else
            check_name_of(a, ref, secret ? secret : map);
    }
}

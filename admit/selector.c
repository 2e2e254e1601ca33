/* selector.c - fail closed: an operator or shape that is not known matches nothing. */
#include "selector.h"

#include <string.h>

#include "stash/jsonx.h"
#include "stash/mem.h"

static bool is_in(const json_t *values, const char *label)
{
    for (size_t i = 0; label && i < json_array_size(values); i++) {
        const char *value = json_string_value(json_array_get(values, i));
        if (value && strcmp(value, label) == 0)
            return true;
    }
    return false;
}

static bool op_in(const json_t *values, const char *label)
{
    return is_in(values, label);
}

static bool op_not_in(const json_t *values, const char *label)
{
    return !is_in(values, label);
}

static bool op_exists(const json_t *values, const char *label)
{
    (void)values;
    return label != NULL;
}

static bool op_does_not_exist(const json_t *values, const char *label)
{
    (void)values;
    return label == NULL;
}

static const struct {
    const char *name;
    bool (*matches)(const json_t *values, const char *label);
} operators[] = {
    {"In", op_in},
    {"NotIn", op_not_in},
    {"Exists", op_exists},
    {"DoesNotExist", op_does_not_exist},
};

static bool requirement_matches(const json_t *requirement, const json_t *labels)
{
    const char *key = jsonx_str(requirement, "key", NULL);
    const char *name = jsonx_str(requirement, "operator", NULL);

    for (size_t i = 0; key && name && i < ARRAY_LEN(operators); i++) {
        if (strcmp(operators[i].name, name) == 0)
            return operators[i].matches(jsonx_get(requirement, "values", NULL),
                                        jsonx_str(labels, key, NULL));
    }
    return false;
}

bool selector_matches(const json_t *selector, const json_t *labels)
{
    const json_t *expressions = jsonx_get(selector, "matchExpressions", NULL);
    const json_t *pairs = jsonx_get(selector, "matchLabels", NULL);
    const char *key;
    const json_t *want;

    if (!json_is_object(selector) || (pairs && !json_is_object(pairs)) ||
        (expressions && !json_is_array(expressions)))
        return false;
    jsonx_foreach_member (pairs, key, want) {
        const char *have = jsonx_str(labels, key, NULL);
        if (!have || !json_is_string(want) || strcmp(have, json_string_value(want)) != 0)
            return false;
    }
    for (size_t i = 0; i < json_array_size(expressions); i++) {
        if (!requirement_matches(json_array_get(expressions, i), labels))
            return false;
    }
    return true;
}

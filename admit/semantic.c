/* semantic.c - what equality.Semantic does for typed objects, on documents. */
#include "semantic.h"

#include <string.h>

#include "stash/jsonx.h"
#include "stash/quantity.h"

static bool is_equal(const json_t *one, const json_t *two, bool quantities);

static bool is_zero(const json_t *value)
{
    const char *key;
    const json_t *member;

    if (jsonx_is_empty(value) || json_is_false(value))
        return true;
    if (!json_is_object(value))
        return false;
    jsonx_foreach_member (value, key, member) {
        if (!is_zero(member))
            return false;
    }
    return true;
}

static bool holds_quantities(const char *key)
{
    return strcmp(key, "limits") == 0 || strcmp(key, "requests") == 0 ||
           strcmp(key, "sizeLimit") == 0;
}

static bool objects_equal(const json_t *one, const json_t *two, bool quantities)
{
    const char *key;
    const json_t *value, *other;

    jsonx_foreach_member (one, key, value) {
        if (!is_equal(value, json_object_get(two, key), quantities || holds_quantities(key)))
            return false;
    }
    jsonx_foreach_member (two, key, other) {
        if (!json_object_get(one, key) && !is_zero(other))
            return false;
    }
    return true;
}

static bool arrays_equal(const json_t *one, const json_t *two, bool quantities)
{
    if (json_array_size(one) != json_array_size(two))
        return false;
    for (size_t i = 0; i < json_array_size(one); i++) {
        if (!is_equal(json_array_get(one, i), json_array_get(two, i), quantities))
            return false;
    }
    return true;
}

static bool is_equal(const json_t *one, const json_t *two, bool quantities)
{
    if (one == two || (is_zero(one) && is_zero(two)))
        return true;
    if (json_is_object(one) && json_is_object(two))
        return objects_equal(one, two, quantities);
    if (json_is_array(one) && json_is_array(two))
        return arrays_equal(one, two, quantities);
    if (!one || !two)
        return false;
    if (quantities && json_is_string(one) && json_is_string(two) &&
        quantity_equal(json_string_value(one), json_string_value(two)))
        return true;
    return json_equal(one, two);
}

bool semantic_equal(const json_t *one, const json_t *two)
{
    return is_equal(one, two, false);
}

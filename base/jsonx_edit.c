/* Path copying: replace a node by a shallow copy that only we hold, then edit that. */
#include "stash/jsonx.h"

static json_t *own_member(json_t *parent, const char *key, json_t *fresh, bool usable)
{
    BUG_ON(!json_is_object(parent));
    json_t *have = json_object_get(parent, key);
    json_t *copy = usable && have ? json_copy(have) : NULL;

    if (copy)
        json_decref(fresh);
    else
        copy = fresh;
    json_object_set_new(parent, key, copy);
    return copy;
}

json_t *jsonx_own(json_t *parent, const char *key)
{
    return own_member(parent, key, json_object(), json_is_object(json_object_get(parent, key)));
}

json_t *jsonx_own_array(json_t *parent, const char *key)
{
    return own_member(parent, key, json_array(), json_is_array(json_object_get(parent, key)));
}

json_t *jsonx_own_item(json_t *array, size_t index)
{
    json_t *have = json_array_get(array, index);

    BUG_ON(!json_is_object(have));
    json_t *copy = json_copy(have);
    json_array_set_new(array, index, copy);
    return copy;
}

void jsonx_upsert_new(json_t *array, const char *key, json_t *item)
{
    ptrdiff_t at = jsonx_find(array, key, jsonx_str(item, key, NULL));

    if (at >= 0)
        json_array_set_new(array, (size_t)at, item);
    else
        json_array_append_new(array, item);
}

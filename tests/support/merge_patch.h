/*
 * merge_patch.h - what an API server makes of a JSON merge patch (RFC 7386).
 */
#ifndef TEST_MERGE_PATCH_H
#define TEST_MERGE_PATCH_H

#include <jansson.h>

#include "stash/jsonx.h"

/** Into `target`, an object. */
static inline void merge_patch(json_t *target, const json_t *patch)
{
    const char *key;
    json_t *value;

    jsonx_foreach_member (patch, key, value) {
        if (json_is_null(value)) {
            json_object_del(target, key);
        } else if (json_is_object(value)) {
            if (!json_is_object(json_object_get(target, key)))
                json_object_set_new(target, key, json_object());
            merge_patch(json_object_get(target, key), value);
        } else {
            json_object_set_new(target, key, json_deep_copy(value));
        }
    }
}

#endif

/*
 * secret_of.h - the Secret "auth" with the given keys and values.
 */
#ifndef TEST_SECRET_OF_H
#define TEST_SECRET_OF_H

#include <jansson.h>
#include <string.h>

#include "stash/digest.h"
#include "stash/mem.h"

/** `pairs`: key, value, key, value, …, NULL. New reference. */
static inline json_t *secret_of(const char *const *pairs)
{
    json_t *data = json_object();

    for (; *pairs; pairs += 2) {
        AUTO(mem_free) char *encoded = digest_base64(pairs[1], strlen(pairs[1]));
        json_object_set_new(data, pairs[0], json_string(encoded));
    }
    return json_pack("{s:{s:s}, s:o}", "metadata", "name", "auth", "data", data);
}

#endif

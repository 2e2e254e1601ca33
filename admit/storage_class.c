/* storage_class.c - the API server's own choice among default classes, less those that never provision. */
#include "storage_class.h"

#include <stdbool.h>
#include <string.h>

#include "stash/jsonx.h"
#include "stash/mem.h"

static const char *const default_keys[] = {"storageclass.kubernetes.io/is-default-class",
                                           "storageclass.beta.kubernetes.io/is-default-class"};

static bool is_usable_default(const json_t *class)
{
    const char *provisioner = jsonx_str(class, "provisioner", NULL);

    if (!jsonx_name(class) || !provisioner ||
        strcmp(provisioner, "kubernetes.io/no-provisioner") == 0)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(default_keys); i++) {
        const char *value = jsonx_annotation(class, default_keys[i]);
        if (value && strcmp(value, "true") == 0)
            return true;
    }
    return false;
}

/* Times in UTC sort as text; among equals the first name wins, as it does in the API server. */
static bool is_preferred(const json_t *one, const json_t *two)
{
    const char *a = jsonx_str(one, "metadata", "creationTimestamp", NULL);
    const char *b = jsonx_str(two, "metadata", "creationTimestamp", NULL);
    int by_time = strcmp(a ? a : "", b ? b : "");

    return by_time > 0 || (by_time == 0 && strcmp(jsonx_name(one), jsonx_name(two)) < 0);
}

const char *storage_class_default(const json_t *classes)
{
    const json_t *best = NULL;

    for (size_t i = 0; i < json_array_size(classes); i++) {
        const json_t *class = json_array_get(classes, i);
        if (is_usable_default(class) && (!best || is_preferred(class, best)))
            best = class;
    }
    return jsonx_name(best);
}

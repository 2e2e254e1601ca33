/*
 * A catalog's names are known to users, who may have made Tasks and Functions of their own under them. What the upstream
 * operator or its chart installed becomes ours; everything else stays as it is.
 */
#include <string.h>

#include "catalog_table.h"
#include "stash/jsonx.h"
#include "stash/names.h"

static bool has_prefix(const char *text, const char *prefix)
{
    return text && strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Ours, or of the chart stash-catalog (or of the operator's own). */
static bool is_labelled(const json_t *have)
{
    const char *manager = jsonx_label(have, LABEL_MANAGED_BY);

    return (manager && strcmp(manager, STASH_GROUP) == 0) ||
           has_prefix(jsonx_label(have, "app.kubernetes.io/name"), "stash") ||
           has_prefix(jsonx_label(have, "helm.sh/chart"), "stash");
}

/* An image called stash or stash-…, run with the subcommand that ours has under this name. */
static bool is_upstream_function(const json_t *have, const json_t *wanted)
{
    const char *image = jsonx_str(have, "spec", "image", NULL);
    const char *slash = image ? strrchr(image, '/') : NULL;
    const char *base = slash ? slash + 1 : image;
    const json_t *command = json_array_get(jsonx_get(have, "spec", "args", NULL), 0);

    return has_prefix(base, "stash") && strchr("-:@", base[strlen("stash")]) && command &&
           json_equal(command, json_array_get(jsonx_get(wanted, "spec", "args", NULL), 0));
}

/* The same Functions in the same order. */
static bool is_upstream_task(const json_t *have, const json_t *wanted)
{
    const json_t *steps = jsonx_get(have, "spec", "steps", NULL);
    const json_t *ours = jsonx_get(wanted, "spec", "steps", NULL);

    if (json_array_size(steps) != json_array_size(ours))
        return false;
    for (size_t i = 0; i < json_array_size(ours); i++) {
        if (!json_equal(json_object_get(json_array_get(steps, i), "name"),
                        json_object_get(json_array_get(ours, i), "name")))
            return false;
    }
    return true;
}

bool catalog_is_replaceable(const json_t *have, const json_t *wanted)
{
    const char *kind = jsonx_str(wanted, "kind", NULL);

    return is_labelled(have) || (strcmp(kind, "Task") == 0 ? is_upstream_task(have, wanted)
                                                           : is_upstream_function(have, wanted));
}

json_t *catalog_surplus(const json_t *have, const json_t *wanted)
{
    const json_t *ours = jsonx_get(wanted, "spec", NULL);
    json_auto_t *nulls = json_object();
    const char *key;
    json_t *value;

    jsonx_foreach_member (jsonx_get(have, "spec", NULL), key, value) {
        if (!json_object_get(ours, key))
            json_object_set_new(nulls, key, json_null());
    }
    return json_object_size(nulls) > 0 ? json_pack("{s:O}", "spec", nulls) : NULL;
}

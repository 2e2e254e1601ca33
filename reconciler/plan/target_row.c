#include "target_row.h"

#include <stdbool.h>
#include <string.h>

#include "invoker.h"
#include "stash/conditions.h"
#include "stash/jsonx.h"

static bool is_same(const json_t *a, const json_t *b, const char *key)
{
    const char *left = jsonx_str(a, key, NULL);
    const char *right = jsonx_str(b, key, NULL);

    return strcmp(left ? left : "", right ? right : "") == 0;
}

/* An older operator left the namespace out where the user did: then it is the invoker's, which `ref` has filled in. */
static bool is_same_namespace(const json_t *have, const json_t *ref)
{
    const char *namespace = jsonx_str(have, "namespace", NULL);

    return !namespace || !*namespace || is_same(have, ref, "namespace");
}

/* As the agent does: kind, namespace and name; whoever wrote the version meant the same object. */
static ptrdiff_t find_row(const json_t *targets, const json_t *ref)
{
    for (size_t i = 0; i < json_array_size(targets); i++) {
        const json_t *have = jsonx_get(json_array_get(targets, i), "ref", NULL);

        if (is_same(have, ref, "kind") && is_same_namespace(have, ref) &&
            is_same(have, ref, "name"))
            return (ptrdiff_t)i;
    }
    return -1;
}

const json_t *target_row_of(const json_t *session, const json_t *invoker, size_t index)
{
    const json_t *targets = jsonx_get(session, "status", "targets", NULL);
    json_auto_t *ref = invoker_ref(invoker, index);

    if (invoker_is_restore(invoker))
        return jsonx_get(session, "status", NULL);
    ptrdiff_t at = find_row(targets, ref);
    return at >= 0 ? json_array_get(targets, (size_t)at) : NULL;
}

json_t *target_row_own(json_t *status, const json_t *invoker, size_t index)
{
    json_t *targets = json_object_get(status, "targets");
    json_auto_t *ref = invoker_ref(invoker, index);

    if (!json_is_array(targets)) {
        targets = json_array();
        json_object_set_new(status, "targets", targets);
    }
    ptrdiff_t at = find_row(targets, ref);
    if (at >= 0)
        return json_array_get(targets, (size_t)at);
    json_array_append_new(targets, json_pack("{s:O}", "ref", ref));
    return json_array_get(targets, json_array_size(targets) - 1);
}

void target_row_settle(json_t *status)
{
    size_t i;
    json_t *row;

    json_array_foreach (json_object_get(status, "targets"), i, row)
        json_object_set_new(row, "phase", json_string(phase_backup_target(row)));
}

#include "admit_case.h"

#include <string.h>

#include "golden.h"
#include "stash/jsonx.h"

static enum operation parse_operation(const char *name)
{
    static const char *const names[] = {"CREATE", "UPDATE", "DELETE", "CONNECT"};

    for (size_t i = 0; name && i < ARRAY_LEN(names); i++) {
        if (strcmp(names[i], name) == 0)
            return (enum operation)i;
    }
    golden_fail("operation must be CREATE, UPDATE, DELETE or CONNECT");
    return OPERATION_CREATE;
}

void admit_case_init(const json_t *in, struct admit_case *ret)
{
    *ret = (struct admit_case){
        .config = {jsonx_str(in, "config", "size", NULL), jsonx_str(in, "config", "class", NULL),
                   jsonx_str(in, "config", "mode", NULL),
                   jsonx_bool(in, false, "config", "off", NULL),
                   jsonx_bool(in, false, "config", "foreignTargets", NULL)},
        .snapshot = snapshot_from_objects(jsonx_get(in, "objects", NULL)),
        .request = {.kind = kind_by_name(jsonx_str(in, "kind", NULL)),
                    .operation = parse_operation(jsonx_str(in, "operation", NULL)),
                    .namespace = jsonx_str(in, "namespace", NULL),
                    .object = jsonx_get(in, "object", NULL),
                    .old = jsonx_get(in, "old", NULL),
                    .at_run_time = jsonx_bool(in, false, "atRunTime", NULL)},
    };
    ret->request.snapshot = ret->snapshot;
    if (jsonx_get(in, "config", NULL))
        ret->request.config = &ret->config;
    if (ret->request.kind == KIND_UNKNOWN)
        golden_fail("kind is not known");
}

void admit_case_done(struct admit_case *c)
{
    snapshot_free(c->snapshot);
}

json_t *admit_case_warnings(const struct warnings *warnings)
{
    json_t *list = json_array();

    for (size_t i = 0; i < warnings->count; i++)
        json_array_append_new(list, json_string(warnings->items[i]));
    return list;
}

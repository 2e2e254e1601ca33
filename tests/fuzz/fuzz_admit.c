/*
 * Admission of any document: no crash, the input stays as it is, defaults are filled in once. Inputs look like `in` of the
 * golden suites: {kind, operation, namespace, object, old, objects}.
 */
#include <string.h>

#include "fuzz.h"
#include "stash/admit.h"
#include "stash/jsonx.h"

static void check(const struct admit_request *request)
{
    AUTO(warnings_done) struct warnings warnings = {0};
    AUTO(causes_done) struct causes causes = {0};
    struct admit_request again = *request;
    json_auto_t *once = admit_default(request, &warnings);
    again.object = once;
    json_auto_t *twice = admit_default(&again, &warnings);

    BUG_ON(!json_equal(once, twice));
    admit_validate(&again, &causes, &warnings);
    json_auto_t *list = causes_encode(&causes);
    BUG_ON(json_array_size(list) != causes.count); /* an unprintable cause would be dropped */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_auto_t *in = NULL;
    struct error err;

    if (jsonx_parse((const char *)data, size, &in, &err) < 0)
        return 0;
    enum kind kind = kind_by_name(jsonx_str(in, "kind", NULL));
    const char *operation = jsonx_str(in, "operation", NULL);
    if (kind == KIND_UNKNOWN || !jsonx_get(in, "object", NULL))
        return 0;
    AUTO(snapshot_free)
    struct snapshot *snapshot = snapshot_from_objects(jsonx_get(in, "objects", NULL));
    const struct admit_request request = {
        .kind = kind,
        .operation =
            operation && strcmp(operation, "UPDATE") == 0 ? OPERATION_UPDATE : OPERATION_CREATE,
        .namespace = jsonx_str(in, "namespace", NULL),
        .object = jsonx_get(in, "object", NULL),
        .old = jsonx_get(in, "old", NULL),
        .snapshot = snapshot,
    };
    AUTO(mem_free) char *before = jsonx_dump(in);
    check(&request);
    AUTO(mem_free) char *after = jsonx_dump(in);
    BUG_ON(strcmp(before, after) != 0);
    return 0;
}

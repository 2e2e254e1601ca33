#include "judge.h"

#include <criterion/criterion.h>
#include <string.h>

#include "quoted_json.h"
#include "stash/jsonx.h"

void judged_done(struct judged *judged)
{
    causes_done(&judged->causes);
    warnings_done(&judged->warnings);
}

struct judged judge(enum kind kind, const char *spec, const char *cluster)
{
    struct judged judged = {0};
    json_auto_t *objects = quoted_json(cluster ? cluster : "[]");
    json_auto_t *object =
        json_pack("{s:{s:s}, s:o}", "metadata", "name", "x", "spec", quoted_json(spec));
    AUTO(snapshot_free) struct snapshot *snapshot = snapshot_from_objects(objects);
    const struct admit_request request = {.kind = kind,
                                          .operation = OPERATION_CREATE,
                                          .namespace = "demo",
                                          .object = object,
                                          .snapshot = snapshot};

    admit_validate(&request, &judged.causes, &judged.warnings);
    return judged;
}

const char *judged_cause(const struct judged *judged, const char *path)
{
    for (size_t i = 0; i < judged->causes.count; i++) {
        if (strcmp(judged->causes.items[i].path, path) == 0)
            return judged->causes.items[i].detail;
    }
    return "";
}

const char *judged_warning(const struct judged *judged, const char *start)
{
    for (size_t i = 0; i < judged->warnings.count; i++) {
        if (strncmp(judged->warnings.items[i], start, strlen(start)) == 0)
            return judged->warnings.items[i];
    }
    return "";
}

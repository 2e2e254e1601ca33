#include "retention_held.h"

#include "condition_types.h"
#include "session.h"
#include "stash/jsonx.h"
#include "stash/names.h"
#include "text.h"

static bool has_succeeded(const json_t *restore)
{
    return text_is(jsonx_str(restore, "status", "phase", NULL), "Succeeded");
}

static bool is_lifted(const json_t *restores, const json_t *restore)
{
    size_t i;
    json_t *other;

    if (text_is(jsonx_annotation(restore, ANNOTATION_RETENTION_AFTER_RESTORE), "allow"))
        return true;
    json_array_foreach (jsonx_unconst(restores), i, other) {
        if (has_succeeded(other) && session_is_older(restore, other))
            return true;
    }
    return false;
}

static bool has_written(const json_t *restore)
{
    return jsonx_name(restore) && jsonx_namespace(restore) &&
           condition_is_true(jsonx_get(restore, "status", "conditions", NULL),
                             CONDITION_TARGET_MODIFIED);
}

char *retention_held(const json_t *world, const json_t *session)
{
    const json_t *restores =
        jsonx_uid(session) ? jsonx_get(world, "restores", jsonx_uid(session), NULL) : NULL;
    size_t i;
    json_t *restore;

    json_array_foreach (jsonx_unconst(restores), i, restore) {
        if (has_succeeded(restore) || !has_written(restore) || is_lifted(restores, restore))
            continue;
        return xasprintf("RestoreSession %s/%s began to write into the target and %s: nothing is "
                         "removed until a later restore of the target succeeds, this "
                         "RestoreSession is deleted, or it has the annotation %s: \"allow\"",
                         jsonx_namespace(restore), jsonx_name(restore),
                         session_is_final(restore) ? "failed" : "has not ended",
                         ANNOTATION_RETENTION_AFTER_RESTORE);
    }
    return NULL;
}

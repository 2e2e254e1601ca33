#include "retention_held.h"

#include "condition_types.h"
#include "session.h"
#include "stash/jsonx.h"
#include "stash/names.h"
#include "stash/plan.h"
#include "stash/text.h"

static bool has_succeeded(const json_t *restore)
{
    return text_is(jsonx_str(restore, "status", "phase", NULL), "Succeeded");
}

/* Others in the list wrote into another claim of the same workload. */
static bool has_same_target(const json_t *one, const json_t *other)
{
    json_auto_t *its = plan_targets(one);
    json_auto_t *others = plan_targets(other);

    return json_equal(its, others);
}

static bool is_lifted(const json_t *restores, const json_t *restore)
{
    size_t i;
    json_t *other;

    if (text_is(jsonx_annotation(restore, ANNOTATION_RETENTION_AFTER_RESTORE), "allow"))
        return true;
    json_array_foreach (jsonx_unconst(restores), i, other) {
        if (has_succeeded(other) && session_is_older(restore, other) &&
            has_same_target(restore, other))
            return true;
    }
    return false;
}

bool plan_has_written(const json_t *restore)
{
    return !has_succeeded(restore) && jsonx_name(restore) && jsonx_namespace(restore) &&
           condition_is_true(jsonx_get(restore, "status", "conditions", NULL),
                             CONDITION_TARGET_MODIFIED);
}

char *retention_held(const json_t *world, const json_t *session)
{
    const json_t *restores =
        jsonx_uid(session) ? jsonx_get(world, "restores", jsonx_uid(session), NULL) : NULL;
    const char *error = jsonx_str(world, "errors", "restores", NULL);
    size_t i;
    json_t *restore;

    if (error)
        return xasprintf("it is not known whether a restore wrote into a claim of the target: %s",
                         error);
    json_array_foreach (jsonx_unconst(restores), i, restore) {
        if (!plan_has_written(restore) || is_lifted(restores, restore))
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

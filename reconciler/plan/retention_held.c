#include "retention_held.h"

#include "condition_types.h"
#include "failures.h"
#include "invoker.h"
#include "session.h"
#include "session_hosts.h"
#include "stash/jsonx.h"
#include "stash/names.h"
#include "stash/plan.h"
#include "stash/text.h"
#include "variables.h"

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

/* ---- whether a later restore made good what this one left ----------------------------------------------------------- */

static const json_t *rule_of(const json_t *restore, const char *host)
{
    return variables_rule(restore, invoker_member(restore, 0), host);
}

/* With patterns of its own it brings back some of the files. */
static bool has_patterns_of(const json_t *rule, const json_t *other, const char *member)
{
    const json_t *its = json_object_get(rule, member);

    return jsonx_is_empty(its) || json_equal(its, json_object_get(other, member));
}

/* Without paths it is for all of them. Which ones a rule's ids have is not known here: whoever chose them knew. */
static bool has_paths_of(const json_t *rule, const json_t *other)
{
    const json_t *its = json_object_get(rule, "paths");
    size_t i;
    json_t *path;

    if (jsonx_is_empty(its) || !jsonx_is_empty(json_object_get(other, "snapshots")))
        return true;
    if (jsonx_is_empty(json_object_get(other, "paths")))
        return false;
    json_array_foreach (json_object_get(other, "paths"), i, path)
        if (!json_is_string(path) || jsonx_find_text(its, json_string_value(path)) < 0)
            return false;
    return true;
}

static bool makes_good_host(const json_t *later, const json_t *restore, const char *host)
{
    const json_t *its = rule_of(later, host);
    const json_t *other = rule_of(restore, host);

    if (!its) /* a restore without any rule brings back all that there is */
        return !variables_has_rules(later, invoker_member(later, 0));
    return has_patterns_of(its, other, "include") && has_patterns_of(its, other, "exclude") &&
           has_paths_of(its, other);
}

/* A host that had no pod, or for which there was no rule, was not written to. */
static bool is_written_to(const json_t *restore, const char *host)
{
    return !session_host_is_nameless(host) &&
           (rule_of(restore, host) || !variables_has_rules(restore, invoker_member(restore, 0)));
}

static bool has_host_succeeded(const json_t *restore, const char *host)
{
    const json_t *stats = jsonx_get(restore, "status", "stats", NULL);
    ptrdiff_t at = jsonx_find(stats, "hostname", host);

    return at >= 0 &&
           text_is(jsonx_str(json_array_get(stats, (size_t)at), "phase", NULL), "Succeeded");
}

/*
 * The one that failed may have left several hosts half written, and the later one be for some of them: by its rules, or as
 * the workload had fewer pods then.
 */
static bool makes_good(const json_t *later, const json_t *restore)
{
    size_t i;
    json_t *row;

    json_array_foreach (jsonx_get(restore, "status", "hosts", NULL), i, row) {
        const char *host = jsonx_str(row, "name", NULL);

        if (!host || has_host_succeeded(restore, host) || !is_written_to(restore, host))
            continue;
        if (!has_host_succeeded(later, host) || !makes_good_host(later, restore, host))
            return false;
    }
    return true;
}

static int64_t written_at(const json_t *restore)
{
    const json_t *modified =
        condition_find(jsonx_get(restore, "status", "conditions", NULL), CONDITION_TARGET_MODIFIED);

    return failures_time(jsonx_get(modified, "lastTransitionTime", NULL));
}

/* Its pods wrote until it ended, or until it began to write where that is later. */
static int64_t written_until(const json_t *restore)
{
    int64_t began = written_at(restore);
    int64_t ended = session_ended(restore);

    return ended > began ? ended : began;
}

/*
 * Two restores of one target may run beside each other, and the one that was asked for first may have waited: what one has
 * brought back, the other may have written over until its end.
 */
static bool is_later(const json_t *other, const json_t *restore)
{
    int64_t began = written_at(other);

    return session_is_final(restore) && began && began >= written_until(restore);
}

static bool is_lifted(const json_t *restores, const json_t *restore)
{
    size_t i;
    json_t *other;

    if (text_is(jsonx_annotation(restore, ANNOTATION_RETENTION_AFTER_RESTORE), "allow"))
        return true;
    json_array_foreach (jsonx_unconst(restores), i, other) {
        if (has_succeeded(other) && is_later(other, restore) && has_same_target(restore, other) &&
            makes_good(other, restore))
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
                         "removed until a later restore of the same hosts and files succeeds, this "
                         "RestoreSession is deleted, or it has the annotation %s: \"allow\"",
                         jsonx_namespace(restore), jsonx_name(restore),
                         session_is_final(restore) ? "failed" : "has not ended",
                         ANNOTATION_RETENTION_AFTER_RESTORE);
    }
    return NULL;
}

/* rules_alias.c - a backup is stored under its alias: a restore of the same target finds it under the same one only. */
#include <string.h>

#include "rules.h"
#include "stash/jsonx.h"

static const char *alias_of(const json_t *target)
{
    const char *alias = jsonx_str(target, "alias", NULL);

    return alias ? alias : "";
}

static bool is_same_target(const json_t *one, const json_t *two)
{
    static const char *const members[] = {"kind", "name"};

    for (size_t i = 0; i < ARRAY_LEN(members); i++) {
        const char *value = jsonx_str(one, "ref", members[i], NULL);
        if (!value || !*value || !text_is(jsonx_str(two, "ref", members[i], NULL), value))
            return false;
    }
    return true;
}

static bool is_same_repository(const struct admit *a, const json_t *other)
{
    AUTO(mem_free) char *theirs = snapshot_repository_key(other);
    const char *name = jsonx_str(a->spec, "repository", "name", NULL);
    const char *given = jsonx_str(a->spec, "repository", "namespace", NULL);
    AUTO(mem_free)
    char *mine = xasprintf("%s/%s", given && *given ? given : a->namespace, name ? name : "");

    return theirs && strcmp(mine, theirs) == 0;
}

/* By its host, or by its id. */
static bool names_source(const json_t *rule)
{
    const json_t *snapshots = jsonx_get(rule, "snapshots", NULL);
    const char *first = json_string_value(json_array_get(snapshots, 0));

    return !jsonx_is_empty(jsonx_get(rule, "sourceHost", NULL)) ||
           (first && strcmp(first, "latest") != 0);
}

/* Rules that say what to take say it all. */
static bool has_sources(const json_t *spec)
{
    const json_t *lists[] = {jsonx_get(spec, "target", "rules", NULL),
                             jsonx_get(spec, "rules", NULL)};

    for (size_t l = 0; l < ARRAY_LEN(lists); l++)
        for (size_t i = 0; i < json_array_size(lists[l]); i++)
            if (names_source(json_array_get(lists[l], i)))
                return true;
    return false;
}

static bool is_over(const json_t *restore)
{
    const char *phase = jsonx_str(restore, "status", "phase", NULL);

    return phase && strcmp(phase, "Pending") != 0;
}

/* What stands on the other side: configurations of a restore, restores to come of a configuration. */
struct search {
    const struct admit *a;
    const json_t *target;
    bool is_restore, is_found; /* one has the same alias */
    json_t *first;             /* of those with another one */
};

static bool is_counterpart(const struct search *search, const json_t *other)
{
    const json_t *spec = jsonx_get(other, "spec", NULL);

    return is_same_target(search->target, jsonx_get(spec, "target", NULL)) &&
           is_same_repository(search->a, other) &&
           (search->is_restore || !(is_over(other) || has_sources(spec)));
}

static bool look_at_other(void *arg, const json_t *other)
{
    struct search *search = arg;

    if (!is_counterpart(search, other))
        return true;
    search->is_found =
        strcmp(alias_of(jsonx_get(other, "spec", "target", NULL)), alias_of(search->target)) == 0;
    if (!search->first)
        search->first = json_incref(jsonx_unconst(other));
    return !search->is_found;
}

static void warn_of_alias(const struct admit *a, const json_t *target, const json_t *first)
{
    const char *theirs = alias_of(jsonx_get(first, "spec", "target", NULL));

    warnings_add(a->warnings,
                 "spec.target.alias: %s %.63s has %s%.63s, this one %s%.63s: a restore finds what "
                 "was stored under its own alias only: set the same one",
                 jsonx_str(first, "kind", NULL), jsonx_name(first), *theirs ? "" : "no alias",
                 theirs, *alias_of(target) ? "" : "none", alias_of(target));
}

void rule_alias(const struct admit *a)
{
    const struct snapshot *snapshot = a->request->snapshot;
    struct search search = {.a = a,
                            .target = jsonx_get(a->spec, "target", NULL),
                            .is_restore = a->request->kind == KIND_RESTORE_SESSION};

    if (!snapshot || a->request->at_run_time || !search.target ||
        (search.is_restore && has_sources(a->spec)))
        return;
    snapshot->each(snapshot->ctx,
                   search.is_restore ? KIND_BACKUP_CONFIGURATION : KIND_RESTORE_SESSION,
                   a->namespace, look_at_other, &search);
    if (search.first && !search.is_found)
        warn_of_alias(a, search.target, search.first);
    json_decref(search.first);
}

/* rules_delete.c - who still uses what is being deleted. Only warnings: a deletion is never refused. */
#include <stdlib.h>
#include <string.h>

#include "rules.h"
#include "stash/jsonx.h"
#include "stash/text.h"

/* Each is a line of kubectl's; more than these are counted. */
#define NAMED_MAX 5

/* ---- does this object use it? ------------------------------------------------------------------------------------ */

/* What is deleted. */
struct victim {
    const char *kind, *namespace, *name;
};

static bool is_finished(const json_t *object)
{
    const char *phase = jsonx_str(object, "status", "phase", NULL);

    return text_is(phase, "Succeeded") || text_is(phase, "Failed") || text_is(phase, "Unknown");
}

static bool uses_repository(const json_t *object, const struct victim *victim)
{
    const char *namespace = jsonx_str(object, "spec", "repository", "namespace", NULL);

    if (!namespace || !*namespace)
    namespace = jsonx_namespace(object);
    return text_is(jsonx_str(object, "spec", "repository", "name", NULL), victim->name) &&
           text_is(namespace, victim->namespace);
}

static bool uses_task(const json_t *object, const struct victim *victim)
{
    const json_t *members = jsonx_get(object, "spec", "members", NULL);
    const json_t *addon = jsonx_get(object, "spec", "parameters", "stash", "addon", NULL);

    for (size_t i = 0; i < json_array_size(members); i++) {
        if (text_is(jsonx_str(json_array_get(members, i), "task", "name", NULL), victim->name))
            return true;
    }
    return text_is(jsonx_str(object, "spec", "task", "name", NULL), victim->name) ||
           text_is(jsonx_str(addon, "backupTask", "name", NULL), victim->name) ||
           text_is(jsonx_str(addon, "restoreTask", "name", NULL), victim->name);
}

static bool uses_function(const json_t *object, const struct victim *victim)
{
    const json_t *steps = jsonx_get(object, "spec", "steps", NULL);

    return jsonx_find(steps, "name", victim->name) >= 0;
}

static const struct user {
    enum kind victim, kind;
    bool (*uses)(const json_t *object, const struct victim *victim);
    bool until_finished;
} users[] = {
    {KIND_REPOSITORY, KIND_BACKUP_CONFIGURATION, uses_repository, false},
    {KIND_REPOSITORY, KIND_BACKUP_BATCH, uses_repository, false},
    {KIND_REPOSITORY, KIND_RESTORE_SESSION, uses_repository, true},
    {KIND_REPOSITORY, KIND_RESTORE_BATCH, uses_repository, true},
    {KIND_TASK, KIND_BACKUP_CONFIGURATION, uses_task, false},
    {KIND_TASK, KIND_BACKUP_BATCH, uses_task, false},
    {KIND_TASK, KIND_BACKUP_BLUEPRINT, uses_task, false},
    {KIND_TASK, KIND_APP_BINDING, uses_task, false},
    {KIND_TASK, KIND_RESTORE_SESSION, uses_task, true},
    {KIND_TASK, KIND_RESTORE_BATCH, uses_task, true},
    {KIND_FUNCTION, KIND_TASK, uses_function, false},
};

/* ---- all who do -------------------------------------------------------------------------------------------------- */

/* The names of the first few, and how many there are. */
struct found {
    json_t *names;
    size_t count;
};

static void found_done(struct found *found)
{
    json_decref(found->names);
}
DEFINE_AUTO_VALUE(struct found, found_done);

/* Names in order, whatever the order in which the view holds them; the later ones fall off. */
static void found_add(struct found *found, const char *name)
{
    size_t at = 0;

    found->count++;
    while (at < json_array_size(found->names) &&
           strcmp(json_string_value(json_array_get(found->names, at)), name) < 0)
        at++;
    json_array_insert_new(found->names, at, json_string(name));
    json_array_remove(found->names, NAMED_MAX);
}

struct search {
    const struct user *user;
    const struct victim *victim;
    struct found *found;
};

static bool look_at_user(void *arg, const json_t *object)
{
    const struct search *search = arg;
    const struct user *user = search->user;
    const char *namespace = jsonx_namespace(object);

    if ((user->until_finished && is_finished(object)) ||
        jsonx_get(object, "metadata", "deletionTimestamp", NULL) ||
        !user->uses(object, search->victim))
        return true;
    AUTO(mem_free)
    char *name = xasprintf("%s %s%s%s", kind_resource(user->kind)->kind, namespace ? namespace : "",
                           namespace ? "/" : "", jsonx_name(object));
    found_add(search->found, name);
    return true;
}

static void find_user(const struct admit *a, const struct user *user, const struct victim *victim,
                      struct found *found)
{
    const struct snapshot *snapshot = a->request->snapshot;
    struct search search = {user, victim, found};

    if (snapshot)
        snapshot->each(snapshot->ctx, user->kind, NULL, look_at_user, &search);
}

void rule_still_used(const struct admit *a)
{
    const json_t *old = a->request->old;
    const struct victim victim = {kind_resource(a->request->kind)->kind, a->namespace,
                                  jsonx_name(old)};
    AUTO(found_done) struct found found = {json_array(), 0};

    if (!victim.name || jsonx_get(old, "metadata", "deletionTimestamp", NULL))
        return;
    for (size_t i = 0; i < ARRAY_LEN(users); i++) {
        if (users[i].victim == a->request->kind)
            find_user(a, &users[i], &victim, &found);
    }
    for (size_t i = 0; i < json_array_size(found.names); i++)
        warnings_add(a->warnings, "%s %s is still used by %s", victim.kind, victim.name,
                     json_string_value(json_array_get(found.names, i)));
    if (found.count > NAMED_MAX)
        warnings_add(a->warnings, "%s %s is still used by %zu more", victim.kind, victim.name,
                     found.count - NAMED_MAX);
}

#include "plan_world.h"

#include <stdbool.h>
#include <string.h>

#include "merge_patch.h"
#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/plan.h"

plan_fn plan_world_planner(const char *name)
{
    static const struct {
        const char *name;
        plan_fn plan;
    } planners[] = {
        {"backup-configuration", plan_backup_configuration},
        {"backup-session", plan_backup_session},
        {"restore-session", plan_restore_session},
        {"repository", plan_repository},
        {"trigger-job", plan_trigger_job},
    };

    for (size_t i = 0; name && i < ARRAY_LEN(planners); i++) {
        if (strcmp(planners[i].name, name) == 0)
            return planners[i].plan;
    }
    return NULL;
}

static json_t *member(json_t *world, const char *name, bool array)
{
    if (!jsonx_get(world, name, NULL))
        json_object_set_new(world, name, array ? json_array() : json_object());
    return json_object_get(world, name);
}

static bool is_text(const json_t *object, const char *key, const char *want)
{
    const char *have = jsonx_str(object, key, NULL);

    return strcmp(have ? have : "", want ? want : "") == 0;
}

/* Whether an action is about this object. */
static bool is_about(const json_t *action, const json_t *object)
{
    return is_text(action, "kind", jsonx_str(object, "kind", NULL)) &&
           is_text(action, "name", jsonx_name(object)) &&
           is_text(action, "namespace", jsonx_namespace(object));
}

static void put_listed(json_t *list, json_t *object)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *have = jsonx_name(json_array_get(list, i));

        if (have && jsonx_name(object) && strcmp(have, jsonx_name(object)) == 0)
            return;
    }
    json_array_append(list, object);
}

/* As put_listed(), but what is there already changes; its status is not ours to change. */
static void replace_listed(json_t *list, json_t *object)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *have = jsonx_name(json_array_get(list, i));

        if (have && strcmp(have, jsonx_name(object)) == 0) {
            json_t *status = jsonx_get(json_array_get(list, i), "status", NULL);
            if (status)
                json_object_set(object, "status", status);
            json_array_set(list, i, object);
            return;
        }
    }
    json_array_append(list, object);
}

static void put_keyed(json_t *map, json_t *object)
{
    AUTO(mem_free) char *key = xasprintf("%s/%s", jsonx_namespace(object), jsonx_name(object));

    json_object_set(map, key, object);
}

static void put(json_t *world, const json_t *made)
{
    json_auto_t *object = json_deep_copy(made);

    if (is_text(object, "kind", "Job"))
        put_listed(member(world, "jobs", true), object);
    else if (is_text(object, "kind", "BackupSession"))
        put_listed(member(world, "sessions", true), object);
    else if (is_text(object, "kind", "ServiceAccount"))
        put_keyed(member(world, "serviceAccounts", false), object);
    else if (is_text(object, "kind", "RoleBinding"))
        put_keyed(member(world, "roleBindings", false), object);
    else if (is_text(object, "kind", "Role"))
        put_keyed(member(world, "roles", false), object);
    else if (is_text(object, "kind", "CronJob"))
        replace_listed(member(world, "cronJobs", true), object);
    else if (is_text(object, "kind", "PersistentVolumeClaim"))
        json_object_set_new(member(world, "claims", false), jsonx_name(object),
                            json_pack("{s:O, s:n}", "object", object, "node"));
}

static void remove_listed(json_t *list, const json_t *action)
{
    for (size_t i = json_array_size(list); i-- > 0;) {
        if (is_about(action, json_array_get(list, i)))
            json_array_remove(list, i);
    }
}

static void take_away(json_t *world, const json_t *action)
{
    AUTO(mem_free)
    char *key =
        xasprintf("%s/%s", jsonx_str(action, "namespace", NULL), jsonx_str(action, "name", NULL));

    remove_listed(jsonx_get(world, "jobs", NULL), action);
    remove_listed(jsonx_get(world, "sessions", NULL), action);
    remove_listed(jsonx_get(world, "cronJobs", NULL), action);
    remove_listed(jsonx_get(world, "grants", NULL), action);
    if (is_text(action, "kind", "RoleBinding"))
        json_object_del(jsonx_get(world, "roleBindings", NULL), key);
    if (is_text(action, "kind", "Role"))
        json_object_del(jsonx_get(world, "roles", NULL), key);
    if (is_about(action, jsonx_get(world, "oldCronJob", NULL)))
        json_object_del(world, "oldCronJob");
}

static void merge_where(json_t *object, const json_t *action, const char *into)
{
    if (!object || !is_about(action, object))
        return;
    json_auto_t *patch = json_deep_copy(json_object_get(action, "patch"));
    json_t *status = json_object_get(patch, "status");

    if (into && status) { /* of a status patch, only the status counts */
        json_auto_t *only = json_pack("{s:O}", "status", status);
        merge_patch(object, only);
    } else {
        merge_patch(object, patch);
    }
}

static void change(json_t *world, const json_t *action, const char *into)
{
    size_t i;
    json_t *item;

    merge_where(json_object_get(world, "object"), action, into);
    merge_where(json_object_get(world, "invoker"), action, into);
    json_array_foreach (jsonx_get(world, "sessions", NULL), i, item)
        merge_where(item, action, into);
    json_array_foreach (jsonx_get(world, "users", NULL), i, item)
        merge_where(item, action, into);
    json_array_foreach (jsonx_get(world, "targets", NULL), i, item)
        merge_where(jsonx_get(item, "object", NULL), action, into);
    json_array_foreach (jsonx_get(world, "formerTargets", NULL), i, item)
        merge_where(jsonx_get(item, "object", NULL), action, into);
}

json_t *plan_world_after(const json_t *world, const json_t *plan)
{
    json_t *after = json_deep_copy(world);
    size_t i;
    json_t *action;

    json_array_foreach (jsonx_get(plan, "actions", NULL), i, action) {
        if (is_text(action, "verb", "create") || is_text(action, "verb", "apply"))
            put(after, json_object_get(action, "object"));
        else if (is_text(action, "verb", "delete"))
            take_away(after, action);
        else if (is_text(action, "verb", "status"))
            change(after, action, "status");
        else if (is_text(action, "verb", "patch") || is_text(action, "verb", "rollout"))
            change(after, action, NULL);
        else if (is_text(action, "verb", "push"))
            json_object_set_new(after, "push", json_pack("{s:s}", "state", "Pending"));
    }
    return after;
}

#include "grants.h"

#include <string.h>

#include "ensure.h"
#include "invoker.h"
#include "naming.h"
#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/names.h"
#include "stash/pair.h"
#include "stash/plan.h"

#define RECHECK_SECONDS 10
#define GOING_SECONDS   1 /* after the deletes, until they are seen to be done */

/* ---- what a round needs ------------------------------------------------------------------------------------------ */

json_t *grants_metadata(const json_t *invoker, const char *namespace, const char *name)
{
    AUTO(mem_free) char *identity = naming_identity(invoker);
    bool here = strcmp(jsonx_namespace(invoker), namespace) == 0;
    json_t *labels = here ? invoker_labels(invoker) : invoker_marks(invoker);

    if (jsonx_uid(invoker))
        json_object_set_new(labels, LABEL_INVOKER_UID, json_string(jsonx_uid(invoker)));
    return json_pack("{s:s, s:s, s:o, s:{s:s}, s:o*}", PAIR("name", name),
                     PAIR("namespace", namespace), PAIR("labels", labels),
                     PAIR("annotations", PAIR(ANNOTATION_INVOKER, identity)),
                     PAIR("ownerReferences", here ? invoker_owner(invoker) : NULL));
}

static bool is_elsewhere(const struct draft *draft, const json_t *grant)
{
    return strcmp(jsonx_namespace(draft->object), jsonx_namespace(grant)) != 0;
}

static bool is_revoked(const struct draft *draft)
{
    return jsonx_str(draft->world, "causes", NULL) != NULL;
}

static char *key_of(const json_t *grant)
{
    return xasprintf("%s/%s/%s", jsonx_str(grant, "kind", NULL), jsonx_namespace(grant),
                     jsonx_name(grant));
}

void grants_apply(struct draft *draft, json_t *desired)
{
    bool is_role = strcmp(jsonx_str(desired, "kind", NULL), "Role") == 0;
    AUTO(mem_free) char *key = key_of(desired);

    if (is_elsewhere(draft, desired) && is_revoked(draft)) {
        json_decref(desired);
        return;
    }
    json_object_set_new(draft->needed, key, json_true());
    ensure_applied(draft,
                   ensure_find(draft->world, is_role ? "roles" : "roleBindings",
                               jsonx_namespace(desired), jsonx_name(desired)),
                   desired);
}

/* ---- what it does not ---------------------------------------------------------------------------------------------- */

static void delete_first(struct draft *draft, const json_t *grant)
{
    json_t *actions = json_object_get(draft->plan, "actions");

    draft_delete(draft, grant, "Background");
    json_auto_t *action = json_incref(json_array_get(actions, json_array_size(actions) - 1));
    json_array_remove(actions, json_array_size(actions) - 1);
    json_array_insert(actions, 0, action);
}

static bool is_going(const json_t *grant)
{
    return jsonx_get(grant, "metadata", "deletionTimestamp", NULL) != NULL;
}

static bool is_needed(const struct draft *draft, const json_t *grant)
{
    AUTO(mem_free) char *key = key_of(grant);

    return json_object_get(draft->needed, key) != NULL;
}

void grants_withdraw(struct draft *draft, enum grants_scope scope)
{
    const json_t *grants = jsonx_get(draft->world, "grants", NULL);

    for (size_t i = json_array_size(grants); i > 0; i--) {
        const json_t *grant = json_array_get(grants, i - 1);

        if (!invoker_is_named(grant) || is_needed(draft, grant) || is_going(grant) ||
            (scope == GRANTS_ELSEWHERE && !is_elsewhere(draft, grant)))
            continue;
        delete_first(draft, grant);
    }
}

void grants_withdraw_unready(struct draft *draft)
{
    if (json_object_size(jsonx_get(draft->world, "errors", NULL)) == 0)
        grants_withdraw(draft, GRANTS_ELSEWHERE);
}

/* ---- the end -------------------------------------------------------------------------------------------------------- */

static void say_unknown(struct draft *draft, const char *error)
{
    AUTO(mem_free)
    char *message = xasprintf("it stays until it is known which Roles and RoleBindings were made "
                              "for it in other namespaces: %s",
                              error ? error : "they were not looked for");

    draft_add_event(draft,
                    &(struct draft_event){"RightsNotRemoved", message, "stash-reconciler", true});
    draft_requeue(draft, RECHECK_SECONDS);
}

bool grants_remove(struct draft *draft)
{
    const json_t *grants = jsonx_get(draft->world, "grants", NULL);
    bool none = true;

    if (!grants) {
        say_unknown(draft, jsonx_str(draft->world, "errors", "grants", NULL));
        return false;
    }
    for (size_t i = 0; i < json_array_size(grants); i++) {
        const json_t *grant = json_array_get(grants, i);

        /* what goes already and is held by somebody's finalizer is held there by those who may give rights there */
        if (!invoker_is_named(grant) || !is_elsewhere(draft, grant) || is_going(grant))
            continue;
        none = false;
        draft_delete(draft, grant, "Background");
    }
    if (!none)
        draft_requeue(draft, GOING_SECONDS);
    return none;
}

json_t *plan_orphaned_grants(const json_t *grants)
{
    json_auto_t *world = json_pack("{s:{}}", "object");
    AUTO(draft_done) struct draft draft;

    draft_init(&draft, world, NULL);
    for (size_t i = 0; i < json_array_size(grants); i++)
        if (invoker_is_named(json_array_get(grants, i)) && !is_going(json_array_get(grants, i)))
            draft_delete(&draft, json_array_get(grants, i), "Background");
    return draft_discard(&draft);
}

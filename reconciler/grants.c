/* Which Roles and RoleBindings were made for an invoker: as the watches know, and at its end as the API server says now. */
#include <string.h>

#include "observe.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/names.h"
#include "stash/plan.h"

static const enum kind grant_kinds[] = {KIND_ROLE, KIND_ROLE_BINDING};

static bool is_listed(const json_t *grants, const json_t *grant)
{
    for (size_t i = 0; i < json_array_size(grants); i++) {
        const char *uid = jsonx_uid(json_array_get(grants, i));
        if (uid && jsonx_uid(grant) && strcmp(uid, jsonx_uid(grant)) == 0)
            return true;
    }
    return false;
}

static void grants_add(json_t *grants, const json_t *found)
{
    for (size_t i = 0; i < json_array_size(found); i++)
        if (!is_listed(grants, json_array_get(found, i)))
            json_array_append(grants, json_array_get(found, i));
}

static void add_stored(struct reconciler *r, const char *index, const char *key, json_t *grants)
{
    for (size_t i = 0; i < ARRAY_LEN(grant_kinds); i++) {
        json_auto_t *found = store_by_index(r->store, kind_resource(grant_kinds[i]), index, key);
        grants_add(grants, found);
    }
}

/* A watch may lag behind; whoever lets an invoker go has to know. */
static int add_live(struct reconciler *r, const json_t *invoker, json_t *grants, struct error *err)
{
    AUTO(mem_free) char *label = xasprintf(LABEL_INVOKER_UID "=%s", jsonx_uid(invoker));
    int failed = 0;

    for (size_t i = 0; i < ARRAY_LEN(grant_kinds) && failed == 0; i++) {
        json_auto_t *unread = json_array();
        const struct kube_selector selector = {
            .label = label, .max_weight = LIMIT_LOOK, .unread = unread};
        json_auto_t *found = NULL;

        failed = kube_list(r->kube, kind_resource(grant_kinds[i]), NULL, &selector, &found, err);
        if (failed == 0 && json_array_size(unread) > 0) {
            AUTO(mem_free) char *sentence = unread_sentence(json_array_get(unread, 0));
            failed = error_set(err, ERR_INVALID, "%s", sentence);
        }
        grants_add(grants, found);
    }
    return failed;
}

void observe_grants(struct observation *o, const json_t *invoker)
{
    AUTO(mem_free) char *key = key_of(invoker);
    json_t *grants = json_array();
    struct error err = {0};
    int failed = 0;

    if (jsonx_get(invoker, "metadata", "deletionTimestamp", NULL)) {
        failed = add_live(o->r, invoker, grants, &err);
        if (failed < 0) {
            json_decref(grants);
            json_object_set_new(json_object_get(o->world, "errors"), "grants",
                                json_string(err.msg));
            return;
        }
    }
    add_stored(o->r, INDEX_GRANTEE, key, grants);
    add_stored(o->r, INDEX_FORMER, jsonx_namespace(invoker), grants);
    json_object_set_new(o->world, "grants", grants);
}

static bool is_invoker(enum kind kind)
{
    return kind == KIND_BACKUP_CONFIGURATION || kind == KIND_RESTORE_SESSION;
}

int grants_sweep(struct reconciler *r, enum kind kind, const char *namespace, const char *name,
                 struct error *err)
{
    AUTO(mem_free) char *key = key_make(kind, namespace, name);
    json_auto_t *grants = json_array();
    json_auto_t *invoker = NULL;

    if (!is_invoker(kind))
        return 0;
    add_stored(r, INDEX_GRANTEE, key, grants);
    if (json_array_size(grants) == 0)
        return 0;
    int failed = kube_get(r->kube, kind_resource(kind), namespace, name, &invoker, err);
    if (failed == 0) /* it is there, and its key comes again */
        return 0;
    if (err->kind != ERR_NOT_FOUND)
        return failed;
    json_auto_t *plan = plan_orphaned_grants(grants);
    return apply(r, plan, err);
}

/*
 * The restores that a session's retention depends on: those of its targets, and those that wrote into a claim which a
 * target mounts, or into another workload that mounts the target's claim.
 */
#include <string.h>

#include "observe.h"
#include "stash/jsonx.h"
#include "stash/plan.h"
#include "stash/text.h"

static const char *namespace_of(const json_t *target)
{
    return jsonx_str(target, "ref", "namespace", NULL);
}

static const char *name_of(const json_t *target)
{
    const char *name = jsonx_str(target, "ref", "name", NULL);

    return name ? name : "";
}

static enum kind kind_of(const json_t *target)
{
    return kind_find(jsonx_str(target, "ref", "apiVersion", NULL),
                     jsonx_str(target, "ref", "kind", NULL));
}

/* ---- the claims of a target --------------------------------------------------------------------------------------- */

/* The workloads that were read for one look: by target key; null: there is none. */
struct look {
    struct observation *o;
    json_t *workloads;
};

static const json_t *workload_of(struct look *look, const json_t *target)
{
    enum kind kind = kind_of(target);
    struct error err = {0};
    json_t *object = NULL;

    if (!namespace_of(target) || !(kind_is_workload(kind) || kind == KIND_POD))
        return NULL;
    AUTO(mem_free)
    char *key =
        snapshot_target_key(kind_resource(kind)->kind, namespace_of(target), name_of(target));
    if (!json_object_get(look->workloads, key)) {
        int r = kube_get(look->o->r->kube, kind_resource(kind), namespace_of(target),
                         name_of(target), &object, &err);
        json_object_set_new(look->workloads, key, r == 0 ? object : json_null());
        if (r < 0 && err.kind != ERR_NOT_FOUND)
            json_object_set_new(json_object_get(look->o->world, "errors"), "restores",
                                json_string(err.msg));
    }
    return json_object_get(look->workloads, key);
}

static const json_t *volumes_of(const json_t *workload)
{
    const json_t *volumes = jsonx_get(workload, "spec", "template", "spec", "volumes", NULL);

    return volumes ? volumes : jsonx_get(workload, "spec", "volumes", NULL);
}

/* A StatefulSet's claims are named TEMPLATE-SET-ORDINAL. */
static bool is_claim_of_set(const json_t *set, const char *claim)
{
    size_t i;
    json_t *template;

    json_array_foreach (jsonx_get(set, "spec", "volumeClaimTemplates", NULL), i, template) {
        AUTO(mem_free) char *prefix = xasprintf("%s-%s-", jsonx_name(template), jsonx_name(set));
        size_t len = strlen(prefix);

        if (strncmp(claim, prefix, len) == 0 && claim[len] &&
            strspn(claim + len, "0123456789") == strlen(claim + len))
            return true;
    }
    return false;
}

static bool has_claim(struct look *look, const json_t *target, const char *claim)
{
    const json_t *workload = workload_of(look, target);
    size_t i;
    json_t *volume;

    if (jsonx_find_text(jsonx_get(target, "claims", NULL), claim) >= 0)
        return true;
    if (kind_of(target) == KIND_PERSISTENT_VOLUME_CLAIM)
        return strcmp(name_of(target), claim) == 0;
    json_array_foreach (jsonx_unconst(volumes_of(workload)), i, volume) {
        if (text_is(jsonx_str(volume, "persistentVolumeClaim", "claimName", NULL), claim))
            return true;
    }
    return is_claim_of_set(workload, claim);
}

/* Whether `other` has one of the claims that `target` names by itself. */
static bool has_a_claim_of(struct look *look, const json_t *other, const json_t *target)
{
    const json_t *made = jsonx_get(target, "claims", NULL);
    size_t i;
    json_t *volume;

    for (i = 0; i < json_array_size(made); i++) {
        if (has_claim(look, other, json_string_value(json_array_get(made, i))))
            return true;
    }
    if (kind_of(target) == KIND_PERSISTENT_VOLUME_CLAIM)
        return has_claim(look, other, name_of(target));
    json_array_foreach (jsonx_unconst(volumes_of(workload_of(look, target))), i, volume) {
        const char *claim = jsonx_str(volume, "persistentVolumeClaim", "claimName", NULL);

        if (claim && has_claim(look, other, claim))
            return true;
    }
    return false;
}

static bool share_a_claim(struct look *look, const json_t *one, const json_t *other)
{
    return text_is(namespace_of(one), namespace_of(other)) &&
           (has_a_claim_of(look, one, other) || has_a_claim_of(look, other, one));
}

/* ---- the restores ------------------------------------------------------------------------------------------------- */

static bool is_among(const json_t *restores, const json_t *restore)
{
    size_t i;
    json_t *other;

    json_array_foreach (jsonx_unconst(restores), i, other) {
        if (text_is(jsonx_uid(other), jsonx_uid(restore)))
            return true;
    }
    return false;
}

/* The restore, and those of the same target: a later one that succeeded lifts what it holds. */
static void add_with_its_target(struct look *look, json_t *restores, const json_t *restore)
{
    json_auto_t *same = observe_same_target(look->o, restore, KIND_RESTORE_SESSION);
    size_t i;
    json_t *other;

    json_array_foreach (same, i, other) {
        if (!is_among(restores, other))
            json_array_append(restores, other);
    }
}

static void add_of_claims(struct look *look, json_t *restores, const json_t *target)
{
    const char *namespace = namespace_of(target);
    json_auto_t *written =
        namespace ? observe_by_index(look->o, KIND_RESTORE_SESSION, INDEX_WRITTEN, namespace)
                  : json_array();
    size_t i;
    json_t *restore;

    json_array_foreach (written, i, restore) {
        json_auto_t *targets = plan_targets(restore);
        size_t k;
        json_t *other;

        json_array_foreach (targets, k, other) {
            if (!is_among(restores, restore) && share_a_claim(look, target, other) &&
                observe_has_a_say(look->o, restore))
                add_with_its_target(look, restores, restore);
        }
    }
}

json_t *observe_restores(struct observation *o, const json_t *invoker)
{
    json_auto_t *workloads = json_object();
    json_auto_t *targets = plan_targets(invoker);
    json_t *restores = observe_same_target(o, invoker, KIND_RESTORE_SESSION);
    struct look look = {o, workloads};
    size_t i;
    json_t *target;

    json_array_foreach (targets, i, target)
        add_of_claims(&look, restores, target);
    return restores;
}

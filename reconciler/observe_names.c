/* The objects that bear the names which a plan would give, or mounts: accounts, grants, claims, Jobs. */
#include <string.h>

#include "observe.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/plan.h"
#include "stash/text.h"

/* "namespace/name". The caller frees the namespace, and the name with it. */
static char *split_name(const json_t *item, const char **ret_name)
{
    char *namespace = xstrdup(json_string_value(item));
    char *slash = strchr(namespace, '/');

    BUG_ON(!slash);
    *slash = '\0';
    *ret_name = slash + 1;
    return namespace;
}

/* {"namespace/name": object} for those of the named objects that exist and are not in the world yet. */
static void put_named(struct observation *o, const char *member, enum kind kind,
                      const json_t *names)
{
    json_t *found = observe_member(o, member);
    json_t *item;
    size_t i;

    json_array_foreach (names, i, item) {
        const char *name;
        AUTO(mem_free) char *namespace = split_name(item, &name);
        if (json_object_get(found, json_string_value(item)))
            continue;
        observe_get(o, found, json_string_value(item), kind, namespace, name);
        if (json_is_null(json_object_get(found, json_string_value(item))))
            json_object_del(found, json_string_value(item));
    }
}

static const char *claim_of(const json_t *volume)
{
    return jsonx_str(volume, "persistentVolumeClaim", "claimName", NULL);
}

static bool mounts_claim(const json_t *pod, const char *claim)
{
    const json_t *volumes = jsonx_get(pod, "spec", "volumes", NULL);

    for (size_t v = 0; v < json_array_size(volumes); v++)
        if (text_is(claim_of(json_array_get(volumes, v)), claim))
            return true;
    return false;
}

static bool mounts_one_of(void *names, const json_t *pod)
{
    json_t *name;
    size_t i;

    json_array_foreach ((json_t *)names, i, name)
        if (mounts_claim(pod, json_string_value(name)))
            return true;
    return false;
}

/* Of a pod that mounts a claim: which, and where. */
static void trim_mounting(json_t *pod)
{
    const json_t *spec = json_object_get(pod, "spec");

    json_object_set_new(pod, "spec",
                        json_pack("{s:O*, s:O*}", "nodeName", json_object_get(spec, "nodeName"),
                                  "volumes", json_object_get(spec, "volumes")));
    json_object_del(pod, "status");
}

/* The running pods of the namespace that mount one of the claims; of the others nothing is kept. New array. */
static json_t *list_mounting(struct observation *o, const char *namespace, json_t *names)
{
    const struct kube_selector selector = {.field = "status.phase=Running",
                                           .keep = mounts_one_of,
                                           .ctx = names,
                                           .trim = trim_mounting,
                                           .max_weight = LIMIT_LOOK};
    json_t *pods = NULL;
    struct error ignored;

    if (json_array_size(names) == 0 ||
        kube_list(o->r->kube, kind_resource(KIND_POD), namespace, &selector, &pods, &ignored) < 0)
        return json_array();
    return pods;
}

/* The node of a pod that mounts the claim; NULL when there is none. */
static const char *mounting_node(const json_t *pods, const char *claim)
{
    for (size_t p = 0; p < json_array_size(pods); p++)
        if (mounts_claim(json_array_get(pods, p), claim))
            return jsonx_str(json_array_get(pods, p), "spec", "nodeName", NULL);
    return NULL;
}

static json_t *claims_to_read(struct observation *o, const json_t *names)
{
    json_t *left = json_array();
    json_t *name;
    size_t i;

    json_array_foreach (names, i, name)
        if (!json_object_get(observe_member(o, "claims"), json_string_value(name)))
            json_array_append(left, name);
    return left;
}

/* `placing`: a Job is still to be made, which has to run where a claim is mounted already. */
static void put_claims(struct observation *o, const char *namespace, const json_t *names,
                       bool placing)
{
    json_auto_t *left = claims_to_read(o, names);
    json_auto_t *pods = placing ? list_mounting(o, namespace, left) : json_array();
    json_t *name;
    size_t i;

    json_array_foreach (left, i, name) {
        const char *node = mounting_node(pods, json_string_value(name));
        json_t *claim = json_pack("{s:o}", "node", node ? json_string(node) : json_null());
        json_object_set_new(observe_member(o, "claims"), json_string_value(name), claim);
        observe_get(o, claim, "object", KIND_PERSISTENT_VOLUME_CLAIM, namespace,
                    json_string_value(name));
    }
}

/* What is not in memory is looked for: it may be nobody's of ours, or the watch is behind. Null: it is not there. */
static void put_named_jobs(struct observation *o, const json_t *session, const json_t *names)
{
    json_t *found = observe_member(o, "namedJobs");
    json_t *item;
    size_t i;

    json_array_foreach (names, i, item) {
        const char *name;
        AUTO(mem_free) char *namespace = split_name(item, &name);
        json_t *job = store_get(o->r->store, kind_resource(KIND_JOB), namespace, name);
        if (job)
            json_object_set_new(found, json_string_value(item), job);
        else if (!observe_session_is_finished(session) &&
                 !json_object_get(found, json_string_value(item)))
            observe_get(o, found, json_string_value(item), KIND_JOB, namespace, name);
    }
}

/* Whether a Job of these names is still to be made. */
static bool has_job_to_make(struct observation *o, const json_t *names)
{
    json_t *item;
    size_t i;

    json_array_foreach (names, i, item) {
        const char *name;
        AUTO(mem_free) char *namespace = split_name(item, &name);
        json_auto_t *job = store_get(o->r->store, kind_resource(KIND_JOB), namespace, name);
        if (!job)
            return true;
    }
    return false;
}

/* Twice: what turns out to be another owner's leads to other names. */
void observe_names(struct observation *o, const json_t *object, const json_t *invoker,
                   unsigned wanted)
{
    for (int round = 0; round < 2; round++) {
        json_auto_t *names = plan_names(o->world, object, invoker);
        const json_t *jobs = json_object_get(names, "jobs");

        if (wanted & NAMES_ACCOUNTS)
            put_named(o, "serviceAccounts", KIND_SERVICE_ACCOUNT,
                      json_object_get(names, "serviceAccounts"));
        if (wanted & NAMES_GRANTS) {
            put_named(o, "roles", KIND_ROLE, json_object_get(names, "roles"));
            put_named(o, "roleBindings", KIND_ROLE_BINDING, json_object_get(names, "roleBindings"));
        }
        if (wanted & NAMES_CLAIMS)
            put_claims(o, jsonx_namespace(object), json_object_get(names, "claims"),
                       (wanted & NAMES_NODES) && has_job_to_make(o, jobs));
        put_named_jobs(o, object, jobs);
    }
}

#include "invoker.h"

#include <string.h>

#include "stash/claims.h"
#include "stash/jsonx.h"
#include "stash/kinds.h"
#include "stash/names.h"
#include "stash/pair.h"
#include "stash/plan.h"

bool invoker_is_restore(const json_t *invoker)
{
    const char *kind = jsonx_str(invoker, "kind", NULL);

    return kind && strncmp(kind, "Restore", strlen("Restore")) == 0;
}

bool invoker_is_named(const json_t *object)
{
    return jsonx_str(object, "kind", NULL) && jsonx_str(object, "apiVersion", NULL) &&
           jsonx_name(object) && jsonx_namespace(object);
}

size_t invoker_count(const json_t *invoker)
{
    const json_t *members = jsonx_get(invoker, "spec", "members", NULL);

    if (members)
        return json_array_size(members);
    return jsonx_get(invoker, "spec", "target", NULL) ? 1 : 0;
}

const json_t *invoker_member(const json_t *invoker, size_t index)
{
    const json_t *members = jsonx_get(invoker, "spec", "members", NULL);

    return members ? json_array_get(members, index) : jsonx_get(invoker, "spec", NULL);
}

json_t *invoker_ref(const json_t *invoker, size_t index)
{
    const json_t *ref = jsonx_get(invoker_member(invoker, index), "target", "ref", NULL);
    const char *namespace = jsonx_str(ref, "namespace", NULL);
    const char *name = jsonx_str(ref, "name", NULL);

    if (!namespace || !*namespace)
    namespace = jsonx_namespace(invoker);
    return json_pack("{s:s*, s:s*, s:s*, s:s*}",
                     PAIR("apiVersion", jsonx_str(ref, "apiVersion", NULL)),
                     PAIR("kind", jsonx_str(ref, "kind", NULL)),
                     PAIR("name", name && *name ? name : NULL), PAIR("namespace", namespace));
}

size_t invoker_sets(const json_t *invoker, size_t index)
{
    return invoker_is_restore(invoker)
               ? claims_sets(jsonx_get(invoker_member(invoker, index), "target", NULL))
               : 0;
}

bool invoker_is_sidecar(const json_t *invoker, size_t index)
{
    const json_t *member = invoker_member(invoker, index);
    const char *task = jsonx_str(member, "task", "name", NULL);
    const json_t *ref = jsonx_get(member, "target", "ref", NULL);
    const char *kind = jsonx_str(ref, "kind", NULL);

    return (!task || !*task) && kind && invoker_sets(invoker, index) == 0 &&
           (kind_is_workload(kind_by_name(kind)) || invoker_is_named_by_pods(invoker, index));
}

bool invoker_is_named_by_pods(const json_t *invoker, size_t index)
{
    const json_t *ref = jsonx_get(invoker_member(invoker, index), "target", "ref", NULL);

    return kind_is_named_by_pods(jsonx_str(ref, "apiVersion", NULL), jsonx_str(ref, "kind", NULL));
}

const char *invoker_driver(const json_t *invoker)
{
    const char *driver = jsonx_str(invoker, "spec", "driver", NULL);

    return driver && *driver ? driver : "Restic";
}

const char *invoker_service_account(const json_t *member)
{
    const char *name = jsonx_str(member, "runtimeSettings", "pod", "serviceAccountName", NULL);

    return name && *name ? name : NULL;
}

json_t *invoker_marks(const json_t *invoker)
{
    return json_pack("{s:s, s:s}", LABEL_COMPONENT,
                     invoker_is_restore(invoker) ? "stash-restore" : "stash-backup",
                     LABEL_MANAGED_BY, STASH_GROUP);
}

json_t *invoker_labels(const json_t *invoker)
{
    const json_t *own = jsonx_get(invoker, "metadata", "labels", NULL);
    json_t *labels = json_is_object(own) ? json_copy(jsonx_unconst(own)) : json_object();
    json_auto_t *marks = invoker_marks(invoker);

    json_object_update(labels, marks);
    return labels;
}

json_t *invoker_owner(const json_t *owner)
{
    return json_pack("[{s:s?, s:s?, s:s?, s:s?, s:b, s:b}]",
                     PAIR("apiVersion", jsonx_str(owner, "apiVersion", NULL)),
                     PAIR("kind", jsonx_str(owner, "kind", NULL)), PAIR("name", jsonx_name(owner)),
                     PAIR("uid", jsonx_uid(owner)), PAIR("controller", 1),
                     PAIR("blockOwnerDeletion", 1));
}

json_t *plan_repository_ref(const json_t *invoker)
{
    const char *name = jsonx_str(invoker, "spec", "repository", "name", NULL);

    if (!name || !*name)
        return NULL;
    return json_pack("{s:s*, s:s}", "namespace", snapshot_repository_namespace(invoker), "name",
                     name);
}

/* NULL: it makes none. */
static json_t *made_claims(const json_t *invoker, size_t index)
{
    return invoker_sets(invoker, index) > 0
               ? claims_names(jsonx_get(invoker_member(invoker, index), "target", NULL))
               : NULL;
}

json_t *plan_targets(const json_t *invoker)
{
    json_t *rows = json_array();

    for (size_t i = 0; i < invoker_count(invoker); i++)
        json_array_append_new(
            rows, json_pack("{s:o, s:s, s:o*}", PAIR("ref", invoker_ref(invoker, i)),
                            PAIR("model", invoker_is_sidecar(invoker, i) ? "sidecar" : "job"),
                            PAIR("claims", made_claims(invoker, i))));
    return rows;
}

bool plan_is_named_by_pods(const json_t *invoker)
{
    for (size_t i = 0; i < invoker_count(invoker); i++)
        if (invoker_is_sidecar(invoker, i) && invoker_is_named_by_pods(invoker, i))
            return true;
    return false;
}

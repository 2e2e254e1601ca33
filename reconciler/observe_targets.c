/* The targets of an invoker: the objects, and for workloads their pods and what those should carry. */
#include <string.h>

#include "observe.h"
#include "stash/buf.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/plan.h"

/* The claims that a StatefulSet's controller adds to each pod's volumes; a trial pod names those of ordinal 0. */
static json_t *with_claims(json_t *spec, const json_t *workload)
{
    const json_t *templates = jsonx_get(workload, "spec", "volumeClaimTemplates", NULL);
    json_t *owned = json_copy(spec);

    if (json_array_size(templates) == 0)
        return owned;
    json_t *volumes = jsonx_own_array(owned, "volumes");
    for (size_t i = 0; i < json_array_size(templates); i++) {
        const char *name = jsonx_name(json_array_get(templates, i));
        json_array_append_new(
            volumes, json_pack("{s:s, s:{s:o}}", "name", name, "persistentVolumeClaim", "claimName",
                               json_sprintf("%s-%s-0", name, jsonx_name(workload))));
    }
    return owned;
}

/* A pod made from the workload's template, named so that a dry-run create finds no namesake. */
static json_t *template_pod(const json_t *workload, enum kind kind, const char *namespace)
{
    const json_t *template = jsonx_get(workload, "spec", "template", NULL);
    bool by_replica_set = kind == KIND_DEPLOYMENT;
    const char *name = jsonx_name(workload);
    AUTO(mem_free) char *replica_set = xasprintf("%s-dryrun", name);
    AUTO(mem_free) char *prefix = xasprintf("%s-", name);
    const char *uid = jsonx_uid(workload);
    json_t *pod = json_pack(
        "{s:s, s:s, s:{s:s, s:s, s:[{s:s, s:s, s:s, s:s, s:b}]}, s:o}", "apiVersion", "v1", "kind",
        "Pod", "metadata", "generateName", prefix, "namespace", namespace, "ownerReferences",
        "apiVersion", "apps/v1", "kind", by_replica_set ? "ReplicaSet" : kind_resource(kind)->kind,
        "name", by_replica_set ? replica_set : name, "uid", uid ? uid : "", "controller", 1, "spec",
        with_claims(jsonx_get(template, "spec", NULL), workload));
    json_t *metadata = json_object_get(pod, "metadata");
    json_t *annotations = jsonx_get(template, "metadata", "annotations", NULL);
    json_t *labels = json_copy(jsonx_get(template, "metadata", "labels", NULL));

    if (annotations)
        json_object_set(metadata, "annotations", annotations);
    if (!labels)
        labels = json_object();
    if (by_replica_set)
        json_object_set_new(labels, "pod-template-hash", json_string("dryrun"));
    json_object_set_new(metadata, "labels", labels);
    return pod;
}

static void put_expected(struct observation *o, json_t *row, enum kind kind, const char *namespace)
{
    const json_t *workload = json_object_get(row, "object");

    if (!jsonx_get(workload, "spec", "template", "spec", NULL))
        return;
    json_t *pod = template_pod(workload, kind, namespace);
    const struct inject_request request = {
        .pod = pod, .namespace = namespace, .snapshot = &o->r->view, .config = &o->r->inject};
    char hash[17];
    inject_expected_hash(&request, hash);
    json_object_set_new(row, "expectedHash", json_string(hash));
    json_object_set_new(row, "dryRunPod", pod);
}

/* "key=value,key in (a,b),…" of a LabelSelector. */
static char *selector_text(const json_t *selector)
{
    AUTO(buf_done) struct buf text;
    const json_t *expressions = jsonx_get(selector, "matchExpressions", NULL);
    const char *key;
    json_t *value;

    buf_init(&text, 16 * LIMIT_KIB);
    jsonx_foreach_member (jsonx_get(selector, "matchLabels", NULL), key, value)
        buf_addf(&text, "%s%s=%s", text.len ? "," : "", key, json_string_value(value));
    for (size_t i = 0; i < json_array_size(expressions); i++) {
        const json_t *row = json_array_get(expressions, i);
        const char *op = jsonx_str(row, "operator", NULL);
        const json_t *values = jsonx_get(row, "values", NULL);
        bool exists = op && strcmp(op, "Exists") == 0;
        bool missing = op && strcmp(op, "DoesNotExist") == 0;
        buf_addf(&text, "%s%s%s", text.len ? "," : "", missing ? "!" : "",
                 jsonx_str(row, "key", NULL));
        if (exists || missing)
            continue;
        buf_adds(&text, op && strcmp(op, "In") == 0 ? " in (" : " notin (");
        for (size_t v = 0; v < json_array_size(values); v++)
            buf_addf(&text, "%s%s", v ? "," : "", json_string_value(json_array_get(values, v)));
        buf_adds(&text, ")");
    }
    return buf_take(&text);
}

static void put_pods(struct observation *o, json_t *row, const char *namespace)
{
    AUTO(mem_free)
    char *label =
        selector_text(jsonx_get(json_object_get(row, "object"), "spec", "selector", NULL));
    const struct kube_selector selector = {.label = label};
    struct error err = {0};
    json_t *pods = NULL;

    if (!*label)
        return;
    int r = kube_list(o->r->kube, kind_resource(KIND_POD), namespace, &selector, &pods, &err);
    observe_put(o, row, "pods", r, pods, &err);
}

static json_t *observe_target(struct observation *o, const json_t *target)
{
    const json_t *ref = json_object_get(target, "ref");
    const char *namespace = jsonx_str(ref, "namespace", NULL);
    const char *name = jsonx_str(ref, "name", NULL);
    enum kind kind = kind_find(jsonx_str(ref, "apiVersion", NULL), jsonx_str(ref, "kind", NULL));
    json_t *row = json_pack("{s:O, s:n}", "ref", ref, "object");

    if (!name || !*name)
        return row;
    if (kind == KIND_UNKNOWN) {
        json_object_del(row, "object");
        json_object_set_new(json_object_get(o->world, "errors"), "object",
                            json_sprintf("kind %s of %s is not known", jsonx_str(ref, "kind", NULL),
                                         jsonx_str(ref, "apiVersion", NULL)));
        return row;
    }
    json_object_del(row, "object");
    observe_get(o, row, "object", kind, kind_resource(kind)->namespaced ? namespace : NULL, name);
    observe_get(o, row, "namespaceObject", KIND_NAMESPACE, NULL, namespace);
    if (kind_is_workload(kind) && json_is_object(json_object_get(row, "object"))) {
        put_pods(o, row, namespace);
        put_expected(o, row, kind, namespace);
    }
    return row;
}

json_t *observe_targets(struct observation *o, const json_t *invoker)
{
    json_auto_t *targets = plan_targets(invoker);
    json_t *rows = json_array();
    json_t *target;
    size_t i;

    json_array_foreach (targets, i, target)
        json_array_append_new(rows, observe_target(o, target));
    return rows;
}

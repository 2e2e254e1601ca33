/* The targets of an invoker: the objects, and for workloads their pods and what those should carry. */
#include <string.h>

#include "observe.h"
#include "stash/buf.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/names.h"
#include "stash/pair.h"
#include "stash/plan.h"
#include "stash/text.h"

void observe_expected(struct observation *o, json_t *row, const json_t *pod, const char *namespace)
{
    const struct inject_request request = {
        .pod = pod, .namespace = namespace, .snapshot = &o->view, .config = &o->r->inject};
    char hash[17];
    inject_expected_hash(&request, hash);
    json_object_set_new(row, "expectedHash", json_string(hash));
}

static void put_trial(struct observation *o, json_t *row, const char *namespace)
{
    json_t *pod = inject_template_pod(json_object_get(row, "object"));

    if (!pod)
        return;
    observe_expected(o, row, pod, namespace);
    json_object_set_new(row, "dryRunPod", pod);
}

/* The labels of a LabelSelector; a ReplicationController's and a DeploymentConfig's selector is nothing but labels. */
static const json_t *selector_labels(const json_t *selector)
{
    const json_t *labels = jsonx_get(selector, "matchLabels", NULL);

    return labels || jsonx_get(selector, "matchExpressions", NULL) ? labels : selector;
}

/* "key=value,key in (a,b),…" of a LabelSelector. */
static char *selector_text(const json_t *selector)
{
    AUTO(buf_done) struct buf text;
    const json_t *expressions = jsonx_get(selector, "matchExpressions", NULL);
    const char *key;
    json_t *value;

    buf_init(&text, 16 * LIMIT_KIB);
    jsonx_foreach_member (selector_labels(selector), key, value)
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

/* Those of the list that have the name of a container of ours, or of its status. */
static json_t *only_ours(const json_t *items)
{
    json_t *ours = json_array();

    for (size_t i = 0; i < json_array_size(items); i++) {
        const char *name = jsonx_str(json_array_get(items, i), "name", NULL);
        if (text_is(name, CONTAINER_SIDECAR) || text_is(name, CONTAINER_INIT))
            json_array_append(ours, json_array_get(items, i));
    }
    return ours;
}

void observe_trim_pod(json_t *pod)
{
    static const char *const lists[] = {"containerStatuses", "initContainerStatuses"};
    const json_t *spec = json_object_get(pod, "spec");
    json_t *status = jsonx_own(pod, "status");

    json_object_set_new(
        pod, "spec",
        json_pack("{s:O*, s:O*, s:o, s:o}", PAIR("nodeName", json_object_get(spec, "nodeName")),
                  PAIR("serviceAccountName", json_object_get(spec, "serviceAccountName")),
                  PAIR("containers", only_ours(json_object_get(spec, "containers"))),
                  PAIR("initContainers", only_ours(json_object_get(spec, "initContainers")))));
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        json_object_set_new(status, lists[i], only_ours(json_object_get(status, lists[i])));
}

static void put_pods(struct observation *o, json_t *row, const char *namespace)
{
    AUTO(mem_free)
    char *label =
        selector_text(jsonx_get(json_object_get(row, "object"), "spec", "selector", NULL));
    json_auto_t *unread = json_array();
    const struct kube_selector selector = {
        .label = label, .unread = unread, .trim = observe_trim_pod, .max_weight = LIMIT_LOOK};
    struct error err = {0};
    json_t *pods = NULL;

    if (!*label)
        return;
    int r = kube_list(o->r->kube, kind_resource(KIND_POD), namespace, &selector, &pods, &err);
    if (r == 0 &&
        json_array_size(unread) > 0) { /* a host that we do not see is no host that is gone */
        AUTO(mem_free) char *sentence = unread_sentence(json_array_get(unread, 0));
        json_decref(pods);
        r = error_set(&err, ERR_INVALID, "%s", sentence);
    }
    observe_put(o, row, "pods", r, pods, &err);
}

static void put_restart(struct observation *o, json_t *row)
{
    AUTO(mem_free) char *key = key_of(json_object_get(row, "object"));
    json_t *note = restarts_find(o->r->restarts, key);

    if (note)
        json_object_set_new(row, "restart", note);
}

static bool is_named_by_pods(const json_t *target)
{
    const json_t *ref = json_object_get(target, "ref");

    return strcmp(jsonx_str(target, "model", NULL), "sidecar") == 0 &&
           kind_is_named_by_pods(jsonx_str(ref, "apiVersion", NULL), jsonx_str(ref, "kind", NULL));
}

/* ---- all of them ---- */

static json_t *observe_target(struct observation *o, const json_t *target, const json_t *invoker)
{
    const json_t *ref = json_object_get(target, "ref");
    const char *namespace = jsonx_str(ref, "namespace", NULL);
    const char *name = jsonx_str(ref, "name", NULL);
    enum kind kind = kind_find(jsonx_str(ref, "apiVersion", NULL), jsonx_str(ref, "kind", NULL));
    json_t *row = json_pack("{s:O, s:n}", "ref", ref, "object");

    if (!name || !*name)
        return row;
    if (is_named_by_pods(target)) {
        observe_named_by_pods(o, row, invoker);
        return row;
    }
    if (kind == KIND_UNKNOWN) {
        json_object_del(row, "object");
        json_object_set_new(json_object_get(o->world, "errors"), "object",
                            json_sprintf("kind %s of %s is not known", jsonx_str(ref, "kind", NULL),
                                         jsonx_str(ref, "apiVersion", NULL)));
        return row;
    }
    json_object_del(row, "object");
    observe_get(o, row, "object", kind, kind_resource(kind)->namespaced ? namespace : NULL, name);
    if (kind_is_workload(kind) && json_is_object(json_object_get(row, "object"))) {
        put_pods(o, row, namespace);
        put_trial(o, row, namespace);
        put_restart(o, row);
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
        json_array_append_new(rows, observe_target(o, target, invoker));
    return rows;
}

/* ---- those of before ---- */

/* In one look, if they are small; the others in the looks that follow. */
#define FORMER_MAX 16

static bool is_among(const json_t *rows, const json_t *pod)
{
    for (size_t i = 0; i < json_array_size(rows); i++)
        if (inject_is_of(pod, jsonx_get(json_array_get(rows, i), "ref", NULL)))
            return true;
    return false;
}

/* The workload that made the pod, as a target; NULL when it is of a kind that we restart nothing of. */
static json_t *target_of_pod(const json_t *pod)
{
    struct inject_workload workload;

    if (inject_workload_of(pod, &workload) != INJECT_DONE ||
        !kind_is_workload(kind_by_name(workload.kind)))
        return NULL;
    return json_pack("{s:s, s:{s:s, s:s, s:s, s:s}}", PAIR("model", "sidecar"),
                     PAIR("ref", PAIR("apiVersion", kind_api_version(kind_by_name(workload.kind))),
                          PAIR("kind", workload.kind), PAIR("name", workload.name),
                          PAIR("namespace", jsonx_namespace(pod))));
}

struct former {
    struct observation *o;
    const json_t *configuration;
    json_t *rows;
};

static bool add_former(void *ctx, json_t *pod)
{
    struct former *former = ctx;
    const json_t *targets = json_object_get(former->o->world, "targets");
    json_auto_t *target =
        is_among(targets, pod) || is_among(former->rows, pod) ? NULL : target_of_pod(pod);

    if (target)
        json_array_append_new(former->rows,
                              observe_target(former->o, target, former->configuration));
    return json_array_size(former->rows) < FORMER_MAX && former->o->weight < LIMIT_LOOK_SMALL / 2;
}

json_t *observe_former_targets(struct observation *o, const json_t *configuration)
{
    AUTO(mem_free)
    char *key = xasprintf("%s/%s", jsonx_namespace(configuration), jsonx_name(configuration));
    struct former former = {o, configuration, json_array()};

    store_each_by_index(o->r->store, kind_resource(KIND_POD),
                        &(struct store_key){INDEX_CARRIED, key, 0}, add_former, &former);
    return former.rows;
}

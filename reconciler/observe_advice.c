/*
 * What the webhook would warn of when an invoker is written, if it could see the workload: here it can be seen. The rules are
 * admission's own; they get a view of what has been read anyway, and of the pods that run as the same account.
 */
#include <string.h>

#include "observe.h"
#include "stash/admit.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/pair.h"

struct advice {
    struct reconciler *r;
    const json_t *rows;
    bool failed;
};

/* The row whose target this is, or NULL. */
static const json_t *row_of(const struct advice *advice, const char *kind, const char *name)
{
    for (size_t i = 0; i < json_array_size(advice->rows); i++) {
        const json_t *row = json_array_get(advice->rows, i);
        const char *its_kind = jsonx_str(row, "ref", "kind", NULL);
        const char *its_name = jsonx_str(row, "ref", "name", NULL);
        if (its_kind && its_name && strcmp(its_kind, kind) == 0 && strcmp(its_name, name) == 0)
            return row;
    }
    return NULL;
}

static json_t *view_get(void *ctx, enum kind kind, const char *namespace, const char *name)
{
    const json_t *row = row_of(ctx, kind_resource(kind)->kind, name);
    const json_t *object = jsonx_get(row, "object", NULL);
    const char *in = jsonx_namespace(object);

    return in && namespace && strcmp(in, namespace) == 0 ? json_incref(jsonx_unconst(object))
                                                         : NULL;
}

/* NOLINTNEXTLINE(bugprone-easily-swappable-parameters): as the interface has them */
static void view_each_invoker(void *ctx, const char *kind, const char *namespace, const char *name,
                              snapshot_each_fn each, void *arg)
{
    const struct snapshot *view = &((struct advice *)ctx)->r->view;

    view->each_invoker(view->ctx, kind, namespace, name, each, arg);
}

/* ---- whoever runs as the same account ---------------------------------------------------------------------------- */

/* As a workload with this template, whoever made the pod. */
static json_t *workload_of(const json_t *pod)
{
    const json_t *owner = json_array_get(jsonx_get(pod, "metadata", "ownerReferences", NULL), 0);
    const char *kind = jsonx_str(owner, "kind", NULL), *name = jsonx_str(owner, "name", NULL);
    struct inject_workload workload;

    if (inject_workload_of(pod, &workload) == INJECT_DONE) {
        kind = workload.kind;
        name = workload.name;
    }
    return json_pack("{s:s, s:{s:s*}, s:{s:{s:O*}}}", PAIR("kind", kind ? kind : "Pod"),
                     PAIR("metadata", PAIR("name", name ? name : jsonx_name(pod))),
                     PAIR("spec", PAIR("template", PAIR("spec", jsonx_get(pod, "spec", NULL)))));
}

static void show_sharers(struct advice *advice, const json_t *row, snapshot_each_fn each, void *arg)
{
    const char *account =
        jsonx_str(row, "object", "spec", "template", "spec", "serviceAccountName", NULL);
    AUTO(mem_free) char *field = xasprintf("spec.serviceAccountName=%s", account ? account : "");
    const struct kube_selector selector = {
        .field = field, .trim = observe_trim_pod, .max_weight = LIMIT_LOOK};
    json_auto_t *pods = NULL;
    struct error ignored; /* the next look says it */

    if (!account || strcmp(account, "default") == 0)
        return;
    if (kube_list(advice->r->kube, kind_resource(KIND_POD),
                  jsonx_str(row, "ref", "namespace", NULL), &selector, &pods, &ignored) < 0)
        advice->failed = true;
    for (size_t i = 0; i < json_array_size(pods); i++) {
        const json_t *pod = json_array_get(pods, i);
        json_auto_t *workload =
            inject_is_of(pod, json_object_get(row, "ref")) ? NULL : workload_of(pod);
        if (workload && !each(arg, workload))
            return;
    }
}

/* The rules ask for the workloads of each kind: all that there are come with the first. */
static void view_each(void *ctx, enum kind kind, const char *namespace, snapshot_each_fn each,
                      void *arg)
{
    struct advice *advice = ctx;

    (void)namespace;
    for (size_t i = 0; kind == KIND_DEPLOYMENT && i < json_array_size(advice->rows); i++)
        show_sharers(advice, json_array_get(advice->rows, i), each, arg);
}

/* ------------------------------------------------------------------------------------------------------------------ */

/* Every target can be seen, or is of no concern here. */
static bool is_seen(const json_t *rows)
{
    for (size_t i = 0; i < json_array_size(rows); i++)
        if (!json_is_object(jsonx_get(json_array_get(rows, i), "object", NULL)))
            return false;
    return true;
}

void observe_advice(struct observation *o, const json_t *invoker)
{
    struct advice advice = {.r = o->r, .rows = json_object_get(o->world, "targets")};
    const struct snapshot view = {
        .ctx = &advice, .get = view_get, .each = view_each, .each_invoker = view_each_invoker};
    const struct admit_request request = {
        .kind = kind_by_name(jsonx_str(invoker, "kind", NULL)),
        .operation = OPERATION_CREATE,
        .namespace = jsonx_namespace(invoker),
        .object = invoker,
        .snapshot = &view,
    };
    AUTO(warnings_done) struct warnings warnings = {0};

    if (!is_seen(advice.rows))
        return;
    admit_advise(&request, &warnings);
    json_t *sentences = json_array();
    for (size_t i = 0; i < warnings.count; i++)
        json_array_append_new(sentences, json_string(warnings.items[i]));
    if (advice.failed)
        json_decref(sentences);
    else
        json_object_set_new(o->world, "advice", sentences);
}

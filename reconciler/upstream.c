/*
 * Two operators that both drive the same objects would back everything up twice and fight over sidecars: as long as a
 * live upstream Stash operator is in the cluster, this one does not work, and says so. When it is gone, what it left in
 * the templates of workloads that nothing targets is taken out.
 */
#include <string.h>

#include "room.h"
#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/log.h"
#include "stash/plan.h"

#define UPSTREAM_LABEL                                                                             \
    "app.kubernetes.io/name in (stash,stash-community,stash-enterprise,stash-operator)"

/* The operator runs the subcommand "run" of an image called stash…; anything else with that label is not it. */
static bool is_operator(const json_t *container)
{
    const char *image = jsonx_str(container, "image", NULL);
    const char *name = image ? strrchr(image, '/') : NULL;
    const char *first = json_string_value(json_array_get(jsonx_get(container, "args", NULL), 0));

    return name && strncmp(name, "/stash", 6) == 0 && first && strcmp(first, "run") == 0;
}

static bool is_live_operator(const json_t *deployment)
{
    const json_t *containers =
        jsonx_get(deployment, "spec", "template", "spec", "containers", NULL);

    if (jsonx_int(deployment, 1, "spec", "replicas", NULL) == 0)
        return false;
    for (size_t i = 0; i < json_array_size(containers); i++)
        if (is_operator(json_array_get(containers, i)))
            return true;
    return false;
}

static int find_operator(struct reconciler *r, json_t **ret, struct error *err)
{
    const struct kube_selector selector = {.label = UPSTREAM_LABEL};
    json_auto_t *found = NULL;
    int failed = kube_list(r->kube, kind_resource(KIND_DEPLOYMENT), NULL, &selector, &found, err);

    if (failed < 0)
        return failed;
    *ret = NULL;
    for (size_t i = 0; i < json_array_size(found) && !*ret; i++) {
        if (is_live_operator(json_array_get(found, i)))
            *ret = json_incref(json_array_get(found, i));
    }
    return 0;
}

static void send_event(struct reconciler *r, const json_t *about, const char *message)
{
    const struct kube_event event = {.object = about,
                                     .component = "stash-reconciler",
                                     .reason = "UpstreamOperatorRunning",
                                     .message = message,
                                     .warning = true};
    struct error err;

    if (about && kube_event(r->kube, &event, &err) < 0)
        log_warn("event not sent", "reason", event.reason, "error", err.msg);
}

/* Whoever looks at either operator's Deployment finds out. */
static void tell(struct reconciler *r, const json_t *deployment)
{
    AUTO(mem_free)
    char *message = xasprintf(
        "Deployment %s/%s is a running Stash operator. Two of them would back everything up "
        "twice: this one does nothing until that one is scaled to 0 replicas",
        jsonx_namespace(deployment), jsonx_name(deployment));
    json_auto_t *own = NULL;
    struct error ignored;

    log_error("held", "reason", message);
    send_event(r, deployment, message);
    if (kube_get_metadata(r->kube, kind_resource(KIND_DEPLOYMENT), r->config->namespace,
                          "stash-reconciler", &own, &ignored) == 0)
        send_event(r, own, message);
}

void upstream_check(struct reconciler *r)
{
    json_auto_t *deployment = NULL;
    struct error err;

    if (find_operator(r, &deployment, &err) < 0) {
        log_warn("looking for an upstream operator", "error", err.msg);
        return; /* held or not, as before, until we know better */
    }
    if (deployment && !r->told_of_upstream)
        tell(r, deployment);
    if (!deployment && r->told_of_upstream)
        log_info("the upstream operator is gone");
    r->told_of_upstream = deployment != NULL;
    atomic_store(&r->held, deployment != NULL);
}

/* ---- what it left behind ------------------------------------------------------------------------------------------ */

static bool has_leftover(const json_t *workload)
{
    json_auto_t *patch = plan_leftover(workload, 0);

    return patch != NULL;
}

/* Targets are their invokers' business. */
static bool is_target(struct reconciler *r, const json_t *workload)
{
    json_auto_t *invokers = r->view.invokers(r, jsonx_str(workload, "kind", NULL),
                                             jsonx_namespace(workload), jsonx_name(workload));

    return json_array_size(invokers) > 0;
}

static int clean_workload(struct reconciler *r, enum kind kind, const json_t *workload,
                          struct error *err)
{
    const struct kube_write options = {.field_manager = FIELD_MANAGER};
    json_auto_t *patch = plan_leftover(workload, clock_now());

    if (is_target(r, workload))
        return 0;
    log_info("taking an upstream sidecar out of a workload that nothing targets", "kind",
             jsonx_str(workload, "kind", NULL), "namespace", jsonx_namespace(workload), "name",
             jsonx_name(workload));
    return kube_patch(r->kube, kind_resource(kind), jsonx_namespace(workload), jsonx_name(workload),
                      KUBE_PATCH_MERGE, patch, &options, NULL, err);
}

int upstream_clean(struct reconciler *r, struct error *err)
{
    static const enum kind kinds[] = {KIND_DEPLOYMENT, KIND_STATEFUL_SET, KIND_DAEMON_SET};
    const struct kube_selector selector = {.keep = has_leftover};
    int result = 0;

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        json_auto_t *found = NULL;
        int failed = kube_list(r->kube, kind_resource(kinds[i]), NULL, &selector, &found, err);

        for (size_t w = 0; failed == 0 && w < json_array_size(found); w++)
            failed = clean_workload(r, kinds[i], json_array_get(found, w), err);
        if (failed < 0)
            result = failed;
    }
    return result;
}

/*
 * Two operators that both drive the same objects would back everything up twice and fight over sidecars: as long as a
 * live upstream Stash operator is in the cluster, this one does not work, and says so. When it is gone, what it left in
 * the templates of workloads that nothing targets is taken out.
 *
 * Anybody may write a Deployment that looks like that operator. It is one only if its account could act like one: if it
 * may write the status of sessions in every namespace. The API server knows that best.
 */
#include <string.h>

#include "room.h"
#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/log.h"
#include "stash/names.h"
#include "stash/pair.h"
#include "stash/plan.h"

/* Of as many accounts the rights are asked for in one round. */
#define ACCOUNTS_MAX 100

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

static bool is_live_operator(void *ctx, const json_t *deployment)
{
    (void)ctx;
    const json_t *containers =
        jsonx_get(deployment, "spec", "template", "spec", "containers", NULL);

    if (jsonx_int(deployment, 1, "spec", "replicas", NULL) == 0)
        return false;
    for (size_t i = 0; i < json_array_size(containers); i++)
        if (is_operator(json_array_get(containers, i)))
            return true;
    return false;
}

static json_t *access_review(const char *namespace, const char *account)
{
    return json_pack(
        "{s:s, s:s, s:{s:o, s:[s, o, s], s:{s:s, s:s, s:s, s:s}}}",
        PAIR("apiVersion", "authorization.k8s.io/v1"), PAIR("kind", "SubjectAccessReview"),
        PAIR("spec", PAIR("user", json_sprintf("system:serviceaccount:%s:%s", namespace, account)),
             PAIR("groups", "system:serviceaccounts",
                  json_sprintf("system:serviceaccounts:%s", namespace), "system:authenticated"),
             PAIR("resourceAttributes", PAIR("group", STASH_GROUP),
                  PAIR("resource", "backupsessions"), PAIR("subresource", "status"),
                  PAIR("verb", "patch"))));
}

/* "namespace/account" -> whether it could act, of those that were asked for in this round. */
static int can_act(struct reconciler *r, const json_t *deployment, json_t *known, bool *ret,
                   struct error *err)
{
    static const struct resource reviews = {"SubjectAccessReview", "authorization.k8s.io", "v1",
                                            "subjectaccessreviews", false};
    const char *namespace = jsonx_namespace(deployment);
    const char *named =
        jsonx_str(deployment, "spec", "template", "spec", "serviceAccountName", NULL);
    const char *account = named && *named ? named : "default";
    AUTO(mem_free) char *key = xasprintf("%s/%s", namespace, account);
    json_auto_t *answer = NULL;

    *ret = false;
    if (json_object_get(known, key) || json_object_size(known) >= ACCOUNTS_MAX)
        return 0;
    json_auto_t *review = access_review(namespace, account);
    int failed = kube_create(r->kube, &reviews, review, NULL, &answer, err);
    if (failed < 0 && failed != -ERR_DENIED)
        return error_wrap(err, "asking for the rights of ServiceAccount %s", key);
    json_object_set_new(known, key, json_null());
    /* we may not ask: then it is safer to believe what it looks like */
    *ret = failed < 0 || jsonx_bool(answer, false, "status", "allowed", NULL);
    return 0;
}

static int find_operator(struct reconciler *r, json_t **ret, struct error *err)
{
    const struct kube_selector selector = {
        .label = UPSTREAM_LABEL, .keep = is_live_operator, .max_weight = LIMIT_LOOK};
    json_auto_t *known = json_object();
    json_auto_t *found = NULL;
    int failed = kube_list(r->kube, kind_resource(KIND_DEPLOYMENT), NULL, &selector, &found, err);

    *ret = NULL;
    for (size_t i = 0; failed == 0 && i < json_array_size(found) && !*ret; i++) {
        bool acts = false;
        failed = can_act(r, json_array_get(found, i), known, &acts, err);
        if (failed == 0 && acts)
            *ret = json_incref(json_array_get(found, i));
    }
    return failed;
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
static void upstream_tell(struct reconciler *r, const json_t *deployment)
{
    AUTO(mem_free)
    char *message = xasprintf(
        "Deployment %s/%s is a running Stash operator, with rights in every namespace. Two of them "
        "would back everything up twice: this one does nothing until that one is scaled to 0 "
        "replicas, or stash-reconciler is started with --ignore-upstream",
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

    if (r->config->ignore_upstream) {
        atomic_store(&r->held, false);
        return;
    }
    if (find_operator(r, &deployment, &err) < 0) {
        log_warn("looking for an upstream operator", "error", err.msg);
        if (err.kind == ERR_LIMIT) /* no real one hides in so many: somebody fills the list */
            atomic_store(&r->held, false);
        return; /* held or not, as before, until we know better */
    }
    if (deployment && !r->told_of_upstream)
        upstream_tell(r, deployment);
    if (!deployment && r->told_of_upstream)
        log_info("the upstream operator is gone");
    r->told_of_upstream = deployment != NULL;
    atomic_store(&r->held, deployment != NULL);
}

/* ---- what it left behind ------------------------------------------------------------------------------------------ */

static bool has_leftover(void *ctx, const json_t *workload)
{
    (void)ctx;
    json_auto_t *patch = plan_leftover(workload, 0);

    return patch != NULL;
}

static bool note_one(void *found, json_t *invoker)
{
    (void)invoker;
    *(bool *)found = true;
    return false;
}

/* Targets are their invokers' business, also of those that cannot be read. */
static bool is_target(struct reconciler *r, const json_t *workload)
{
    const char *namespace = jsonx_namespace(workload);
    json_auto_t *backups =
        store_unread(r->store, kind_resource(KIND_BACKUP_CONFIGURATION), namespace);
    json_auto_t *restores = store_unread(r->store, kind_resource(KIND_RESTORE_SESSION), namespace);
    if (json_array_size(backups) + json_array_size(restores) > 0)
        return true;
    json_auto_t *ref =
        json_pack("{s:s*, s:s*, s:s*}", PAIR("kind", jsonx_str(workload, "kind", NULL)),
                  PAIR("namespace", jsonx_namespace(workload)), PAIR("name", jsonx_name(workload)));
    bool is_targeted = false;
    view_targeting(r, ref, note_one, &is_targeted);
    return is_targeted;
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
    const struct kube_selector selector = {.keep = has_leftover, .max_weight = LIMIT_LOOK};
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

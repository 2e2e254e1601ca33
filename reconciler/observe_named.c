/*
 * Targets of kinds that are not read here: what there is to know of them, their pods tell. The template of one is seen
 * only where a controller that we may read says that it could not make a pod.
 */
#include <string.h>

#include "observe.h"
#include "stash/conditions.h"
#include "stash/jsonx.h"
#include "stash/names.h"
#include "stash/plan.h"
#include "stash/timefmt.h"

/* A controller that could not make a pod tries again, and says so again, which wakes us: what it said long ago is over. */
#define REFUSAL_SECONDS 120

/* Of the objects that said so in one namespace, how many are asked for their template. */
#define ASKED_MAX 32

/* What the plans read of a workload, as far as a pod of it tells. */
static json_t *workload_by_pod(const json_t *ref, const json_t *pod)
{
    return json_pack("{s:O, s:O, s:{s:O, s:O}, s:{s:{s:{s:O*}}}}", "apiVersion",
                     json_object_get(ref, "apiVersion"), "kind", json_object_get(ref, "kind"),
                     "metadata", "name", json_object_get(ref, "name"), "namespace",
                     json_object_get(ref, "namespace"), "spec", "template", "spec",
                     "serviceAccountName", jsonx_get(pod, "spec", "serviceAccountName", NULL));
}

/* ---- a pod that could not be made -------------------------------------------------------------------------------- */

static int64_t last_time(const json_t *event)
{
    const char *text = jsonx_str(event, "series", "lastObservedTime", NULL);
    int64_t time = 0;

    text = text ? text : jsonx_str(event, "lastTimestamp", NULL);
    text = text ? text : jsonx_str(event, "eventTime", NULL);
    return text && timefmt_parse(text, &time) ? time : 0;
}

/* Those that make pods, and that we may read. */
static enum kind maker_kind(const json_t *about)
{
    enum kind kind =
        kind_find(jsonx_str(about, "apiVersion", NULL), jsonx_str(about, "kind", NULL));

    return kind == KIND_JOB || (kind_is_workload(kind) && kind != KIND_DEPLOYMENT_CONFIG)
               ? kind
               : KIND_UNKNOWN;
}

static bool is_news(const struct observation *o, const json_t *event)
{
    const char *reason = jsonx_str(event, "reason", NULL);

    return reason && strcmp(reason, "FailedCreate") == 0 &&
           last_time(event) > jsonx_int(o->world, 0, "now", NULL) - REFUSAL_SECONDS &&
           maker_kind(json_object_get(event, "involvedObject")) != KIND_UNKNOWN;
}

/* The pod of this controller if it is of the target, else NULL. */
static json_t *pod_of_maker(struct observation *o, const json_t *about, const json_t *ref)
{
    json_auto_t *maker = NULL;
    struct error ignored; /* it is gone, perhaps: so is what it wanted */
    int r =
        kube_get(o->r->kube, kind_resource(maker_kind(about)), jsonx_str(about, "namespace", NULL),
                 jsonx_str(about, "name", NULL), &maker, &ignored);
    json_auto_t *pod = r == 0 ? inject_template_pod(maker) : NULL;

    return pod && inject_is_of(pod, ref) ? TAKE(pod) : NULL;
}

static json_t *refused_pod(struct observation *o, const json_t *ref)
{
    json_auto_t *events = store_by_index(o->r->store, kind_resource(KIND_EVENT), INDEX_PLACE,
                                         jsonx_str(ref, "namespace", NULL));
    json_auto_t *asked = json_object();
    json_t *pod = NULL;

    for (size_t i = 0; i < json_array_size(events) && !pod; i++) {
        const json_t *event = json_array_get(events, i);
        const json_t *about = json_object_get(event, "involvedObject");
        const char *uid = jsonx_str(about, "uid", NULL);
        if (!uid || !is_news(o, event) || json_object_get(asked, uid) ||
            json_object_size(asked) >= ASKED_MAX)
            continue;
        json_object_set_new(asked, uid, json_true());
        pod = pod_of_maker(o, about, ref);
    }
    return pod;
}

/* ---- a pod that is there ----------------------------------------------------------------------------------------- */

static bool is_newer(const json_t *pod, const json_t *other)
{
    const char *time = jsonx_str(pod, "metadata", "creationTimestamp", NULL);
    const char *than = jsonx_str(other, "metadata", "creationTimestamp", NULL);

    return !other || (time && than && strcmp(time, than) > 0);
}

/* The newest of them, as it would be made anew. */
static json_t *next_pod(const json_t *pods, const json_t *ref)
{
    const json_t *newest = NULL;

    for (size_t i = 0; i < json_array_size(pods); i++) {
        const json_t *pod = json_array_get(pods, i);
        if (inject_is_of(pod, ref) && is_newer(pod, newest))
            newest = pod;
    }
    return newest ? inject_next_pod(newest) : NULL;
}

static bool names_a_target(void *ctx, const json_t *pod)
{
    (void)ctx;
    return jsonx_annotation(pod, ANNOTATION_TARGET) != NULL;
}

/* Pods that were left alone carry no label of ours: they are asked for, while that lasts. */
static json_t *bare_pod(struct observation *o, const json_t *ref)
{
    const struct kube_selector selector = {.keep = names_a_target};
    json_auto_t *pods = NULL;
    struct error ignored; /* the next look is soon */

    if (kube_list(o->r->kube, kind_resource(KIND_POD), jsonx_str(ref, "namespace", NULL), &selector,
                  &pods, &ignored) < 0)
        return NULL;
    return next_pod(pods, ref);
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

static bool is_refused(const json_t *invoker)
{
    return condition_is_true(jsonx_get(invoker, "status", "conditions", NULL),
                             CONDITION_PODS_REFUSED);
}

/* What a dry run may try: the pod that was refused, else one like the newest. */
static void put_trial(struct observation *o, json_t *row, const json_t *invoker)
{
    const json_t *ref = json_object_get(row, "ref");
    json_t *pod = refused_pod(o, ref);

    if (pod)
        json_object_set_new(row, "refused", json_true());
    else if (is_refused(invoker))
        pod = bare_pod(o, ref);
    else
        pod = next_pod(json_object_get(row, "pods"), ref);
    if (!pod)
        return;
    observe_expected(o, row, pod, jsonx_str(ref, "namespace", NULL));
    json_object_set_new(row, "dryRunPod", pod);
}

/* Pods that were injected are watched: none of the others is asked for, however many there are. */
void observe_named_by_pods(struct observation *o, json_t *row, const json_t *invoker)
{
    const json_t *ref = json_object_get(row, "ref");
    const char *namespace = jsonx_str(ref, "namespace", NULL);
    AUTO(mem_free)
    char *key =
        snapshot_target_key(jsonx_str(ref, "kind", NULL), namespace, jsonx_str(ref, "name", NULL));
    json_t *pods = store_by_index(o->r->store, kind_resource(KIND_POD), INDEX_TARGET, key);

    json_object_set_new(row, "pods", pods);
    if (json_array_size(pods) > 0) {
        json_object_set_new(row, "object", workload_by_pod(ref, json_array_get(pods, 0)));
        observe_expected(o, row, json_array_get(pods, 0), namespace);
    }
    if (json_object_get(o->world, "object") == invoker) /* its sessions try nothing out */
        put_trial(o, row, invoker);
}

/*
 * Targets of kinds that are not read here: what there is to know of them, their pods tell. The template of one is seen
 * only where a controller that we may read says that it could not make a pod.
 */
#include <string.h>

#include "observe.h"
#include "stash/conditions.h"
#include "stash/jsonx.h"
#include "stash/names.h"
#include "stash/pair.h"
#include "stash/plan.h"
#include "stash/timefmt.h"

/* A controller that could not make a pod tries again, and says so again, which wakes us: what it said long ago is over. */
#define REFUSAL_SECONDS 120

/* Of the objects that said so in one namespace, how many are asked for their template. */
#define ASKED_MAX 32

/* What the plans read of a workload, as far as a pod of it tells. */
static json_t *workload_by_pod(const json_t *ref, const json_t *pod)
{
    return json_pack(
        "{s:O, s:O, s:{s:O, s:O}, s:{s:{s:{s:O*}}}}",
        PAIR("apiVersion", json_object_get(ref, "apiVersion")),
        PAIR("kind", json_object_get(ref, "kind")),
        PAIR("metadata", PAIR("name", json_object_get(ref, "name")),
             PAIR("namespace", json_object_get(ref, "namespace"))),
        PAIR("spec", PAIR("template",
                          PAIR("spec", PAIR("serviceAccountName",
                                            jsonx_get(pod, "spec", "serviceAccountName", NULL))))));
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

struct inquiry {
    struct observation *o;
    const json_t *ref;
    json_t *asked; /* {uid: true} */
    json_t *pod;   /* that was found */
};

static bool ask_maker(void *ctx, json_t *event)
{
    struct inquiry *inquiry = ctx;
    const json_t *about = json_object_get(event, "involvedObject");
    const char *uid = jsonx_str(about, "uid", NULL);

    if (!uid || !is_news(inquiry->o, event) || json_object_get(inquiry->asked, uid))
        return true;
    json_object_set_new(inquiry->asked, uid, json_true());
    inquiry->pod = pod_of_maker(inquiry->o, about, inquiry->ref);
    return !inquiry->pod && json_object_size(inquiry->asked) < ASKED_MAX;
}

/* Events are looked at one after the other: a namespace may have tens of thousands. */
static json_t *refused_pod(struct observation *o, const json_t *ref)
{
    json_auto_t *asked = json_object();
    struct inquiry inquiry = {o, ref, asked, NULL};
    const struct store_key where = {INDEX_PLACE, jsonx_str(ref, "namespace", NULL), 0};

    store_each_by_index(o->r->store, kind_resource(KIND_EVENT), &where, ask_maker, &inquiry);
    return inquiry.pod;
}

/* ---- a pod that is there ----------------------------------------------------------------------------------------- */

static bool is_newer(const json_t *pod, const json_t *other)
{
    const char *time = jsonx_str(pod, "metadata", "creationTimestamp", NULL);
    const char *than = jsonx_str(other, "metadata", "creationTimestamp", NULL);

    return !other || (time && than && strcmp(time, than) > 0);
}

/* Of the pods of a target the newest, whole, and of all of them what is kept. */
struct looking {
    struct observation *o;
    const json_t *ref;
    json_t *newest;
    json_t *pods; /* NULL: none is kept */
};

static void looking_done(struct looking *looking)
{
    json_decref(looking->newest);
    json_decref(looking->pods);
}
DEFINE_AUTO_VALUE(struct looking, looking_done);

static void note_newest(struct looking *looking, const json_t *pod)
{
    if (!inject_is_of(pod, looking->ref) || !is_newer(pod, looking->newest))
        return;
    json_decref(looking->newest);
    looking->newest = json_incref(jsonx_unconst(pod));
}

/* As it would be made anew. */
static json_t *next_pod(const struct looking *looking)
{
    return looking->newest ? inject_next_pod(looking->newest) : NULL;
}

static bool look_and_drop(void *looking, const json_t *pod)
{
    if (jsonx_annotation(pod, ANNOTATION_TARGET))
        note_newest(looking, pod);
    return false;
}

/* Pods that were left alone carry no label of ours: they are asked for, while that lasts. */
static json_t *bare_pod(struct observation *o, const json_t *ref)
{
    AUTO(looking_done) struct looking looking = {.o = o, .ref = ref};
    const struct kube_selector selector = {.keep = look_and_drop, .ctx = &looking};
    json_auto_t *none = NULL;
    struct error ignored; /* the next look is soon */

    if (kube_list(o->r->kube, kind_resource(KIND_POD), jsonx_str(ref, "namespace", NULL), &selector,
                  &none, &ignored) < 0)
        return NULL;
    return next_pod(&looking);
}

static bool look_and_keep(void *ctx, json_t *pod)
{
    struct looking *looking = ctx;
    json_auto_t *trimmed = json_copy(pod);

    note_newest(looking, pod);
    observe_trim_pod(trimmed);
    json_array_append(looking->pods, trimmed);
    return observe_fits(looking->o, trimmed);
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

static bool is_refused(const json_t *invoker)
{
    return condition_is_true(jsonx_get(invoker, "status", "conditions", NULL),
                             CONDITION_PODS_REFUSED);
}

/* What a dry run may try: the pod that was refused, else one like the newest. */
static void put_trial(struct observation *o, json_t *row, const json_t *invoker,
                      const struct looking *looking)
{
    const json_t *ref = json_object_get(row, "ref");
    json_t *pod = refused_pod(o, ref);

    if (pod)
        json_object_set_new(row, "refused", json_true());
    else if (is_refused(invoker))
        pod = bare_pod(o, ref);
    else
        pod = next_pod(looking);
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
    AUTO(looking_done) struct looking looking = {o, ref, NULL, json_array()};

    store_each_by_index(o->r->store, kind_resource(KIND_POD),
                        &(struct store_key){INDEX_TARGET, key, 0}, look_and_keep, &looking);
    json_object_set(row, "pods", looking.pods);
    if (looking.newest) {
        json_object_set_new(row, "object", workload_by_pod(ref, looking.newest));
        observe_expected(o, row, looking.newest, namespace);
    }
    if (json_object_get(o->world, "object") == invoker) /* its sessions try nothing out */
        put_trial(o, row, invoker, &looking);
}

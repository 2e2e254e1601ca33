/* The flow: who controls the pod, who asks for what, can it be done, and the pod with it done. */
#include "stash/inject.h"

#include <stdio.h>
#include <string.h>

#include "hash.h"
#include "parts.h"
#include "stash/buf.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/names.h"
#include "stash/protocol.h"

static bool is_built(const struct part *part)
{
    return part->recipe && part->refusal.reason == INJECT_DONE;
}

static bool is_refused(const struct part *part)
{
    return part->recipe && part->refusal.reason != INJECT_DONE;
}

static bool lacks_pod(const struct part *part)
{
    return part->recipe && part->refusal.reason == INJECT_CUT;
}

static bool is_wanted(const struct part *part)
{
    return part->recipe != NULL;
}

static const struct part *part_first(const struct part parts[PART_COUNT],
                                     bool (*is)(const struct part *part))
{
    for (size_t i = 0; i < PART_COUNT; i++)
        if (is(&parts[i]))
            return &parts[i];
    return NULL;
}

/* ---- whether at all ---- */

static bool label_opts_out(const json_t *object)
{
    const char *value = jsonx_label(object, LABEL_INJECT);

    return value && strcmp(value, "false") == 0;
}

static json_t *namespace_get(const char *name, const struct snapshot *snapshot)
{
    return snapshot->get(snapshot->ctx, KIND_NAMESPACE, NULL, name);
}

static bool is_opted_out(const json_t *pod, const json_t *namespace)
{
    return label_opts_out(pod) || label_opts_out(namespace);
}

enum inject_reason inject_glance(const json_t *pod, const char *namespace,
                                 const struct snapshot *snapshot)
{
    struct inject_workload workload;
    enum inject_reason reason = inject_workload_of(pod, &workload);

    if (reason == INJECT_NO_CONTROLLER)
        return reason;
    json_auto_t *object = namespace_get(namespace, snapshot);
    if (is_opted_out(pod, object))
        return INJECT_OPTED_OUT;
    if (reason == INJECT_BAD_TARGET)
        return INJECT_DONE; /* it is annotated with the reason */
    return snapshot->has_invoker(snapshot->ctx, workload.kind, namespace, workload.name)
               ? INJECT_DONE
               : INJECT_NOT_TARGETED;
}

/* ---- what the annotations say ---- */

static void separator_add(struct buf *text)
{
    if (text->len)
        buf_adds(text, "; ");
}

/* "backup web-backup; restore web-restore; not used: backup web-other" */
static char *injection_text(const struct part parts[PART_COUNT])
{
    struct buf text;

    buf_init(&text, LIMIT_STATUS_TEXT);
    for (size_t i = 0; i < PART_COUNT; i++) {
        if (!is_built(&parts[i]))
            continue;
        separator_add(&text);
        buf_adds(&text, parts[i].recipe->row->verb);
        buf_addc(&text, ' ');
        buf_adds(&text, jsonx_name(parts[i].recipe->invoker));
    }
    for (size_t i = 0; i < PART_COUNT; i++) {
        if (!is_built(&parts[i]) || !parts[i].losers)
            continue;
        separator_add(&text);
        buf_addf(&text, "not used: %s %s", parts[i].recipe->row->verb, parts[i].losers);
        if (parts[i].lost > LOSERS_NAMED)
            buf_addf(&text, " and %zu more", parts[i].lost - LOSERS_NAMED);
    }
    return buf_take(&text);
}

/* "backup web-backup: the pod has no volume of that name (\"data\")" */
static char *refusal_text(const struct part parts[PART_COUNT])
{
    struct buf text;

    buf_init(&text, LIMIT_STATUS_TEXT);
    for (size_t i = 0; i < PART_COUNT; i++) {
        if (!is_refused(&parts[i]))
            continue;
        separator_add(&text);
        buf_addf(&text, "%s %s: %s", parts[i].recipe->row->verb,
                 jsonx_name(parts[i].recipe->invoker), inject_reason_text(parts[i].refusal.reason));
        if (parts[i].refusal.detail[0])
            buf_addf(&text, " (%s)", parts[i].refusal.detail);
    }
    return buf_take(&text);
}

static void pod_annotate(json_t *metadata, const char *key, const char *value)
{
    json_object_set_new(jsonx_own(metadata, "annotations"), key, json_string(value));
}

static void refusals_annotate(json_t *metadata, const struct part parts[PART_COUNT])
{
    AUTO(mem_free) char *refusals = refusal_text(parts);

    if (*refusals)
        pod_annotate(metadata, ANNOTATION_NOT_INJECTED, refusals);
}

static void metadata_edit(json_t *metadata, const struct part parts[PART_COUNT])
{
    AUTO(mem_free) char *injection = injection_text(parts);
    char hash[2 * HASH_HALF + 1], protocol[16];

    parts_hash(parts, is_built, hash);
    snprintf(protocol, sizeof(protocol), "%d", AGENT_PROTOCOL);
    pod_annotate(metadata, ANNOTATION_INJECTION, injection);
    pod_annotate(metadata, ANNOTATION_INJECTED_HASH, hash);
    pod_annotate(metadata, ANNOTATION_AGENT_PROTOCOL, protocol);
    evict_annotate(metadata, parts);
    json_object_set_new(jsonx_own(metadata, "labels"), LABEL_INJECTED, json_string("true"));
}

/* The API server refuses a pod whose annotations are too much together. */
static bool annotations_fit(const json_t *pod)
{
    return jsonx_map_size(jsonx_get(pod, "metadata", "annotations", NULL)) <= LIMIT_ANNOTATIONS;
}

static size_t text_size(const json_t *value)
{
    return json_dumpb(value, NULL, 0, JSON_COMPACT | JSON_ENCODE_ANY);
}

/* No dry run finds this out: it stores nothing. Half of it is room for whatever can be asked for. */
static bool size_fits(const struct inject_request *request, const struct part parts[PART_COUNT])
{
    size_t size = request->size;

    if (size < LIMIT_POD / 2)
        return true;
    for (size_t i = 0; i < PART_COUNT; i++)
        if (is_built(&parts[i]))
            size += text_size(parts[i].container) + text_size(parts[i].recipe->volumes);
    return size <= LIMIT_POD;
}

/* ---- the pod ---- */

/* Added, never replaced: the user's own stay. */
static void pull_secrets_add(json_t *spec, const json_t *names)
{
    json_t *secrets = json_array_size(names) ? jsonx_own_array(spec, "imagePullSecrets") : NULL;

    for (size_t i = 0; i < json_array_size(names); i++) {
        const char *name = json_string_value(json_array_get(names, i));
        if (name && jsonx_find(secrets, "name", name) < 0)
            json_array_append_new(secrets, json_pack("{ss}", "name", name));
    }
}

/* The sidecar comes last in its list; the restore comes before whatever else prepares the pod. */
static void spec_edit(json_t *spec, const struct site *site, const struct part parts[PART_COUNT])
{
    const struct part *backup = &parts[PART_BACKUP], *restore = &parts[PART_RESTORE];

    if (is_built(backup)) {
        const char *list = part_is_init(site, backup) ? "initContainers" : "containers";
        json_array_append_new(jsonx_own_array(spec, list), json_incref(backup->container));
    }
    if (is_built(restore)) {
        json_t *list = jsonx_own_array(spec, "initContainers");
        json_array_insert_new(list, mesh_restore_index(list), json_incref(restore->container));
    }
    build_add_volumes(jsonx_own_array(spec, "volumes"), parts);
    pull_secrets_add(spec, site->config->image_pull_secrets);
}

/* With nothing to build, only the reason is added to the pod as it came. */
static json_t *pod_build(const struct site *site, const struct part parts[PART_COUNT],
                         const json_t *original)
{
    bool builds = part_first(parts, is_built) != NULL;
    json_t *pod = json_copy(jsonx_unconst(builds ? site->pod : original));
    json_t *metadata = jsonx_own(pod, "metadata");

    if (builds) {
        spec_edit(jsonx_own(pod, "spec"), site, parts);
        metadata_edit(metadata, parts);
    }
    refusals_annotate(metadata, parts);
    return pod;
}

static void parts_check(const struct site *site, struct part parts[PART_COUNT])
{
    for (size_t i = 0; i < PART_COUNT; i++)
        part_check(site, &parts[i]);
}

static void result_fill(const json_t *original, json_t *pod, const struct part parts[PART_COUNT],
                        struct inject_result *ret)
{
    const struct part *refused = part_first(parts, is_refused);
    bool same = json_equal(original, pod);
    AUTO(mem_free) char *text = refused ? refusal_text(parts) : injection_text(parts);

    ret->reason = refused ? refused->refusal.reason : same ? INJECT_ALREADY : INJECT_DONE;
    snprintf(ret->detail, sizeof(ret->detail), "%s", text);
    jsonx_repair_text(ret->detail); /* a character may have been cut in two */
    if (same)
        return;
    json_decref(ret->pod);
    ret->pod = json_incref(pod);
}

static void site_inject(struct site *site, const struct inject_request *request,
                        struct inject_result *ret)
{
    AUTO(parts_done) struct part parts[PART_COUNT] = {0};

    parts_choose(site, parts);
    if (!part_first(parts, is_wanted)) {
        ret->reason = INJECT_NOT_TARGETED;
        return;
    }
    json_auto_t *bare = ours_strip(request->pod);
    site->pod = bare;
    parts_check(site, parts);
    if (part_first(parts, lacks_pod)) {
        ret->reason = INJECT_CUT;
        return;
    }
    json_auto_t *pod = pod_build(site, parts, request->pod);
    const char *full = !annotations_fit(pod)        ? "the pod's annotations leave no room for ours"
                       : !size_fits(request, parts) ? "the pod is too large to have ours added"
                                                    : NULL;
    if (!full) {
        result_fill(request->pod, pod, parts, ret);
        return;
    }
    ret->reason = INJECT_INVALID;
    snprintf(ret->detail, sizeof(ret->detail), "%s", full);
}

static void site_init(struct site *site, const struct inject_request *request,
                      const struct inject_workload *workload)
{
    *site = (struct site){.pod = request->pod,
                          .kind = workload->kind,
                          .name = workload->name,
                          .namespace = request->namespace,
                          .snapshot = request->snapshot,
                          .config = request->config,
                          .memo = request->memo,
                          .is_cut = request->is_cut};
}

/* Somebody asked for something in the pod itself, so the answer stands there too. */
static void bad_target_annotate(const struct inject_workload *workload, struct inject_result *ret)
{
    json_auto_t *pod = json_copy(ret->pod);
    AUTO(mem_free)
    char *text = xasprintf("%s (%s)", inject_reason_text(INJECT_BAD_TARGET), workload->fault);
    const char *before = jsonx_annotation(pod, ANNOTATION_NOT_INJECTED);

    snprintf(ret->detail, sizeof(ret->detail), "%s", workload->fault);
    if (before && strcmp(before, text) == 0)
        return;
    pod_annotate(jsonx_own(pod, "metadata"), ANNOTATION_NOT_INJECTED, text);
    if (!annotations_fit(pod))
        return;
    json_decref(ret->pod);
    ret->pod = json_incref(pod);
}

void inject_pod(const struct inject_request *request, struct inject_result *ret)
{
    struct inject_workload workload;
    struct site site;

    *ret = (struct inject_result){.pod = json_incref(jsonx_unconst(request->pod)),
                                  .reason = inject_workload_of(request->pod, &workload)};
    site_init(&site, request, &workload);
    if (ret->reason == INJECT_NO_CONTROLLER)
        return;
    json_auto_t *namespace = namespace_get(request->namespace, request->snapshot);
    site.namespace_object = namespace;
    if (is_opted_out(request->pod, namespace))
        ret->reason = INJECT_OPTED_OUT;
    else if (ret->reason == INJECT_BAD_TARGET)
        bad_target_annotate(&workload, ret);
    else
        site_inject(&site, request, ret);
}

void inject_result_done(struct inject_result *result)
{
    json_decref(result->pod);
    *result = (struct inject_result){0};
}

void inject_expected_hash(const struct inject_request *request, char out[17])
{
    struct inject_workload workload;
    struct site site;
    AUTO(parts_done) struct part parts[PART_COUNT] = {0};

    out[0] = '\0';
    json_auto_t *namespace = namespace_get(request->namespace, request->snapshot);
    if (inject_workload_of(request->pod, &workload) != INJECT_DONE ||
        is_opted_out(request->pod, namespace))
        return;
    site_init(&site, request, &workload);
    parts_choose(&site, parts);
    parts_hash(parts, is_wanted, out);
}

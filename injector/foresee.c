/*
 * What will be said of an invoker's pods, said when it is written: the injector's own checks against the workload, as far as
 * the snapshot has it, and against the Namespace.
 */
#include <string.h>

#include "parts.h"
#include "stash/jsonx.h"

static enum part_kind part_of(enum kind kind)
{
    return kind == KIND_BACKUP_CONFIGURATION ? PART_BACKUP
           : kind == KIND_RESTORE_SESSION    ? PART_RESTORE
                                             : PART_COUNT;
}

static json_t *workload_get(const struct snapshot *snapshot, const json_t *ref,
                            const char *namespace)
{
    const char *name = jsonx_str(ref, "name", NULL);
    enum kind kind = kind_find(jsonx_str(ref, "apiVersion", NULL), jsonx_str(ref, "kind", NULL));

    if (!name || !*name || !kind_is_workload(kind))
        return NULL;
    return snapshot->get(snapshot->ctx, kind, namespace, name);
}

static bool has_pods(const json_t *ref)
{
    const char *version = jsonx_str(ref, "apiVersion", NULL), *kind = jsonx_str(ref, "kind", NULL);

    return version && kind &&
           (kind_is_workload(kind_find(version, kind)) || kind_is_named_by_pods(version, kind));
}

struct search {
    const json_t *ref;
    json_t *pod;
};

static bool is_anothers(void *arg, const json_t *pod)
{
    struct search *search = arg;

    if (!inject_is_of(pod, search->ref))
        return true;
    search->pod = json_incref(jsonx_unconst(pod));
    return false;
}

/* In its namespace, a pod that is one of the target's. */
static json_t *pod_find(const struct snapshot *snapshot, const json_t *ref, const char *namespace)
{
    struct search search = {ref, NULL};

    snapshot->each(snapshot->ctx, KIND_POD, namespace, is_anothers, &search);
    return search.pod;
}

/* Where there is none to be seen: a pod that has every volume, and in which nothing is wrong. */
static json_t *pod_imagine(const json_t *mounts)
{
    json_t *volumes = json_array();

    for (size_t i = 0; i < json_array_size(mounts); i++) {
        const char *name = jsonx_str(json_array_get(mounts, i), "name", NULL);
        if (name && jsonx_find(volumes, "name", name) < 0)
            json_array_append_new(volumes, json_pack("{ss, s{}}", "name", name, "emptyDir"));
    }
    return json_pack("{s{}, s{so, s[{ss}]}}", "metadata", "spec", "volumes", volumes, "containers",
                     "name", "any");
}

/* Of a pod that was imagined, only what the namespace says of ours is known. */
static void part_foresee(const struct site *site, struct part *part, bool imagined)
{
    if (!imagined) {
        part_check(site, part);
        return;
    }
    part->refusal = part->recipe->refusal;
    if (part->refusal.reason != INJECT_DONE)
        return;
    part->security = security_build(site, part);
    part->container = container_build(site, part);
    pod_security_check(site->namespace_object, part);
}

/* What the rules of the spec say anyway, or others warn of. */
static bool is_said(const struct part *part)
{
    return part->recipe->refusal.reason == INJECT_INVALID ||
           part->refusal.reason == INJECT_NO_REPOSITORY || part->refusal.reason == INJECT_BLOCKED;
}

static void part_warn(const struct part *part, struct warnings *warnings)
{
    if (part->refusal.reason == INJECT_DONE || is_said(part))
        return;
    warnings_add(warnings, "spec.target: the pods would be left as they are: %s%s%s%s",
                 inject_reason_text(part->refusal.reason), part->refusal.detail[0] ? " (" : "",
                 part->refusal.detail, part->refusal.detail[0] ? ")" : "");
}

static void invoker_foresee(const struct admit_request *request, const json_t *invoker,
                            const char *namespace, struct warnings *warnings)
{
    static const struct inject_config config = {.image = "stash"};
    const struct snapshot *snapshot = request->snapshot;
    const json_t *ref = jsonx_get(invoker, "spec", "target", "ref", NULL);
    json_auto_t *repository = choose_repository(snapshot, invoker);
    json_auto_t *workload = workload_get(snapshot, ref, namespace);
    json_auto_t *template = workload ? inject_template_pod(workload) : NULL;
    json_auto_t *seen = template ? json_incref(template) : pod_find(snapshot, ref, namespace);
    json_auto_t *pod =
        seen ? ours_strip(seen)
             : pod_imagine(jsonx_get(invoker, "spec", "target", "volumeMounts", NULL));
    json_auto_t *object = snapshot->get(snapshot->ctx, KIND_NAMESPACE, NULL, namespace);
    AUTO(parts_done) struct part parts[PART_COUNT] = {0};
    const struct site site = {.pod = pod,
                              .namespace = namespace,
                              .namespace_object = object,
                              .snapshot = snapshot,
                              .config = &config};
    struct part *part = &parts[part_of(request->kind)];

    part->recipe = recipe_new(&part_rows[part_of(request->kind)], invoker, repository, &config);
    part_foresee(&site, part, !seen);
    part_warn(part, warnings);
}

void inject_foresee(const struct admit_request *request, struct warnings *warnings)
{
    bool given = request->namespace && *request->namespace;
    const char *namespace =
        given ? request->namespace : snapshot_invoker_namespace(request->object);
    const json_t *ref = jsonx_get(request->object, "spec", "target", "ref", NULL);
    const char *target = jsonx_str(ref, "namespace", NULL);

    if (part_of(request->kind) == PART_COUNT || !request->snapshot ||
        !json_is_object(request->object) || request->operation == OPERATION_DELETE ||
        !choose_wants_container(request->object) || !has_pods(ref) ||
        (target && *target && strcmp(target, namespace) != 0))
        return;
    json_auto_t *invoker = json_copy(jsonx_unconst(request->object));
    json_t *metadata = jsonx_own(invoker, "metadata");
    json_object_set_new(metadata, "namespace", json_string(namespace));
    if (!jsonx_name(invoker)) /* the API server gives it one later */
        json_object_set_new(metadata, "name", json_string("new"));
    invoker_foresee(request, invoker, namespace, warnings);
}

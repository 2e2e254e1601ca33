/* A pod that is as much as the API server takes is left as it is: by its annotations, or as a whole. */
#include <criterion/criterion.h>
#include <string.h>

#include "stash/inject.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/names.h"

static json_t *cluster(void)
{
    return json_pack(
        "[{s:s, s:s, s:{s:s, s:s}, s:{s:{s:s}, s:{s:{s:s, s:s, s:s}, s:[{s:s, s:s}]}}},"
        " {s:s, s:s, s:{s:s, s:s}, s:{s:{s:{s:s, s:s}}}}]",
        "apiVersion", "stash.appscode.com/v1beta1", "kind", "BackupConfiguration", "metadata",
        "name", "b", "namespace", "demo", "spec", "repository", "name", "r", "target", "ref",
        "apiVersion", "apps/v1", "kind", "StatefulSet", "name", "web", "volumeMounts", "name",
        "data", "mountPath", "/data", "apiVersion", "stash.appscode.com/v1alpha1", "kind",
        "Repository", "metadata", "name", "r", "namespace", "demo", "spec", "backend", "s3",
        "endpoint", "https://s3.example.org", "bucket", "b");
}

/* With an annotation of this many bytes; `target`: another, which says whose the pod is. */
static json_t *pod_with(size_t bytes, const char *target)
{
    AUTO(mem_free) char *note = xmalloc(bytes + 1);

    memset(note, 'x', bytes);
    note[bytes] = '\0';
    return json_pack("{s:{s:s, s:{s:s, s:s*}, s:[{s:s, s:s, s:s, s:b}]}, s:{s:[{s:s}], s:[{s:s}]}}",
                     "metadata", "name", "web-0", "annotations", "n", note, ANNOTATION_TARGET,
                     target, "ownerReferences", "apiVersion", "apps/v1", "kind", "StatefulSet",
                     "name", "web", "controller", 1, "spec", "containers", "name", "web", "volumes",
                     "name", "data");
}

static enum inject_reason injected_of_size(const json_t *pod, size_t size, bool *ret_same)
{
    const struct inject_config config = {.image = "stash"};
    json_auto_t *objects = cluster();
    AUTO(snapshot_free) struct snapshot *snapshot = snapshot_from_objects(objects);
    const struct inject_request request = {
        .pod = pod, .namespace = "demo", .snapshot = snapshot, .config = &config, .size = size};
    AUTO(inject_result_done) struct inject_result result = {0};

    inject_pod(&request, &result);
    *ret_same = result.pod == pod;
    if (!*ret_same)
        cr_assert_leq(jsonx_map_size(jsonx_get(result.pod, "metadata", "annotations", NULL)),
                      LIMIT_ANNOTATIONS);
    return result.reason;
}

static enum inject_reason injected(const json_t *pod, bool *ret_same)
{
    return injected_of_size(pod, 0, ret_same);
}

Test(annotations, are_never_too_many_with_ours)
{
    bool same;
    size_t filled = 0;

    for (size_t room = 0; room < 300; room++) {
        json_auto_t *pod = pod_with(LIMIT_ANNOTATIONS - 1 - room, NULL);
        enum inject_reason reason = injected(pod, &same);
        cr_assert_eq(reason, same ? INJECT_INVALID : INJECT_DONE, "%zu", room);
        filled += !same;
    }
    cr_assert(filled > 50 && filled < 200, "%zu", filled);
}

Test(annotations, say_nothing_of_a_bad_target_without_room)
{
    json_auto_t *full = pod_with(LIMIT_ANNOTATIONS - 1 - strlen(ANNOTATION_TARGET) - 3, "a/b");
    json_auto_t *roomy = pod_with(1000, "a/b");
    bool same;

    cr_assert_eq(injected(full, &same), INJECT_BAD_TARGET);
    cr_assert(same);
    cr_assert_eq(injected(roomy, &same), INJECT_BAD_TARGET);
    cr_assert_not(same);
}

/* A dry run stores nothing: it would find nothing wrong with a pod that etcd refuses. */
Test(annotations, and_pods_are_not_made_too_large)
{
    json_auto_t *pod = pod_with(10, NULL);
    bool same;

    cr_assert_eq(injected_of_size(pod, LIMIT_POD - 8 * LIMIT_KIB, &same), INJECT_DONE);
    cr_assert_not(same);
    cr_assert_eq(injected_of_size(pod, LIMIT_POD - 1, &same), INJECT_INVALID);
    cr_assert(same);
}

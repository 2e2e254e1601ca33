/*
 * Golden suite inject. `in`: {object, objects: [what the snapshot holds], imagePullSecrets?,
 * namespace?: of the request, where the object names none}.
 * `want`: the reason, its detail, the hash that is expected, and the patch.
 * Laws: injecting twice equals once; the input is not changed; the patch applied gives the result;
 * a pod that was injected carries the hash that is expected of it; the webhook answers the same, with its short cuts and
 * without.
 */
#include <stdio.h>
#include <string.h>

#include "golden.h"
#include "patch_diff.h"
#include "short_cut.h"
#include "stash/inject.h"
#include "stash/jsonx.h"
#include "stash/names.h"
#include "stash/patch.h"

static void law_twice(const json_t *once, const char *namespace, const struct snapshot *snapshot,
                      const struct inject_config *config)
{
    json_auto_t *twice = inject_any(once, namespace, snapshot, config);

    if (twice != once)
        golden_fail("injecting twice changes the object again");
}

static void law_patch(const json_t *object, const json_t *patch, const json_t *injected)
{
    json_auto_t *applied = NULL;
    struct error err;

    if (patch_apply(object, patch, &applied, &err) < 0)
        golden_fail("the patch does not apply: %s", err.msg);
    else if (!json_equal(applied, injected))
        golden_fail("the patch gives another object");
}

static void law_hash(const struct inject_result *result, const char *expected)
{
    const char *have = jsonx_annotation(result->pod, ANNOTATION_INJECTED_HASH);

    if (result->reason == INJECT_DONE && !inject_hash_is_current(have, expected))
        golden_fail("hash %s, expected %s", have ? have : "(none)", expected);
}

static json_t *review_of(const json_t *pod, const char *namespace)
{
    const char *own = jsonx_namespace(pod);

    return json_pack("{ss, ss, s{ss, s{ss, ss, ss}, ss, ss, sO}}", "apiVersion",
                     "admission.k8s.io/v1", "kind", "AdmissionReview", "request", "uid", "u",
                     "kind", "group", "", "version", "v1", "kind", "Pod", "namespace",
                     own ? own : namespace, "operation", "CREATE", "object", pod);
}

static void law_webhook(const json_t *pod, const json_t *injected, const char *namespace,
                        const struct snapshot *snapshot, const struct inject_config *inject)
{
    AUTO(inject_memo_free) struct inject_memo *memo = inject_memo_new();
    const struct webhook_config config = {.snapshot = snapshot, .inject = *inject, .memo = memo};
    json_auto_t *review = review_of(pod, namespace);
    AUTO(mem_free) char *body = jsonx_dump(review);
    unsigned status;
    AUTO(mem_free) char *answer = webhook_answer(&config, "/inject", body, strlen(body), &status);

    if (status != 200) {
        golden_fail("the webhook answers %u", status);
        return;
    }
    json_auto_t *outcome = short_cut_outcome(review, answer);
    if (!json_equal(outcome, injected))
        golden_fail("the webhook makes another pod of it");
    if (!short_cut_agrees(&config, body, strlen(body)))
        golden_fail("the webhook's short cut does not agree with its long way");
}

static void explain(const json_t *pod, const char *namespace, const struct snapshot *snapshot,
                    const struct inject_config *config, json_t *out)
{
    const char *own = jsonx_namespace(pod);
    struct inject_request request = {pod, own ? own : namespace, snapshot, config, NULL, 0, false};
    AUTO(inject_result_done) struct inject_result result = {0};
    char hash[17];

    inject_pod(&request, &result);
    inject_expected_hash(&request, hash);
    law_hash(&result, hash);
    json_object_set_new(out, "reason", json_string(inject_reason_name(result.reason)));
    json_object_set_new(out, "detail", json_string(result.detail));
    json_object_set_new(out, "hash", json_string(hash));
}

static json_t *run(const json_t *in)
{
    const json_t *object = jsonx_get(in, "object", NULL);
    struct inject_config config = {"registry.example.org/stash:1.0",
                                   "http://stash-pushgateway.stash.svc:56789",
                                   jsonx_get(in, "imagePullSecrets", NULL)};
    AUTO(snapshot_free)
    struct snapshot *snapshot = snapshot_from_objects(jsonx_get(in, "objects", NULL));
    const char *given = jsonx_str(in, "namespace", NULL);
    const char *namespace = given ? given : "default";
    json_auto_t *before = json_deep_copy(object);
    json_auto_t *injected = inject_any(object, namespace, snapshot, &config);
    json_auto_t *patch = patch_diff(object, injected);
    json_auto_t *template_pod = inject_template_pod(object);
    json_t *out = json_object();

    if (!json_equal(object, before))
        golden_fail("the input was changed");
    law_patch(object, patch, injected);
    law_twice(injected, namespace, snapshot, &config);
    if (strcmp(jsonx_str(object, "kind", NULL), "Pod") == 0)
        law_webhook(object, injected, namespace, snapshot, &config);
    if (template_pod || strcmp(jsonx_str(object, "kind", NULL), "Pod") == 0)
        explain(template_pod ? template_pod : object, namespace, snapshot, &config, out);
    json_object_set(out, "patch", patch);
    return out;
}

int main(int argc, char **argv)
{
    return golden_main(argc, argv, run);
}

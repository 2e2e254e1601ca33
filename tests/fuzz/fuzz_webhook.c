/*
 * The body of an AdmissionReview, from anyone: no crash, an HTTP status that fits, an answer that can be read, and a
 * patch that applies and leaves nothing to do; the short cuts agree with the long way.
 */
#include <string.h>

#include "demo.h"
#include "fuzz.h"
#include "short_cut.h"
#include "stash/digest.h"
#include "stash/inject.h"
#include "stash/jsonx.h"
#include "stash/patch.h"
#include "stash/webhook.h"

static const char *const paths[] = {"/inject", "/validate", "/default"};

static void check_patch(const json_t *object, const char *encoded)
{
    AUTO(mem_free) char *text = NULL;
    json_auto_t *patch = NULL, *applied = NULL;
    struct error err;
    size_t len;

    BUG_ON(digest_base64_decode(encoded, &text, &len, &err) < 0);
    BUG_ON(jsonx_parse(text, len, &patch, &err) < 0);
    BUG_ON(patch_apply(object, patch, &applied, &err) < 0);
    if (!json_is_object(json_object_get(applied, "spec")))
        return;
    struct inject_request again = {.pod = applied,
                                   .namespace = "demo",
                                   .snapshot = demo_config()->snapshot,
                                   .config = &demo_config()->inject};
    AUTO(inject_result_done) struct inject_result result = {0};
    inject_pod(&again, &result);
    BUG_ON(result.reason == INJECT_DONE && !json_equal(result.pod, applied));
}

static void check_answer(const char *path, const char *body, size_t len)
{
    unsigned status = 0;
    AUTO(mem_free) char *text = webhook_answer(demo_config(), path, body, len, &status);
    json_auto_t *answer = NULL, *review = NULL;
    struct error err;

    BUG_ON(status != 200 && status != 400 && status != 413);
    if (status != 200)
        return;
    BUG_ON(jsonx_parse(text, strlen(text), &answer, &err) < 0);
    BUG_ON(!json_is_boolean(jsonx_get(answer, "response", "allowed", NULL)));
    if (jsonx_parse(body, len, &review, &err) < 0)
        return; /* broken where the short cut does not look */
    BUG_ON(strcmp(jsonx_str(answer, "response", "uid", NULL),
                  jsonx_str(review, "request", "uid", NULL)) != 0);
    const char *patch = jsonx_str(answer, "response", "patch", NULL);
    if (patch)
        check_patch(jsonx_get(review, "request", "object", NULL), patch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        check_answer(paths[i], (const char *)data, size);
    BUG_ON(!short_cut_agrees(demo_config(), (const char *)data, size));
    return 0;
}

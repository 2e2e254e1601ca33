/*
 * Golden suite review. `in`: {path, review (a document) or body (text), objects}.
 * `want`: the HTTP status and the answer, its patch decoded.
 * Laws: uid and apiVersion come back; patch and patchType are both there or both absent; an allowed answer has no
 * status, a denied one no patch; cJSON reads the same answer; the short cuts lead where the long way leads.
 */
#include <string.h>

#include <cjson/cJSON.h>

#include "golden.h"
#include "short_cut.h"
#include "stash/digest.h"
#include "stash/jsonx.h"
#include "stash/webhook.h"

static void law_answer(const json_t *review, const json_t *answer)
{
    const json_t *response = jsonx_get(answer, "response", NULL);
    const char *uid = jsonx_str(review, "request", "uid", NULL);
    const char *version = jsonx_str(review, "apiVersion", NULL);
    bool patch = jsonx_get(response, "patch", NULL) != NULL;
    bool allowed = jsonx_bool(response, false, "allowed", NULL);

    if (!uid || strcmp(uid, jsonx_str(response, "uid", NULL)) != 0)
        golden_fail("the uid does not come back");
    if (!version || strcmp(version, jsonx_str(answer, "apiVersion", NULL)) != 0)
        golden_fail("the apiVersion does not come back");
    if (patch != (jsonx_get(response, "patchType", NULL) != NULL))
        golden_fail("patch and patchType do not go together");
    if (allowed == (jsonx_get(response, "status", NULL) != NULL) || (patch && !allowed))
        golden_fail("status is for denials, patches are for what is allowed");
}

static void law_second_parser(const char *text)
{
    cJSON *parsed = cJSON_Parse(text);
    const cJSON *response = cJSON_GetObjectItemCaseSensitive(parsed, "response");

    if (!cJSON_IsBool(cJSON_GetObjectItemCaseSensitive(response, "allowed")))
        golden_fail("cJSON does not read the answer");
    cJSON_Delete(parsed);
}

/* For people: the patch as operations, not as base64. */
static void patch_decode(json_t *answer)
{
    json_t *response = json_object_get(answer, "response");
    const char *encoded = jsonx_str(response, "patch", NULL);
    AUTO(mem_free) char *text = NULL;
    json_t *patch = NULL;
    struct error err;
    size_t len;

    if (!encoded)
        return;
    if (digest_base64_decode(encoded, &text, &len, &err) < 0 ||
        jsonx_parse(text, len, &patch, &err) < 0)
        golden_fail("patch: %s", err.msg);
    else
        json_object_set_new(response, "patch", patch);
}

static char *body_of(const json_t *in)
{
    const char *body = jsonx_str(in, "body", NULL);

    return body ? xstrdup(body) : jsonx_dump(jsonx_get(in, "review", NULL));
}

static json_t *run(const json_t *in)
{
    AUTO(snapshot_free)
    struct snapshot *snapshot = snapshot_from_objects(jsonx_get(in, "objects", NULL));
    struct webhook_config config = {.snapshot = snapshot,
                                    .inject = {"registry.example.org/stash:1.0",
                                               "http://stash-pushgateway.stash.svc:56789", NULL},
                                    .admit = {"10Gi", NULL, "ReadWriteOnce", false}};
    AUTO(mem_free) char *body = body_of(in);
    unsigned status = 0;
    AUTO(mem_free)
    char *text = webhook_answer(&config, jsonx_str(in, "path", NULL), body, strlen(body), &status);
    json_t *answer = json_loads(text, 0, NULL);

    if (!short_cut_agrees(&config, body, strlen(body)))
        golden_fail("the short cut gives another answer than the long way");

    if (!answer)
        return json_pack("{si, ss}", "status", (int)status, "text", text);
    law_answer(jsonx_get(in, "review", NULL), answer);
    law_second_parser(text);
    patch_decode(answer);
    return json_pack("{si, so}", "status", (int)status, "answer", answer);
}

int main(int argc, char **argv)
{
    return golden_main(argc, argv, run);
}

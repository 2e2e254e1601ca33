#include "review.h"

#include <string.h>

#include "stash/buf.h"
#include "stash/digest.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/patch.h"
#include "stash/text.h"

static const char *const api_versions[] = {"admission.k8s.io/v1", "admission.k8s.io/v1beta1"};

static const char *const operations[] = {
    [OPERATION_CREATE] = "CREATE",
    [OPERATION_UPDATE] = "UPDATE",
    [OPERATION_DELETE] = "DELETE",
    [OPERATION_CONNECT] = "CONNECT",
};

const char *review_operation_name(enum operation operation)
{
    return operations[operation];
}

bool review_fits(const char *body, size_t len)
{
    return len <= LIMIT_REVIEW_MEMORY / JSONX_WEIGHT_MAX ||
           jsonx_text_weight(body, len) <= LIMIT_REVIEW_MEMORY;
}

static int find_text(const char *const *table, size_t count, const char *text)
{
    for (size_t i = 0; text && i < count; i++)
        if (strcmp(table[i], text) == 0)
            return (int)i;
    return -1;
}

static const json_t *object_or_null(const json_t *request, const char *key)
{
    const json_t *value = jsonx_get(request, key, NULL);

    return json_is_object(value) ? value : NULL;
}

static void review_fill(const json_t *request, struct review *review)
{
    const json_t *kind = jsonx_get(request, "kind", NULL);

    review->uid = jsonx_str(request, "uid", NULL);
    review->group = text_or_empty(jsonx_str(kind, "group", NULL));
    review->version = text_or_empty(jsonx_str(kind, "version", NULL));
    review->kind_name = jsonx_str(kind, "kind", NULL);
    review->subresource = text_or_empty(jsonx_str(request, "subResource", NULL));
    review->namespace = text_or_empty(jsonx_str(request, "namespace", NULL));
    review->name = text_or_empty(jsonx_str(request, "name", NULL));
    review->object = object_or_null(request, "object");
    review->old = object_or_null(request, "oldObject");
}

static int review_check(struct review *review, struct error *err)
{
    const json_t *request = jsonx_get(review->doc, "request", NULL);
    const char *kind = jsonx_str(review->doc, "kind", NULL);
    const char *operation = jsonx_str(request, "operation", NULL);
    int found;

    review->api_version = jsonx_str(review->doc, "apiVersion", NULL);
    if (find_text(api_versions, ARRAY_LEN(api_versions), review->api_version) < 0 || !kind ||
        strcmp(kind, "AdmissionReview") != 0)
        return error_set(err, ERR_INVALID,
                         "not an AdmissionReview of admission.k8s.io/v1 or v1beta1");
    if (!json_is_object(request))
        return error_set(err, ERR_INVALID, "the AdmissionReview has no request");
    review_fill(request, review);
    if (!review->uid || !*review->uid)
        return error_set(err, ERR_INVALID, "request.uid is missing");
    if (!review->kind_name || !*review->kind_name)
        return error_set(err, ERR_INVALID, "request.kind.kind is missing");
    found = find_text(operations, ARRAY_LEN(operations), operation);
    if (found < 0)
        return error_set(err, ERR_INVALID,
                         "request.operation is not one of CREATE, UPDATE, DELETE, CONNECT");
    review->operation = (enum operation)found;
    return 0;
}

int review_parse(const char *body, size_t len, struct review *ret, struct error *err)
{
    AUTO(review_done) struct review review = {0};

    if (len == 0)
        return error_set(err, ERR_INVALID, "the body is empty");
    if (!review_fits(body, len))
        return error_set(err, ERR_LIMIT, "the document would need more than %zu MiB of memory",
                         LIMIT_REVIEW_MEMORY / LIMIT_MIB);
    int r = jsonx_parse(body, len, &review.doc, err);
    if (r < 0)
        return r;
    r = review_check(&review, err);
    if (r < 0)
        return r;
    *ret = review;
    review = (struct review){0};
    return 0;
}

void review_done(struct review *review)
{
    json_decref(review->doc);
    *review = (struct review){0};
}

void review_response_done(struct review_response *response)
{
    causes_done(&response->causes);
    warnings_done(&response->warnings);
    json_decref(response->mutated);
    *response = (struct review_response){0};
}

/* ---- rendering ---- */

/* What is printed is in memory as a tree already, and that is bounded. */
#define ANSWER_LIMIT (SIZE_MAX / 2)

/* As Stash denies: Forbidden, 403, the text as message; the causes beside it for programs. */
static json_t *status_build(const struct review *review, const struct causes *causes)
{
    AUTO(mem_free) char *text = causes_list(causes);
    json_t *details = json_pack("{ss, ss, ss, so}", "name", review->name, "group", review->group,
                                "kind", review->kind_name, "causes", causes_encode(causes));

    return json_pack("{ss, ss, ss, si, so}", "status", "Failure", "message", text, "reason",
                     "Forbidden", "code", 403, "details", details);
}

static json_t *warnings_build(const struct warnings *warnings)
{
    json_t *list = json_array();

    for (size_t i = 0; i < warnings->count; i++)
        json_array_append_new(list, json_string(warnings->items[i]));
    return list;
}

static void member_print(struct buf *out, const char *key, json_t *value)
{
    buf_addf(out, ",\"%s\":", key);
    jsonx_print(out, value);
    json_decref(value);
}

/* patch and patchType: both, or for an empty patch neither. */
static void patch_add(struct buf *out, const struct review *review,
                      const struct review_response *response)
{
    AUTO(buf_done) struct buf patch = {0};

    if (response->denied || !response->mutated || !review->object ||
        response->mutated == review->object)
        return;
    buf_init(&patch, ANSWER_LIMIT);
    if (patch_print(review->object, response->mutated, &patch) == 0)
        return;
    AUTO(mem_free) char *encoded = digest_base64(patch.data, patch.len);
    buf_adds(out, ",\"patch\":\"");
    buf_adds(out, encoded);
    buf_adds(out, "\",\"patchType\":\"JSONPatch\"");
}

static void response_begin(struct buf *out, const char *api_version, const char *uid, bool allowed)
{
    buf_init(out, ANSWER_LIMIT);
    buf_adds(out, "{\"apiVersion\":\"");
    buf_adds(out, api_version);
    buf_adds(out, "\",\"kind\":\"AdmissionReview\",\"response\":{\"uid\":\"");
    jsonx_print_inside(out, uid, strlen(uid));
    buf_adds(out, allowed ? "\",\"allowed\":true" : "\",\"allowed\":false");
}

static char *response_end(struct buf *out)
{
    buf_adds(out, "}}");
    return buf_take(out);
}

char *review_render(const struct review *review, const struct review_response *response)
{
    struct buf out;

    response_begin(&out, review->api_version, review->uid, !response->denied);
    if (response->denied)
        member_print(&out, "status", status_build(review, &response->causes));
    if (response->warnings.count)
        member_print(&out, "warnings", warnings_build(&response->warnings));
    patch_add(&out, review, response);
    return response_end(&out);
}

char *review_render_allowed(const char *api_version, const char *uid)
{
    struct buf out;

    response_begin(&out, api_version, uid, true);
    return response_end(&out);
}

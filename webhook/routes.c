#include "routes.h"

#include <string.h>

#include "skim.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/names.h"

/* What a handler is called with: the request, what was read of it, and what it fills. */
struct route_call {
    const struct route_request *request;
    bool is_cut;
    const struct review *review;
    struct review_response *review_response;
    struct route_response *response;
};

static int handle_validate(struct route_call *call, struct error *err);
static int handle_default(struct route_call *call, struct error *err);
static int handle_inject(struct route_call *call, struct error *err);

static const struct route_row {
    const char *path;
    int (*handle)(struct route_call *call, struct error *err);
} route_rows[ROUTE_COUNT] = {
    [ROUTE_VALIDATE] = {"/validate", handle_validate},
    [ROUTE_DEFAULT] = {"/default", handle_default},
    [ROUTE_INJECT] = {"/inject", handle_inject},
};

static const char *const outcome_names[OUTCOME_COUNT] = {
    [OUTCOME_ALLOWED] = "allowed",
    [OUTCOME_PATCHED] = "patched",
    [OUTCOME_DENIED] = "denied",
    [OUTCOME_REFUSED] = "refused",
};

const char *route_path(enum route route)
{
    return route_rows[route].path;
}

const char *route_outcome_name(enum outcome outcome)
{
    return outcome_names[outcome];
}

enum route route_find(const char *path)
{
    for (size_t i = 0; i < ROUTE_COUNT; i++)
        if (strcmp(path, route_rows[i].path) == 0)
            return (enum route)i;
    return ROUTE_NONE;
}

void route_response_done(struct route_response *response)
{
    free(response->body);
    *response = (struct route_response){0};
}

void route_response_text(struct route_response *ret, unsigned status, const char *text)
{
    *ret = (struct route_response){.status = status,
                                   .outcome = OUTCOME_REFUSED,
                                   .reason = INJECT_REASON_COUNT,
                                   .body = xasprintf("%s\n", text)};
}

/* ---- our own kinds ---- */

/* Other groups and kinds, and subresources, pass without inspection. */
static bool is_inspected(const struct review *review, enum kind kind)
{
    return kind != KIND_UNKNOWN && !*review->subresource &&
           strcmp(kind_resource(kind)->group, review->group) == 0;
}

static int admit_request_fill(const struct route_call *call, struct admit_request *ret,
                              struct error *err)
{
    const struct review *review = call->review;
    AUTO(mem_free)
    char *api_version =
        xasprintf("%s%s%s", review->group, *review->group ? "/" : "", review->version);

    *ret = (struct admit_request){
        .kind = kind_find(api_version, review->kind_name),
        .operation = review->operation,
        .namespace = review->namespace,
        .object = review->object,
        .old = review->old,
        .snapshot = call->request->config->snapshot,
        .config = &call->request->config->admit,
    };
    bool needs_object =
        review->operation == OPERATION_CREATE || review->operation == OPERATION_UPDATE;
    if (needs_object && !review->object)
        return error_set(err, ERR_INVALID, "request.object is missing");
    if (review->operation == OPERATION_UPDATE && !review->old)
        return error_set(err, ERR_INVALID, "request.oldObject is missing");
    return 0;
}

static int handle_validate(struct route_call *call, struct error *err)
{
    struct admit_request request;
    int r = admit_request_fill(call, &request, err);

    if (r < 0)
        return r;
    if (is_inspected(call->review, request.kind))
        admit_validate(&request, &call->review_response->causes, &call->review_response->warnings);
    call->review_response->denied = call->review_response->causes.count > 0;
    if (is_inspected(call->review, request.kind) && !call->review_response->denied)
        inject_foresee(&request, &call->review_response->warnings);
    return 0;
}

static int handle_default(struct route_call *call, struct error *err)
{
    struct admit_request request;
    int r = admit_request_fill(call, &request, err);

    if (r < 0)
        return r;
    if (is_inspected(call->review, request.kind) && request.object)
        call->review_response->mutated = admit_default(&request, &call->review_response->warnings);
    return 0;
}

/* ---- pods ---- */

static bool is_pod_creation(const struct review *review)
{
    return review->operation == OPERATION_CREATE && review->object && !*review->subresource &&
           !*review->group && strcmp(review->kind_name, "Pod") == 0;
}

/* The reconciler restarts a workload for "<invoker>/<hash>/…". Where what we would inject is not that yet, the
 * watch has still to bring it. */
static bool snapshot_is_behind(const struct inject_request *request)
{
    const char *restart = jsonx_annotation(request->pod, ANNOTATION_ROLLOUT);
    const char *hash = restart ? strchr(restart, '/') : NULL;
    char promised[17], expected[17];

    if (!hash || strcspn(hash + 1, "/") != sizeof(promised) - 1)
        return false;
    memcpy(promised, hash + 1, sizeof(promised) - 1);
    promised[sizeof(promised) - 1] = '\0';
    inject_expected_hash(request, expected);
    return !inject_hash_is_current(promised, expected);
}

/* Never denies: a pod that cannot be improved is left alone, and says why. */
static int handle_inject(struct route_call *call, struct error *err)
{
    const struct review *review = call->review;
    struct inject_request request = {.pod = review->object,
                                     .namespace = review->namespace,
                                     .snapshot = call->request->config->snapshot,
                                     .config = &call->request->config->inject,
                                     .memo = call->request->config->memo,
                                     .size = call->request->len,
                                     .is_cut = call->is_cut};
    AUTO(inject_result_done) struct inject_result result = {0};

    (void)err;
    if (!is_pod_creation(review))
        return 0;
    call->response->wait = call->request->may_wait && snapshot_is_behind(&request);
    if (call->response->wait)
        return 0;
    inject_pod(&request, &result);
    if (result.reason == INJECT_CUT) {
        call->response->reason = INJECT_CUT;
        return 0;
    }
    call->response->wait = call->request->may_wait && result.reason == INJECT_NO_REPOSITORY &&
                           jsonx_annotation(request.pod, ANNOTATION_ROLLOUT);
    call->response->reason = result.reason;
    call->review_response->mutated = json_incref(result.pod);
    if (jsonx_annotation(result.pod, ANNOTATION_NOT_INJECTED))
        warnings_add(&call->review_response->warnings, "stash: not injected: %s", result.detail);
    return 0;
}

/* ---- one review ---- */

static enum outcome outcome_of(const struct review *review, const struct review_response *response)
{
    if (response->denied)
        return OUTCOME_DENIED;
    return response->mutated && response->mutated != review->object ? OUTCOME_PATCHED
                                                                    : OUTCOME_ALLOWED;
}

/* A review that was looked through before it is parsed. */
struct skimmed {
    struct pod_skim skim;
    json_t *metadata; /* a pod with nothing else; NULL: the text is not plain */
    char *api_version, *uid, *namespace;
};

static void skimmed_done(struct skimmed *skimmed)
{
    json_decref(skimmed->metadata);
    free(skimmed->api_version);
    free(skimmed->uid);
    free(skimmed->namespace);
}
DEFINE_AUTO_VALUE(struct skimmed, skimmed_done);

static char *slice_text(struct slice value)
{
    return xstrndup(value.at + 1, value.len - 2);
}

static void skimmed_read(struct skimmed *ret)
{
    ret->metadata = skim_metadata(&ret->skim);
    ret->api_version = slice_text(ret->skim.found[SKIM_API_VERSION]);
    ret->uid = slice_text(ret->skim.found[SKIM_UID]);
    ret->namespace = slice_text(ret->skim.found[SKIM_NAMESPACE]);
}

static void skimmed_take(const struct route_request *request, struct skimmed *ret)
{
    struct slice body = {request->body, request->len};

    if (request->route == ROUTE_INJECT && !request->whole && review_fits(body.at, body.len) &&
        skim_pod_review(body, &ret->skim))
        skimmed_read(ret);
}

/* The review of a pod that is there in parts; `spec` is taken. */
static void review_join(const struct skimmed *skimmed, json_t *spec, struct review *ret)
{
    json_t *pod = json_object();

    json_object_set_new(pod, "spec", spec);
    json_object_update(pod, skimmed->metadata);
    *ret = (struct review){.doc = pod,
                           .api_version = skimmed->api_version,
                           .uid = skimmed->uid,
                           .group = "",
                           .version = "v1",
                           .kind_name = "Pod",
                           .subresource = "",
                           .namespace = skimmed->namespace,
                           .name = "",
                           .operation = OPERATION_CREATE,
                           .object = pod};
}

/* What the injector reads is a quarter of the document; what cannot be cut is parsed whole, and its mistakes named. */
static int review_read(const struct route_request *request, const struct skimmed *skimmed,
                       struct review *ret, bool *ret_is_cut, struct error *err)
{
    struct slice body = {request->body, request->len};
    json_t *spec = NULL;

    if (skimmed->metadata)
        spec = skim_spec(&skimmed->skim, body);
    if (!spec)
        return review_parse(body.at, body.len, ret, err);
    review_join(skimmed, spec, ret);
    *ret_is_cut = true;
    return 0;
}

/* A pod has no name yet when it is asked about: what its name will begin with. */
static const char *pod_name(const json_t *object)
{
    const char *name = jsonx_name(object);

    return name && *name ? name : jsonx_str(object, "metadata", "generateName", NULL);
}

/* A pod that asks nothing of us, answered from its metadata alone. */
static bool answer_from_metadata(const struct route_request *request, const struct skimmed *skimmed,
                                 struct route_response *ret)
{
    if (!skimmed->metadata || jsonx_annotation(skimmed->metadata, ANNOTATION_ROLLOUT))
        return false;
    enum inject_reason reason =
        inject_glance(skimmed->metadata, skimmed->namespace, request->config->snapshot);
    if (reason == INJECT_DONE)
        return false;
    *ret = (struct route_response){200, OUTCOME_ALLOWED, reason, false,
                                   review_render_allowed(skimmed->api_version, skimmed->uid)};
    if (request->subject)
        access_subject_fill(request->subject, "Pod", skimmed->namespace,
                            pod_name(skimmed->metadata), "CREATE");
    return true;
}

enum early route_answer_early(const struct route_request *request, struct route_response *ret)
{
    AUTO(skimmed_done) struct skimmed skimmed = {0};
    struct slice text = {request->body, request->len};

    if (request->route != ROUTE_INJECT)
        return EARLY_WHOLE;
    if (!skim_pod_head(text, &skimmed.skim))
        return EARLY_TOO_LITTLE;
    skimmed_read(&skimmed);
    return answer_from_metadata(request, &skimmed, ret) ? EARLY_ANSWERED : EARLY_WHOLE;
}

static int answer_review(const struct route_request *request, const struct skimmed *skimmed,
                         struct route_response *ret, struct error *err)
{
    AUTO(review_done) struct review review = {0};
    AUTO(review_response_done) struct review_response review_response = {0};
    struct route_call call = {.request = request,
                              .review = &review,
                              .review_response = &review_response,
                              .response = ret};
    int r = review_read(request, skimmed, &review, &call.is_cut, err);

    if (r < 0)
        return r;
    if (request->subject)
        access_subject_fill(request->subject, review.kind_name, review.namespace,
                            *review.name ? review.name : pod_name(review.object),
                            review_operation_name(review.operation));
    r = route_rows[request->route].handle(&call, err);
    if (r < 0 || ret->wait || ret->reason == INJECT_CUT)
        return r;
    ret->status = 200;
    ret->outcome = outcome_of(&review, &review_response);
    ret->body = review_render(&review, &review_response);
    return 0;
}

/* With the whole pod where less of it is not enough to tell. */
static int answer_fully(const struct route_request *request, const struct skimmed *skimmed,
                        struct route_response *ret, struct error *err)
{
    static const struct skimmed none;
    int r = answer_review(request, skimmed, ret, err);

    if (r < 0 || ret->reason != INJECT_CUT)
        return r;
    *ret = (struct route_response){.reason = INJECT_REASON_COUNT};
    return answer_review(request, &none, ret, err);
}

void route_answer(const struct route_request *request, struct route_response *ret)
{
    AUTO(skimmed_done) struct skimmed skimmed = {0};
    struct error err;

    *ret = (struct route_response){.reason = INJECT_REASON_COUNT};
    skimmed_take(request, &skimmed);
    if (answer_from_metadata(request, &skimmed, ret))
        return;
    if (answer_fully(request, &skimmed, ret, &err) < 0)
        route_response_text(ret, err.kind == ERR_LIMIT ? 413 : 400, err.msg);
}

char *webhook_answer(const struct webhook_config *config, const char *path, const char *body,
                     size_t len, unsigned *ret_status)
{
    struct route_request request = {
        .config = config, .route = route_find(path), .body = body, .len = len};
    AUTO(route_response_done) struct route_response response = {0};

    if (request.route == ROUTE_NONE)
        route_response_text(&response, 404, "no such path");
    else if (len > LIMIT_REVIEW_BODY)
        route_response_text(&response, 413, "the body is too large");
    else
        route_answer(&request, &response);
    *ret_status = response.status;
    return TAKE(response.body);
}

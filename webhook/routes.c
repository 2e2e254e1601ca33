#include "routes.h"

#include <string.h>

#include "skim.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/names.h"

struct handling {
    const struct webhook_config *config;
    bool may_wait, is_cut;
    size_t size;
    const struct review *review;
    struct verdict *verdict;
    struct answer *answer;
};

static int handle_validate(struct handling *h, struct error *err);
static int handle_default(struct handling *h, struct error *err);
static int handle_inject(struct handling *h, struct error *err);

static const struct route_row {
    const char *path;
    int (*handle)(struct handling *h, struct error *err);
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

void answer_done(struct answer *answer)
{
    free(answer->body);
    *answer = (struct answer){0};
}

void answer_text(struct answer *ret, unsigned status, const char *text)
{
    *ret = (struct answer){.status = status,
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

static int admit_request_fill(const struct handling *h, struct admit_request *ret,
                              struct error *err)
{
    const struct review *review = h->review;
    AUTO(mem_free)
    char *api_version =
        xasprintf("%s%s%s", review->group, *review->group ? "/" : "", review->version);

    *ret = (struct admit_request){
        .kind = kind_find(api_version, review->kind_name),
        .operation = review->operation,
        .namespace = review->namespace,
        .object = review->object,
        .old = review->old,
        .snapshot = h->config->snapshot,
        .config = &h->config->admit,
    };
    bool needs_object =
        review->operation == OPERATION_CREATE || review->operation == OPERATION_UPDATE;
    if (needs_object && !review->object)
        return error_set(err, ERR_INVALID, "request.object is missing");
    if (review->operation == OPERATION_UPDATE && !review->old)
        return error_set(err, ERR_INVALID, "request.oldObject is missing");
    return 0;
}

static int handle_validate(struct handling *h, struct error *err)
{
    struct admit_request request;
    int r = admit_request_fill(h, &request, err);

    if (r < 0)
        return r;
    if (is_inspected(h->review, request.kind))
        admit_validate(&request, &h->verdict->causes, &h->verdict->warnings);
    h->verdict->denied = h->verdict->causes.count > 0;
    if (is_inspected(h->review, request.kind) && !h->verdict->denied)
        inject_foresee(&request, &h->verdict->warnings);
    return 0;
}

static int handle_default(struct handling *h, struct error *err)
{
    struct admit_request request;
    int r = admit_request_fill(h, &request, err);

    if (r < 0)
        return r;
    if (is_inspected(h->review, request.kind) && request.object)
        h->verdict->mutated = admit_default(&request, &h->verdict->warnings);
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
static int handle_inject(struct handling *h, struct error *err)
{
    const struct review *review = h->review;
    struct inject_request request = {.pod = review->object,
                                     .namespace = review->namespace,
                                     .snapshot = h->config->snapshot,
                                     .config = &h->config->inject,
                                     .memo = h->config->memo,
                                     .size = h->size,
                                     .is_cut = h->is_cut};
    AUTO(inject_result_done) struct inject_result result = {0};

    (void)err;
    if (!is_pod_creation(review))
        return 0;
    h->answer->wait = h->may_wait && snapshot_is_behind(&request);
    if (h->answer->wait)
        return 0;
    inject_pod(&request, &result);
    if (result.reason == INJECT_CUT) {
        h->answer->reason = INJECT_CUT;
        return 0;
    }
    h->answer->wait = h->may_wait && result.reason == INJECT_NO_REPOSITORY &&
                      jsonx_annotation(request.pod, ANNOTATION_ROLLOUT);
    h->answer->reason = result.reason;
    h->verdict->mutated = json_incref(result.pod);
    if (jsonx_annotation(result.pod, ANNOTATION_NOT_INJECTED))
        warnings_add(&h->verdict->warnings, "stash: not injected: %s", result.detail);
    return 0;
}

/* ---- one review ---- */

static enum outcome outcome_of(const struct review *review, const struct verdict *verdict)
{
    if (verdict->denied)
        return OUTCOME_DENIED;
    return verdict->mutated && verdict->mutated != review->object ? OUTCOME_PATCHED
                                                                  : OUTCOME_ALLOWED;
}

/* A review that was looked through before it is parsed. */
struct glimpse {
    struct pod_skim skim;
    json_t *metadata; /* a pod with nothing else; NULL: the text is not plain */
    char *api_version, *uid, *namespace;
};

static void glimpse_done(struct glimpse *glimpse)
{
    json_decref(glimpse->metadata);
    free(glimpse->api_version);
    free(glimpse->uid);
    free(glimpse->namespace);
}
DEFINE_AUTO_VALUE(struct glimpse, glimpse_done);

static char *slice_text(struct slice value)
{
    return xstrndup(value.at + 1, value.len - 2);
}

static void glimpse_read(struct glimpse *ret)
{
    ret->metadata = skim_metadata(&ret->skim);
    ret->api_version = slice_text(ret->skim.found[SKIM_API_VERSION]);
    ret->uid = slice_text(ret->skim.found[SKIM_UID]);
    ret->namespace = slice_text(ret->skim.found[SKIM_NAMESPACE]);
}

static void glimpse_take(const struct question *question, struct glimpse *ret)
{
    struct slice body = {question->body, question->len};

    if (question->route == ROUTE_INJECT && !question->whole && review_fits(body.at, body.len) &&
        skim_pod_review(body, &ret->skim))
        glimpse_read(ret);
}

/* The review of a pod that is there in parts; `spec` is taken. */
static void review_join(const struct glimpse *glimpse, json_t *spec, struct review *ret)
{
    json_t *pod = json_object();

    json_object_set_new(pod, "spec", spec);
    json_object_update(pod, glimpse->metadata);
    *ret = (struct review){.doc = pod,
                           .api_version = glimpse->api_version,
                           .uid = glimpse->uid,
                           .group = "",
                           .version = "v1",
                           .kind_name = "Pod",
                           .subresource = "",
                           .namespace = glimpse->namespace,
                           .name = "",
                           .operation = OPERATION_CREATE,
                           .object = pod};
}

/* What the injector reads is a quarter of the document; what cannot be cut is parsed whole, and its mistakes named. */
static int question_parse(const struct question *question, const struct glimpse *glimpse,
                          struct review *ret, bool *ret_is_cut, struct error *err)
{
    struct slice body = {question->body, question->len};
    json_t *spec = NULL;

    if (glimpse->metadata)
        spec = skim_spec(&glimpse->skim, body);
    if (!spec)
        return review_parse(body.at, body.len, ret, err);
    review_join(glimpse, spec, ret);
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
static bool answer_glimpse(const struct question *question, const struct glimpse *glimpse,
                           struct answer *ret)
{
    if (!glimpse->metadata || jsonx_annotation(glimpse->metadata, ANNOTATION_ROLLOUT))
        return false;
    enum inject_reason reason =
        inject_glance(glimpse->metadata, glimpse->namespace, question->config->snapshot);
    if (reason == INJECT_DONE)
        return false;
    *ret = (struct answer){200, OUTCOME_ALLOWED, reason, false,
                           review_render_allowed(glimpse->api_version, glimpse->uid)};
    if (question->subject)
        access_subject_fill(question->subject, "Pod", glimpse->namespace,
                            pod_name(glimpse->metadata), "CREATE");
    return true;
}

enum early route_answer_early(const struct question *question, struct answer *ret)
{
    AUTO(glimpse_done) struct glimpse glimpse = {0};
    struct slice text = {question->body, question->len};

    if (question->route != ROUTE_INJECT)
        return EARLY_WHOLE;
    if (!skim_pod_head(text, &glimpse.skim))
        return EARLY_TOO_LITTLE;
    glimpse_read(&glimpse);
    return answer_glimpse(question, &glimpse, ret) ? EARLY_ANSWERED : EARLY_WHOLE;
}

static int answer_review(const struct question *question, const struct glimpse *glimpse,
                         struct answer *ret, struct error *err)
{
    AUTO(review_done) struct review review = {0};
    AUTO(review_verdict_done) struct verdict verdict = {0};
    struct handling handling = {.config = question->config,
                                .may_wait = question->may_wait,
                                .size = question->len,
                                .review = &review,
                                .verdict = &verdict,
                                .answer = ret};
    int r = question_parse(question, glimpse, &review, &handling.is_cut, err);

    if (r < 0)
        return r;
    if (question->subject)
        access_subject_fill(question->subject, review.kind_name, review.namespace,
                            *review.name ? review.name : pod_name(review.object),
                            review_operation_name(review.operation));
    r = route_rows[question->route].handle(&handling, err);
    if (r < 0 || ret->wait || ret->reason == INJECT_CUT)
        return r;
    ret->status = 200;
    ret->outcome = outcome_of(&review, &verdict);
    ret->body = review_render(&review, &verdict);
    return 0;
}

/* With the whole pod where less of it is not enough to tell. */
static int answer_fully(const struct question *question, const struct glimpse *glimpse,
                        struct answer *ret, struct error *err)
{
    static const struct glimpse none;
    int r = answer_review(question, glimpse, ret, err);

    if (r < 0 || ret->reason != INJECT_CUT)
        return r;
    *ret = (struct answer){.reason = INJECT_REASON_COUNT};
    return answer_review(question, &none, ret, err);
}

void route_answer(const struct question *question, struct answer *ret)
{
    AUTO(glimpse_done) struct glimpse glimpse = {0};
    struct error err;

    *ret = (struct answer){.reason = INJECT_REASON_COUNT};
    glimpse_take(question, &glimpse);
    if (answer_glimpse(question, &glimpse, ret))
        return;
    if (answer_fully(question, &glimpse, ret, &err) < 0)
        answer_text(ret, err.kind == ERR_LIMIT ? 413 : 400, err.msg);
}

char *webhook_answer(const struct webhook_config *config, const char *path, const char *body,
                     size_t len, unsigned *ret_status)
{
    struct question question = {
        .config = config, .route = route_find(path), .body = body, .len = len};
    AUTO(answer_done) struct answer answer = {0};

    if (question.route == ROUTE_NONE)
        answer_text(&answer, 404, "no such path");
    else if (len > LIMIT_REVIEW_BODY)
        answer_text(&answer, 413, "the body is too large");
    else
        route_answer(&question, &answer);
    *ret_status = answer.status;
    return TAKE(answer.body);
}

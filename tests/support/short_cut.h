/*
 * short_cut.h - the law of the webhook's short cuts: where the long way answers, the short one gives the same answer.
 */
#ifndef TEST_SHORT_CUT_H
#define TEST_SHORT_CUT_H

#include <stdbool.h>
#include <string.h>

#include "routes.h"
#include "stash/digest.h"
#include "stash/jsonx.h"
#include "stash/patch.h"

#define SHORT_CUT_PARTS 300 /* lengths that are tried */

/* The object of the review with the answer's patch applied; new reference. */
static inline json_t *short_cut_outcome(const json_t *review, const char *answer_text)
{
    json_auto_t *answer = NULL, *patch = NULL;
    json_t *object = jsonx_get(review, "request", "object", NULL), *applied = NULL;
    AUTO(mem_free) char *text = NULL;
    struct error err;
    size_t len;

    BUG_ON(jsonx_parse(answer_text, strlen(answer_text), &answer, &err) < 0);
    const char *encoded = jsonx_str(answer, "response", "patch", NULL);
    if (!encoded)
        return json_incref(object);
    BUG_ON(digest_base64_decode(encoded, &text, &len, &err) < 0);
    BUG_ON(jsonx_parse(text, len, &patch, &err) < 0);
    BUG_ON(patch_apply(object, patch, &applied, &err) < 0);
    return applied;
}

/* Whatever part of the body is there first: an early answer is that of the whole. */
static inline bool short_cut_early_agrees(const struct route_request *whole,
                                          const struct route_response *response)
{
    struct route_request part = *whole;
    size_t step = 1 + whole->len / SHORT_CUT_PARTS;

    for (part.len = 0; part.len <= whole->len; part.len += step) {
        AUTO(route_response_done) struct route_response early = {0};
        if (route_answer_early(&part, &early) == EARLY_ANSWERED &&
            (early.status != response->status || early.outcome != response->outcome ||
             strcmp(early.body, response->body) != 0))
            return false;
    }
    return true;
}

static inline bool short_cut_agrees(const struct webhook_config *config, const char *body,
                                    size_t len)
{
    struct route_request request = {
        .config = config, .route = ROUTE_INJECT, .body = body, .len = len, .whole = true};
    AUTO(route_response_done) struct route_response whole = {0}, quick = {0};
    json_auto_t *review = NULL;
    struct error err;

    route_answer(&request, &whole);
    request.whole = false;
    route_answer(&request, &quick);
    if (whole.status != 200)
        return true;
    BUG_ON(jsonx_parse(body, len, &review, &err) < 0);
    if (!short_cut_early_agrees(&request, &whole))
        return false;
    if (quick.status != 200 || quick.reason != whole.reason || quick.outcome != whole.outcome)
        return false;
    json_auto_t *one = short_cut_outcome(review, whole.body);
    json_auto_t *two = short_cut_outcome(review, quick.body);
    return one == two || json_equal(one, two);
}

#endif

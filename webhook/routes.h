/*
 * routes.h - which path is answered how.
 */
#ifndef WEBHOOK_ROUTES_H
#define WEBHOOK_ROUTES_H

#include "access.h"
#include "review.h"
#include "stash/webhook.h"

enum route { ROUTE_VALIDATE, ROUTE_DEFAULT, ROUTE_INJECT, ROUTE_COUNT, ROUTE_NONE = ROUTE_COUNT };

enum outcome { OUTCOME_ALLOWED, OUTCOME_PATCHED, OUTCOME_DENIED, OUTCOME_REFUSED, OUTCOME_COUNT };

/** "/validate" and "denied": for logs. */
const char *route_path(enum route route);
const char *route_outcome_name(enum outcome outcome);

/** By the request's path; ROUTE_NONE for others. */
enum route route_find(const char *path);

struct route_response {
    unsigned status;           /* HTTP */
    enum outcome outcome;      /* OUTCOME_REFUSED: not an AdmissionReview that can be answered */
    enum inject_reason reason; /* of /inject; INJECT_REASON_COUNT otherwise */
    bool wait;  /* no answer yet: the snapshot is older than the pod; ask again soon */
    char *body; /* heap: an AdmissionReview, or a line of text */
};

void route_response_done(struct route_response *response);
DEFINE_AUTO_VALUE(struct route_response, route_response_done);

struct route_request {
    const struct webhook_config *config;
    enum route route;
    const char *body;
    size_t len;
    bool may_wait;           /* the answer may be "wait" */
    bool whole;              /* take no short cuts: for comparison */
    struct subject *subject; /* filled as far as it can be told; NULL: nobody asks */
};

/** Always fills `ret`. Pure but for the snapshot that it asks. */
void route_answer(const struct route_request *request, struct route_response *ret);

/**
 * Answer a review of which only a first part is there, if that is enough: a pod that asks nothing of us, as API servers
 * put the metadata before the rest. What the rest may be changes nothing for the pod: it is allowed as it is. Unless it is
 * answered, `ret` is untouched: there is too little yet to tell, or the whole is needed, however much of it there is.
 */
enum early { EARLY_ANSWERED, EARLY_TOO_LITTLE, EARLY_WHOLE };
enum early route_answer_early(const struct route_request *request, struct route_response *ret);

/** A line of text under an HTTP status. */
void route_response_text(struct route_response *ret, unsigned status, const char *text);

#endif

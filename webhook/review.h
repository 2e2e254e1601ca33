/*
 * review.h - the AdmissionReview codec: bytes to a review, its response to bytes.
 *
 * uid, the apiVersion that was received, status, patch and patchType are set in review_render() and nowhere else, so no
 * handler can forget one.
 */
#ifndef WEBHOOK_REVIEW_H
#define WEBHOOK_REVIEW_H

#include "stash/admit.h"
#include "stash/causes.h"
#include "stash/error.h"
struct review {
    json_t *doc;             /* owned; everything else is borrowed, usually from it */
    const char *api_version; /* "admission.k8s.io/v1" or "…/v1beta1" */
    const char *uid;
    const char *group, *version, *kind_name;
    const char *subresource; /* "" when there is none */
    const char *namespace;   /* "" for cluster-scoped objects */
    const char *name;        /* may be "" on CREATE */
    enum operation operation;
    const json_t *object; /* NULL on DELETE */
    const json_t *old;    /* NULL on CREATE */
};

/** "CREATE" */
const char *review_operation_name(enum operation operation);

/** Whether parsing this text takes no more memory than a review may, estimated without parsing it. */
bool review_fits(const char *body, size_t len);

/** ERR_INVALID says what is wrong with a body that is not an AdmissionReview request; ERR_LIMIT when it is built to
 *  need far more memory than its size. */
int review_parse(const char *body, size_t len, struct review *ret, struct error *err);
void review_done(struct review *review);
DEFINE_AUTO_VALUE(struct review, review_done);

/** What a handler found; zeroed memory allows and changes nothing. */
struct review_response {
    bool denied;
    struct causes causes; /* why it is denied */
    struct warnings warnings;
    json_t *mutated; /* the object as it should be; NULL or the review's own object: no patch */
};

void review_response_done(struct review_response *response);
DEFINE_AUTO_VALUE(struct review_response, review_response_done);

/** The response document as text. The caller frees it. */
char *review_render(const struct review *review, const struct review_response *response);

/** {apiVersion, uid, allowed: true}: the answer to a request that concerns nobody. The caller frees it. */
char *review_render_allowed(const char *api_version, const char *uid);

#endif

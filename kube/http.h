/*
 * http.h - one HTTP exchange with the API server, on a pooled libcurl handle.
 *
 * Every status is an answer here; only what kept the answer from arriving is an error. Answers are bounded. Redirects
 * are not followed, signals are not used, and nothing is retried.
 */
#ifndef KUBE_HTTP_H
#define KUBE_HTTP_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "stash/buf.h"
#include "stash/error.h"

struct kube;

/** Takes the body of a 200 piece by piece; a failure ends the transfer and becomes the call's error. */
typedef int (*http_sink)(void *ctx, const char *data, size_t len, struct error *err);

struct http_request {
    const char *method;       /* "GET" */
    const char *target;       /* path and query */
    const char *accept;       /* NULL: application/json */
    const char *content_type; /* NULL: no body */
    const char *body;
    int64_t timeout_ms;
    bool urgent;                /* does not queue behind other calls: for the lease */
    bool reload_token;          /* the last try was told 401 */
    http_sink sink;             /* NULL: the body is collected */
    void (*restart)(void *ctx); /* with a sink: forget what an attempt before this one gave it */
    void *ctx;
};

struct http_response {
    long status;
    long retry_after_s; /* -1: not said */
    struct buf body;    /* all of it, or, with a sink, that of any status but 200 */
};

void http_response_init(struct http_response *response);
void http_response_done(struct http_response *response);
DEFINE_AUTO_VALUE(struct http_response, http_response_done);

/** Send and wait for the whole answer. ERR_TRANSPORT, ERR_TIMEOUT, ERR_LIMIT, or the sink's error. */
int http_send(struct kube *kube, const struct http_request *request, struct http_response *response,
              struct error *err);

/**
 * Set everything that calls and watches share: URL, identity, trust, headers, body. The caller frees `*ret_headers` after
 * the transfer; `request` must live as long.
 */
int http_prepare(struct kube *kube, CURL *curl, const struct http_request *request,
                 struct curl_slist **ret_headers, struct error *err);

/** The bearer token that a request carries now; NULL: none. Heap string. */
int http_bearer(struct kube *kube, char **ret, struct error *err);

/** Turn libcurl's result into an error; `detail` is the handle's error buffer. */
int http_error(CURLcode code, const char *detail, struct error *err);

#endif

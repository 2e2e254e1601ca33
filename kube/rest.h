/*
 * rest.h - one call of the Kubernetes API, with the waiting and the second try that every verb wants.
 */
#ifndef KUBE_REST_H
#define KUBE_REST_H

#include "client.h"
#include "http.h"

#define CALL_TIMEOUT_MS   60000 /* one attempt */
#define BUSY_TRIES        10    /* answers with Retry-After that are waited for … */
#define BUSY_WAIT_MAX_S   15    /* … each at most this long … */
#define BUSY_WAIT_TOTAL_S 60    /* … and all together */

struct rest_call {
    const char *verb; /* for messages: "create" */
    const struct resource *resource;
    const char *namespace;
    const char *name;
    struct http_request http; /* method, target, types, body, sink; the rest is filled in */
    int64_t deadline_ms;      /* monotonic; 0: none but the limits above */
};

/**
 * Send, wait out 429 and 5xx that say Retry-After, try once more with a fresh token after 401. Anything but 2xx becomes
 * an error "verb kind namespace/name: message".
 */
int rest_send(struct kube *kube, struct rest_call *call, struct http_response *response,
              struct error *err);

/** rest_send(), and the body as a document with apiVersion and kind of the resource. `ret` may be NULL. */
int rest_fetch(struct kube *kube, struct rest_call *call, json_t **ret, struct error *err);

/** GET with a deadline, for the lease. */
int rest_get(struct kube *kube, struct rest_call *call, const char *accept, json_t **ret,
             struct error *err);

/** POST (no name in the object's path) or PUT an object, with a deadline, for the lease. */
int rest_write(struct kube *kube, struct rest_call *call, const json_t *object,
               const struct kube_write *options, json_t **ret, struct error *err);

#define ACCEPT_METADATA      "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
#define ACCEPT_METADATA_LIST "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"

#endif

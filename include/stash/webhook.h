/*
 * webhook.h - the HTTPS admission server: AdmissionReview in, response out.
 *
 * The server answers anyone who reaches its port, so it holds no rights and trusts nothing: bodies are bounded, clients
 * have deadlines, one bad request never harms the next. It never calls the API server: answers come from the snapshot.
 */
#ifndef STASH_WEBHOOK_H
#define STASH_WEBHOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "stash/admit.h"
#include "stash/certs.h"
#include "stash/inject.h"
#include "stash/snapshot.h"

struct webhook_config {
    const char *listen;       /* "0.0.0.0:8443", "[::]:8443" */
    const char *admin_listen; /* plain HTTP: /healthz, /readyz, /metrics; NULL: none */
    const struct snapshot *snapshot;
    struct inject_config inject;
    struct inject_memo *memo; /* borrowed; NULL: each pod is worked out anew */
    struct admit_config admit;
    bool (*ready)(void *ctx, struct error *ret_why); /* the snapshot is good; NULL: always */
    int64_t (*age)(void *ctx);   /* seconds since the stalest watch was heard of; NULL: unknown */
    size_t (*unread)(void *ctx); /* objects that the snapshot cannot read; NULL: none */
    void *ready_ctx;             /* of the three */
    unsigned threads;            /* 0: 4 */
    /* PEM: only clients with a certificate of these CAs are heard; NULL: all */
    const char *client_ca;
    bool access_log; /* a log line for each request */
};

struct webhook;

/** Start listening; requests are served on the server's own threads until webhook_stop(). */
int webhook_start(const struct webhook_config *config, struct webhook **ret, struct error *err);

/** The address as bound: "127.0.0.1:43210" where port 0 was asked for. */
const char *webhook_address(const struct webhook *webhook);

/** Serve this pair from the next handshake on. Refused (and the old one kept) unless the key fits the certificate. */
int webhook_set_certificate(struct webhook *webhook, const struct cert_pair *pair,
                            struct error *err);

/**
 * Drain: not ready at once, keep serving for `drain_ms` while clients are sent away, then take no more connections and
 * close when the last answer is out.
 */
void webhook_stop(struct webhook *webhook, int64_t drain_ms);

/** One review, without HTTP: what the server answers to `body` on `path`. For fuzzing and tests. The caller frees it. */
char *webhook_answer(const struct webhook_config *config, const char *path, const char *body,
                     size_t len, unsigned *ret_status);

#endif

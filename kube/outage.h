/*
 * outage.h - one call's patience with an API server that is away.
 */
#ifndef KUBE_OUTAGE_H
#define KUBE_OUTAGE_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed memory is a call that has met no outage. */
struct outage {
    int64_t began_ms;    /* of the first failure, 0: none */
    int64_t returned_ms; /* when the server answered again, 0: not yet */
    int64_t pause_ms;
};

/**
 * An attempt ended with `status` (0: no answer at all). Milliseconds to wait before the next one; -1: this is the answer.
 *
 * A server that has just come back answers 401, 403 and 404 until it has read its own rules and resources; such
 * answers are not believed in the first seconds after an outage. Pure.
 */
int64_t outage_wait(struct outage *outage, long status, int64_t patience_ms, int64_t now_ms);

#endif

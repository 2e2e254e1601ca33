/*
 * backoff.h - how long to wait before the next try: 0.8 s doubled up to 30 s, with jitter. Pure.
 */
#ifndef KUBE_BACKOFF_H
#define KUBE_BACKOFF_H

#include <stdint.h>

#define BACKOFF_FIRST_MS 800
#define BACKOFF_MAX_MS   30000
#define BACKOFF_CALM_MS  120000 /* after so long without a failure it starts small again */

/* Zeroed memory has not failed yet. */
struct backoff {
    unsigned failures;
    int64_t last_ms;
};

/** Count a failure at `now_ms` and say how long to wait; `random` is any number. Half of the time is jitter. */
int64_t backoff_next(struct backoff *backoff, int64_t now_ms, uint32_t random);

#endif

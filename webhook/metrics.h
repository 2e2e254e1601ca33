/*
 * metrics.h - what the server counts, and its text for Prometheus. Safe from any thread.
 */
#ifndef WEBHOOK_METRICS_H
#define WEBHOOK_METRICS_H

#include <stdatomic.h>
#include <stdint.h>

#include "routes.h"
#include "stash/buf.h"

#define METRICS_BUCKETS 10

struct metrics {
    atomic_uint_fast64_t requests[ROUTE_COUNT][OUTCOME_COUNT];
    atomic_uint_fast64_t buckets[ROUTE_COUNT][METRICS_BUCKETS + 1]; /* the last: above all bounds */
    atomic_uint_fast64_t micros[ROUTE_COUNT];
    atomic_uint_fast64_t reasons[INJECT_REASON_COUNT];
    /* answered by the server itself: path, method, type, size, load */
    atomic_uint_fast64_t rejected;
    atomic_uint_fast64_t cut;       /* connections cut at a deadline */
    atomic_int_fast64_t in_flight;  /* requests */
    atomic_uint_fast64_t in_memory; /* bytes of the budget that are taken */
};

void metrics_count(struct metrics *metrics, enum route route, const struct route_response *response,
                   int64_t micros);

/** What is not counted but asked for. */
struct metrics_gauges {
    int64_t certificate_not_after; /* Unix seconds; 0: none */
    int64_t snapshot_age;          /* seconds; negative: unknown */
    unsigned connections;
    size_t unread; /* objects that cannot be read */
    bool ready;
};

void metrics_render(struct metrics *metrics, const struct metrics_gauges *gauges, struct buf *out);

#endif

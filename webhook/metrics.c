#include "metrics.h"

#include <inttypes.h>

#include "stash/mem.h"

static const struct {
    int64_t micros;
    const char *label; /* seconds */
} bounds[METRICS_BUCKETS] = {
    {50, "5e-05"},    {100, "0.0001"}, {250, "0.00025"}, {500, "0.0005"}, {1000, "0.001"},
    {2500, "0.0025"}, {10000, "0.01"}, {100000, "0.1"},  {500000, "0.5"}, {1000000, "1"},
};

static const char *const route_labels[ROUTE_COUNT] = {"validate", "default", "inject"};

void metrics_count(struct metrics *metrics, enum route route, const struct route_response *response,
                   int64_t micros)
{
    size_t bucket = 0;

    while (bucket < METRICS_BUCKETS && micros > bounds[bucket].micros)
        bucket++;
    atomic_fetch_add(&metrics->requests[route][response->outcome], 1);
    atomic_fetch_add(&metrics->buckets[route][bucket], 1);
    atomic_fetch_add(&metrics->micros[route], (uint_fast64_t)micros);
    if (response->reason < INJECT_REASON_COUNT)
        atomic_fetch_add(&metrics->reasons[response->reason], 1);
}

static void metrics_family(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void requests_render(struct metrics *metrics, struct buf *out)
{
    metrics_family(out, "stash_webhook_requests_total", "counter",
                   "Admission requests by path and outcome.");
    for (size_t r = 0; r < ROUTE_COUNT; r++)
        for (size_t o = 0; o < OUTCOME_COUNT; o++)
            buf_addf(out,
                     "stash_webhook_requests_total{path=\"%s\",outcome=\"%s\"} %" PRIuFAST64 "\n",
                     route_labels[r], route_outcome_name(o), atomic_load(&metrics->requests[r][o]));
    metrics_family(out, "stash_webhook_injections_total", "counter",
                   "Pod creations by what became of them.");
    for (size_t i = 0; i < INJECT_REASON_COUNT; i++)
        buf_addf(out, "stash_webhook_injections_total{reason=\"%s\"} %" PRIuFAST64 "\n",
                 inject_reason_name(i), atomic_load(&metrics->reasons[i]));
}

static void latency_render(struct metrics *metrics, struct buf *out)
{
    metrics_family(out, "stash_webhook_latency_seconds", "histogram",
                   "Time from the whole request to its answer.");
    for (size_t r = 0; r < ROUTE_COUNT; r++) {
        uint_fast64_t sum = 0;
        for (size_t b = 0; b <= METRICS_BUCKETS; b++) {
            sum += atomic_load(&metrics->buckets[r][b]);
            buf_addf(out,
                     "stash_webhook_latency_seconds_bucket{path=\"%s\",le=\"%s\"} %" PRIuFAST64
                     "\n",
                     route_labels[r], b < METRICS_BUCKETS ? bounds[b].label : "+Inf", sum);
        }
        buf_addf(out, "stash_webhook_latency_seconds_sum{path=\"%s\"} %.6f\n", route_labels[r],
                 (double)atomic_load(&metrics->micros[r]) / 1e6);
        buf_addf(out, "stash_webhook_latency_seconds_count{path=\"%s\"} %" PRIuFAST64 "\n",
                 route_labels[r], sum);
    }
}

static void metrics_value(struct buf *out, const char *name, const char *type, const char *help,
                          int64_t number)
{
    metrics_family(out, name, type, help);
    buf_addf(out, "%s %" PRId64 "\n", name, number);
}

void metrics_render(struct metrics *metrics, const struct metrics_gauges *gauges, struct buf *out)
{
    requests_render(metrics, out);
    latency_render(metrics, out);
    metrics_value(out, "stash_webhook_rejected_total", "counter",
                  "Requests turned away before they were read: path, method, type, size, load.",
                  (int64_t)atomic_load(&metrics->rejected));
    metrics_value(out, "stash_webhook_connections_cut_total", "counter",
                  "Connections cut at a deadline.", (int64_t)atomic_load(&metrics->cut));
    metrics_value(out, "stash_webhook_connections", "gauge", "Connections that are open.",
                  gauges->connections);
    metrics_value(out, "stash_webhook_in_flight_requests", "gauge",
                  "Requests being read or answered.", (int64_t)atomic_load(&metrics->in_flight));
    metrics_value(out, "stash_webhook_in_flight_bytes", "gauge",
                  "Memory taken by requests in flight.", (int64_t)atomic_load(&metrics->in_memory));
    metrics_value(out, "stash_webhook_certificate_expiry_timestamp_seconds", "gauge",
                  "When the serving certificate ends; 0 when there is none.",
                  gauges->certificate_not_after);
    if (gauges->snapshot_age >= 0)
        metrics_value(out, "stash_webhook_snapshot_age_seconds", "gauge",
                      "Since the stalest watch was last heard of.", gauges->snapshot_age);
    metrics_value(out, "stash_webhook_unread_objects", "gauge",
                  "Objects that are there and cannot be read; the log names them.",
                  (int64_t)gauges->unread);
    metrics_value(out, "stash_webhook_ready", "gauge", "1 when /readyz says so.", gauges->ready);
}

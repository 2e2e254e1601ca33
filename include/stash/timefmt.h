/*
 * timefmt.h - points in time and spans as Kubernetes and Go write them. Pure: the present is always an argument.
 */
#ifndef STASH_TIMEFMT_H
#define STASH_TIMEFMT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TIMEFMT_SIZE 40

/** Unix seconds as metav1.Time: 2026-01-02T03:04:05Z. */
void timefmt_rfc3339(int64_t unix_seconds, char out[TIMEFMT_SIZE]);

/** Unix microseconds as metav1.MicroTime: 2026-01-02T03:04:05.000006Z. */
void timefmt_micro(int64_t unix_micros, char out[TIMEFMT_SIZE]);

/** Parse RFC 3339 (any offset, fractions dropped). False, and *ret untouched, when it is not one. */
bool timefmt_parse(const char *text, int64_t *ret_unix_seconds);

/** A span in Go's syntax (1h2m3.5s, 300ms, -1s) to nanoseconds. False when it is not one or overflows. */
bool timefmt_parse_duration(const char *text, int64_t *ret_nanos);

/** Nanoseconds as Go's Duration.String(): 1.5s, 2m3s, 1h0m0s, 0s. */
void timefmt_duration(int64_t nanos, char out[TIMEFMT_SIZE]);

#endif

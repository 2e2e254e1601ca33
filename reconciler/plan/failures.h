/*
 * failures.h - from a Job, its Pods and their Events to a verdict: fine, waiting for something, or failed for good.
 */
#ifndef STASH_PLAN_FAILURES_H
#define STASH_PLAN_FAILURES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum verdict {
    VERDICT_FINE,    /* it runs, or is done */
    VERDICT_WAITING, /* there is a problem that may still pass */
    VERDICT_FAILED,  /* it will never succeed */
};

struct failure {
    enum verdict verdict;
    const char *reason; /* one word for a condition; static or borrowed from the world */
    char message[1024]; /* one sentence for people */
    int64_t since;      /* VERDICT_WAITING: when it last made progress */
    /* VERDICT_FAILED: it came to its end by itself; its Pod is worth keeping for its logs */
    bool ended;
};

/** Judge a Job of the world (jobs, pods, events, claims, serviceAccounts). Always fills `ret`. */
void failures_judge(const json_t *world, const json_t *job, struct failure *ret);

/** Judge one Pod: the same without what only a Job knows. */
void failures_judge_pod(const json_t *world, const json_t *pod, struct failure *ret);

/** Whether a container, by its status (or NULL), waits for something before its first start: reason and message say for what. */
bool failures_judge_start(const json_t *status, struct failure *ret);

/** A point in time of a document as Unix seconds, 0 when absent. */
int64_t failures_time(const json_t *text);

/** Fill verdict, reason and message; the rest stays. */
void failures_set(struct failure *ret, enum verdict verdict, const char *reason, const char *fmt,
                  ...) __attribute__((format(printf, 4, 5)));

/** The latest event of that reason about an object; NULL when there is none. `reason` may be a prefix. */
const json_t *failures_event(const json_t *world, const char *kind, const char *name,
                             const char *reason);

/** When it was last seen; 0 for NULL. */
int64_t failures_event_time(const json_t *event);

#endif

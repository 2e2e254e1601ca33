/*
 * event_log.h - which events are new, which are counted up, and which are too many. Pure: the present is an argument.
 *
 * The rules are client-go's: the same event within ten minutes is counted up; more than ten that differ only in their
 * message within ten minutes become one; one object gets 25 events at once and then one each five minutes. What is
 * remembered is bounded: the least recently used is forgotten. Not safe from several threads: event.c holds a lock.
 */
#ifndef KUBE_EVENT_LOG_H
#define KUBE_EVENT_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "stash/mem.h"

#define EVENT_LOG_MAX 1024

struct event_log;
struct event_log *event_log_new(void);
void event_log_free(struct event_log *log);
DEFINE_AUTO(struct event_log, event_log_free);

/** What tells events apart. `object` names one object: its UID, or kind, namespace and name. */
struct event_key {
    const char *component;
    const char *object;
    const char *type;
    const char *reason;
    const char *message;
};

enum event_verdict { EVENT_CREATE, EVENT_COUNT_UP, EVENT_DROP };

struct event_decision {
    enum event_verdict verdict;
    bool combined;    /* stands for many that differ in their message */
    const char *name; /* EVENT_COUNT_UP: of the event to patch; valid until the next call */
    int64_t first;    /* Unix seconds of the first one */
    int count;        /* with this one */
};

void event_log_decide(struct event_log *log, const struct event_key *key, int64_t now,
                      struct event_decision *ret);

/** The event was stored under `name`: count up from here. */
void event_log_stored(struct event_log *log, const struct event_key *key, bool combined,
                      const char *name, int64_t now);

/** The lock that event.c holds around the calls. */
void event_log_lock(struct event_log *log);
void event_log_unlock(struct event_log *log);

#endif

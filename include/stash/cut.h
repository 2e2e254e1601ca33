/*
 * cut.h - names and label values that must fit: what has to be cut keeps a digest of the whole. Pure.
 *
 * This is the only place that cuts. What two owners would both be called is told apart here too, by the same digest.
 */
#ifndef STASH_CUT_H
#define STASH_CUT_H

#include <stdbool.h>
#include <stddef.h>

/* What the API server takes: names of most objects; label values, and the names that become host names or labels; those
 * of CronJobs, whose Jobs carry 11 characters more. */
#define CUT_OBJECT   253
#define CUT_LABEL    63
#define CUT_CRON_JOB 52
/* A dash and 8 hex digits. */
#define CUT_DIGEST 9

/** A name in two parts. `max` leaves room for the tail, the digest and something of the head. */
struct cut {
    const char *head;  /* cut at its end when there is no room */
    const char *tail;  /* always whole; may be "" */
    const char *whole; /* what the digest is of: all that tells this owner from others */
    size_t max;
    bool distinct; /* another owner has the plain name: take the digest although it fits */
};

/** head + tail, or <start of head>-<digest>tail. At most `max` characters; the same every time. Heap string. */
char *cut_name(const struct cut *cut);

/** `value` when it can be a label's, else <start>-<digest>, with "-" for what labels cannot hold. Heap string. */
char *cut_label(const char *value);

#endif

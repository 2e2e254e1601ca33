/*
 * parsed.h - trees of records that were asked for lately. Safe from any thread.
 */
#ifndef KUBE_PARSED_H
#define KUBE_PARSED_H

#include <pthread.h>

#include "record.h"
#include "stash/limits.h"

#define PARSED_DEFAULT 64 /* about 1 MiB of trees */
/* a tree takes up to thirty times as much; larger ones are not kept */
#define PARSED_TEXT_MAX (16 * LIMIT_KIB)

struct parsed {
    pthread_mutex_t lock;
    struct parsed_slot *slots; /* a record's serial number says which one is its */
    size_t count;
};

void parsed_init(struct parsed *parsed);
void parsed_done(struct parsed *parsed);

/** Keep up to `count` trees from now on; those kept so far are forgotten. */
void parsed_resize(struct parsed *parsed, size_t count);

/** The tree of a record, a new reference. `keep` remembers one that had to be made. */
json_t *parsed_get(struct parsed *parsed, const struct record *record, bool keep);

#endif

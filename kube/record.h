/*
 * record.h - one stored document, packed: compact text and the few strings that lookups compare.
 *
 * A BackupConfiguration of 1.7 KB of text is 14 KB as a tree, so trees are made when somebody asks. A record is never
 * changed; a new version of the document is a new record. Whoever reads one holds a reference, so that nobody parses
 * under the store's lock. Pure.
 */
#ifndef KUBE_RECORD_H
#define KUBE_RECORD_H

#include <jansson.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "stash/mem.h"

struct posting;

struct record {
    atomic_uint references;
    const char *namespace, *name; /* "" where the document has none; all strings lie in `bytes` */
    const char *uid, *version;
    const char *created; /* metadata.creationTimestamp */
    const char *labels;  /* "key=value" NUL … NUL */
    const char *text;
    size_t text_len;
    uint64_t serial;    /* tells this record from all others that ever were */
    const void *source; /* which watch put it, and in which of its lists; these three may change */
    unsigned mark;
    size_t wanted; /* of an outline whose document found no room: how much it takes; else 0 */
    bool unread;   /* the document could not be read: this is only its outline */
    struct posting **postings; /* where indexes list it; kept by store_index.c */
    size_t posting_count;
    size_t key_bytes; /* what these take, also by store_index.c */
    char bytes[];
};

/** Pack a document. The caller has the first reference. */
struct record *record_new(const json_t *doc, uint64_t serial);
struct record *record_ref(struct record *record);
void record_unref(struct record *record);
DEFINE_AUTO(struct record, record_unref);

/** What counts of the room of its namespace: its text or, when that takes more, the keys that it is found by. */
size_t record_weight(const struct record *record);

/** The document as a tree: a new reference. */
json_t *record_parse(const struct record *record);

/** Order by namespace, then name: for tsearch(3). */
int record_compare(const void *a, const void *b);

/** Whether both hold the same version. Documents without a resourceVersion are compared as a whole. */
bool record_is_same(const struct record *a, const struct record *b);

/**
 * Whether `a` is a later version of the same object than `b`. Versions count up as decimal numbers on every API server
 * that there is; where they are something else the answer is no.
 */
bool record_is_newer(const struct record *a, const struct record *b);

/** Whether it has every "key=value" of a comma list; NULL matches all. */
bool record_matches(const struct record *record, const char *selector);

#endif

/*
 * store_index.h - the second keys of one kind's records. Not safe from several threads: the store holds its lock.
 */
#ifndef KUBE_STORE_INDEX_H
#define KUBE_STORE_INDEX_H

#include "record.h"
#include "stash/kube.h"

/* The records found under one key, the oldest first; names break ties. */
struct posting {
    const char *key; /* points at `own_key`; a probe has none */
    char *own_key;
    struct index *index;
    struct record **records;
    size_t count;
};

struct index {
    char *name;
    store_index_fn keys;
    void *postings; /* tree of struct posting */
    struct index *next;
};

struct index *store_index_new(const char *name, store_index_fn keys);

/** Free a whole chain. Records that are still listed must not be used afterwards. */
void store_index_free(struct index *chain);

/** List a record under every key that its document has in an index. */
void store_index_add(struct index *index, struct record *record, const json_t *doc);

/** Take it out of every index. */
void store_index_drop(struct record *record);

/** The records under a key of the index of that name, or NULL. */
const struct posting *store_index_find(const struct index *chain, const char *name,
                                       const char *key);

/** How many records there are under all keys of the index of that name, of each key no more than `most` counted. */
size_t store_index_sum(const struct index *chain, const char *name, size_t most);

#endif

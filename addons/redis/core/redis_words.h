/*
 * redis_words.h - what a server says of itself and its cluster, and the numbers of entries and slots. Pure.
 */
#ifndef STASH_REDIS_WORDS_H
#define STASH_REDIS_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stash/argv.h"
#include "stash/error.h"

#define REDIS_DATABASES_MAX 4096

/** How many keys a database has, and how many of them expire. */
struct redis_database {
    int64_t number, keys, expires;
};

struct redis_info {
    char version[32];
    bool is_cluster, is_replica, is_linked; /* a replica: to its master */
    bool has_field_expiry;                  /* hashes have fields that expire */
    int64_t evicted;                        /* keys, since it was started */
    struct redis_database *databases;       /* those that have keys */
    size_t database_count;
};

void redis_info_done(struct redis_info *info);
DEFINE_AUTO_VALUE(struct redis_info, redis_info_done);

/** The answer of INFO. `ret` is zeroed, or gets more of another node of the same cluster: keys add up. */
void redis_info_add(const char *text, struct redis_info *ret);

/** The row of a database; a new one when there is none; NULL: there are too many. */
struct redis_database *redis_info_database(struct redis_info *info, int64_t number);

/** Addresses (host:port) of the masters that have slots, of CLUSTER NODES' answer. ERR_TRANSPORT: one is down. */
int redis_cluster_masters(const char *nodes, struct argv *ret, struct error *err);

/** The node that has a slot (index into redis_cluster_masters()), for every slot; -1: nobody. */
#define REDIS_SLOTS 16384
void redis_cluster_slots(const char *nodes, int16_t ret[REDIS_SLOTS]);

/** Whether the masters' slots, and those on their way, are the same in a later answer; who has them may have changed. */
bool redis_cluster_is_same(const char *nodes, const char *later);

/** The slot of a key. */
unsigned redis_slot(const char *key, size_t len);

/** The id after this one ("5-1" after "5-0"); `ret` holds REDIS_ID_SIZE bytes. False: it is no id, or the last. */
#define REDIS_ID_SIZE 48
bool redis_id_after(const char *id, char ret[REDIS_ID_SIZE]);

/** Whether the first id is greater. */
bool redis_id_is_after(const char *id, const char *other);

/** Whether waiting helps against what a server says: it loads, its master is gone, it is busy. */
bool redis_is_passing(const char *words);

#endif

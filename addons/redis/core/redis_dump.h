/*
 * redis_dump.h - a dump as it passes: commands in Redis' protocol, ours or those of redis-dump-go, which Stash stored.
 *
 * Only commands that write data are known; a dump with any other is refused, so that none can do harm to a server. Keys and
 * values may be anything; a value is never held, a key is. Pure.
 */
#ifndef STASH_REDIS_DUMP_H
#define STASH_REDIS_DUMP_H

#include <jansson.h>

#include "redis_words.h"
#include "resp.h"
#include "stash/limits.h"

#define REDIS_KEY_MAX    (1 * LIMIT_MIB)
#define REDIS_TOTAL_KEY  "__redisdump_total_keys"
#define REDIS_SMALL      64
#define REDIS_PARTS_KEPT 65536 /* keys that redis-dump-go may have written in parts */

enum redis_piece_kind {
    REDIS_BEGIN, /* a command, up to its key: `data` are its bytes so far */
    REDIS_MORE,  /* more of its bytes */
    REDIS_DONE,  /* they were the last */
};

struct redis_piece {
    enum redis_piece_kind kind;
    const char *data; /* lent until the next call */
    size_t len;
};

struct redis_dump {
    struct resp resp;
    struct buf head;            /* of the command under way, up to its key */
    bool begun;                 /* the head was handed out */
    int64_t args, arg;          /* how many words the command has, which one is under way */
    char words[3][REDIS_SMALL]; /* the first ones, cut */
    size_t word_len[3];
    const struct redis_verb *verb;
    size_t key_at, key_len; /* in head */
    bool key_begins, has_key;

    /* of the command that has begun */
    bool is_select, is_total, is_delete, is_expiry;
    bool is_first; /* nothing of this key has passed, or all of it passes again */
    int64_t database;

    uint64_t last_key; /* a digest; 0: none */
    /* digests of keys whose command had as many members as redis-dump-go puts into one */
    uint64_t *parts;
    size_t part_count;
    uint64_t commands;
    int64_t total; /* keys, by what the dump says itself */
    bool is_ended; /* it said so last; a cluster's says it once for every master */
};

void redis_dump_init(struct redis_dump *dump);
void redis_dump_done(struct redis_dump *dump);
DEFINE_AUTO_VALUE(struct redis_dump, redis_dump_done);

/** Read on: 1 and a piece, or 0 when more bytes are needed. Every byte of the dump is in one piece. */
int redis_dump_next(struct redis_dump *dump, const char **data, size_t *len,
                    struct redis_piece *ret, struct error *err);

/** The key of the command that has begun; nothing without one. */
struct resp_text redis_dump_key(const struct redis_dump *dump);

/** A digest of a key; never 0. */
uint64_t redis_digest(struct resp_text key);

/* ---- counting ------------------------------------------------------------------------------------------------------ */

struct redis_counter {
    struct redis_dump dump;
    struct redis_info counts; /* keys and those that expire, of each database */
};

void redis_counter_init(struct redis_counter *counter);
void redis_counter_done(struct redis_counter *counter);
DEFINE_AUTO_VALUE(struct redis_counter, redis_counter_done);
int redis_counter_feed(struct redis_counter *counter, const char *data, size_t len,
                       struct error *err);

/** That the dump has ended where one ends. */
int redis_counter_end(const struct redis_counter *counter, struct error *err);

/** All keys. */
int64_t redis_counter_keys(const struct redis_counter *counter);

/** {"databases": {"0": {"keys", "expires"}}, "commands"}. New reference. */
json_t *redis_counter_json(const struct redis_counter *counter);

#endif

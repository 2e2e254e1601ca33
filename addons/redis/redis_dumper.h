/*
 * redis_dumper.h - the program that writes a dump: databases key by key, keys as plain commands.
 *
 * A key is read within a transaction, or watched while it is read in parts: what the dump has of it was so at one moment.
 */
#ifndef STASH_REDIS_DUMPER_H
#define STASH_REDIS_DUMPER_H

#include "redis_client.h"

/** Keys that a message names: how many, and the first ones. */
struct redis_names {
    int64_t count;
    char text[200];
};
void redis_names_add(struct redis_names *names, struct resp_text key);

/** A key as a message shows it, in quotes and cut. */
#define REDIS_SHOWN 64
void redis_show_key(struct resp_text key, char ret[REDIS_SHOWN]);

struct redis_dumper {
    struct redis_options options;
    struct redis_client *client;
    struct buf out;
    int64_t page;                /* how many members are asked for at once */
    bool replaces;               /* a DEL comes before the next members of the key */
    int64_t keys;                /* that were written */
    uint64_t last_key;           /* its digest: a server may tell a key twice */
    int64_t lasting;             /* of this database: those that do not expire */
    struct redis_names modules;  /* that no plain command writes */
    struct redis_names unsteady; /* streams that others write all the time */
};

/** Write to standard output what was put into `out`; redis_dumper_pass(): when it is much. */
int redis_dumper_flush(struct redis_dumper *dumper, struct error *err);
int redis_dumper_pass(struct redis_dumper *dumper, struct error *err);

/** Count a key that was written. */
void redis_dumper_count(struct redis_dumper *dumper, struct resp_text key, bool is_lasting);

/** Write these keys of the database that is selected; those that are gone are left out. */
int redis_dump_keys(struct redis_dumper *dumper, const struct resp_text *keys, size_t count,
                    struct error *err);

/**
 * Write a value that is read in parts, while it is watched (redis_value.c). False in *ret_steady: others write it
 * all the time.
 */
int redis_dump_watched(struct redis_dumper *dumper, struct resp_text key, bool *ret_steady,
                       struct error *err);

/** Write the value that the next events of the answer are; a value that is gone is none (redis_value.c). */
struct redis_type;
const struct redis_type *redis_type_find(const char *name);
void redis_put_read(struct redis_dumper *dumper, const struct redis_type *type,
                    struct resp_text key);
int redis_copy_value(struct redis_dumper *dumper, const struct redis_type *type,
                     struct resp_text key, bool *ret_there, bool *ret_changed, struct error *err);
/** DUMP's payload. */
extern const struct redis_type redis_type_payload;
/** Whether it is better read in parts. */
bool redis_type_in_parts(const struct redis_type *type);
/** As what it is read at once: no single command has all of a stream but DUMP. */
const struct redis_type *redis_type_at_once(const struct redis_type *type);

/** Before the first command of a key: whatever is there goes. */
void redis_put_delete(struct redis_dumper *dumper, struct resp_text key);

/** The entries of a stream, its groups and what they wait for (redis_stream.c). */
int redis_dump_stream(struct redis_dumper *dumper, struct resp_text key, int64_t now_ms,
                      struct error *err);

/** Copy the string that this event begins, from the answer to the dump. */
int redis_copy_bulk(struct redis_dumper *dumper, const struct resp_event *begin, struct error *err);
/** The next event of the answer, which has to be of this kind. */
int redis_expect(struct redis_dumper *dumper, enum resp_kind kind, struct resp_event *ret,
                 struct error *err);
/** The string that comes next in the answer, which is short; a NUL behind it. */
int redis_expect_small(struct redis_dumper *dumper, char *ret, size_t size, struct error *err);

/** After an answer of so many members: ask for more or fewer next time. */
void redis_adapt_page(struct redis_dumper *dumper, int64_t members, uint64_t bytes);

void redis_put_expiry(struct redis_dumper *dumper, struct resp_text key, int64_t at_ms);

/** The program: args of the user's. */
int redis_dump_program(const struct argv *words, struct error *err);

#endif

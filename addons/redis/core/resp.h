/*
 * resp.h - Redis' protocol, in which servers answer and dumps are written: read in whatever pieces it comes, without
 * holding a value. Pure.
 */
#ifndef STASH_REDIS_RESP_H
#define STASH_REDIS_RESP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "stash/buf.h"
#include "stash/error.h"

#define RESP_LINE_MAX 512 /* of a line; what an error says beyond is cut */
#define RESP_DEPTH    8
#define RESP_NIL      (-1)

enum resp_kind {
    RESP_ARRAY, /* `number` values follow; RESP_NIL: none, there is no array */
    RESP_BULK,  /* a string of `number` bytes begins; RESP_NIL: there is none */
    RESP_DATA,  /* some of its bytes */
    RESP_END,   /* of the string */
    RESP_LINE,  /* a status, an error or a number: `marker` says which, the line is its text */
};

struct resp_event {
    enum resp_kind kind;
    char marker;      /* RESP_LINE: '+', '-' or ':' */
    int64_t number;   /* of RESP_ARRAY, RESP_BULK, and of a line with ':' */
    const char *data; /* of RESP_DATA and RESP_LINE; lent until the next call */
    size_t len;
    bool last; /* nothing is left of the outermost value */
};

/** Zeroed memory is ready to read. */
struct resp {
    char line[RESP_LINE_MAX + 1];
    size_t line_len;
    bool in_bulk;
    int64_t left; /* bytes of the string, and then of its line feed (0, -1) */
    int64_t open[RESP_DEPTH];
    size_t depth;
};

/**
 * Read the next event, and step over its bytes. 1, or 0 when more bytes are needed (all have been stepped over). ERR_INVALID: it
 * is not the protocol.
 */
int resp_next(struct resp *resp, const char **data, size_t *len, struct resp_event *ret,
              struct error *err);

/** Whether no value is under way. */
bool resp_is_between(const struct resp *resp);

/* ---- writing ------------------------------------------------------------------------------------------------------- */

/** Bytes that may be anything. */
struct resp_text {
    const char *data;
    size_t len;
};

static inline struct resp_text resp_text(const char *text)
{
    return (struct resp_text){text, strlen(text)};
}

/** Append a command of these words. */
void resp_put(struct buf *out, const struct resp_text *words, size_t count);
/** Append the beginning of a command of `count` words, or one word. */
void resp_put_count(struct buf *out, int64_t count);
void resp_put_word(struct buf *out, struct resp_text word);

#define RESP_PUT(out, ...)                                                                         \
    resp_put(out, (const struct resp_text[]){__VA_ARGS__},                                         \
             sizeof((const struct resp_text[]){__VA_ARGS__}) / sizeof(struct resp_text))

#endif

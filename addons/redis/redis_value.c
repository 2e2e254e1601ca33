/* redis_value.c - a value on its way from the server's answer to the dump, without lying in our memory. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "redis_dumper.h"
#include "stash/limits.h"

/* of a sorted set: its score comes behind it, and goes before it */
#define MEMBER_MAX (4 * LIMIT_MIB)
#define PAGE_MAX   1000
#define PAGE_BYTES (1 * LIMIT_MIB) /* what one answer should have */
#define ATTEMPTS   3

struct redis_type {
    const char *name;
    /* the command that reads all of it; the key stands behind the first word */
    const char *read[4];
    const char *scan;  /* the one that reads it in parts */
    const char *write; /* what writes members */
    bool is_string, is_scored, is_list, is_stream, is_payload;
};

static const struct redis_type types[] = {
    {.name = "string", .read = {"GET"}, .write = "SET", .is_string = true},
    {.name = "list", .read = {"LRANGE", "0", "-1"}, .write = "RPUSH", .is_list = true},
    {.name = "set", .read = {"SMEMBERS"}, .scan = "SSCAN", .write = "SADD"},
    {.name = "hash", .read = {"HGETALL"}, .scan = "HSCAN", .write = "HSET"},
    {.name = "zset",
     .read = {"ZRANGE", "0", "-1", "WITHSCORES"},
     .scan = "ZSCAN",
     .write = "ZADD",
     .is_scored = true},
    {.name = "stream", .is_stream = true},
};
const struct redis_type redis_type_payload = {
    .name = "payload", .read = {"DUMP"}, .is_string = true, .is_payload = true};

const struct redis_type *redis_type_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (strcmp(types[i].name, name) == 0)
            return &types[i];
    return NULL;
}

const struct redis_type *redis_type_at_once(const struct redis_type *type)
{
    return type->is_stream ? &redis_type_payload : type;
}

bool redis_type_in_parts(const struct redis_type *type)
{
    return !type->is_string;
}

void redis_put_read(struct redis_dumper *dumper, const struct redis_type *type,
                    struct resp_text key)
{
    struct resp_text words[5] = {resp_text(type->read[0]), key};
    size_t count = 2;

    for (size_t i = 1; i < ARRAY_LEN(type->read) && type->read[i]; i++)
        words[count++] = resp_text(type->read[i]);
    resp_put(redis_out(dumper->client), words, count);
}

/* ---- copying ------------------------------------------------------------------------------------------------------- */

int redis_expect(struct redis_dumper *dumper, enum resp_kind kind, struct resp_event *ret,
                 struct error *err)
{
    int r = redis_event(dumper->client, ret, err);

    if (r < 0)
        return r;
    if (ret->kind == RESP_LINE && ret->marker == '-')
        return redis_refused(ret, err);
    if (ret->kind != kind)
        return error_set(err, ERR_INVALID,
                         "the server's answer is not of the shape that it should be");
    return 0;
}

int redis_expect_small(struct redis_dumper *dumper, char *ret, size_t size, struct error *err)
{
    struct resp_event event;
    size_t len = 0;
    int r = redis_expect(dumper, RESP_BULK, &event, err);

    while (r == 0 && event.kind != RESP_END && event.number != RESP_NIL) {
        r = redis_event(dumper->client, &event, err);
        if (r < 0 || event.kind != RESP_DATA)
            continue;
        if (len + event.len >= size)
            return error_set(err, ERR_INVALID, "the server's answer has an id of %zu bytes",
                             len + event.len);
        memcpy(ret + len, event.data, event.len);
        len += event.len;
    }
    ret[len] = '\0';
    return r;
}

static int copy_to(struct redis_dumper *dumper, const struct resp_event *begin, struct buf *out,
                   struct error *err)
{
    struct resp_event event = *begin;

    buf_addf(out, "$%" PRId64 "\r\n", begin->number);
    while (event.kind != RESP_END) {
        int r = redis_event(dumper->client, &event, err);

        if (r < 0)
            return r;
        if (event.kind == RESP_DATA)
            buf_add(out, event.data, event.len);
        if (out == &dumper->out && (r = redis_dumper_pass(dumper, err)) < 0)
            return r;
    }
    buf_adds(out, "\r\n");
    return 0;
}

int redis_copy_bulk(struct redis_dumper *dumper, const struct resp_event *begin, struct error *err)
{
    return copy_to(dumper, begin, &dumper->out, err);
}

static int copy_next(struct redis_dumper *dumper, struct error *err)
{
    struct resp_event event;
    int r = redis_expect(dumper, RESP_BULK, &event, err);

    return r < 0 ? r : redis_copy_bulk(dumper, &event, err);
}

/* The answer has the member first, the command its score. */
static int copy_scored(struct redis_dumper *dumper, struct error *err)
{
    AUTO(buf_done) struct buf member;
    struct resp_event event;
    int r = redis_expect(dumper, RESP_BULK, &event, err);

    buf_init(&member, MEMBER_MAX);
    if (r == 0)
        r = copy_to(dumper, &event, &member, err);
    if (r == 0)
        r = buf_check(&member, "a member of a sorted set", err);
    if (r == 0)
        r = copy_next(dumper, err);
    buf_add(&dumper->out, member.data, member.len);
    return r;
}

void redis_put_delete(struct redis_dumper *dumper, struct resp_text key)
{
    if (dumper->replaces)
        RESP_PUT(&dumper->out, resp_text("DEL"), key);
    dumper->replaces = false;
}

/* The members that an array of the answer has, as one command. */
static int copy_members(struct redis_dumper *dumper, const struct redis_type *type,
                        struct resp_text key, int64_t count, struct error *err)
{
    int r = 0;

    if (count <= 0)
        return 0;
    redis_put_delete(dumper, key);
    resp_put_count(&dumper->out, count + 2);
    resp_put_word(&dumper->out, resp_text(type->write));
    resp_put_word(&dumper->out, key);
    for (int64_t i = 0; r == 0 && i < count; i += type->is_scored ? 2 : 1)
        r = type->is_scored ? copy_scored(dumper, err) : copy_next(dumper, err);
    return r;
}

static int copy_string(struct redis_dumper *dumper, const struct redis_type *type,
                       struct resp_text key, const struct resp_event *begin, struct error *err)
{
    int r;

    if (begin->number == RESP_NIL)
        return 0;
    resp_put_count(&dumper->out, type->is_payload ? 5 : 3);
    resp_put_word(&dumper->out, resp_text(type->is_payload ? "RESTORE" : "SET"));
    resp_put_word(&dumper->out, key);
    if (type->is_payload)
        resp_put_word(&dumper->out, resp_text("0"));
    r = redis_copy_bulk(dumper, begin, err);
    if (type->is_payload)
        resp_put_word(&dumper->out, resp_text("REPLACE"));
    return r;
}

int redis_copy_value(struct redis_dumper *dumper, const struct redis_type *type,
                     struct resp_text key, bool *ret_there, bool *ret_changed, struct error *err)
{
    struct resp_event event;
    int r = redis_event(dumper->client, &event, err);

    if (r < 0)
        return r;
    *ret_changed =
        event.kind == RESP_LINE && event.marker == '-' && strncmp(event.data, "WRONGTYPE", 9) == 0;
    *ret_there = event.number > 0 || (type->is_string && event.number == 0);
    if (*ret_changed || (event.kind == RESP_ARRAY && !*ret_there))
        return 0;
    if (event.kind == RESP_LINE && event.marker == '-')
        return redis_refused(&event, err);
    if (event.kind == RESP_BULK)
        return copy_string(dumper, type, key, &event, err);
    dumper->replaces = true;
    return copy_members(dumper, type, key, event.number, err);
}

/* ---- in parts ------------------------------------------------------------------------------------------------------ */

/* Few at once when they are long: the server holds the whole answer. */
void redis_adapt_page(struct redis_dumper *dumper, int64_t members, uint64_t bytes)
{
    if (members < dumper->page / 2)
        return;
    if (bytes > PAGE_BYTES)
        dumper->page = dumper->page > 8 ? dumper->page / 8 : 1;
    else if (bytes < PAGE_BYTES / 8)
        dumper->page = dumper->page < PAGE_MAX / 2 ? dumper->page * 2 : PAGE_MAX;
}

static int copy_page(struct redis_dumper *dumper, const struct redis_type *type,
                     struct resp_text key, int64_t *ret_count, struct error *err)
{
    struct resp_event event;
    uint64_t before = redis_received(dumper->client);
    int r = redis_expect(dumper, RESP_ARRAY, &event, err);

    if (r == 0)
        r = copy_members(dumper, type, key, event.number, err);
    if (r < 0)
        return r;
    redis_adapt_page(dumper, event.number, redis_received(dumper->client) - before);
    *ret_count = event.number;
    return 0;
}

static int copy_list(struct redis_dumper *dumper, const struct redis_type *type,
                     struct resp_text key, struct error *err)
{
    int64_t count = 1;
    int r = 0;

    for (int64_t at = 0; r == 0 && count > 0; at += count) {
        char first[24], last[24];

        snprintf(first, sizeof(first), "%" PRId64, at);
        snprintf(last, sizeof(last), "%" PRId64, at + dumper->page - 1);
        RESP_PUT(redis_out(dumper->client), resp_text("LRANGE"), key, resp_text(first),
                 resp_text(last));
        r = copy_page(dumper, type, key, &count, err);
    }
    return r;
}

static int copy_scan(struct redis_dumper *dumper, const struct redis_type *type,
                     struct resp_text key, struct error *err)
{
    char cursor[24] = "0", page[24];
    int64_t ignored;
    int r;

    do {
        struct resp_event event;

        snprintf(page, sizeof(page), "%" PRId64, dumper->page);
        RESP_PUT(redis_out(dumper->client), resp_text(type->scan), key, resp_text(cursor),
                 resp_text("COUNT"), resp_text(page));
        r = redis_expect(dumper, RESP_ARRAY, &event, err);
        if (r == 0)
            r = redis_expect_small(dumper, cursor, sizeof(cursor), err);
        if (r == 0)
            r = copy_page(dumper, type, key, &ignored, err);
    } while (r == 0 && strcmp(cursor, "0") != 0);
    return r;
}

/* ---- watched ------------------------------------------------------------------------------------------------------- */

/* What is asked of a key when it is watched. */
struct state {
    char type[32];
    int64_t now_ms, left_ms;
};

static int ask_state(struct redis_dumper *dumper, struct resp_text key, struct state *ret,
                     struct error *err)
{
    AUTO(redis_reply_done) struct redis_reply reply = {0};
    struct redis_client *client = dumper->client;
    int r;

    RESP_PUT(redis_out(client), resp_text("WATCH"), key);
    RESP_PUT(redis_out(client), resp_text("TYPE"), key);
    RESP_PUT(redis_out(client), resp_text("TIME"));
    RESP_PUT(redis_out(client), resp_text("PTTL"), key);
    r = redis_read(client, &reply, err);
    if (r == 0 && (r = redis_read(client, &reply, err)) == 0)
        snprintf(ret->type, sizeof(ret->type), "%s", redis_item(&reply, 0));
    if (r == 0 && (r = redis_read(client, &reply, err)) == 0)
        ret->now_ms = redis_time_ms(&reply);
    if (r == 0 && (r = redis_read(client, &reply, err)) == 0)
        ret->left_ms = strtoll(redis_item(&reply, 0), NULL, 10);
    return r;
}

/* An empty transaction: it fails when the key was written since it is watched. */
static int ask_steady(struct redis_dumper *dumper, bool *ret, struct error *err)
{
    AUTO(redis_reply_done) struct redis_reply reply = {0};
    int r;

    RESP_PUT(redis_out(dumper->client), resp_text("MULTI"));
    RESP_PUT(redis_out(dumper->client), resp_text("EXEC"));
    r = redis_read(dumper->client, &reply, err);
    if (r == 0)
        r = redis_read(dumper->client, &reply, err);
    if (r == 0)
        *ret = !reply.is_nil;
    return r;
}

static int copy_parts(struct redis_dumper *dumper, const struct redis_type *type,
                      struct resp_text key, const struct state *state, struct error *err)
{
    int r;

    dumper->replaces = true;
    if (type->is_stream)
        r = redis_dump_stream(dumper, key, state->now_ms, err);
    else
        r = (type->is_list ? copy_list : copy_scan)(dumper, type, key, err);
    if (dumper->replaces) /* nothing was written */
        return r;
    redis_dumper_count(dumper, key, state->left_ms < 0);
    if (r == 0 && state->left_ms >= 0)
        redis_put_expiry(dumper, key, state->now_ms + state->left_ms);
    return r;
}

/* Others removed it, or put something else in its place. */
static bool is_overtaken(const struct error *err)
{
    return strstr(err->msg, "WRONGTYPE") || strstr(err->msg, "no such key") ||
           strstr(err->msg, "NOGROUP");
}

static int try_watched(struct redis_dumper *dumper, struct resp_text key, bool *ret_steady,
                       struct error *err)
{
    const struct redis_type *type;
    struct state state = {0};
    int r = ask_state(dumper, key, &state, err);

    if (r < 0)
        return r;
    type = redis_type_find(state.type);
    if (type && redis_type_in_parts(type))
        r = copy_parts(dumper, type, key, &state, err);
    if (r == -ERR_DENIED && is_overtaken(err))
        r = 0;
    return r < 0 ? r : ask_steady(dumper, ret_steady, err);
}

/* What was written of it stays when it is gone at a later attempt: it was there when the dump began. */
int redis_dump_watched(struct redis_dumper *dumper, struct resp_text key, bool *ret_steady,
                       struct error *err)
{
    int r = 0;

    *ret_steady = false;
    for (int i = 0; r == 0 && !*ret_steady && i < ATTEMPTS; i++)
        r = try_watched(dumper, key, ret_steady, err);
    return r;
}

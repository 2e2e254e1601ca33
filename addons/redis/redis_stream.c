/* redis_stream.c - a stream as commands: its entries, its last id, its groups, and what each of them waits for. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "redis_dumper.h"
#include "redis_words.h"

#define PENDING "500" /* asked for at once */

/* The value behind a name; NULL: there is none. */
static const struct resp_text *value_of(const struct redis_reply *reply, size_t from,
                                        const char *name)
{
    for (size_t i = from; i + 1 < reply->count; i++)
        if (strcmp(redis_item(reply, i), name) == 0)
            return &reply->items[i + 1];
    return NULL;
}

/* ---- entries ------------------------------------------------------------------------------------------------------- */

static int copy_entry(struct redis_dumper *dumper, struct resp_text key, char id[REDIS_ID_SIZE],
                      struct error *err)
{
    struct resp_event event;
    int r = redis_expect(dumper, RESP_ARRAY, &event, err);

    if (r == 0)
        r = redis_expect_small(dumper, id, REDIS_ID_SIZE, err);
    if (r == 0)
        r = redis_expect(dumper, RESP_ARRAY, &event, err);
    if (r < 0)
        return r;
    redis_put_delete(dumper, key);
    resp_put_count(&dumper->out, event.number + 3);
    resp_put_word(&dumper->out, resp_text("XADD"));
    resp_put_word(&dumper->out, key);
    resp_put_word(&dumper->out, resp_text(id));
    for (int64_t left = event.number; r == 0 && left > 0; left--) {
        r = redis_expect(dumper, RESP_BULK, &event, err);
        if (r == 0)
            r = redis_copy_bulk(dumper, &event, err);
    }
    return r;
}

/* `last` becomes the id of the last one; "0-0" when there is none. */
static int copy_entries(struct redis_dumper *dumper, struct resp_text key, char last[REDIS_ID_SIZE],
                        struct error *err)
{
    char from[REDIS_ID_SIZE] = "-", page[24];
    struct resp_event event = {.number = 1};
    bool more = true;
    int r = 0;

    snprintf(last, REDIS_ID_SIZE, "0-0");
    while (r == 0 && more) {
        int64_t asked = dumper->page;
        uint64_t before = redis_received(dumper->client);
        int64_t count;

        snprintf(page, sizeof(page), "%" PRId64, asked);
        RESP_PUT(redis_out(dumper->client), resp_text("XRANGE"), key, resp_text(from),
                 resp_text("+"), resp_text("COUNT"), resp_text(page));
        r = redis_expect(dumper, RESP_ARRAY, &event, err);
        count = event.number;
        for (int64_t i = 0; r == 0 && i < count; i++)
            r = copy_entry(dumper, key, last, err);
        redis_adapt_page(dumper, count, redis_received(dumper->client) - before);
        more = count == asked && redis_id_after(last, from);
    }
    return r;
}

/* ---- groups -------------------------------------------------------------------------------------------------------- */

static void put_claim(struct redis_dumper *dumper, struct resp_text key, struct resp_text group,
                      const struct resp_text *row, int64_t now_ms)
{
    char time[24];

    snprintf(time, sizeof(time), "%" PRId64, now_ms - (int64_t)strtoll(row[2].data, NULL, 10));
    RESP_PUT(&dumper->out, resp_text("XCLAIM"), key, group, row[1], resp_text("0"), row[0],
             resp_text("TIME"), resp_text(time), resp_text("RETRYCOUNT"), row[3],
             resp_text("FORCE"), resp_text("JUSTID"));
}

static int copy_pending(struct redis_dumper *dumper, struct resp_text key, struct resp_text group,
                        int64_t now_ms, struct error *err)
{
    AUTO(redis_reply_done) struct redis_reply reply = {0};
    char from[REDIS_ID_SIZE] = "-";
    bool more = true;
    int r = 0;

    while (r == 0 && more) {
        r = redis_ask(dumper->client, &reply, err, resp_text("XPENDING"), key, group,
                      resp_text(from), resp_text("+"), resp_text(PENDING));
        for (size_t i = 0; r == 0 && i + 4 <= reply.count; i += 4)
            put_claim(dumper, key, group, &reply.items[i], now_ms);
        more =
            r == 0 && reply.count >= 4 && redis_id_after(redis_item(&reply, reply.count - 4), from);
        if (r == 0)
            r = redis_dumper_pass(dumper, err);
    }
    return r;
}

static int copy_groups(struct redis_dumper *dumper, struct resp_text key, int64_t now_ms,
                       struct error *err)
{
    AUTO(redis_reply_done) struct redis_reply reply = {0};
    int r = redis_ask(dumper->client, &reply, err, resp_text("XINFO"), resp_text("GROUPS"), key);

    for (size_t i = 0; r == 0 && i + 1 < reply.count; i += 2) {
        const struct resp_text *group = &reply.items[i + 1];
        const struct resp_text *last = value_of(&reply, i + 2, "last-delivered-id");

        if (strcmp(redis_item(&reply, i), "name") != 0)
            continue;
        if (!last)
            return error_set(err, ERR_INVALID, "the server does not say how far a group has read");
        RESP_PUT(&dumper->out, resp_text("XGROUP"), resp_text("CREATE"), key, *group, *last);
        r = copy_pending(dumper, key, *group, now_ms, err);
    }
    return r;
}

/* ---- the stream ---------------------------------------------------------------------------------------------------- */

/* A stream may be empty; its last id may be that of an entry that is gone. */
static int copy_shape(struct redis_dumper *dumper, struct resp_text key, const char *last,
                      struct error *err)
{
    AUTO(redis_reply_done) struct redis_reply reply = {.keep = REDIS_ID_SIZE};
    bool is_empty = strcmp(last, "0-0") == 0;
    const struct resp_text *newest;
    int r = redis_ask(dumper->client, &reply, err, resp_text("XINFO"), resp_text("STREAM"), key);

    if (r < 0)
        return r;
    newest = value_of(&reply, 0, "last-generated-id");
    if (!newest)
        return error_set(err, ERR_INVALID, "the server does not say a stream's last id");
    redis_put_delete(dumper, key);
    if (is_empty) {
        RESP_PUT(&dumper->out, resp_text("XGROUP"), resp_text("CREATE"), key, resp_text("stash"),
                 resp_text("0"), resp_text("MKSTREAM"));
        RESP_PUT(&dumper->out, resp_text("XGROUP"), resp_text("DESTROY"), key, resp_text("stash"));
    }
    if (redis_id_is_after(newest->data, last))
        RESP_PUT(&dumper->out, resp_text("XSETID"), key, *newest);
    return 0;
}

int redis_dump_stream(struct redis_dumper *dumper, struct resp_text key, int64_t now_ms,
                      struct error *err)
{
    char last[REDIS_ID_SIZE];
    int r = copy_entries(dumper, key, last, err);

    if (r == 0)
        r = copy_shape(dumper, key, last, err);
    return r < 0 ? r : copy_groups(dumper, key, now_ms, err);
}

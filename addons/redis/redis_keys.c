/* redis_keys.c - a page of keys: what each of them is, the small ones in one go, the others one by one. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "redis_dump.h"
#include "redis_dumper.h"
#include "stash/limits.h"

#define FLUSH_AT (64 * LIMIT_KIB)
#define SMALL    (32 * LIMIT_KIB) /* of the server's memory */

/* ---- what passes on ------------------------------------------------------------------------------------------------ */

int redis_dumper_flush(struct redis_dumper *dumper, struct error *err)
{
    size_t at = 0;
    int r = buf_check(&dumper->out, "the dump of a key", err);

    while (r == 0 && at < dumper->out.len) {
        ssize_t n = write(STDOUT_FILENO, dumper->out.data + at, dumper->out.len - at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_set_errno(err, errno, "passing the dump on");
        at += (size_t)n;
    }
    buf_reset(&dumper->out);
    return r;
}

int redis_dumper_pass(struct redis_dumper *dumper, struct error *err)
{
    return dumper->out.len < FLUSH_AT ? 0 : redis_dumper_flush(dumper, err);
}

void redis_put_expiry(struct redis_dumper *dumper, struct resp_text key, int64_t at_ms)
{
    char text[24];

    if (dumper->options.drop_expiry)
        return;
    snprintf(text, sizeof(text), "%" PRId64, at_ms);
    RESP_PUT(&dumper->out, resp_text("PEXPIREAT"), key, resp_text(text));
}

void redis_dumper_count(struct redis_dumper *dumper, struct resp_text key, bool is_lasting)
{
    uint64_t digest = redis_digest(key);

    if (digest == dumper->last_key)
        return;
    dumper->last_key = digest;
    dumper->keys++;
    dumper->lasting += is_lasting;
}

/* ---- names --------------------------------------------------------------------------------------------------------- */

void redis_show_key(struct resp_text key, char ret[REDIS_SHOWN])
{
    size_t at = 0;

    ret[at++] = '"';
    for (size_t i = 0; i < key.len && at < REDIS_SHOWN - 9; i++) {
        unsigned char c = (unsigned char)key.data[i];
        bool plain = c >= ' ' && c <= '~' && c != '"' && c != '\\';

        at += (size_t)snprintf(ret + at, REDIS_SHOWN - at, plain ? "%c" : "\\x%02x", c);
        if (at >= REDIS_SHOWN - 9 && i + 1 < key.len)
            at += (size_t)snprintf(ret + at, REDIS_SHOWN - at, "...");
    }
    snprintf(ret + at, REDIS_SHOWN - at, "\"");
}

void redis_names_add(struct redis_names *names, struct resp_text key)
{
    size_t len = strlen(names->text);
    char shown[REDIS_SHOWN];

    redis_show_key(key, shown);
    if (names->count++ == 0 || len + strlen(shown) + 2 < sizeof(names->text))
        snprintf(names->text + len, sizeof(names->text) - len, "%s%s", len ? ", " : "", shown);
}

/* ---- what they are ------------------------------------------------------------------------------------------------- */

struct item {
    struct resp_text key;
    const struct redis_type *type; /* NULL: it is gone, or a module's */
    bool is_small;
};

static int wrap_key(struct resp_text key, struct error *err)
{
    char shown[REDIS_SHOWN];

    redis_show_key(key, shown);
    return error_wrap(err, "key %s", shown);
}

static const struct redis_type *choose_type(struct redis_dumper *dumper, struct resp_text key,
                                            const char *name)
{
    const struct redis_type *type = redis_type_find(name);

    if (strcmp(name, "none") == 0)
        return NULL;
    if (dumper->options.payload == REDIS_PAYLOAD_ALL ||
        (!type && dumper->options.payload == REDIS_PAYLOAD_MODULES))
        return &redis_type_payload;
    if (!type)
        redis_names_add(&dumper->modules, key);
    return type;
}

/* A server that does not tell the memory lets us read every value in parts. */
static int read_memory(struct redis_dumper *dumper, bool *ret_small, struct error *err)
{
    AUTO(redis_reply_done) struct redis_reply reply = {0};
    int r = redis_read(dumper->client, &reply, err);

    *ret_small = r == 0 && strtoll(redis_item(&reply, 0), NULL, 10) <= (long long)SMALL;
    return r == -ERR_DENIED ? 0 : r;
}

static int ask_types(struct redis_dumper *dumper, struct item *items, size_t count,
                     struct error *err)
{
    struct buf *out = redis_out(dumper->client);
    int r = 0;

    for (size_t i = 0; i < count; i++) {
        RESP_PUT(out, resp_text("TYPE"), items[i].key);
        RESP_PUT(out, resp_text("MEMORY"), resp_text("USAGE"), items[i].key);
    }
    for (size_t i = 0; r == 0 && i < count; i++) {
        AUTO(redis_reply_done) struct redis_reply reply = {0};

        r = redis_read(dumper->client, &reply, err);
        if (r == 0)
            items[i].type = choose_type(dumper, items[i].key, redis_item(&reply, 0));
        if (r == 0)
            r = read_memory(dumper, &items[i].is_small, err);
        if (r < 0)
            return wrap_key(items[i].key, err);
    }
    return r;
}

/* ---- read as a whole ----------------------------------------------------------------------------------------------- */

static void put_transaction(struct redis_dumper *dumper, const struct item *item)
{
    struct buf *out = redis_out(dumper->client);

    RESP_PUT(out, resp_text("MULTI"));
    RESP_PUT(out, resp_text("TIME"));
    RESP_PUT(out, resp_text("PTTL"), item->key);
    redis_put_read(dumper, item->type, item->key);
    RESP_PUT(out, resp_text("EXEC"));
}

/* OK, and that three commands are queued. */
static int read_queued(struct redis_dumper *dumper, struct error *err)
{
    struct resp_event event;
    struct error first;
    int said = 0, r = 0;

    for (int i = 0; r == 0 && i < 4; i++) {
        r = redis_event(dumper->client, &event, err);
        if (r == 0 && event.kind == RESP_LINE && event.marker == '-' && said == 0)
            said = redis_refused(&event, &first);
    }
    if (r == 0 && said < 0) {
        *err = first;
        r = said;
    }
    return r;
}

static int read_times(struct redis_dumper *dumper, int64_t *ret_now, int64_t *ret_left,
                      struct error *err)
{
    char seconds[24], parts[24];
    struct resp_event event;
    int r = redis_expect(dumper, RESP_ARRAY, &event, err);

    if (r == 0)
        r = redis_expect(dumper, RESP_ARRAY, &event, err);
    if (r == 0)
        r = redis_expect_small(dumper, seconds, sizeof(seconds), err);
    if (r == 0)
        r = redis_expect_small(dumper, parts, sizeof(parts), err);
    if (r == 0)
        r = redis_expect(dumper, RESP_LINE, &event, err);
    if (r < 0)
        return r;
    *ret_now = strtoll(seconds, NULL, 10) * 1000 + strtoll(parts, NULL, 10) / 1000;
    *ret_left = event.number;
    return 0;
}

static int read_transaction(struct redis_dumper *dumper, const struct item *item, bool *ret_changed,
                            struct error *err)
{
    int64_t now, left;
    bool there = false;
    int r = read_queued(dumper, err);

    if (r == 0)
        r = read_times(dumper, &now, &left, err);
    if (r == 0)
        r = redis_copy_value(dumper, item->type, item->key, &there, ret_changed, err);
    if (r < 0 || !there || *ret_changed)
        return r;
    if (left >= 0)
        redis_put_expiry(dumper, item->key, now + left);
    redis_dumper_count(dumper, item->key, left < 0);
    return 0;
}

static int dump_whole(struct redis_dumper *dumper, struct item *items, size_t count,
                      struct error *err)
{
    int r = 0;

    for (size_t i = 0; i < count; i++)
        put_transaction(dumper, &items[i]);
    for (size_t i = 0; r == 0 && i < count; i++) {
        bool changed = false;

        r = read_transaction(dumper, &items[i], &changed, err);
        if (r < 0)
            return wrap_key(items[i].key, err);
        items[i].is_small = !changed; /* it has another type by now */
        r = redis_dumper_pass(dumper, err);
    }
    return r;
}

/* ---- the page ------------------------------------------------------------------------------------------------------ */

/* It costs the server memory for all of it, and it waits for us: only when nothing else gives one moment's value. */
static int dump_at_once(struct redis_dumper *dumper, struct item *item, struct error *err)
{
    const struct redis_type *type = redis_type_at_once(item->type);

    if (type != item->type)
        redis_names_add(&dumper->unsteady, item->key);
    item->type = type;
    return dump_whole(dumper, item, 1, err);
}

static int dump_alone(struct redis_dumper *dumper, struct item *item, struct error *err)
{
    bool steady;
    int r;

    if (!redis_type_in_parts(item->type))
        return dump_whole(dumper, item, 1, err);
    r = redis_dump_watched(dumper, item->key, &steady, err);
    if (r < 0)
        return wrap_key(item->key, err);
    return steady ? redis_dumper_pass(dumper, err) : dump_at_once(dumper, item, err);
}

static int dump_again(struct redis_dumper *dumper, struct item *item, struct error *err)
{
    int r = ask_types(dumper, item, 1, err);

    return r < 0 || !item->type ? r : dump_alone(dumper, item, err);
}

/* The small ones to the front. */
static size_t sort_small(struct item *items, size_t count)
{
    size_t small = 0;

    for (size_t i = 0; i < count; i++)
        if (items[i].is_small) {
            struct item other = items[small];

            items[small++] = items[i];
            items[i] = other;
        }
    return small;
}

static size_t take_present(struct item *items, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++)
        if (items[i].type)
            items[kept++] = items[i];
    return kept;
}

static int check_modules(const struct redis_dumper *dumper, struct error *err)
{
    if (dumper->modules.count == 0)
        return 0;
    return error_set(err, ERR_INVALID,
                     "keys of a module's type cannot be written as plain commands (args "
                     "--payload=modules stores them for servers with the same module): %s",
                     dumper->modules.text);
}

static bool is_stream(const struct item *item)
{
    return item->type == redis_type_find("stream");
}

static int dump_items(struct redis_dumper *dumper, struct item *items, size_t count,
                      struct error *err)
{
    size_t small;
    int r = ask_types(dumper, items, count, err);

    if (r == 0)
        r = check_modules(dumper, err);
    if (r < 0)
        return r;
    count = take_present(items, count);
    for (size_t i = 0; i < count; i++)
        items[i].is_small = items[i].is_small && !is_stream(&items[i]);
    small = sort_small(items, count);
    r = dump_whole(dumper, items, small, err);
    for (size_t i = 0; r == 0 && i < count; i++)
        if (!items[i].is_small)
            r = i < small ? dump_again(dumper, &items[i], err) : dump_alone(dumper, &items[i], err);
    return r;
}

int redis_dump_keys(struct redis_dumper *dumper, const struct resp_text *keys, size_t count,
                    struct error *err)
{
    AUTO(mem_free) struct item *items = xcalloc(count + 1, sizeof(*items));
    size_t known = 0;

    for (size_t i = 0; i < count; i++) {
        if (keys[i].len > REDIS_KEY_MAX)
            return error_set(err, ERR_LIMIT, "a key of %zu bytes is too long", keys[i].len);
        if (keys[i].len != strlen(REDIS_TOTAL_KEY) ||
            memcmp(keys[i].data, REDIS_TOTAL_KEY, keys[i].len) != 0)
            items[known++].key = keys[i];
        else
            dumper->lasting++; /* the end of a dump that somebody loaded by hand is no data */
    }
    return dump_items(dumper, items, known, err);
}

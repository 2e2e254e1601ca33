#include "redis_dump.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "stash/text.h"

#define HEAD_MAX (REDIS_KEY_MAX + 4 * LIMIT_KIB)
#define PART     1000 /* members that redis-dump-go puts into one command */

/* The commands of a dump. */
struct redis_verb {
    const char *name;
    int64_t key;     /* which word is the key; 0: none is */
    int64_t members; /* words of each member; 0: it has none */
};
static const struct redis_verb verbs[] = {
    {"SELECT", 0, 0},  {"SET", 1, 0},      {"DEL", 1, 0},       {"RPUSH", 1, 1},
    {"SADD", 1, 1},    {"HSET", 1, 2},     {"HMSET", 1, 2},     {"ZADD", 1, 2},
    {"XADD", 1, 0},    {"XGROUP", 2, 0},   {"XSETID", 1, 0},    {"XCLAIM", 1, 0},
    {"RESTORE", 1, 0}, {"EXPIREAT", 1, 0}, {"PEXPIREAT", 1, 0}, {"HPEXPIREAT", 1, 0},
    {"APPEND", 1, 0},  {"FUNCTION", 0, 0},
};

static const struct redis_verb *find_verb(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
        if (strcasecmp(name, verbs[i].name) == 0)
            return &verbs[i];
    return NULL;
}

void redis_dump_init(struct redis_dump *dump)
{
    *dump = (struct redis_dump){0};
    buf_init(&dump->head, HEAD_MAX);
}

void redis_dump_done(struct redis_dump *dump)
{
    buf_done(&dump->head);
    free(dump->parts);
    dump->parts = NULL;
}

struct resp_text redis_dump_key(const struct redis_dump *dump)
{
    return (struct resp_text){dump->head.data + dump->key_at, dump->has_key ? dump->key_len : 0};
}

/* ---- keys that have passed ----------------------------------------------------------------------------------------- */

/* FNV-1a */
uint64_t redis_digest(struct resp_text key)
{
    uint64_t digest = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < key.len; i++)
        digest = (digest ^ (unsigned char)key.data[i]) * UINT64_C(0x100000001b3);
    return digest ? digest : 1;
}

static uint64_t *part_place(const struct redis_dump *dump, uint64_t digest)
{
    size_t at = digest % (2 * REDIS_PARTS_KEPT);

    while (dump->parts[at] && dump->parts[at] != digest)
        at = (at + 1) % (2 * REDIS_PARTS_KEPT);
    return &dump->parts[at];
}

static bool has_parts(const struct redis_dump *dump, uint64_t digest)
{
    return dump->parts && *part_place(dump, digest) == digest;
}

static void remember_part(struct redis_dump *dump)
{
    uint64_t *place;

    if (!dump->parts)
        dump->parts = xcalloc(2 * REDIS_PARTS_KEPT, sizeof(*dump->parts));
    place = part_place(dump, dump->last_key);
    if (*place || dump->part_count == REDIS_PARTS_KEPT)
        return;
    *place = dump->last_key;
    dump->part_count++;
}

static void forget_parts(struct redis_dump *dump)
{
    dump->last_key = 0;
    if (dump->part_count > 0)
        memset(dump->parts, 0, 2 * REDIS_PARTS_KEPT * sizeof(*dump->parts));
    dump->part_count = 0;
}

/* ---- one command --------------------------------------------------------------------------------------------------- */

static int refuse_verb(const struct redis_dump *dump, struct error *err)
{
    char name[REDIS_SMALL];
    size_t i;

    for (i = 0; dump->words[0][i]; i++)
        name[i] = dump->words[0][i] >= ' ' && dump->words[0][i] <= '~' ? dump->words[0][i] : '?';
    name[i] = '\0';
    return error_set(
        err, ERR_INVALID,
        "the dump holds the command %s: nothing that writes data, and it is not obeyed", name);
}

static void note_key(struct redis_dump *dump)
{
    struct resp_text key = redis_dump_key(dump);
    uint64_t digest = redis_digest(key);

    dump->is_total = dump->verb->key == 1 && key.len == strlen(REDIS_TOTAL_KEY) &&
                     memcmp(key.data, REDIS_TOTAL_KEY, key.len) == 0;
    dump->is_delete = strcmp(dump->verb->name, "DEL") == 0;
    dump->is_expiry =
        strcmp(dump->verb->name, "PEXPIREAT") == 0 || strcmp(dump->verb->name, "EXPIREAT") == 0;
    if (dump->is_total)
        return;
    dump->is_first = !dump->is_expiry && digest != dump->last_key &&
                     (dump->is_delete || !has_parts(dump, digest));
    dump->last_key = digest;
}

/* All is known that has to be known before the command's bytes are passed on. */
static void begin_command(struct redis_dump *dump)
{
    dump->begun = true;
    if (dump->has_key)
        note_key(dump);
}

static int end_select(struct redis_dump *dump, struct error *err)
{
    const char *at = dump->words[1];

    if (dump->args != 2 || !text_number(&at, INT32_MAX, &dump->database) || *at)
        return error_set(err, ERR_INVALID, "the dump selects no database: \"%.20s\"",
                         dump->words[1]);
    forget_parts(dump);
    return 0;
}

/* One more than its keys, as redis-dump-go counts: with this one. */
static int end_total(struct redis_dump *dump, struct error *err)
{
    const char *at = dump->words[2];
    int64_t number;

    if (strcmp(dump->verb->name, "SET") != 0 ||
        !text_number(&at, INT32_MAX * INT64_C(1000), &number) || *at || number < 1)
        return error_set(err, ERR_INVALID, "the dump does not say how many keys it has");
    dump->total += number - 1;
    dump->is_ended = true;
    return 0;
}

static int end_command(struct redis_dump *dump, struct error *err)
{
    dump->commands++;
    dump->is_ended = false;
    if (dump->is_select)
        return end_select(dump, err);
    if (dump->is_total)
        return end_total(dump, err);
    if (dump->verb->members && (dump->args - 2) / dump->verb->members >= PART)
        remember_part(dump);
    return 0;
}

static void clear_command(struct redis_dump *dump)
{
    buf_reset(&dump->head);
    memset(dump->words, 0, sizeof(dump->words));
    memset(dump->word_len, 0, sizeof(dump->word_len));
    dump->begun = dump->has_key = dump->is_first = false;
    dump->is_select = dump->is_total = dump->is_delete = dump->is_expiry = false;
    dump->verb = NULL;
    dump->arg = -1;
}

/* ---- its words ----------------------------------------------------------------------------------------------------- */

static int word_begins(struct redis_dump *dump, const struct resp_event *event, struct error *err)
{
    dump->arg++;
    if (event->number < 0)
        return error_set(err, ERR_INVALID, "the dump holds a command without a word");
    if (!dump->verb || dump->arg != dump->verb->key)
        return 0;
    if ((uint64_t)event->number > REDIS_KEY_MAX)
        return error_set(err, ERR_LIMIT, "the dump holds a key of %lld bytes",
                         (long long)event->number);
    dump->key_begins = true;
    dump->key_len = (size_t)event->number;
    return 0;
}

static void word_goes_on(struct redis_dump *dump, const struct resp_event *event)
{
    size_t have, more;

    if (dump->arg >= (int64_t)ARRAY_LEN(dump->words))
        return;
    have = dump->word_len[dump->arg];
    more = REDIS_SMALL - 1 - have < event->len ? REDIS_SMALL - 1 - have : event->len;
    memcpy(dump->words[dump->arg] + have, event->data, more);
    dump->word_len[dump->arg] += more;
}

static int word_ends(struct redis_dump *dump, struct error *err)
{
    if (dump->arg == 0) {
        dump->verb = find_verb(dump->words[0]);
        if (!dump->verb)
            return refuse_verb(dump, err);
        dump->is_select = strcmp(dump->verb->name, "SELECT") == 0;
        if (dump->verb->key >= dump->args)
            return error_set(err, ERR_INVALID, "the dump holds a command %s without a key",
                             dump->verb->name);
    }
    if (dump->verb->key > 0 && dump->arg == dump->verb->key)
        dump->has_key = true;
    return 0;
}

static int take_event(struct redis_dump *dump, const struct resp_event *event, struct error *err)
{
    if (dump->resp.depth > 1 || event->kind == RESP_LINE ||
        (event->kind == RESP_ARRAY && event->number <= 0))
        return error_set(err, ERR_INVALID, "the dump holds something that is no command");
    switch (event->kind) {
    case RESP_ARRAY:
        dump->args = event->number;
        return 0;
    case RESP_BULK:
        if (dump->arg < 0 && dump->args == 0)
            return error_set(err, ERR_INVALID, "the dump holds something that is no command");
        return word_begins(dump, event, err);
    case RESP_DATA:
        word_goes_on(dump, event);
        return 0;
    default:
        return word_ends(dump, err);
    }
}

/* The head goes out as a whole, everything behind it as it comes. */
static bool give_piece(struct redis_dump *dump, const char *data, size_t len,
                       struct redis_piece *ret)
{
    bool knows = dump->verb && (dump->has_key || dump->verb->key == 0);

    if (dump->begun) {
        *ret = (struct redis_piece){REDIS_MORE, data, len};
        return len > 0;
    }
    buf_add(&dump->head, data, len);
    if (dump->key_begins)
        dump->key_at = dump->head.len;
    dump->key_begins = false;
    if (!knows)
        return false;
    begin_command(dump);
    *ret = (struct redis_piece){REDIS_BEGIN, dump->head.data, dump->head.len};
    return true;
}

int redis_dump_next(struct redis_dump *dump, const char **data, size_t *len,
                    struct redis_piece *ret, struct error *err)
{
    if (dump->begun && resp_is_between(&dump->resp)) {
        int r = end_command(dump, err);

        if (r < 0)
            return r;
        dump->begun = false;
        *ret = (struct redis_piece){.kind = REDIS_DONE};
        return 1;
    }
    while (*len > 0) {
        const char *before = *data;
        struct resp_event event;
        int r;

        if (resp_is_between(&dump->resp))
            clear_command(dump);
        r = resp_next(&dump->resp, data, len, &event, err);
        if (r > 0)
            r = take_event(dump, &event, err) < 0 ? -(int)err->kind : 1;
        if (r < 0)
            return r;
        if (give_piece(dump, before, (size_t)(*data - before), ret))
            return 1;
    }
    return 0;
}

/* ---- counting ------------------------------------------------------------------------------------------------------ */

void redis_counter_init(struct redis_counter *counter)
{
    *counter = (struct redis_counter){0};
    redis_dump_init(&counter->dump);
}

void redis_counter_done(struct redis_counter *counter)
{
    redis_dump_done(&counter->dump);
    redis_info_done(&counter->counts);
}

static int count_command(struct redis_counter *counter, struct error *err)
{
    const struct redis_dump *dump = &counter->dump;
    struct redis_database *database;

    if (!dump->is_first && !dump->is_expiry)
        return 0;
    database = redis_info_database(&counter->counts, dump->database);
    if (!database)
        return error_set(err, ERR_LIMIT, "the dump has more than %d databases",
                         REDIS_DATABASES_MAX);
    database->keys += dump->is_first;
    database->expires += dump->is_expiry;
    return 0;
}

int redis_counter_feed(struct redis_counter *counter, const char *data, size_t len,
                       struct error *err)
{
    struct redis_piece piece;
    int r;

    while ((r = redis_dump_next(&counter->dump, &data, &len, &piece, err)) > 0)
        if (piece.kind == REDIS_BEGIN && (r = count_command(counter, err)) < 0)
            break;
    return r;
}

int redis_counter_end(const struct redis_counter *counter, struct error *err)
{
    const struct redis_dump *dump = &counter->dump;

    if (!resp_is_between(&dump->resp) || !dump->is_ended)
        return error_set(err, ERR_INVALID,
                         "the dump is cut: after %llu commands it ends without its number of keys",
                         (unsigned long long)dump->commands);
    return 0;
}

int64_t redis_counter_keys(const struct redis_counter *counter)
{
    int64_t keys = 0;

    for (size_t i = 0; i < counter->counts.database_count; i++)
        keys += counter->counts.databases[i].keys;
    return keys;
}

json_t *redis_counter_json(const struct redis_counter *counter)
{
    json_t *databases = json_object();

    for (size_t i = 0; i < counter->counts.database_count; i++) {
        const struct redis_database *database = &counter->counts.databases[i];
        AUTO(mem_free) char *name = xasprintf("%lld", (long long)database->number);

        json_object_set_new(databases, name,
                            json_pack("{s:I, s:I}", "keys", (json_int_t)database->keys, "expires",
                                      (json_int_t)database->expires));
    }
    return json_pack("{s:o, s:I}", "databases", databases, "commands",
                     (json_int_t)counter->dump.commands);
}

#include "redis_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stash/text.h"

/* ---- INFO ---------------------------------------------------------------------------------------------------------- */

void redis_info_done(struct redis_info *info)
{
    free(info->databases);
    *info = (struct redis_info){0};
}

struct redis_database *redis_info_database(struct redis_info *info, int64_t number)
{
    for (size_t i = 0; i < info->database_count; i++)
        if (info->databases[i].number == number)
            return &info->databases[i];
    if (info->database_count == REDIS_DATABASES_MAX)
        return NULL;
    info->databases =
        xrealloc(info->databases, (info->database_count + 1) * sizeof(*info->databases));
    info->databases[info->database_count] = (struct redis_database){.number = number};
    return &info->databases[info->database_count++];
}

/* "name=12" somewhere in a list; 0 when it is not there. */
static int64_t number_of(const char *list, const char *name)
{
    const char *found = strstr(list, name);
    int64_t value = 0;

    if (!found)
        return 0;
    found += strlen(name);
    return text_number(&found, INT64_MAX, &value) ? value : 0;
}

/* "db3:keys=12,expires=1,avg_ttl=0": Redis counts hashes with fields that expire as subexpiry, Valkey otherwise. */
static void add_database(const char *line, struct redis_info *ret)
{
    const char *at = line + 2;
    struct redis_database *database;
    int64_t number;

    if (!text_number(&at, INT32_MAX, &number) || *at != ':')
        return;
    database = redis_info_database(ret, number);
    if (!database)
        return;
    database->keys += number_of(at, "keys=");
    database->expires += number_of(at, ",expires=");
    if (number_of(at, ",subexpiry=") + number_of(at, ",keys_with_volatile_items=") > 0)
        ret->has_field_expiry = true;
}

static void add_line(const char *line, struct redis_info *ret)
{
    if (strncmp(line, "redis_version:", 14) == 0)
        snprintf(ret->version, sizeof(ret->version), "%s", line + 14);
    else if (strcmp(line, "cluster_enabled:1") == 0)
        ret->is_cluster = true;
    else if (strcmp(line, "role:slave") == 0)
        ret->is_replica = true;
    else if (strcmp(line, "master_link_status:up") == 0)
        ret->is_linked = true;
    else if (strncmp(line, "evicted_keys:", 13) == 0)
        ret->evicted += number_of(line, "evicted_keys:");
    else if (strncmp(line, "db", 2) == 0)
        add_database(line, ret);
}

void redis_info_add(const char *text, struct redis_info *ret)
{
    AUTO(mem_free) char *copy = xstrdup(text);
    char *rest = copy;

    for (char *line; (line = strsep(&rest, "\r\n"));)
        add_line(line, ret);
}

/* ---- CLUSTER NODES ------------------------------------------------------------------------------------------------- */

enum { NODE_ID, NODE_ADDRESS, NODE_FLAGS, NODE_SLOTS = 8 };
#define NODE_FIELDS 9 /* the last holds all that is left: the slots */

static bool read_node(char *line, char *fields[NODE_FIELDS])
{
    for (int i = 0; i < NODE_FIELDS; i++) {
        fields[i] = i + 1 < NODE_FIELDS ? strsep(&line, " ") : line;
        if (!fields[i])
            return false;
    }
    return true;
}

static bool has_flag(const char *flags, const char *flag)
{
    size_t len = strlen(flag);

    for (const char *at = flags; (at = strstr(at, flag)); at += len)
        if ((at == flags || at[-1] == ',') && (at[len] == ',' || at[len] == '\0'))
            return true;
    return false;
}

static int compare_words(const void *one, const void *two)
{
    return strcmp(*(char *const *)one, *(char *const *)two);
}

/* A master that has slots; slots on their way are in brackets and are not its own. */
static bool is_owner(char *line, char *fields[NODE_FIELDS])
{
    return read_node(line, fields) && has_flag(fields[NODE_FLAGS], "master") &&
           *fields[NODE_SLOTS] && *fields[NODE_SLOTS] != '[';
}

int redis_cluster_masters(const char *nodes, struct argv *ret, struct error *err)
{
    AUTO(mem_free) char *copy = xstrdup(nodes);
    char *rest = copy;
    char *fields[NODE_FIELDS];

    for (char *line; (line = strsep(&rest, "\r\n"));) {
        if (!is_owner(line, fields))
            continue;
        fields[NODE_ADDRESS][strcspn(fields[NODE_ADDRESS], "@,")] = '\0';
        if (has_flag(fields[NODE_FLAGS], "fail") || has_flag(fields[NODE_FLAGS], "noaddr"))
            return error_set(err, ERR_TRANSPORT,
                             "the cluster is not whole: the master %s, which has slots, is down",
                             fields[NODE_ADDRESS]);
        argv_add(ret, fields[NODE_ADDRESS]);
    }
    if (ret->count == 0)
        return error_set(err, ERR_TRANSPORT, "no master of the cluster has slots");
    return 0;
}

static void take_slots(const char *text, int16_t node, int16_t ret[REDIS_SLOTS])
{
    while (*text) {
        int64_t first, last;

        if (*text == '[' || !text_number(&text, REDIS_SLOTS - 1, &first)) {
            text += strcspn(text, " ");
        } else {
            last = first;
            if (*text == '-') {
                text++;
                if (!text_number(&text, REDIS_SLOTS - 1, &last))
                    last = first;
            }
            for (; first <= last; first++)
                ret[first] = node;
        }
        text += strspn(text, " ");
    }
}

void redis_cluster_slots(const char *nodes, int16_t ret[REDIS_SLOTS])
{
    AUTO(mem_free) char *copy = xstrdup(nodes);
    char *rest = copy;
    char *fields[NODE_FIELDS];
    int16_t node = 0;

    memset(ret, 0xff, REDIS_SLOTS * sizeof(*ret));
    for (char *line; (line = strsep(&rest, "\r\n"));)
        if (is_owner(line, fields))
            take_slots(fields[NODE_SLOTS], node++, ret);
}

/* Slots of each master, in the order of the words. */
static void list_slots(char *nodes, struct argv *ret)
{
    char *fields[NODE_FIELDS];

    for (char *line; (line = strsep(&nodes, "\r\n"));)
        if (is_owner(line, fields))
            argv_add(ret, fields[NODE_SLOTS]);
    if (ret->count > 1)
        qsort(ret->items, ret->count, sizeof(*ret->items), compare_words);
}

bool redis_cluster_is_same(const char *nodes, const char *later)
{
    AUTO(mem_free) char *first = xstrdup(nodes);
    AUTO(mem_free) char *second = xstrdup(later);
    AUTO(argv_done) struct argv before = {0};
    AUTO(argv_done) struct argv after = {0};
    size_t i = 0;

    list_slots(first, &before);
    list_slots(second, &after);
    while (i < before.count && i < after.count && strcmp(before.items[i], after.items[i]) == 0)
        i++;
    return i == before.count && i == after.count;
}

/* CRC-16 (XMODEM), of what stands in the first braces, if anything does. */
unsigned redis_slot(const char *key, size_t len)
{
    const char *open = memchr(key, '{', len);
    const char *close = open ? memchr(open, '}', len - (size_t)(open - key)) : NULL;
    unsigned crc = 0;

    if (close && close > open + 1) {
        len = (size_t)(close - open - 1);
        key = open + 1;
    }
    for (size_t i = 0; i < len; i++) {
        crc ^= (unsigned)(unsigned char)key[i] << 8;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1) & 0xffff;
    }
    return crc % REDIS_SLOTS;
}

/* ---- entries of streams -------------------------------------------------------------------------------------------- */

struct id {
    uint64_t ms, number;
};

static bool read_id(const char *text, struct id *ret)
{
    char *end;

    *ret = (struct id){.ms = strtoull(text, &end, 10)};
    if (*end == '-')
        ret->number = strtoull(end + 1, &end, 10);
    return end != text && !*end;
}

bool redis_id_after(const char *text, char ret[REDIS_ID_SIZE])
{
    struct id id;

    if (!read_id(text, &id) || (id.ms == UINT64_MAX && id.number == UINT64_MAX))
        return false;
    id.number++;
    snprintf(ret, REDIS_ID_SIZE, "%" PRIu64 "-%" PRIu64, id.number ? id.ms : id.ms + 1, id.number);
    return true;
}

bool redis_id_is_after(const char *text, const char *other)
{
    struct id id, than;

    if (!read_id(text, &id) || !read_id(other, &than))
        return false;
    return id.ms > than.ms || (id.ms == than.ms && id.number > than.number);
}

/* ---- errors -------------------------------------------------------------------------------------------------------- */

bool redis_is_passing(const char *words)
{
    static const char *const those[] = {"LOADING",     "MASTERDOWN", "BUSY ",
                                        "CLUSTERDOWN", "TRYAGAIN",   "ERR max number of clients"};

    for (size_t i = 0; i < ARRAY_LEN(those); i++)
        if (strncmp(words, those[i], strlen(those[i])) == 0)
            return true;
    return false;
}

/*
 * es_written.c - whether the documents of a dump were written by a load.
 *
 * That an index has them is no proof: they may have been there before, and the server may have refused the new ones. Each
 * write of a document gives it the next sequence number of its shard, so those that were written since the load began have a
 * greater one than the shard had then.
 */
#include <string.h>

#include "es.h"
#include "stash/jsonx.h"
#include "stash/pair.h"

#define IDS_MAX   1000 /* in one question */
#define QUERY_MAX (4 * LIMIT_MIB)

/* ---- before -------------------------------------------------------------------------------------------------------- */

/* The greatest sequence number of a shard's copies; -1: nothing was written yet. NULL member: the server has none (before 6.0). */
static bool shard_number(const json_t *copies, json_int_t *ret)
{
    bool known = false;
    size_t i;
    json_t *copy;

    *ret = -1;
    json_array_foreach (jsonx_unconst(copies), i, copy) {
        json_int_t number = jsonx_int(copy, -2, "seq_no", "max_seq_no", NULL);

        known = known || number >= -1;
        *ret = number > *ret ? number : *ret;
    }
    return known;
}

/* {shard: its number} of the only index that the name stands for; NULL when they are not known. */
static json_t *shard_numbers(const json_t *stats)
{
    json_t *indices = json_object_get(stats, "indices");
    json_auto_t *numbers = json_object();
    const char *name;
    const char *shard;
    json_t *its, *copies;

    if (json_object_size(indices) != 1)
        return NULL;
    json_object_foreach (indices, name, its)
        json_object_foreach (json_object_get(its, "shards"), shard, copies) {
            json_int_t number;

            if (!shard_number(copies, &number))
                return NULL;
            json_object_set_new(numbers, shard, json_integer(number));
        }
    return json_object_size(numbers) > 0 ? TAKE(numbers) : NULL;
}

/* An index that is deleted and made anew has another one. NULL: it is not known. */
static const char *uuid_of(const json_t *stats)
{
    const char *name;
    const json_t *its;

    jsonx_foreach_member (json_object_get(stats, "indices"), name, its)
        return jsonx_str(its, "uuid", NULL);
    return NULL;
}

static json_int_t index_total(const json_t *stats)
{
    return jsonx_int(stats, 0, "_all", "primaries", "indexing", "index_total", NULL);
}

static int read_stats(const struct es *es, const char *index, json_t **ret, struct error *err)
{
    AUTO(mem_free)
    char *path = es_path(es, index,
                         "_stats?level=shards&filter_path=indices.*.uuid,"
                         "indices.*.shards.*.seq_no,_all.primaries.indexing.index_total");

    return es_get(es, path, "an index's statistics", ret, err);
}

int es_look_at_writes(const struct es *es, const char *index, json_t **ret, struct error *err)
{
    json_auto_t *stats = NULL;
    uint64_t count = 0;
    bool there = false;
    int r = es_count(es, index, &count, &there, err);

    if (r == 0 && there)
        r = read_stats(es, index, &stats, err);
    if (r < 0)
        return r;
    *ret = json_pack("{s:b, s:I, s:I, s:s*, s:o*}", PAIR("there", there),
                     PAIR("count", (json_int_t)count), PAIR("writes", index_total(stats)),
                     PAIR("uuid", uuid_of(stats)),
                     PAIR("shards", stats ? shard_numbers(stats) : NULL));
    return 0;
}

/* ---- afterwards ---------------------------------------------------------------------------------------------------- */

/* Ids of the dump, a thousand at a time, are asked for. */
struct ids {
    const struct es *es;
    const char *index;
    /* {shard: number}: only what was written since; NULL: whatever is there */
    const json_t *shards;
    struct buf list;
    size_t listed;
    uint64_t found;
};

static int ask_shard(struct ids *ids, const char *shard, json_int_t number, struct error *err)
{
    const struct es_shard written = {shard, number};
    uint64_t found = 0;
    int r = es_count_ids(ids->es, ids->index, ids->list.data, shard ? &written : NULL, &found, err);

    ids->found += found;
    return r;
}

static int ids_ask(struct ids *ids, struct error *err)
{
    const char *shard;
    json_t *number;
    int r = 0;

    if (ids->listed == 0)
        return 0;
    if (!ids->shards)
        r = ask_shard(ids, NULL, 0, err);
    jsonx_foreach_member (ids->shards, shard, number)
        if (r == 0)
            r = ask_shard(ids, shard, json_integer_value(number), err);
    ids->listed = 0;
    buf_reset(&ids->list);
    return r;
}

static int ids_add(void *ctx, const char *id, struct error *err)
{
    struct ids *ids = ctx;

    buf_addf(&ids->list, "%s%s", ids->listed ? "," : "", id);
    return ++ids->listed < IDS_MAX ? 0 : ids_ask(ids, err);
}

/* Deleted meanwhile and made anew, as --delete does: then all that it has was written since, and is counted from the beginning. */
static bool is_another(const json_t *before, const json_t *stats)
{
    const char *was = jsonx_str(before, "uuid", NULL);
    const char *now = uuid_of(stats);

    return was && now && strcmp(was, now) != 0;
}

/* Whosever they are. */
static uint64_t count_writes(const json_t *before, const json_t *stats)
{
    json_int_t old = is_another(before, stats) ? 0 : jsonx_int(before, 0, "writes", NULL);
    json_int_t since = index_total(stats) - old;

    return since > 0 ? (uint64_t)since : 0;
}

int es_any_written(const struct es *es, const char *index, const json_t *before, bool *ret,
                   struct error *err)
{
    json_auto_t *stats = NULL;
    int r = read_stats(es, index, &stats, err);

    if (r == 0)
        *ret = count_writes(before, stats) > 0;
    return r;
}

int es_count_written(const struct addon_run *run, const char *index, const json_t *before,
                     uint64_t *ret, struct error *err)
{
    json_auto_t *stats = NULL;
    struct ids ids = {.es = es_of(run), .index = index};
    AUTO(es_lines_done) struct es_lines lines;
    bool any;
    int r = read_stats(es_of(run), index, &stats, err);

    if (r < 0)
        return r;
    any = jsonx_int(before, 0, "count", NULL) == 0 || is_another(before, stats);
    ids.shards = any ? NULL : jsonx_get(before, "shards", NULL);
    es_lines_init(&lines);
    lines.on_id = ids_add;
    lines.ctx = &ids;
    buf_init(&ids.list, QUERY_MAX);
    r = es_read_lines(run, index, &lines, err);
    if (r == 0)
        r = ids_ask(&ids, err);
    buf_done(&ids.list);
    *ret = ids.found;
    if (r == 0 && !any && !ids.shards && count_writes(before, stats) < *ret)
        *ret = count_writes(before, stats); /* a server without sequence numbers */
    return r;
}

#include "stash/restic_out.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "stash/limits.h"
#include "stash/lines.h"
#include "stash/quoted.h"
#include "stash/text.h"
#include "stash/timefmt.h"

static void parsed_free(cJSON *value)
{
    cJSON_Delete(value);
}
DEFINE_AUTO(cJSON, parsed_free);

static const cJSON *line_member(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

static const char *line_string(const cJSON *object, const char *key)
{
    return cJSON_GetStringValue(line_member(object, key));
}

/* A count or a size; restic's are whole, and doubles hold them exactly up to 8 PiB. */
static bool line_number(const cJSON *object, const char *key, uint64_t *ret)
{
    const cJSON *value = line_member(object, key);

    if (!cJSON_IsNumber(value) || !(value->valuedouble >= 0 && value->valuedouble < 1e18))
        return false;
    *ret = (uint64_t)value->valuedouble;
    return true;
}

static bool copy_id(const char *id, char out[RESTIC_ID_SIZE])
{
    size_t len = id ? strlen(id) : 0;

    if (len < 8 || len >= RESTIC_ID_SIZE || strspn(id, "0123456789abcdef") != len)
        return false;
    memcpy(out, id, len + 1);
    return true;
}

/* ---- backup ------------------------------------------------------------------------------------ */

static bool decode_summary(const cJSON *line, struct restic_summary *summary)
{
    const cJSON *seconds = line_member(line, "total_duration");

    summary->seconds =
        cJSON_IsNumber(seconds) && seconds->valuedouble > 0 ? seconds->valuedouble : 0;
    return (!line_string(line, "snapshot_id") ||
            copy_id(line_string(line, "snapshot_id"), summary->snapshot_id)) &&
           line_number(line, "files_new", &summary->files_new) &&
           line_number(line, "files_changed", &summary->files_changed) &&
           line_number(line, "files_unmodified", &summary->files_unmodified) &&
           line_number(line, "total_files_processed", &summary->files_total) &&
           line_number(line, "total_bytes_processed", &summary->bytes_total) &&
           line_number(line, "data_added", &summary->bytes_added);
}

void restic_out_backup_line(void *summary, const char *line, size_t len)
{
    struct restic_summary *ret = summary, decoded = {.found = true};
    AUTO(parsed_free) cJSON *parsed = cJSON_ParseWithLength(line, len);
    const char *type = line_string(parsed, "message_type");

    if (type && strcmp(type, "summary") == 0 && !cJSON_IsTrue(line_member(parsed, "dry_run")) &&
        decode_summary(parsed, &decoded))
        *ret = decoded;
}

/* ---- stats, check ---------------------------------------------------------------------- */

int restic_out_stats(const char *text, size_t len, struct restic_stats *ret, struct error *err)
{
    AUTO(parsed_free) cJSON *stats = cJSON_ParseWithLength(text, len);
    struct restic_stats read;

    if (!line_number(stats, "total_size", &read.bytes) ||
        !line_number(stats, "snapshots_count", &read.snapshots))
        return error_set(err, ERR_INVALID,
                         "restic stats: the answer has no total_size or snapshots_count");
    *ret = read;
    return 0;
}

int restic_out_check(const char *text, size_t len, uint64_t *ret_errors, struct error *err)
{
    AUTO(parsed_free) cJSON *summary = cJSON_ParseWithLength(text, len);

    if (!line_number(summary, "num_errors", ret_errors))
        return error_set(err, ERR_INVALID, "restic check: the answer has no num_errors");
    return 0;
}

int restic_out_lock(const char *text, size_t len, struct restic_lock *ret, struct error *err)
{
    AUTO(parsed_free) cJSON *lock = cJSON_ParseWithLength(text, len);
    const char *host = line_string(lock, "hostname"), *time = line_string(lock, "time");
    struct restic_lock read = {.exclusive = cJSON_IsTrue(line_member(lock, "exclusive"))};
    uint64_t pid = 0;

    if (!host || strlen(host) >= sizeof(read.host) || !time || !timefmt_parse(time, &read.time))
        return error_set(err, ERR_INVALID, "restic cat lock: the answer has no hostname or time");
    memcpy(read.host, host, strlen(host) + 1);
    line_number(lock, "pid", &pid);
    read.pid = (int64_t)pid;
    *ret = read;
    return 0;
}

int restic_out_config(const char *text, size_t len, char ret_id[RESTIC_ID_SIZE], struct error *err)
{
    AUTO(parsed_free) cJSON *config = cJSON_ParseWithLength(text, len);

    if (!copy_id(line_string(config, "id"), ret_id))
        return error_set(err, ERR_INVALID, "restic cat config: the answer has no id");
    return 0;
}

struct restored {
    bool found;
    uint64_t files;
};

/* restic leaves zeros out. */
static uint64_t number_or_zero(const cJSON *object, const char *key)
{
    uint64_t value = 0;

    line_number(object, key, &value);
    return value;
}

static void restored_line(void *ctx, const char *line, size_t len)
{
    struct restored *restored = ctx;
    AUTO(parsed_free) cJSON *parsed = cJSON_ParseWithLength(line, len);
    const char *type = line_string(parsed, "message_type");

    if (!type || strcmp(type, "summary") != 0)
        return;
    restored->found = true;
    /* what is there already, and as it should be, is skipped and not part of the total */
    restored->files =
        number_or_zero(parsed, "total_files") + number_or_zero(parsed, "files_skipped");
}

int restic_out_restore(const char *text, size_t len, uint64_t *ret_files, struct error *err)
{
    AUTO(lines_done) struct lines lines;
    struct restored restored = {0};
    struct error ignored;

    lines_init(&lines, LIMIT_RESTIC_LINE);
    lines_feed(&lines, text, len, restored_line, &restored, &ignored);
    lines_end(&lines, restored_line, &restored);
    if (!restored.found)
        return error_set(err, ERR_INVALID, "restic restore: no summary in its answer");
    *ret_files = restored.files;
    return 0;
}

void restic_out_tag_line(void *changed, const char *line, size_t len)
{
    AUTO(parsed_free) cJSON *parsed = cJSON_ParseWithLength(line, len);
    const char *old = line_string(parsed, "old_snapshot_id"),
               *now = line_string(parsed, "new_snapshot_id");
    char id[RESTIC_ID_SIZE];

    if (copy_id(old, id) && copy_id(now, id))
        json_object_set_new(changed, old, json_string(now));
}

/* ---- snapshots --------------------------------------------------------------------------------- */

#define SNAPSHOT_MAX (1 * LIMIT_MIB) /* one entry: its paths and tags are a user's */

static void read_tags(const cJSON *tags, struct restic_snapshot *snapshot)
{
    const cJSON *tag;

    cJSON_ArrayForEach(tag, tags)
    {
        if (cJSON_IsString(tag))
            owner_read_tag(&snapshot->owner, &snapshot->incomplete, cJSON_GetStringValue(tag));
    }
}

bool restic_snapshot_is(const struct restic_snapshot *snapshot, const char *id)
{
    return text_is(id, snapshot->id) || text_is(id, snapshot->original);
}

char *restic_snapshot_paths(const struct restic_snapshot *snapshot)
{
    struct buf text;
    const cJSON *path;

    buf_init(&text, 2 * SNAPSHOT_MAX);
    cJSON_ArrayForEach(path, line_member(snapshot->entry, "paths"))
    {
        if (cJSON_IsString(path))
            quoted_add(&text, cJSON_GetStringValue(path), QUOTED_ITEMS);
    }
    return buf_take(&text);
}

static bool decode_snapshot(const cJSON *from, struct restic_snapshot *ret)
{
    const cJSON *paths = line_member(from, "paths");
    const char *time = line_string(from, "time");
    char id[RESTIC_ID_SIZE];

    *ret = (struct restic_snapshot){
        .entry = from,
        .id = line_string(from, "id"),
        .original = line_string(from, "original"),
        .host = line_string(from, "hostname"),
        .path = cJSON_GetArraySize(paths) == 1 ? cJSON_GetStringValue(cJSON_GetArrayItem(paths, 0))
                                               : NULL,
    };
    if (!line_number(line_member(from, "summary"), "total_files_processed", &ret->files))
        ret->files = UINT64_MAX;
    read_tags(line_member(from, "tags"), ret);
    return copy_id(ret->id, id) && ret->host && cJSON_IsArray(paths) && time &&
           timefmt_parse(time, &ret->time);
}

static void listing_entry(void *ctx, const char *element, size_t len)
{
    struct restic_listing *listing = ctx;
    AUTO(parsed_free) cJSON *parsed = cJSON_ParseWithLength(element, len);
    struct restic_snapshot snapshot;

    listing->seen++;
    if (decode_snapshot(parsed, &snapshot))
        listing->fn(listing->ctx, &snapshot);
    else
        listing->unreadable = true;
}

void restic_listing_init(struct restic_listing *listing, restic_snapshot_fn fn, void *ctx)
{
    *listing = (struct restic_listing){.fn = fn, .ctx = ctx};
    elements_init(&listing->elements, SNAPSHOT_MAX);
}

void restic_listing_done(struct restic_listing *listing)
{
    elements_done(&listing->elements);
}

void restic_listing_feed(struct restic_listing *listing, const char *data, size_t len)
{
    elements_feed(&listing->elements, data, len, listing_entry, listing);
}

int restic_listing_end(const struct restic_listing *listing, struct error *err)
{
    int r = elements_end(&listing->elements, err);

    if (r < 0)
        return error_wrap(err, "restic snapshots");
    if (listing->unreadable)
        return error_set(err, ERR_INVALID,
                         "restic snapshots: an entry among the first %zu cannot be read",
                         listing->seen);
    return 0;
}

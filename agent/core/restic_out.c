#include "stash/restic_out.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "stash/names.h"
#include "stash/timefmt.h"

static void parsed_free(cJSON *value)
{
    cJSON_Delete(value);
}
DEFINE_AUTO(cJSON, parsed_free);

static const cJSON *member(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

static const char *string(const cJSON *object, const char *key)
{
    return cJSON_GetStringValue(member(object, key));
}

/* A count or a size; restic's are whole, and doubles hold them exactly up to 8 PiB. */
static bool number(const cJSON *object, const char *key, uint64_t *ret)
{
    const cJSON *value = member(object, key);

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
    const cJSON *seconds = member(line, "total_duration");

    summary->seconds =
        cJSON_IsNumber(seconds) && seconds->valuedouble > 0 ? seconds->valuedouble : 0;
    return copy_id(string(line, "snapshot_id"), summary->snapshot_id) &&
           number(line, "files_new", &summary->files_new) &&
           number(line, "files_changed", &summary->files_changed) &&
           number(line, "files_unmodified", &summary->files_unmodified) &&
           number(line, "total_files_processed", &summary->files_total) &&
           number(line, "total_bytes_processed", &summary->bytes_total) &&
           number(line, "data_added", &summary->bytes_added);
}

void restic_out_backup_line(void *summary, const char *line, size_t len)
{
    struct restic_summary *ret = summary, decoded = {.found = true};
    AUTO(parsed_free) cJSON *parsed = cJSON_ParseWithLength(line, len);
    const char *type = string(parsed, "message_type");

    if (type && strcmp(type, "summary") == 0 && decode_summary(parsed, &decoded))
        *ret = decoded;
}

/* ---- forget, stats, check ---------------------------------------------------------------------- */

/* Which of the two folders that a dump may lie in this group is about: 1, 2, or 4 for anything else. */
static unsigned group_kind(const cJSON *group)
{
    const cJSON *paths = member(group, "paths");
    const char *path =
        cJSON_GetArraySize(paths) == 1 ? cJSON_GetStringValue(cJSON_GetArrayItem(paths, 0)) : NULL;

    if (path && strcmp(path, PATH_INTERIM_DATA) == 0)
        return 1;
    return path && strcmp(path, PATH_TMP_INTERIM) == 0 ? 2 : 4;
}

/*
 * A dump moves from one folder to the other when an interim volume is added or taken away; restic
 * then sees two groups, and the old one would be kept for ever. Only where a host has nothing but
 * these two may they be treated as one: among other paths, one group would push the other out.
 */
static void find_merge_host(const cJSON *groups, char out[256])
{
    const cJSON *group, *other;

    cJSON_ArrayForEach(group, groups)
    {
        const char *host = string(group, "host");
        unsigned kinds = 0;

        cJSON_ArrayForEach(other, groups)
        {
            const char *its = string(other, "host");

            if (host && its && strcmp(host, its) == 0)
                kinds |= group_kind(other);
        }
        if (kinds == 3 && strlen(host) < 256)
            memcpy(out, host, strlen(host) + 1);
    }
}

int restic_out_forget(const char *text, size_t len, struct restic_forgotten *ret, struct error *err)
{
    AUTO(parsed_free) cJSON *groups = cJSON_ParseWithLength(text, len);
    struct restic_forgotten sum = {0};
    const cJSON *group;

    if (!cJSON_IsArray(groups))
        return error_set(err, ERR_INVALID, "restic forget: the answer is not a list of groups");
    cJSON_ArrayForEach(group, groups)
    {
        sum.kept += (uint64_t)cJSON_GetArraySize(member(group, "keep"));
        sum.removed += (uint64_t)cJSON_GetArraySize(member(group, "remove"));
    }
    find_merge_host(groups, sum.merge_host);
    *ret = sum;
    return 0;
}

int restic_out_stats(const char *text, size_t len, uint64_t *ret_bytes, struct error *err)
{
    AUTO(parsed_free) cJSON *stats = cJSON_ParseWithLength(text, len);

    if (!number(stats, "total_size", ret_bytes))
        return error_set(err, ERR_INVALID, "restic stats: the answer has no total_size");
    return 0;
}

int restic_out_check(const char *text, size_t len, uint64_t *ret_errors, struct error *err)
{
    AUTO(parsed_free) cJSON *summary = cJSON_ParseWithLength(text, len);

    if (!number(summary, "num_errors", ret_errors))
        return error_set(err, ERR_INVALID, "restic check: the answer has no num_errors");
    return 0;
}

int restic_out_lock(const char *text, size_t len, struct restic_lock *ret, struct error *err)
{
    AUTO(parsed_free) cJSON *lock = cJSON_ParseWithLength(text, len);
    const char *host = string(lock, "hostname");

    if (!host || strlen(host) >= sizeof(ret->host))
        return error_set(err, ERR_INVALID, "restic cat lock: the answer has no hostname");
    memcpy(ret->host, host, strlen(host) + 1);
    ret->exclusive = cJSON_IsTrue(member(lock, "exclusive"));
    return 0;
}

/* ---- snapshots --------------------------------------------------------------------------------- */

void restic_snapshots_done(struct restic_snapshots *snapshots)
{
    for (size_t i = 0; i < snapshots->count; i++) {
        free(snapshots->items[i].host);
        free(snapshots->items[i].path);
    }
    free(snapshots->items);
    *snapshots = (struct restic_snapshots){0};
}

static bool decode_snapshot(const cJSON *from, struct restic_snapshot *to)
{
    const cJSON *paths = member(from, "paths");
    const char *host = string(from, "hostname"), *time = string(from, "time");
    const char *path =
        cJSON_GetArraySize(paths) == 1 ? cJSON_GetStringValue(cJSON_GetArrayItem(paths, 0)) : NULL;

    if (!copy_id(string(from, "id"), to->id) || !host || !cJSON_IsArray(paths) || !time ||
        !timefmt_parse(time, &to->time))
        return false;
    to->host = xstrdup(host);
    to->path = path ? xstrdup(path) : NULL;
    return true;
}

int restic_out_snapshots(const char *text, size_t len, struct restic_snapshots *ret,
                         struct error *err)
{
    AUTO(parsed_free) cJSON *list = cJSON_ParseWithLength(text, len);
    AUTO(restic_snapshots_done) struct restic_snapshots found = {0};
    const cJSON *item;

    if (!cJSON_IsArray(list))
        return error_set(err, ERR_INVALID, "restic snapshots: the answer is not a list");
    found.items = xcalloc((size_t)cJSON_GetArraySize(list) + 1, sizeof(*found.items));
    cJSON_ArrayForEach(item, list)
    {
        if (!decode_snapshot(item, &found.items[found.count]))
            return error_set(err, ERR_INVALID, "restic snapshots: entry %zu cannot be read",
                             found.count);
        found.count++;
    }
    *ret = found;
    found = (struct restic_snapshots){0};
    return 0;
}

const struct restic_snapshot *restic_snapshots_find(const struct restic_snapshots *snapshots,
                                                    const char *id)
{
    const struct restic_snapshot *found = NULL;

    for (size_t i = 0; i < snapshots->count; i++)
        if (*id && strncmp(snapshots->items[i].id, id, strlen(id)) == 0) {
            if (found)
                return NULL;
            found = &snapshots->items[i];
        }
    return found;
}

static const struct restic_snapshot *newest(const struct restic_snapshots *snapshots,
                                            const char *const *paths, size_t count)
{
    const struct restic_snapshot *found = NULL;

    for (size_t i = 0; i < snapshots->count; i++) {
        const struct restic_snapshot *item = &snapshots->items[i];
        bool fits = false;

        for (size_t p = 0; item->path && p < count; p++)
            fits = fits || strcmp(item->path, paths[p]) == 0;
        if (fits && (!found || item->time >= found->time))
            found = item;
    }
    return found;
}

const struct restic_snapshot *restic_snapshots_of(const struct restic_snapshots *snapshots,
                                                  const char *path)
{
    return newest(snapshots, &path, 1);
}

/* The path that every snapshot has, NULL when they differ. */
static const char *only_path(const struct restic_snapshots *snapshots)
{
    const char *path = snapshots->count ? snapshots->items[0].path : NULL;

    for (size_t i = 0; path && i < snapshots->count; i++)
        if (!snapshots->items[i].path || strcmp(snapshots->items[i].path, path) != 0)
            return NULL;
    return path;
}

const struct restic_snapshot *restic_snapshots_dump(const struct restic_snapshots *snapshots,
                                                    const char *folder)
{
    const char *const paths[] = {folder, PATH_INTERIM_DATA, PATH_TMP_INTERIM};
    const struct restic_snapshot *found = newest(snapshots, paths, ARRAY_LEN(paths));
    const char *only = only_path(snapshots);

    return found || !only ? found : newest(snapshots, &only, 1);
}

/* by_hand.c - what people do with a repository by `kubectl stash`: it runs beside the Repository, with its Secret mounted. */
#include <stdio.h>
#include <string.h>

#include "by_hand.h"
#include "job.h"
#include "secret.h"
#include "stash/jsonx.h"
#include "stash/pair.h"
#include "stash/timefmt.h"

#define LOCK_PATIENCE "2m" /* of who would delete while a backup runs */

void opened_done(struct opened *opened)
{
    restic_done(&opened->restic);
    json_decref(opened->secret);
}

int opened_from_mounts(const struct agent_flags *flags, struct opened *ret, struct error *err)
{
    const struct secret_place mounted = {NULL, "", "", flags->secret_name};
    int r = job_check_flags(flags, err);

    if (r == 0)
        r = secret_read(&mounted, &ret->secret, err);
    if (r < 0)
        return r;
    job_backend(flags, &ret->backend);
    const struct restic_place place = {&ret->backend, ret->secret, flags->scratch_dir, false};
    return restic_open(&place, &ret->restic, err);
}

void answer_print(const json_t *line)
{
    AUTO(mem_free) char *text = jsonx_dump(line);

    puts(text);
}

/* `unread`: why what was asked for is perhaps not all; NULL or "": it is. */
static void print_lines(const json_t *lines, size_t count, const char *unread)
{
    json_auto_t *end = json_pack("{s:I}", "count", (json_int_t)count);

    if (unread && *unread)
        json_object_set_new(end, "unread", json_string(unread));
    for (size_t i = 0; i < json_array_size(lines); i++)
        answer_print(json_array_get(lines, i));
    answer_print(end);
}

/* ---- snapshots ---------------------------------------------------------------------------------------------------- */

static json_t *snapshot_line(const struct restic_snapshot *snapshot)
{
    AUTO(mem_free) char *paths = restic_snapshot_paths(snapshot);
    char time[TIMEFMT_SIZE];

    timefmt_rfc3339(snapshot->time, time);
    json_t *line = json_pack(
        "{s:s*, s:s, s:s*, s:s*, s:s*, s:s*, s:b}", PAIR("id", snapshot->id), PAIR("time", time),
        PAIR("host", snapshot->host), PAIR("paths", paths), PAIR("target", snapshot->owner.target),
        PAIR("invoker", snapshot->owner.invoker), PAIR("incomplete", (int)snapshot->incomplete));
    if (snapshot->files != UINT64_MAX)
        json_object_set_new(line, "files", json_integer((json_int_t)snapshot->files));
    return line;
}

/* A repository may have a hundred thousand snapshots, and a log must not: the newest are kept. */
struct listing {
    json_t *newest;
    size_t last, count;
};

static void keep_newest(void *ctx, const struct restic_snapshot *snapshot)
{
    struct listing *listing = ctx;

    json_array_append_new(listing->newest, snapshot_line(snapshot));
    if (json_array_size(listing->newest) > listing->last)
        json_array_remove(listing->newest, 0);
    listing->count++;
}

int agent_list_snapshots(const struct agent_flags *flags, int64_t last, struct error *err)
{
    AUTO(opened_done) struct opened opened = {0};
    json_auto_t *newest = json_array();
    struct listing listing = {.newest = newest, .last = (size_t)last};
    struct text unread = {0};
    int r = opened_from_mounts(flags, &opened, err);

    if (r == 0)
        r = restic_list(&opened.restic, keep_newest, &listing, &unread, err);
    if (r == 0)
        print_lines(newest, listing.count, unread.s);
    return r;
}

/* ---- snapshots that somebody deletes ------------------------------------------------------------------------------ */

struct search {
    const char *const *ids; /* as they were named */
    size_t count;
    const char **whole; /* NULL: not found; of what was found twice, is_double tells */
    json_t *found;
    const char *is_double;
};

static void look_for(void *ctx, const struct restic_snapshot *snapshot)
{
    struct search *search = ctx;

    for (size_t i = 0; i < search->count; i++) {
        if (strncmp(snapshot->id, search->ids[i], strlen(search->ids[i])) != 0)
            continue;
        if (search->whole[i]) {
            search->is_double = search->ids[i];
            continue;
        }
        json_t *line = snapshot_line(snapshot);
        json_array_append_new(search->found, line);
        search->whole[i] = jsonx_str(line, "id", NULL);
    }
}

static int find_all(const struct opened *opened, struct search *search, struct error *err)
{
    int r = restic_list(&opened->restic, look_for, search, NULL, err);

    if (r == 0 && search->is_double)
        r = error_set(err, ERR_INVALID, "%s is the beginning of several ids: write more digits",
                      search->is_double);
    for (size_t i = 0; r == 0 && i < search->count; i++)
        if (!search->whole[i])
            r = error_set(err, ERR_NOT_FOUND, "no snapshot has the id %s", search->ids[i]);
    return r;
}

/* restic says that it is done; whether the storage let it, only a look tells. */
static int see_them_gone(const struct opened *opened, const struct search *search,
                         struct error *err)
{
    AUTO(mem_free) const char **whole = xcalloc(search->count, sizeof(*whole));
    json_auto_t *left = json_array();
    struct search again = {search->whole, search->count, whole, left, NULL};
    int r = restic_list(&opened->restic, look_for, &again, NULL, err);

    if (r == 0 && json_array_size(left) > 0)
        r = error_set(err, ERR_DENIED,
                      "snapshot %s is still there: does the storage let it be deleted?",
                      jsonx_str(json_array_get(left, 0), "id", NULL));
    return r;
}

int agent_delete_snapshots(const struct agent_flags *flags, const char *const *ids, size_t count,
                           struct error *err)
{
    AUTO(opened_done) struct opened opened = {0};
    AUTO(mem_free) const char **whole = xcalloc(count + 1, sizeof(*whole));
    json_auto_t *found = json_array();
    struct search search = {ids, count, whole, found, NULL};
    int r = opened_from_mounts(flags, &opened, err);

    if (r == 0 && count == 0)
        r = error_set(err, ERR_INVALID, "--id is needed");
    if (r == 0)
        r = find_all(&opened, &search, err);
    if (r < 0)
        return r;
    opened.restic.options.retry_lock = LOCK_PATIENCE;
    r = restic_delete(&opened.restic, whole, err);
    if (r == 0)
        r = see_them_gone(&opened, &search, err);
    if (r == 0)
        print_lines(found, json_array_size(found), NULL);
    return r;
}

/* ---- locks -------------------------------------------------------------------------------------------------------- */

static bool is_among(const struct restic_locks *locks, const char *id)
{
    for (size_t i = 0; i < locks->count; i++)
        if (strcmp(locks->items[i].id, id) == 0)
            return true;
    return false;
}

/* Of one that was given back before it could be read, nothing but its id is known. */
static json_t *lock_line(const struct restic_lock *lock, bool removed)
{
    json_t *line = json_pack("{s:s, s:b}", "id", lock->id, "removed", (int)removed);
    char time[TIMEFMT_SIZE];

    if (lock->time == 0)
        return line;
    timefmt_rfc3339(lock->time, time);
    json_object_set_new(line, "time", json_string(time));
    json_object_set_new(line, "host", json_string(lock->host));
    json_object_set_new(line, "pid", json_integer((json_int_t)lock->pid));
    json_object_set_new(line, "exclusive", json_boolean(lock->exclusive));
    return line;
}

static void print_locks(const struct restic_locks *before, const struct restic_locks *after)
{
    json_auto_t *lines = json_array();

    for (size_t i = 0; i < before->count; i++) {
        const struct restic_lock *lock = &before->items[i];
        json_array_append_new(lines, lock_line(lock, !is_among(after, lock->id)));
    }
    print_lines(lines, before->count, NULL);
}

/* More than we can show are no reason to leave them. */
static int look_at_locks(const struct opened *opened, struct restic_locks *ret, struct error *err)
{
    int r = restic_locks(&opened->restic, ret, err);

    return r < 0 && err->kind == ERR_LIMIT ? 0 : r;
}

int agent_unlock_repository(const struct agent_flags *flags, bool all, struct error *err)
{
    AUTO(opened_done) struct opened opened = {0};
    struct restic_locks before = {0}, after = {0};
    int r = opened_from_mounts(flags, &opened, err);

    if (r == 0)
        r = look_at_locks(&opened, &before, err);
    if (r == 0 && before.count > 0)
        r = locks_remove(&opened.restic, all, err);
    if (r == 0)
        r = look_at_locks(&opened, &after, err);
    if (r == 0)
        print_locks(&before, &after);
    return r;
}

/* locks.c - the locks of a repository, one by one: restic shows them only so, and can only remove all of them at once. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "restic.h"
#include "stash/file.h"
#include "stash/lines.h"

#define LOCKS_TEXT_MAX (64 * LIMIT_KIB)

struct lock_ids {
    struct restic_locks *locks;
    bool more;
};

static void lock_id(void *ctx, const char *id, size_t len)
{
    struct lock_ids *ids = ctx;
    struct restic_lock *lock;

    if (len < 8 || len >= RESTIC_ID_SIZE || strspn(id, "0123456789abcdef") != len)
        return;
    if (ids->locks->count == RESTIC_LOCKS_MAX) {
        ids->more = true;
        return;
    }
    lock = &ids->locks->items[ids->locks->count++];
    *lock = (struct restic_lock){0}; /* nothing more may ever be known of it */
    memcpy(lock->id, id, len + 1);
}

static int list_ids(const struct restic *restic, struct restic_locks *locks, struct error *err)
{
    AUTO(argv_done) struct argv args = {0};
    AUTO(buf_done) struct buf output;
    AUTO(lines_done) struct lines lines;
    struct lock_ids ids = {.locks = locks};
    int r;

    buf_init(&output, LOCKS_TEXT_MAX);
    lines_init(&lines, LOCKS_TEXT_MAX);
    restic_args_list_locks(&restic->options, &args);
    r = restic_run(restic, &args, &output, err);
    if (r == 0)
        r = lines_feed(&lines, output.data, output.len, lock_id, &ids, err);
    lines_end(&lines, lock_id, &ids);
    if (r == 0 && ids.more)
        r = error_set(err, ERR_LIMIT, "the repository has more than %d locks", RESTIC_LOCKS_MAX);
    return r;
}

/* A lock that cannot be read any more was given back, or refreshed under another id. */
static void read_lock(const struct restic *restic, struct restic_lock *lock)
{
    AUTO(argv_done) struct argv args = {0};
    AUTO(buf_done) struct buf output;
    struct restic_lock read;
    struct error unread;

    buf_init(&output, LOCKS_TEXT_MAX);
    restic_args_cat_lock(&restic->options, lock->id, &args);
    if (restic_run(restic, &args, &output, &unread) < 0 ||
        restic_out_lock(output.data, output.len, &read, &unread) < 0)
        return;
    memcpy(read.id, lock->id, sizeof(read.id));
    *lock = read;
}

int restic_locks(const struct restic *restic, struct restic_locks *ret, struct error *err)
{
    int r;

    ret->count = 0;
    r = list_ids(restic, ret, err);
    if (r < 0)
        return error_wrap(err, "listing locks");
    for (size_t i = 0; i < ret->count; i++)
        read_lock(restic, &ret->items[i]);
    return 0;
}

int locks_remove(const struct restic *restic, bool all, struct error *err)
{
    AUTO(argv_done) struct argv args = {0};

    restic_args_unlock(&restic->options, all, &args);
    return restic_run_removing(restic, &args, NULL, err);
}

bool lock_is_held_here(const struct restic_lock *lock)
{
    AUTO(mem_free) char *name = NULL;
    char host[sizeof(lock->host)] = "";
    char path[64];
    struct error gone;
    size_t len;

    if (gethostname(host, sizeof(host) - 1) < 0 || strcmp(lock->host, host) != 0)
        return false;
    snprintf(path, sizeof(path), "/proc/%" PRId64 "/comm", lock->pid);
    return file_read(path, LIMIT_KIB, &name, &len, &gone) == 0 && strcmp(name, "restic\n") == 0;
}

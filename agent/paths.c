#include "paths.h"

#include <string.h>

#include "stash/log.h"

static bool given(const char *s)
{
    return s && *s;
}

/*
 * One path goes back by itself: restic then touches nothing above it, which another user may own. Patterns are written
 * against whole paths, so with them the snapshot is laid over the root instead.
 */
static int restore_one(struct restic *restic, const struct paths_restore *request,
                       const struct restic_snapshot *snapshot, struct error *err)
{
    bool whole = !snapshot->path || given(request->include) || given(request->exclude);
    const struct restic_restore restore = {
        .snapshot = snapshot->id,
        .subfolder = whole ? NULL : snapshot->path,
        .target = whole ? "/" : snapshot->path,
        .include = request->include,
        .exclude = request->exclude,
        .args = request->args,
    };
    int r;

    log_info("restoring", "snapshot", snapshot->id, "path", snapshot->path);
    r = restic_restore(restic, &restore, err);
    if (r < 0 && !whole && strstr(err->msg, "not a directory")) { /* a single file was backed up */
        const struct restic_restore file = {.snapshot = snapshot->id,
                                            .target = "/",
                                            .include = snapshot->path,
                                            .args = request->args};

        r = restic_restore(restic, &file, err);
    }
    return r < 0 ? error_wrap(err, "restoring snapshot %.8s", snapshot->id) : 0;
}

static int restore_latest(struct restic *restic, const struct paths_restore *request,
                          struct error *err)
{
    AUTO(restic_snapshots_done) struct restic_snapshots latest = {0};
    AUTO(argv_done) struct argv paths = {0};
    int r = restic_snapshots(restic, request->host, &latest, err);

    argv_add_list(&paths, NULL, request->paths);
    for (size_t i = 0; r == 0 && i < paths.count; i++) {
        const struct restic_snapshot *found = restic_snapshots_of(&latest, paths.items[i]);

        if (found)
            r = restore_one(restic, request, found, err);
        else
            r = error_set(err, ERR_NOT_FOUND, "host %s has no snapshot of %s",
                          request->host ? request->host : "(any)", paths.items[i]);
    }
    return r;
}

int paths_restore(struct restic *restic, const struct paths_restore *request, struct error *err)
{
    AUTO(restic_snapshots_done) struct restic_snapshots all = {0};
    AUTO(argv_done) struct argv ids = {0};
    int r = 0;

    argv_add_list(&ids, NULL, request->snapshots);
    if (ids.count == 0)
        return restore_latest(restic, request, err);
    r = restic_snapshots_all(restic, &all, err);
    for (size_t i = 0; r == 0 && i < ids.count; i++) {
        const struct restic_snapshot *found = restic_snapshots_find(&all, ids.items[i]);

        if (strcmp(ids.items[i], "latest") == 0)
            r = restore_latest(restic, request, err);
        else if (found)
            r = restore_one(restic, request, found, err);
        else
            r = error_set(err, ERR_NOT_FOUND, "the repository has no snapshot %s", ids.items[i]);
    }
    return r;
}

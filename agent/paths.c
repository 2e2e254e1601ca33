#include "paths.h"

#include <string.h>

#include "source.h"
#include "stash/limits.h"
#include "stash/log.h"
#include "stash/quoted.h"
#include "volume_paths.h"

static bool given(const char *s)
{
    return s && *s;
}

static int nothing_written(const struct paths_restore *request, const char *id, struct error *err)
{
    if (given(request->include) || given(request->exclude))
        return error_set(
            err, ERR_NOT_FOUND,
            "nothing was restored: no file of snapshot %.8s matches the rule's include "
            "and exclude",
            id);
    return error_set(err, ERR_NOT_FOUND, "nothing was restored: snapshot %.8s holds no file", id);
}

/*
 * One path goes back by itself: restic then touches nothing above it, which another user may own. Patterns are written
 * against whole paths, so with them the snapshot is laid over the root instead.
 */
static int restore_one(struct restic *restic, const struct paths_restore *request, const char *id,
                       const char *path, const char *paths, struct error *err)
{
    bool whole = !path || given(request->include) || given(request->exclude);
    AUTO(mem_free) char *target = whole ? xstrdup("/") : volume_paths_resolve(path);
    const struct restic_restore restore = {
        .snapshot = id,
        .subfolder = whole ? NULL : path,
        .target = target, /* restic would put a folder in the place of a symbolic link */
        .include = request->include,
        .exclude = request->exclude,
        .args = request->args,
    };
    uint64_t files = 0;
    int r = volume_paths_check(paths, !whole, err);

    if (r == 0)
        r = source_begin_writing(request->session, err);
    if (r < 0)
        return r;
    log_info("restoring", "snapshot", id, "path", path);
    r = restic_restore(restic, &restore, &files, err);
    if (r < 0 && !whole && strstr(err->msg, "not a directory")) { /* a single file was backed up */
        const struct restic_restore file = {
            .snapshot = id, .target = "/", .include = path, .args = request->args};

        r = restic_restore(restic, &file, &files, err);
    }
    if (r == 0 && files == 0)
        return nothing_written(request, id, err);
    return r < 0 ? error_wrap(err, "restoring snapshot %.8s", id) : 0;
}

static int restore_found(struct restic *restic, const struct paths_restore *request,
                         const struct holding *found, struct error *err)
{
    AUTO(buf_done) struct buf paths;

    buf_init(&paths, LIMIT_TEMPLATE);
    quoted_add(&paths, found->path, QUOTED_ITEMS);
    return restore_one(restic, request, found->newest, found->path, paths.data, err);
}

static int restore_latest(struct restic *restic, const struct paths_restore *request,
                          const struct holdings *holdings, struct error *err)
{
    AUTO(argv_done) struct argv paths = {0};
    int r = 0;

    argv_add_list(&paths, NULL, request->paths);
    if (paths.count == 0)
        return error_set(err, ERR_NOT_FOUND,
                         "nothing to restore: the rule names neither paths nor snapshots");
    for (size_t i = 0; r == 0 && i < paths.count; i++) {
        struct holdings_wish wish = source_wish(request->session);
        const struct holding *found = NULL;

        wish.host = request->host;
        wish.path = paths.items[i];
        r = holdings_choose(holdings, &wish, &found, err);
        if (r == 0)
            r = restore_found(restic, request, found, err);
    }
    return r;
}

static int restore_id(struct restic *restic, const struct paths_restore *request,
                      const struct holdings *holdings, const char *id, struct error *err)
{
    const struct holdings_wanted *found = NULL;
    int r;

    if (strcmp(id, "latest") == 0)
        return restore_latest(restic, request, holdings, err);
    r = holdings_found(holdings, id, &found, err);
    return r < 0 ? r : restore_one(restic, request, found->id, found->path, found->paths, err);
}

int paths_restore(struct restic *restic, const struct paths_restore *request, struct error *err)
{
    AUTO(holdings_done) struct holdings holdings = {0};
    AUTO(argv_done) struct argv ids = {0};
    int r;

    argv_add_list(&ids, NULL, request->snapshots);
    r = source_look(request->session, restic, &ids, &holdings, err);
    if (r == 0 && ids.count == 0)
        r = restore_latest(restic, request, &holdings, err);
    for (size_t i = 0; r == 0 && i < ids.count; i++)
        r = restore_id(restic, request, &holdings, ids.items[i], err);
    return r;
}

#include "paths.h"

#include <stdio.h>
#include <string.h>

#include "source.h"
#include "stash/log.h"
#include "stash/path.h"
#include "stash/quoted.h"
#include "stash/user_args.h"
#include "volume_paths.h"

static bool is_given(const char *s)
{
    return s && *s;
}

static int nothing_written(const struct paths_restore *request, const char *id, struct error *err)
{
    if (is_given(request->include) || is_given(request->exclude))
        return error_set(
            err, ERR_NOT_FOUND,
            "nothing was restored: no file of snapshot %.8s matches the rule's include "
            "and exclude",
            id);
    return error_set(err, ERR_NOT_FOUND, "nothing was restored: snapshot %.8s holds no file", id);
}

/* restic then works from the root: what it removes or replaces on the way lies outside of the paths. */
static int check_whole(const struct paths_restore *request, const char *paths, struct error *err)
{
    if (user_args_have(request->args, "--delete"))
        return error_set(err, ERR_INVALID,
                         "nothing was restored: with include or exclude, or a snapshot of several "
                         "paths, --delete in args would remove files outside of the paths: leave "
                         "one of them out");
    return volume_paths_check_links(paths, err);
}

/* Patterns are written against whole paths, so with them the snapshot is laid over the root. */
static int restore_whole(struct restic *restic, const struct paths_restore *request, const char *id,
                         uint64_t *files, struct error *err)
{
    const struct restic_restore restore = {.snapshot = id,
                                           .target = "/",
                                           .include = request->include,
                                           .exclude = request->exclude,
                                           .args = request->args};

    return restic_restore(restic, &restore, files, err);
}

/* A single file goes back into its folder; its name is no pattern. */
static int restore_file(struct restic *restic, const struct paths_restore *request, const char *id,
                        const char *path, uint64_t *files, struct error *err)
{
    AUTO(mem_free) char *folder = path_parent(path);
    AUTO(mem_free) char *target = volume_paths_resolve(folder);
    AUTO(mem_free) char *pattern = restic_pattern(strrchr(path, '/'));
    AUTO(buf_done) struct buf include;

    buf_init(&include, LIMIT_TEMPLATE);
    quoted_add(&include, pattern, QUOTED_ITEMS);
    const struct restic_restore restore = {.snapshot = id,
                                           .subfolder = strcmp(folder, "/") == 0 ? NULL : folder,
                                           .target = target,
                                           .include = include.data,
                                           .args = request->args};

    return restic_restore(restic, &restore, files, err);
}

/*
 * One path goes back by itself: restic then touches nothing above it, which another user may own. The target is what the
 * path leads to: restic would put a folder in the place of a symbolic link.
 */
static int restore_path(struct restic *restic, const struct paths_restore *request, const char *id,
                        const char *path, uint64_t *files, struct error *err)
{
    AUTO(mem_free) char *target = volume_paths_resolve(path);
    const struct restic_restore restore = {
        .snapshot = id, .subfolder = path, .target = target, .args = request->args};
    int r = restic_restore(restic, &restore, files, err);

    return r < 0 && strstr(err->msg, "not a directory")
               ? restore_file(restic, request, id, path, files, err)
               : r;
}

/* What is restored, and how many files there were for us so far: one path may have been empty when others were not. */
struct restoring {
    struct restic *restic;
    const struct paths_restore *request;
    uint64_t files;
    char last[RESTIC_ID_SIZE];
};

static int restore_one(struct restoring *restoring, const struct source_snapshot *from,
                       struct error *err)
{
    const struct paths_restore *request = restoring->request;
    bool whole = !from->path || is_given(request->include) || is_given(request->exclude);
    uint64_t files = 0;
    int r = whole ? check_whole(request, from->paths, err) : 0;

    if (r == 0)
        r = volume_paths_check(from->paths, !whole, err);
    if (r == 0)
        r = source_begin_writing(request->session, err);
    if (r < 0)
        return r;
    log_info("restoring", "snapshot", from->id, "path", from->path);
    r = whole ? restore_whole(restoring->restic, request, from->id, &files, err)
              : restore_path(restoring->restic, request, from->id, from->path, &files, err);
    if (r < 0)
        return error_wrap(err, "restoring snapshot %.8s", from->id);
    if (from->empty) /* restic counts folders too */
        files = 0;
    if (files == 0)
        log_warn("there was nothing to restore", "snapshot", from->id, "path", from->path);
    restoring->files += files;
    snprintf(restoring->last, sizeof(restoring->last), "%s", from->id);
    return 0;
}

int paths_restore(struct restic *restic, const struct paths_restore *request, struct error *err)
{
    AUTO(source_done) struct source source = {0};
    AUTO(argv_done) struct argv paths = {0};
    struct restoring restoring = {.restic = restic, .request = request};
    int r;

    argv_add_list(&paths, NULL, request->paths);
    const struct source_wish wish = {
        .snapshots = request->snapshots, .host = request->host, .paths = argv_list(&paths)};
    r = source_choose(request->session, restic, &wish, &source, err);
    for (size_t i = 0; r == 0 && i < source.count; i++)
        r = restore_one(&restoring, &source.items[i], err);
    return r == 0 && restoring.files == 0 ? nothing_written(request, restoring.last, err) : r;
}

#include "volume_paths.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "stash/argv.h"
#include "stash/file.h"
#include "stash/limits.h"
#include "stash/mounts.h"

#define MOUNTINFO       "/proc/self/mountinfo"
#define MOUNTINFO_LIMIT (4 * LIMIT_MIB)
#define NAMED_VOLUMES   300 /* bytes of a message */

char *volume_paths_resolve(const char *path)
{
    AUTO(mem_free) char *head = xstrdup(path);
    char found[PATH_MAX];

    while (strlen(head) > 1 && !realpath(head, found))
        *(strrchr(head, '/') == head ? head + 1 : strrchr(head, '/')) = '\0';
    if (strlen(head) <= 1)
        return xstrdup(path);
    return xasprintf("%s%s", strcmp(found, "/") == 0 ? "" : found, path + strlen(head));
}

static int path_refuse(const char *mountinfo, const char *path, struct error *err)
{
    AUTO(buf_done) struct buf volumes;

    buf_init(&volumes, NAMED_VOLUMES);
    mounts_list_volumes(mountinfo, &volumes);
    return error_set(err, ERR_INVALID,
                     "nothing was restored: %s lies on no volume of this container, its data would "
                     "go with the container; mount a volume there by target.volumeMounts (there "
                     "are: %s)",
                     path, volumes.data);
}

static int path_check(const char *mountinfo, const char *path, bool follow, struct error *err)
{
    AUTO(mem_free) char *resolved = follow ? volume_paths_resolve(path) : xstrdup(path);
    AUTO(mem_free) char *volume = NULL;

    if (*path != '/' || strstr(path, "/../"))
        return error_set(err, ERR_INVALID, "nothing was restored: %s is no absolute path", path);
    volume = mounts_volume_of(mountinfo, resolved);
    return volume ? 0 : path_refuse(mountinfo, path, err);
}

int volume_paths_check_links(const char *paths, struct error *err)
{
    AUTO(argv_done) struct argv list = {0};

    argv_add_list(&list, NULL, paths);
    for (size_t i = 0; i < list.count; i++) {
        AUTO(mem_free) char *resolved = volume_paths_resolve(list.items[i]);

        if (strcmp(resolved, list.items[i]) != 0)
            return error_set(
                err, ERR_INVALID,
                "nothing was restored: %s leads through a symbolic link to %s; with "
                "include or exclude, or a snapshot of several paths, the link would be "
                "replaced: leave them out, or mount the volume at the path itself",
                list.items[i], resolved);
    }
    return 0;
}

int volume_paths_check_stored(const char *path, struct error *err)
{
    AUTO(mem_free) char *resolved = volume_paths_resolve(path);
    AUTO(mem_free) char *mountinfo = NULL;
    AUTO(mem_free) char *volume = NULL;
    AUTO(buf_done) struct buf volumes;
    size_t len;
    int r;

    buf_init(&volumes, NAMED_VOLUMES);
    if (!getenv("KUBERNETES_SERVICE_HOST"))
        return 0;
    r = file_read(MOUNTINFO, MOUNTINFO_LIMIT, &mountinfo, &len, err);
    if (r < 0)
        return r;
    volume = mounts_volume_of(mountinfo, resolved);
    if (volume || mounts_volume_below(mountinfo, resolved))
        return 0;
    mounts_list_volumes(mountinfo, &volumes);
    return error_set(err, ERR_INVALID,
                     "nothing was stored: %s lies on no volume of this container, whose own files "
                     "it would be; mount the application's volume there by target.volumeMounts "
                     "(there are: %s)",
                     path, volumes.data);
}

int volume_paths_check(const char *paths, bool follow, struct error *err)
{
    AUTO(argv_done) struct argv list = {0};
    AUTO(mem_free) char *mountinfo = NULL;
    size_t len;
    int r = 0;

    if (!getenv("KUBERNETES_SERVICE_HOST"))
        return 0;
    r = file_read(MOUNTINFO, MOUNTINFO_LIMIT, &mountinfo, &len, err);
    argv_add_list(&list, NULL, paths);
    for (size_t i = 0; r == 0 && i < list.count; i++)
        r = path_check(mountinfo, list.items[i], follow, err);
    return r;
}

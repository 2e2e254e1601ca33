#include "volumes.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stash/file.h"
#include "stash/limits.h"
#include "stash/mounts.h"

#define MOUNTINFO     "/proc/self/mountinfo"
#define MOUNTINFO_MAX (1 * LIMIT_MIB)

static int read_mounts(struct mounts *ret, struct error *err)
{
    AUTO(mem_free) char *text = NULL;
    size_t len;
    int r = file_read(MOUNTINFO, MOUNTINFO_MAX, &text, &len, err);

    return r < 0 ? r : mounts_parse(text, ret, err);
}

/* The part of the path that is there, without links; what is missing is made below it. */
static char *resolve(const char *path)
{
    AUTO(mem_free) char *head = xstrdup(path);

    for (;;) {
        char *real = realpath(head, NULL);
        char *slash = strrchr(head, '/');

        if (real || errno != ENOENT || !slash)
            return real;
        slash[slash == head] = '\0';
    }
}

static bool climbs(const char *path)
{
    size_t len = strlen(path);

    return strstr(path, "/../") || (len >= 3 && strcmp(path + len - 3, "/..") == 0);
}

int volumes_hold(const char *path, struct error *err)
{
    AUTO(mounts_done) struct mounts mounts = {0};
    AUTO(mem_free) char *real = NULL;
    const char *point;
    struct text volumes;
    int r;

    if (!getenv("KUBERNETES_SERVICE_HOST"))
        return 0;
    r = read_mounts(&mounts, err);
    if (r < 0)
        return r;
    real = *path == '/' && !climbs(path) ? resolve(path) : NULL;
    point = real ? mounts_find(&mounts, real) : NULL;
    if (point && mounts_is_volume(point))
        return 0;
    mounts_describe(&mounts, &volumes);
    return error_set(err, ERR_INVALID,
                     "nothing was restored: no volume of this container holds %.120s, so what is "
                     "written there would be lost with the container (volumes are mounted at %s): "
                     "mount the volume in spec.target.volumeMounts, or in the workload's pods",
                     path, volumes.s);
}

/* The path as restic looks at it: without what would lead through a link at its end. Heap string. */
static char *without_end(const char *path)
{
    char *copy = xstrdup(path);
    size_t len = strlen(copy);

    while (len > 1 && (copy[len - 1] == '/' || (copy[len - 1] == '.' && copy[len - 2] == '/')))
        copy[--len] = '\0';
    return copy;
}

int volumes_refuse_link(const char *path, struct error *err)
{
    char to[PATH_MAX];
    AUTO(mem_free) char *end = without_end(path);
    AUTO(mem_free) char *real = NULL;
    ssize_t len = readlink(end, to, sizeof(to) - 1);

    if (len < 0)
        return 0; /* no link, or nothing at all: restic says so */
    to[len] = '\0';
    real = realpath(path, NULL);
    return error_set(err, ERR_INVALID,
                     "%.120s is a symbolic link to %.120s: restic would store the link alone, and "
                     "no data; name %.120s in spec.target.paths",
                     path, to, real ? real : "what it points to");
}

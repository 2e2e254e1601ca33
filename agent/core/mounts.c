#include "stash/mounts.h"

#include <string.h>

#include "stash/mem.h"
#include "stash/names.h"

#define FIELD_POINT 4 /* counted from 0: the mount point; what follows " - " begins with the type */

/* File systems that nobody keeps data in. */
static const char *const kernels[] = {"proc",   "sysfs",    "devpts", "cgroup",  "cgroup2",
                                      "mqueue", "devtmpfs", "bpf",    "tracefs", "debugfs"};

struct mount {
    char *point; /* heap */
    bool volume;
};

static bool is_octal(const char *at)
{
    return at[0] == '\\' && at[1] >= '0' && at[1] <= '3' && at[2] >= '0' && at[2] <= '7' &&
           at[3] >= '0' && at[3] <= '7';
}

/* Blanks and the like are written as "\040". */
static char *field_unescape(const char *text, size_t len)
{
    char *copy = xstrndup(text, len);
    size_t to = 0;

    for (size_t from = 0; copy[from]; from++) {
        char c = copy[from];

        if (is_octal(copy + from)) {
            c = (char)((copy[from + 1] - '0') * 64 + (copy[from + 2] - '0') * 8 +
                       (copy[from + 3] - '0'));
            from += 3;
        }
        copy[to++] = c;
    }
    copy[to] = '\0';
    return copy;
}

static const char *skip_fields(const char *at, const char *end, int count)
{
    while (count > 0 && at < end) {
        const char *blank = memchr(at, ' ', (size_t)(end - at));

        at = blank ? blank + 1 : end;
        count--;
    }
    return at;
}

static bool is_kernels(const char *type, const char *end)
{
    const char *blank = memchr(type, ' ', (size_t)(end - type));
    size_t len = (size_t)((blank ? blank : end) - type);

    for (size_t i = 0; i < ARRAY_LEN(kernels); i++)
        if (strlen(kernels[i]) == len && strncmp(kernels[i], type, len) == 0)
            return true;
    return false;
}

/* "36 35 98:0 /sub /data rw,noatime master:1 - ext4 /dev/sda rw" */
static bool read_mount(const char *line, const char *end, struct mount *ret)
{
    const char *point = skip_fields(line, end, FIELD_POINT);
    const char *blank = memchr(point, ' ', (size_t)(end - point));
    const char *type = memmem(point, (size_t)(end - point), " - ", 3);

    if (point == end || *point != '/' || !blank || !type)
        return false;
    ret->point = field_unescape(point, (size_t)(blank - point));
    ret->volume = strcmp(ret->point, "/") != 0 && strcmp(ret->point, "/dev") != 0 &&
                  !is_kernels(type + 3, end);
    return true;
}

/* Moves `*text` behind the line. */
static bool next_mount(const char **text, struct mount *ret)
{
    while (**text) {
        const char *line = *text;
        const char *end = strchrnul(line, '\n');

        *text = *end ? end + 1 : end;
        if (read_mount(line, end, ret))
            return true;
    }
    return false;
}

static bool mount_holds(const char *point, const char *path)
{
    size_t len = strlen(point);

    if (len > 0 && point[len - 1] == '/') /* the root */
        len--;
    return strncmp(point, path, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

char *mounts_volume_of(const char *mountinfo, const char *path)
{
    struct mount best = {NULL, false};
    struct mount mount;

    while (next_mount(&mountinfo, &mount)) {
        /* of two at one point the later one lies on top */
        bool better = mount_holds(mount.point, path) &&
                      (!best.point || strlen(mount.point) >= strlen(best.point));
        struct mount worse = better ? best : mount;

        if (better)
            best = mount;
        free(worse.point);
    }
    if (best.volume)
        return best.point;
    free(best.point);
    return NULL;
}

/* What the kubelet and Stash put into every container. */
static bool is_everybodys(const char *point)
{
    static const char *const points[] = {"/etc/hosts", "/etc/hostname", "/etc/resolv.conf",
                                         "/dev",       "/run/secrets",  "/var/run/secrets",
                                         PATH_TMP};

    for (size_t i = 0; i < ARRAY_LEN(points); i++)
        if (mount_holds(points[i], point))
            return true;
    return false;
}

bool mounts_volume_below(const char *mountinfo, const char *path)
{
    struct mount mount;
    bool found = false;

    while (!found && next_mount(&mountinfo, &mount)) {
        found = mount.volume && mount_holds(path, mount.point) && !is_everybodys(mount.point);
        free(mount.point);
    }
    return found;
}

void mounts_list_volumes(const char *mountinfo, struct buf *text)
{
    struct mount mount;

    while (next_mount(&mountinfo, &mount)) {
        if (mount.volume)
            buf_addf(text, "%s%s", text->len > 0 ? ", " : "", mount.point);
        free(mount.point);
    }
}

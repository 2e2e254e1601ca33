#include "stash/mounts.h"

#include <string.h>

#include "stash/buf.h"
#include "stash/limits.h"

void mounts_done(struct mounts *mounts)
{
    for (size_t i = 0; i < mounts->count; i++)
        free(mounts->points[i]);
    free(mounts->points);
    *mounts = (struct mounts){0};
}

/* ---- parsing ----------------------------------------------------------------------------------- */

#define FIELD_POINT                                                                                \
    4 /* "36 35 98:0 /root /point options … - type source options", counted from 0 */

static bool is_octal(const char *s)
{
    return s[0] >= '0' && s[0] <= '3' && s[1] >= '0' && s[1] <= '7' && s[2] >= '0' && s[2] <= '7';
}

/* Blanks, line feeds and backslashes are written as \040 and the like. */
static void unescape(char *text)
{
    char *out = text;

    for (const char *c = text; *c; c++) {
        if (*c == '\\' && is_octal(c + 1)) {
            *out++ = (char)((c[1] - '0') * 64 + (c[2] - '0') * 8 + (c[3] - '0'));
            c += 3;
        } else {
            *out++ = *c;
        }
    }
    *out = '\0';
}

/* The mount point of one line; NULL: it is none. Heap string. */
static char *point_of(const char *line, size_t len)
{
    AUTO(mem_free) char *copy = xstrndup(line, len);
    char *at = copy;

    for (int field = 0; field < FIELD_POINT; field++) {
        at = strchr(at, ' ');
        if (!at)
            return NULL;
        at++;
    }
    at[strcspn(at, " ")] = '\0';
    unescape(at);
    return *at == '/' ? xstrdup(at) : NULL;
}

int mounts_parse(const char *text, struct mounts *ret, struct error *err)
{
    AUTO(mounts_done) struct mounts mounts = {0};

    while (*text) {
        size_t len = strcspn(text, "\n");
        AUTO(mem_free) char *point = point_of(text, len);

        if (!point)
            return error_set(err, ERR_INVALID, "mountinfo: line %zu names no mount point",
                             mounts.count + 1);
        if (mounts.count == MOUNTS_MAX)
            return error_set(err, ERR_LIMIT, "mountinfo: more than %d mounts", MOUNTS_MAX);
        mounts.points = xrealloc(mounts.points, (mounts.count + 1) * sizeof(*mounts.points));
        mounts.points[mounts.count++] = TAKE(point);
        text += len + (text[len] == '\n');
    }
    *ret = mounts;
    mounts = (struct mounts){0};
    return 0;
}

/* ---- looking ----------------------------------------------------------------------------------- */

static bool holds(const char *point, const char *path)
{
    size_t len = strcmp(point, "/") == 0 ? 0 : strlen(point);

    return strncmp(point, path, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

const char *mounts_find(const struct mounts *mounts, const char *path)
{
    const char *found = NULL;

    for (size_t i = 0; i < mounts->count; i++)
        if (holds(mounts->points[i], path) &&
            (!found || strlen(mounts->points[i]) >= strlen(found)))
            found = mounts->points[i];
    return found;
}

bool mounts_is_volume(const char *point)
{
    static const char *const own_trees[] = {"/proc", "/sys", "/run/secrets", "/var/run/secrets"};
    static const char *const own[] = {"/",
                                      "/dev",
                                      "/dev/pts",
                                      "/dev/shm",
                                      "/dev/mqueue",
                                      "/dev/fd",
                                      "/dev/console",
                                      "/dev/hugepages",
                                      "/dev/termination-log",
                                      "/etc/hosts",
                                      "/etc/hostname",
                                      "/etc/resolv.conf",
                                      "/run/.containerenv"};

    for (size_t i = 0; i < ARRAY_LEN(own_trees); i++)
        if (holds(own_trees[i], point))
            return false;
    for (size_t i = 0; i < ARRAY_LEN(own); i++)
        if (strcmp(own[i], point) == 0)
            return false;
    return true;
}

#define DESCRIBED_MAX 200 /* bytes of mount points in a message */

void mounts_describe(const struct mounts *mounts, struct text *ret)
{
    AUTO(buf_done) struct buf text;

    buf_init(&text, DESCRIBED_MAX);
    for (size_t i = 0; i < mounts->count && !text.overflow; i++)
        if (mounts_is_volume(mounts->points[i]))
            buf_addf(&text, "%s%s", text.len > 0 ? ", " : "", mounts->points[i]);
    AUTO(mem_free)
    char *all = xasprintf("%s%s", text.len > 0 ? text.data : "none", text.overflow ? ", …" : "");
    format_text(all, ret);
}

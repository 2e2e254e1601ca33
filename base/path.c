#include "stash/path.h"

#include <string.h>

#include "stash/mem.h"

bool path_goes_up(const char *path)
{
    for (size_t len;; path += len + 1) {
        len = strcspn(path, "/");
        if (len == 2 && strncmp(path, "..", 2) == 0)
            return true;
        if (!path[len])
            return false;
    }
}

int path_clean(const char *path, char **ret, struct error *err)
{
    AUTO(mem_free) char *clean = NULL;
    char *out;

    if (*path != '/')
        return error_set(err, ERR_INVALID, "\"%.100s\" is not an absolute path", path);
    if (path_goes_up(path))
        return error_set(err, ERR_INVALID,
                         "a path must not go upwards by \"..\": name the folder itself");
    clean = out = xcalloc(strlen(path) + 2, 1);
    while (*path) {
        size_t len = strcspn(path += strspn(path, "/"), "/");

        if (len > 0 && !(len == 1 && *path == '.')) {
            *out++ = '/';
            memcpy(out, path, len);
            out += len;
        }
        path += len;
    }
    if (out == clean)
        *out = '/';
    *ret = TAKE(clean);
    return 0;
}

bool path_same(const char *one, const char *two)
{
    AUTO(mem_free) char *first = NULL;
    AUTO(mem_free) char *second = NULL;
    struct error ignored;

    path_clean(one, &first, &ignored);
    path_clean(two, &second, &ignored);
    return first && second ? strcmp(first, second) == 0 : strcmp(one, two) == 0;
}

char *path_parent(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash && slash > path ? xstrndup(path, (size_t)(slash - path)) : xstrdup("/");
}

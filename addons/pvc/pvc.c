/* pvc.c - folders of a mounted volume, as they are. */
#include <sys/stat.h>

#include "stash/addon.h"

/* restic would store the link itself: a few bytes, and none of the files. What is not there it says itself. */
static int look_at(const char *path, struct error *err)
{
    struct stat st;

    if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
        return error_set(err, ERR_INVALID,
                         "%s is a symbolic link: name the folder that it leads to in the paths",
                         path);
    return 0;
}

/* What was written is restic's to check; that the paths are there is ours. */
static int pvc_verify(struct addon_run *run, enum addon_when when, struct error *err)
{
    int r = 0;

    for (size_t i = 0; r == 0 && when == ADDON_DUMPED && i < run->paths->count; i++)
        r = look_at(run->paths->items[i], err);
    return r;
}

ADDON_CODE(pvc, NULL, NULL, NULL, pvc_verify, NULL, );

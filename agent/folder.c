#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stash/file.h"
#include "stash/mem.h"

#define OPEN_FOLDERS 32 /* that nftw keeps open at once */

int folder_make(const char *path, mode_t mode, struct error *err)
{
    AUTO(mem_free) char *copy = xstrdup(path);

    for (char *slash = strchr(copy + 1, '/');; slash = strchr(slash + 1, '/')) {
        if (slash)
            *slash = '\0';
        if (mkdir(copy, mode) < 0 && errno != EEXIST && !(slash && access(copy, X_OK) == 0))
            return error_set_errno(err, errno, "making folder %s", copy);
        if (!slash)
            return 0;
        *slash = '/';
    }
}

int folder_temporary(const char *parent, const char *name, char **ret, struct error *err)
{
    AUTO(mem_free) char *path = xasprintf("%s/%s-XXXXXX", parent, name);

    if (!mkdtemp(path))
        return error_set_errno(err, errno, "making a folder in %s", parent);
    *ret = TAKE(path);
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)st;
    (void)type;
    if (where->level > 0)
        remove(path); /* what stays is looked for afterwards */
    return 0;
}

static void close_dir(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

static bool is_foreign(const char *name)
{
    static const char *const own[] = {".", "..", "lost+found"}; /* the file system's */

    for (size_t i = 0; i < ARRAY_LEN(own); i++)
        if (strcmp(name, own[i]) == 0)
            return false;
    return true;
}

/* What another user left, say, would become part of the dump that comes into this folder. */
static int check_empty(const char *path, struct error *err)
{
    __attribute__((cleanup(close_dir))) DIR *dir = opendir(path);
    const struct dirent *entry;

    if (!dir)
        return error_set_errno(err, errno, "reading folder %s", path);
    while ((entry = readdir(dir)))
        if (is_foreign(entry->d_name))
            return error_set(err, ERR_SYSTEM, "%s cannot be emptied: %s stays in it", path,
                             entry->d_name);
    return 0;
}

int folder_clear(const char *path, mode_t mode, struct error *err)
{
    int r;

    nftw(path, remove_one, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
    r = folder_make(path, mode, err);
    return r < 0 ? r : check_empty(path, err);
}

void folder_remove(const char *path)
{
    nftw(path, remove_one, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
    rmdir(path);
}

/* What another uid made, that uid has shared; a volume's own folder belongs to root, and its group was set by fsGroup. */
static int share_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
    mode_t mode = st->st_mode & 07777;

    (void)where;
    if (st->st_uid != geteuid())
        return 0;
    if (type == FTW_D)
        return chmod(path, mode | 02070);
    return type == FTW_F ? chmod(path, mode | (mode & 0600) >> 3) : 0;
}

int folder_share(const char *path, struct error *err)
{
    if (nftw(path, share_one, OPEN_FOLDERS, FTW_PHYS) < 0)
        return error_set_errno(err, errno, "opening %s to the group", path);
    return 0;
}

int folder_write_secrets(const struct child_env *env, struct error *err)
{
    for (size_t i = 0; i < env->file_count; i++) {
        const struct secret_file *file = &env->files[i];
        int r = file_write(file->path, file->data, file->len, 0600, err);

        if (r < 0)
            return r;
    }
    return 0;
}

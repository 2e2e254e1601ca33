/* download.c - kubectl stash download: files and folders of a snapshot, into a folder that is there only when all of them are. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kubectl.h"
#include "stash/file.h"
#include "stash/text.h"

static const char *arg_to;

const struct flag download_flags[] = {
    {"to", FLAG_STRING, &arg_to, "the folder to make"},
    REPOSITORY_JOB_ROWS,
    {0},
};

struct downloading {
    const struct call *call;
    const char *part; /* where it is put until it is whole */
    int fd;           /* of the file that passes, or of tar */
    json_int_t bytes;
};

/* ---- one path ----------------------------------------------------------------------------------------------------- */

static int write_on(void *ctx, const char *data, size_t len, struct error *err)
{
    const struct downloading *downloading = ctx;
    int r = file_write_all(downloading->fd, data, len);

    return r < 0 ? error_set_errno(err, -r, "writing below %s", downloading->part) : 0;
}

/* The folders above a file. */
static int make_parents(char *path, size_t root, struct error *err)
{
    for (char *slash = strchr(path + root + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        int failed = mkdir(path, 0700) < 0 && errno != EEXIST ? errno : 0;
        if (failed)
            error_set_errno(err, failed, "making %s", path);
        *slash = '/';
        if (failed)
            return -(int)err->kind;
    }
    return 0;
}

static int transfer_path(const struct repository_pod *pod, struct downloading *downloading,
                         const char *path, bool folder, struct error *err)
{
    const struct transfer transfer = {snapshot_name_id(downloading->call->args[0]), path, folder,
                                      write_on, downloading};
    struct transfer_result result = {.bytes = 0};
    int r = transfer_run(pod, &transfer, &result, err);

    if (r == 0 && !text_is(result.type, folder ? "dir" : "file"))
        r = error_set(err, ERR_SYSTEM, "%s is a %s now", path, result.type);
    downloading->bytes += result.bytes;
    return r;
}

static int download_file(const struct repository_pod *pod, struct downloading *downloading,
                         const char *path, struct error *err)
{
    AUTO(mem_free) char *file = xasprintf("%s%s", downloading->part, path);
    int r = make_parents(file, strlen(downloading->part), err);

    if (r < 0)
        return r;
    downloading->fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (downloading->fd < 0)
        return error_set_errno(err, errno, "making %s", file);
    r = transfer_path(pod, downloading, path, false, err);
    if (r == 0 && fsync(downloading->fd) < 0)
        r = error_set_errno(err, errno, "writing %s", file);
    close(downloading->fd);
    return r;
}

/* When tar gives up, its pipe breaks: what it says of that is the reason. */
static int download_folder(const struct repository_pod *pod, struct downloading *downloading,
                           const char *path, struct error *err)
{
    struct untar untar;
    struct error tar_err;
    int r = untar_begin(downloading->part, &untar, err);

    if (r < 0)
        return r;
    downloading->fd = untar.fd;
    r = transfer_path(pod, downloading, path, true, err);
    if (untar_end(&untar, &tar_err) < 0 && (r == 0 || err->code == EPIPE)) {
        *err = tar_err;
        r = -(int)err->kind;
    }
    return r;
}

static int download_path(const struct repository_pod *pod, struct downloading *downloading,
                         const char *path, struct error *err)
{
    char type[16];
    int r = transfer_look(pod, snapshot_name_id(downloading->call->args[0]), path, type, err);

    if (r < 0)
        return r;
    if (strcmp(type, "dir") == 0)
        return download_folder(pod, downloading, path, err);
    if (strcmp(type, "file") == 0)
        return download_file(pod, downloading, path, err);
    return error_set(err, ERR_INVALID, "%s is a %s: name the folder that it lies in", path, type);
}

static int download_all(const struct repository_pod *pod, void *ctx, struct error *err)
{
    struct downloading *downloading = ctx;
    const struct call *call = downloading->call;
    int r = call->count == 1 ? download_path(pod, downloading, "/", err) : 0;

    for (size_t i = 1; r == 0 && i < call->count; i++)
        r = download_path(pod, downloading, call->args[i], err);
    return r;
}

/* ---- the command line --------------------------------------------------------------------------------------------- */

/* A path in a snapshot as restic has it: no "//", no "..", no slash at its end. */
static bool is_clean(const char *path)
{
    size_t len = strlen(path);
    AUTO(mem_free) char *closed = xasprintf("%s/", path);

    return *path == '/' && (len == 1 || path[len - 1] != '/') &&
           (len == 1 || !strstr(closed, "//")) && !strstr(closed, "/./") && !strstr(closed, "/../");
}

static bool is_below(const char *path, const char *folder)
{
    size_t len = strcmp(folder, "/") == 0 ? 0 : strlen(folder);

    return strncmp(path, folder, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

static int check_paths(const struct call *call, struct error *err)
{
    for (size_t i = 1; i < call->count; i++) {
        if (!is_clean(call->args[i]))
            return error_set(err, ERR_INVALID, "%s: a path in a snapshot is like /data/file",
                             call->args[i]);
        for (size_t k = 1; k < call->count; k++)
            if (k != i && is_below(call->args[i], call->args[k]))
                return error_set(err, ERR_INVALID, "%s lies in %s: name one of them", call->args[i],
                                 call->args[k]);
    }
    return 0;
}

static bool is_empty(const char *folder)
{
    DIR *open = opendir(folder);
    const struct dirent *entry;
    size_t count = 0;

    if (!open)
        return errno == ENOENT;
    while ((entry = readdir(open)) != NULL)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(open);
    return count == 0;
}

static int check_line(const struct call *call, struct error *err)
{
    AUTO(mem_free) char *name = NULL;
    int r = snapshot_name_read(call->args[0], &name, err);

    if (r == 0 && (!arg_to || !*arg_to))
        r = error_set(err, ERR_INVALID, "where to? --to FOLDER is needed");
    if (r == 0)
        r = check_paths(call, err);
    if (r == 0 && (strcmp(arg_to, ".") == 0 || !is_empty(arg_to)))
        r = error_set(err, ERR_INVALID, "%s is there already: name a new or an empty folder",
                      arg_to);
    return r;
}

/* "there/" is "there". */
static char *part_of(const char *folder)
{
    size_t len = strlen(folder);

    while (len > 1 && folder[len - 1] == '/')
        len--;
    return xasprintf("%.*s.part", (int)len, folder);
}

static int download_into(struct downloading *downloading, struct error *err)
{
    const char *part = downloading->part;

    if (mkdir(part, 0700) < 0 && errno == EEXIST)
        return error_set(err, ERR_INVALID,
                         "%s is there: a download that broke off has left it, or one is at work",
                         part);
    if (access(part, W_OK) < 0)
        return error_set_errno(err, errno, "making %s", part);
    int r = transfer_hold(downloading->call, download_all, downloading, err);
    if (r == 0 && rename(part, arg_to) < 0)
        r = error_set_errno(err, errno, "naming %s %s", part, arg_to);
    if (r < 0 && rmdir(part) < 0)
        print_note("%s has what came, and is not whole", part);
    return r;
}

int verb_download(const struct call *call, struct error *err)
{
    if (check_line(call, err) < 0)
        return call_misused(call, err);
    AUTO(mem_free) char *part = part_of(arg_to);
    struct downloading downloading = {.call = call, .part = part};
    int r = download_into(&downloading, err);
    if (r < 0)
        return r;
    AUTO(mem_free)
    char *line = xasprintf("snapshot %s downloaded to %s: %lld bytes", call->args[0], arg_to,
                           (long long)downloading.bytes);
    puts(line);
    return OUTCOME_DONE;
}

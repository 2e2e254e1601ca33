#include "stash/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stash/buf.h"

static int read_all(int fd, const char *path, struct buf *data, struct error *err)
{
    char piece[16384];

    for (;;) {
        ssize_t n = read(fd, piece, sizeof(piece));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_set_errno(err, errno, "reading %s", path);
        if (n == 0)
            return buf_check(data, path, err);
        if (!buf_add(data, piece, (size_t)n))
            return buf_check(data, path, err);
    }
}

int file_read(const char *path, size_t limit, char **ret, size_t *ret_len, struct error *err)
{
    bool standard_input = strcmp(path, "-") == 0;
    AUTO(fd_close) int opened = standard_input ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    AUTO(buf_done) struct buf data = {0};

    if (opened < 0 && !standard_input && errno == ENOENT)
        return error_set_code(err, ERR_NOT_FOUND, ENOENT, "%s does not exist", path);
    if (opened < 0 && !standard_input)
        return error_set_errno(err, errno, "opening %s", path);
    buf_init(&data, limit);
    int r = read_all(standard_input ? STDIN_FILENO : opened, path, &data, err);
    if (r < 0)
        return r;
    *ret_len = data.len;
    *ret = buf_take(&data);
    return 0;
}

int file_write_all(int fd, const void *data, size_t len)
{
    const char *at = data;

    while (len > 0) {
        ssize_t n = write(fd, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        at += n;
        len -= (size_t)n;
    }
    return 0;
}

int file_write(const char *path, const void *data, size_t len, mode_t mode, struct error *err)
{
    AUTO(mem_free) char *temporary = xasprintf("%s.XXXXXX", path);
    AUTO(fd_close) int fd = mkostemp(temporary, O_CLOEXEC);

    if (fd < 0)
        return error_set_errno(err, errno, "creating a file beside %s", path);
    int r = fchmod(fd, mode) < 0 ? -errno : file_write_all(fd, data, len);
    if (r == 0 && rename(temporary, path) < 0)
        r = -errno;
    if (r < 0) {
        unlink(temporary);
        return error_set_errno(err, -r, "writing %s", path);
    }
    return 0;
}

/*
 * file.h - whole files: read with a ceiling, written so that a reader never sees half of one.
 */
#ifndef STASH_FILE_H
#define STASH_FILE_H

#include <stddef.h>
#include <sys/types.h>

#include "stash/error.h"

/** Read a file ("-" is standard input) of at most `limit` bytes; NUL terminated. ERR_NOT_FOUND, ERR_LIMIT, ERR_SYSTEM. */
int file_read(const char *path, size_t limit, char **ret, size_t *ret_len, struct error *err);

/** Write to a temporary name beside `path`, then rename. The mode is exact, whatever the umask. */
int file_write(const char *path, const void *data, size_t len, mode_t mode, struct error *err);

/** Write all of it to a descriptor that blocks. Returns 0 or a negative errno. */
int file_write_all(int fd, const void *data, size_t len);

#endif

/*
 * mem.h - who owns what, in one word each.
 *
 * AUTO(x_free) on a local gives it to the scope: it is released on every way out. TAKE(p) reads a pointer and clears it,
 * on the line where ownership leaves. Small allocations cannot fail: they abort, because nothing sensible can be done;
 * whatever grows with outside input goes through buf.h, which has a ceiling.
 */
#ifndef STASH_MEM_H
#define STASH_MEM_H

#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

/** Release the variable at the end of its scope: `AUTO(x_free) struct x *x = NULL;` (needs DEFINE_AUTO beside x_free). */
#define AUTO(fn) __attribute__((cleanup(fn##_auto)))

/** Make x_free() usable with AUTO for `type *` variables. x_free(NULL) must be harmless. */
#define DEFINE_AUTO(type, fn)                                                                      \
    static inline void fn##_auto(type **p)                                                         \
    {                                                                                              \
        fn(*p);                                                                                    \
    }                                                                                              \
    typedef int fn##_auto_defined

/** Make x_done() usable with AUTO for `type` variables, which are zeroed or initialised where they are declared. */
#define DEFINE_AUTO_VALUE(type, fn)                                                                \
    static inline void fn##_auto(type *p)                                                          \
    {                                                                                              \
        fn(p);                                                                                     \
    }                                                                                              \
    typedef int fn##_auto_defined

/** Read a pointer and clear it: the caller owns the value from here on. */
#define TAKE(p)                                                                                    \
    (__extension__({                                                                               \
        __typeof__(p) take_value = (p);                                                            \
        (p) = NULL;                                                                                \
        take_value;                                                                                \
    }))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/** malloc, calloc, realloc, strdup, strndup and asprintf that abort when memory ends. */
void *xmalloc(size_t size);
/** Zeroed memory. */
void *xcalloc(size_t count, size_t size);
/** Memory that grows or shrinks; the old pointer is gone. */
void *xrealloc(void *p, size_t size);
/** A copy of a text. */
char *xstrdup(const char *s);
/** A copy of at most `len` bytes of a text, with a NUL. */
char *xstrndup(const char *s, size_t len);
/** The text that a format makes. */
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** free() for `char *` and other plain heap memory: `AUTO(mem_free) char *s = xstrdup("x");` */
static inline void mem_free(void *p)
{
    free(p);
}

static inline void mem_free_auto(void *p)
{
    free(*(void **)p);
}

/** close(2) for a file descriptor, -1 allowed: `AUTO(fd_close) int fd = -1;` */
static inline void fd_close(int fd)
{
    if (fd >= 0)
        close(fd);
}

static inline void fd_close_auto(int *fd)
{
    fd_close(*fd);
}

#endif

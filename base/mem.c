#include "stash/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "stash/error.h"

static void *checked_memory(void *p)
{
    if (!p) {
        fputs("level=fatal msg=\"out of memory\"\n", stderr);
        abort();
    }
    return p;
}

void *xmalloc(size_t size)
{
    return checked_memory(malloc(size ? size : 1));
}

void *xcalloc(size_t count, size_t size)
{
    return checked_memory(calloc(count ? count : 1, size ? size : 1));
}

void *xrealloc(void *p, size_t size)
{
    return checked_memory(realloc(p, size ? size : 1));
}

char *xstrdup(const char *s)
{
    return checked_memory(strdup(s));
}

char *xstrndup(const char *s, size_t len)
{
    return checked_memory(strndup(s, len));
}

char *xasprintf(const char *fmt, ...)
{
    char *s = NULL;
    va_list ap;

    va_start(ap, fmt);
    int len = vasprintf(&s, fmt, ap);
    va_end(ap);
    return checked_memory(len < 0 ? NULL : s);
}

/* warnings.c - what kubectl prints after "Warning:". */
#include <stdarg.h>
#include <stdio.h>

#include "stash/admit.h"
#include "stash/jsonx.h"

/* The API server drops warnings beyond 4 KiB in sum; nobody reads that many anyway. */
#define WARNINGS_MAX 16

void warnings_done(struct warnings *warnings)
{
    for (size_t i = 0; i < warnings->count; i++)
        free(warnings->items[i]);
    free(warnings->items);
    *warnings = (struct warnings){0};
}

void warnings_add(struct warnings *warnings, const char *fmt, ...)
{
    char text[257];
    va_list ap;

    if (warnings->count == WARNINGS_MAX)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    jsonx_repair_text(text);
    warnings->items = xrealloc(warnings->items, (warnings->count + 1) * sizeof(*warnings->items));
    warnings->items[warnings->count++] = xstrdup(text);
}

#include "stash/causes.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "stash/buf.h"
#include "stash/jsonx.h"
#include "stash/limits.h"

void causes_done(struct causes *causes)
{
    for (size_t i = 0; i < causes->count; i++) {
        free(causes->items[i].path);
        free(causes->items[i].detail);
    }
    free(causes->items);
    *causes = (struct causes){0};
}

void causes_add(struct causes *causes, const char *path, const char *reason, const char *fmt, ...)
{
    char detail[LIMIT_STATUS_TEXT];
    va_list ap;

    if (causes->count == LIMIT_CAUSES) {
        causes->dropped++;
        return;
    }
    va_start(ap, fmt);
    vsnprintf(detail, sizeof(detail), fmt, ap);
    va_end(ap);
    jsonx_repair_text(detail);
    causes->items = xrealloc(causes->items, (causes->count + 1) * sizeof(*causes->items));
    struct cause *cause = &causes->items[causes->count++];
    *cause = (struct cause){xstrdup(path), reason, xstrdup(detail)};
    jsonx_repair_text(cause->path);
}

bool causes_has(const struct causes *causes, const struct cause *cause)
{
    for (size_t i = 0; i < causes->count; i++) {
        if (strcmp(causes->items[i].path, cause->path) == 0 &&
            strcmp(causes->items[i].detail, cause->detail) == 0)
            return true;
    }
    return false;
}

void causes_remove(struct causes *causes, size_t index)
{
    free(causes->items[index].path);
    free(causes->items[index].detail);
    causes->count--;
    memmove(&causes->items[index], &causes->items[index + 1],
            (causes->count - index) * sizeof(causes->items[0]));
}

static char *joined_path(const struct causes *causes, const char *before_first, const char *between)
{
    AUTO(buf_done) struct buf text;

    buf_init(&text, 128 * LIMIT_KIB);
    for (size_t i = 0; i < causes->count; i++)
        buf_addf(&text, "%s%s: %s", i ? between : before_first, causes->items[i].path,
                 causes->items[i].detail);
    if (causes->dropped)
        buf_addf(&text, "%sand %zu more", between, causes->dropped);
    return buf_take(&text);
}

char *causes_sentence(const struct causes *causes)
{
    return joined_path(causes, "", "; ");
}

char *causes_list(const struct causes *causes)
{
    return causes->count > 1 ? joined_path(causes, "\n* ", "\n* ")
                             : joined_path(causes, "", "\n* ");
}

json_t *causes_encode(const struct causes *causes)
{
    json_t *list = json_array();

    for (size_t i = 0; i < causes->count; i++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "reason", causes->items[i].reason,
                                              "message", causes->items[i].detail, "field",
                                              causes->items[i].path));
    return list;
}

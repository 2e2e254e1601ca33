#include "es_files.h"

#include <string.h>

#include "stash/mem.h"

static const char *const types[] = {".index", ".mapping",  ".analyzer",
                                    ".alias", ".settings", ".template"};

static bool ends_with(const char *name, size_t len, const char *suffix)
{
    size_t tail = strlen(suffix);

    return len > tail && strncmp(name + len - tail, suffix, tail) == 0;
}

/* The length of a name without the type at its end. */
static size_t without_type(const char *name, size_t len)
{
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (ends_with(name, len, types[i]))
            return len - strlen(types[i]);
    return len;
}

bool es_files_is_ambiguous(const char *index)
{
    size_t len = strlen(index);

    return without_type(index, len) != len || strstr(index, ".json") || strstr(index, ".split-");
}

char *es_files_index(const char *file, bool *ret_data)
{
    size_t len = strlen(file);

    if (!ends_with(file, len, ".json"))
        return NULL;
    len -= strlen(".json");
    *ret_data = without_type(file, len) == len;
    return xstrndup(file, without_type(file, len));
}

/* ---- lines --------------------------------------------------------------------------------------------------------- */

void es_lines_init(struct es_lines *lines)
{
    *lines = (struct es_lines){0};
    buf_init(&lines->head, ES_LINE_HEAD);
}

void es_lines_done(struct es_lines *lines)
{
    buf_done(&lines->head);
}

/* The string behind the first "_id": with its quotes; NULL when there is none in what was kept. */
static char *find_id(const char *head)
{
    static const char key[] = "\"_id\":";
    const char *at = strstr(head, key);
    const char *end;

    if (!at || at[strlen(key)] != '"')
        return NULL;
    at += strlen(key);
    for (end = at + 1; *end && *end != '"'; end++)
        if (*end == '\\' && end[1])
            end++;
    return *end ? xstrndup(at, (size_t)(end + 1 - at)) : NULL;
}

static int line_over(struct es_lines *lines, struct error *err)
{
    AUTO(mem_free) char *id = NULL;
    bool empty = lines->head.len == 0;

    if (empty)
        return 0;
    lines->count++;
    id = lines->on_id ? find_id(lines->head.data) : NULL;
    buf_reset(&lines->head);
    return id ? lines->on_id(lines->ctx, id, err) : 0;
}

int es_lines_feed(struct es_lines *lines, const char *data, size_t len, struct error *err)
{
    const char *end = data + len;
    int r = 0;

    while (r == 0 && data < end) {
        const char *newline = memchr(data, '\n', (size_t)(end - data));
        size_t part = (size_t)((newline ? newline : end) - data);
        size_t room = ES_LINE_HEAD - lines->head.len;

        buf_add(&lines->head, data, part < room ? part : room);
        data += part + (newline ? 1 : 0);
        if (newline)
            r = line_over(lines, err);
    }
    return r;
}

int es_lines_end(struct es_lines *lines, struct error *err)
{
    return line_over(lines, err);
}

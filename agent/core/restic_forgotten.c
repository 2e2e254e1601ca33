/*
 * restic_forgotten.c - how many snapshots a `forget` kept and removed, while its answer passes.
 *
 * The answer is an array of groups {…, "keep": [{…}], "remove": [{…}], "reasons": […]}. It lists every snapshot twice, so it is
 * counted and not kept. There is none when no snapshot was asked for.
 */
#include <string.h>

#include "stash/restic_out.h"

enum { DEPTH_LIST = 1, DEPTH_GROUP, DEPTH_SNAPSHOTS, DEPTH_SNAPSHOT };

static void string_char(struct restic_forgetting *f, char c)
{
    if (f->escaped) {
        f->escaped = false;
    } else if (c == '\\') {
        f->escaped = true;
    } else if (c == '"') {
        f->in_string = false;
        return;
    }
    if (f->depth == DEPTH_GROUP && f->key_len < sizeof(f->key) - 1)
        f->key[f->key_len++] = c;
}

/* The list that begins here, by the last string before it: its key. */
static uint64_t *list_of(struct restic_forgetting *f)
{
    f->key[f->key_len] = '\0';
    if (strcmp(f->key, "keep") == 0)
        return &f->sum.kept;
    return strcmp(f->key, "remove") == 0 ? &f->sum.removed : NULL;
}

static void open_bracket(struct restic_forgetting *f, char c)
{
    f->depth++;
    if (f->depth == DEPTH_LIST)
        f->broken = c != '[';
    else if (f->depth == DEPTH_SNAPSHOTS)
        f->counted = c == '[' ? list_of(f) : NULL;
    else if (f->depth == DEPTH_SNAPSHOT && c == '{' && f->counted)
        (*f->counted)++;
}

static void answer_char(struct restic_forgetting *f, char c)
{
    if (f->in_string) {
        string_char(f, c);
    } else if (c == '"') {
        f->in_string = true;
        f->key_len = 0;
    } else if (c == '[' || c == '{') {
        open_bracket(f, c);
    } else if ((c == ']' || c == '}') && f->depth > 0) {
        f->depth--;
        f->ended = f->depth == 0;
    } else if (f->depth == 0 && !strchr(" \t\r\n", c)) {
        f->broken = true;
    }
}

void restic_forgetting_feed(void *ctx, const char *data, size_t len)
{
    struct restic_forgetting *f = ctx;

    for (size_t i = 0; i < len && !f->ended && !f->broken; i++)
        answer_char(f, data[i]);
}

int restic_forgetting_end(const struct restic_forgetting *f, struct restic_forgotten *ret,
                          struct error *err)
{
    bool begun = f->depth > 0 || f->in_string;

    if (f->broken || (begun && !f->ended))
        return error_set(err, ERR_INVALID, "restic forget: the answer is not a list of groups");
    *ret = f->sum;
    return 0;
}

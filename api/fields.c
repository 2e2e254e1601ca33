/* fields.c - fields that a kind does not have, and where they belong. */
#include "stash/fields.h"

#include <stdlib.h>
#include <string.h>

#include "fields_known.h"
#include "stash/jsonx.h"
#include "stash/spelling.h"

#define DEPTH_MAX    24 /* deeper than any schema of ours */
#define NAME_SHOWN   60
#define ANY_NAME     "*"
#define PATH_MAX_LEN 400

/* The value that is looked at, and those that it stands in. */
struct place {
    const struct place *above;
    const char *name; /* "" of the object itself */
    const json_t *value;
    size_t row;
};

struct check {
    fields_found_fn found;
    void *ctx;
};

/* ---- rows ---------------------------------------------------------------------------------------------------------- */

struct entry {
    const char *name;
    size_t len, row; /* row 0: nothing below is looked at */
};

/* The next field of a row's text; false at its end. */
static bool entry_next(const char **text, struct entry *ret)
{
    *text += strspn(*text, " ");
    size_t len = strcspn(*text, " ");
    const char *colon = memchr(*text, ':', len);

    *ret = (struct entry){*text, colon ? (size_t)(colon - *text) : len,
                          colon ? strtoul(colon + 1, NULL, 10) : 0};
    *text += len;
    return len > 0;
}

static bool row_find(size_t row, const char *name, struct entry *ret)
{
    const char *text = fields_rows[row];

    while (entry_next(&text, ret)) {
        if ((ret->len == 1 && *ret->name == '*') ||
            (strncmp(ret->name, name, ret->len) == 0 && !name[ret->len]))
            return true;
    }
    return false;
}

static bool has_any_name(size_t row)
{
    return strncmp(fields_rows[row], ANY_NAME ":", 2) == 0;
}

/* ---- where it belongs ------------------------------------------------------------------------------------------------ */

/* A field beside it that has such a field: an empty one first (its indentation was lost), then the only one. */
static bool find_beside(const struct place *place, const char *name, struct entry *ret)
{
    const char *text = fields_rows[place->row];
    struct entry entry, inner;
    size_t count = 0;

    while (entry_next(&text, &entry)) {
        AUTO(mem_free) char *key = xasprintf("%.*s", (int)entry.len, entry.name);
        const json_t *value = json_object_get(place->value, key);
        if (!value && place->above) /* what is not there had no place to lose, but for spec */
            continue;
        if (!entry.row || has_any_name(entry.row) || json_is_array(value) ||
            json_object_get(value, name) || !row_find(entry.row, name, &inner))
            continue;
        if (json_is_null(value)) {
            *ret = entry;
            return true;
        }
        if (count++ == 0)
            *ret = entry;
    }
    return count == 1;
}

static const struct place *find_above(const struct place *place, const char *name)
{
    struct entry entry;

    for (place = place->above; place; place = place->above)
        if (!has_any_name(place->row) && !json_object_get(place->value, name) &&
            row_find(place->row, name, &entry))
            return place;
    return NULL;
}

static bool find_alike(const struct place *place, const char *name, struct entry *ret)
{
    const char *text = fields_rows[place->row];
    unsigned best = 0, distance;
    struct entry entry;

    while (entry_next(&text, &entry)) {
        AUTO(mem_free) char *known = xasprintf("%.*s", (int)entry.len, entry.name);
        if (!spelling_is_near(name, known, &distance) || (best && distance + 1 >= best))
            continue;
        best = distance + 1;
        *ret = entry;
    }
    return best > 0;
}

/* ---- the walk -------------------------------------------------------------------------------------------------------- */

static void path_print(struct buf *out, const struct place *place)
{
    if (place->above)
        path_print(out, place->above);
    if (*place->name)
        buf_addf(out, "%s%.*s", out->len && *place->name != '[' ? "." : "", NAME_SHOWN,
                 place->name);
}

static char *path_of(const struct place *place)
{
    AUTO(buf_done) struct buf text;

    buf_init(&text, PATH_MAX_LEN);
    path_print(&text, place);
    return buf_take(&text);
}

static char *sentence_for(const struct place *place, const char *name)
{
    AUTO(mem_free) char *here = path_of(place);
    const struct place *above = find_above(place, name);
    struct entry entry;

    if (find_beside(place, name, &entry))
        return xasprintf("stands beside %.*s and belongs in it: indent it further", (int)entry.len,
                         entry.name);
    if (above) {
        AUTO(mem_free) char *there = path_of(above);
        return xasprintf("%s has no such field; it belongs in %s: indent it less", here,
                         *there ? there : "the object itself");
    }
    if (find_alike(place, name, &entry))
        return xasprintf("there is no such field; did you mean %.*s?", (int)entry.len, entry.name);
    return xasprintf("%s has no such field: remove it", *here ? here : "the object");
}

static void place_check(const struct check *check, const struct place *place, unsigned depth);

static void member_check(const struct check *check, const struct place *place, const char *name,
                         const json_t *value, unsigned depth)
{
    const struct place below = {place, name, value, 0};
    struct entry entry;

    if (row_find(place->row, name, &entry)) {
        struct place known = below;
        known.row = entry.row;
        place_check(check, &known, depth + 1);
        return;
    }
    AUTO(mem_free) char *path = path_of(&below);
    AUTO(mem_free) char *sentence = sentence_for(place, name);
    check->found(check->ctx, path, sentence);
}

static void place_check(const struct check *check, const struct place *place, unsigned depth)
{
    const char *name;
    const json_t *value;
    char index[24];

    if (!place->row || depth > DEPTH_MAX)
        return;
    for (size_t i = 0; i < json_array_size(place->value); i++) {
        snprintf(index, sizeof(index), "[%zu]", i);
        const struct place element = {place, index, json_array_get(place->value, i), place->row};
        place_check(check, &element, depth + 1);
    }
    jsonx_foreach_member (place->value, name, value)
        member_check(check, place, name, value, depth);
}

void fields_check(enum kind kind, const json_t *object, fields_found_fn found, void *ctx)
{
    const struct check check = {found, ctx};

    if (kind == KIND_UNKNOWN)
        return;
    for (const struct fields_kind *row = fields_kinds; row->kind; row++) {
        if (strcmp(row->kind, kind_resource(kind)->kind) != 0)
            continue;
        const struct place place = {NULL, "", object, row->row};
        place_check(&check, &place, 0);
    }
}

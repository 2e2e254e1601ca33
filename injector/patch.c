#include "stash/patch.h"

#include <stdbool.h>
#include <string.h>

#include "stash/jsonx.h"
#include "stash/mem.h"

/* One step from the root: a member's name, or (key NULL) an element's index. */
struct step {
    const struct step *up;
    const char *key;
    size_t index;
};

/* The text as it grows. */
struct diff {
    struct buf *out;
    size_t count; /* operations so far */
};

static void diff_value(struct diff *diff, const json_t *from, const json_t *to,
                       const struct step *at);

/* A key in a pointer in a string: escaped for both. */
static void key_print(struct buf *out, const char *key)
{
    for (;;) {
        size_t plain = strcspn(key, "~/");
        jsonx_print_inside(out, key, plain);
        key += plain;
        if (!*key)
            return;
        buf_adds(out, *key++ == '~' ? "~0" : "~1");
    }
}

static void pointer_print(struct buf *out, const struct step *at)
{
    if (!at)
        return;
    pointer_print(out, at->up);
    buf_addc(out, '/');
    if (at->key)
        key_print(out, at->key);
    else
        buf_addf(out, "%zu", at->index);
}

/* `value` is NULL for an operation that has none. */
static void op_print(struct diff *diff, const char *op, const struct step *at, const json_t *value)
{
    struct buf *out = diff->out;

    buf_adds(out, diff->count++ ? ",{\"op\":\"" : "{\"op\":\"");
    buf_adds(out, op);
    buf_adds(out, "\",\"path\":\"");
    pointer_print(out, at);
    buf_addc(out, '"');
    if (value) {
        buf_adds(out, ",\"value\":");
        jsonx_print(out, value);
    }
    buf_addc(out, '}');
}

static void diff_object(struct diff *diff, const json_t *from, const json_t *to,
                        const struct step *at)
{
    const char *key;
    const json_t *value;

    jsonx_foreach_member (from, key, value) {
        const json_t *other = json_object_get(to, key);
        struct step here = {at, key, 0};

        if (other)
            diff_value(diff, value, other, &here);
        else
            op_print(diff, "remove", &here, NULL);
    }
    jsonx_foreach_member (to, key, value) {
        struct step here = {at, key, 0};

        if (!json_object_get(from, key))
            op_print(diff, "add", &here, value);
    }
}

/* How far an element is looked for that was moved by what was added or removed before it. */
#define WINDOW 16

/* Distance from `start` to the element, looking ahead of it; 0 when it is not near. */
static size_t edit_distance(const json_t *array, size_t start, const json_t *element)
{
    for (size_t k = 1; element && k <= WINDOW && start + k < json_array_size(array); k++)
        if (json_equal(json_array_get(array, start + k), element))
            return k;
    return 0;
}

/* Elements that are there before and after stay; others are compared in pairs, and the rest is added or removed. All
 * before index j is as it shall be, behind it follows from[i…]. */
static void diff_array(struct diff *diff, const json_t *from, const json_t *to,
                       const struct step *at)
{
    size_t i = 0, j = 0;

    while (i < json_array_size(from) || j < json_array_size(to)) {
        const json_t *old = json_array_get(from, i), *new = json_array_get(to, j);
        struct step here = {at, NULL, j};

        if (old && new &&json_equal(old, new)) {
            i++, j++;
            continue;
        }
        size_t added = edit_distance(to, j, old), removed = added ? 0 : edit_distance(from, i, new);
        if (!old || added) {
            op_print(diff, "add", &here, new);
            j++;
        } else if (!new || removed) {
            op_print(diff, "remove", &here, NULL);
            i++;
        } else {
            diff_value(diff, old, new, &here);
            i++, j++;
        }
    }
}

static void diff_value(struct diff *diff, const json_t *from, const json_t *to,
                       const struct step *at)
{
    if (from == to)
        return;
    if (json_is_object(from) && json_is_object(to))
        diff_object(diff, from, to, at);
    else if (json_is_array(from) && json_is_array(to))
        diff_array(diff, from, to, at);
    else if (!json_equal(from, to))
        op_print(diff, "replace", at, to);
}

size_t patch_print(const json_t *from, const json_t *to, struct buf *ret)
{
    struct diff diff = {.out = ret};

    buf_addc(ret, '[');
    diff_value(&diff, from, to, NULL);
    buf_addc(ret, ']');
    return diff.count;
}

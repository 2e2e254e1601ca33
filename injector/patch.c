#include "stash/patch.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "stash/buf.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/mem.h"

/* One step from the root: a member's name, or (key NULL) an element's index. */
struct step {
    const struct step *up;
    const char *key;
    size_t index;
};

static void diff_value(const json_t *from, const json_t *to, const struct step *at, json_t *ops);

static void pointer_add_key(struct buf *pointer, const char *key)
{
    for (;;) {
        size_t plain = strcspn(key, "~/");
        buf_add(pointer, key, plain);
        key += plain;
        if (!*key)
            return;
        buf_adds(pointer, *key++ == '~' ? "~0" : "~1");
    }
}

static void pointer_render(const struct step *at, struct buf *pointer)
{
    if (!at)
        return;
    pointer_render(at->up, pointer);
    buf_addc(pointer, '/');
    if (at->key)
        pointer_add_key(pointer, at->key);
    else
        buf_addf(pointer, "%zu", at->index);
}

static void op_add(json_t *ops, const char *op, const struct step *at, const json_t *value)
{
    AUTO(buf_done) struct buf pointer;

    buf_init(&pointer, 3 * LIMIT_REVIEW_BODY); /* escaping at most doubles a key */
    pointer_render(at, &pointer);
    BUG_ON(pointer.overflow);
    json_array_append_new(ops, json_pack("{ss, ss, sO*}", "op", op, "path", pointer.data, "value",
                                         jsonx_unconst(value)));
}

static void diff_object(const json_t *from, const json_t *to, const struct step *at, json_t *ops)
{
    const char *key;
    const json_t *value;

    jsonx_foreach_member (from, key, value) {
        const json_t *other = json_object_get(to, key);
        struct step here = {at, key, 0};

        if (other)
            diff_value(value, other, &here, ops);
        else
            op_add(ops, "remove", &here, NULL);
    }
    jsonx_foreach_member (to, key, value) {
        struct step here = {at, key, 0};

        if (!json_object_get(from, key))
            op_add(ops, "add", &here, value);
    }
}

/* How far an element is looked for that was moved by what was added or removed before it. */
#define WINDOW 16

/* Distance from `start` to the element, looking ahead of it; 0 when it is not near. */
static size_t distance(const json_t *array, size_t start, const json_t *element)
{
    for (size_t k = 1; element && k <= WINDOW && start + k < json_array_size(array); k++)
        if (json_equal(json_array_get(array, start + k), element))
            return k;
    return 0;
}

/* Elements that are there before and after stay; others are compared in pairs, and the rest is added or removed. All
 * before index j is as it shall be, behind it follows from[i…]. */
static void diff_array(const json_t *from, const json_t *to, const struct step *at, json_t *ops)
{
    size_t i = 0, j = 0;

    while (i < json_array_size(from) || j < json_array_size(to)) {
        const json_t *old = json_array_get(from, i), *new = json_array_get(to, j);
        struct step here = {at, NULL, j};

        if (old && new &&json_equal(old, new)) {
            i++, j++;
            continue;
        }
        size_t added = distance(to, j, old), removed = added ? 0 : distance(from, i, new);
        if (!old || added) {
            op_add(ops, "add", &here, new);
            j++;
        } else if (!new || removed) {
            op_add(ops, "remove", &here, NULL);
            i++;
        } else {
            diff_value(old, new, &here, ops);
            i++, j++;
        }
    }
}

static void diff_value(const json_t *from, const json_t *to, const struct step *at, json_t *ops)
{
    if (from == to)
        return;
    if (json_is_object(from) && json_is_object(to))
        diff_object(from, to, at, ops);
    else if (json_is_array(from) && json_is_array(to))
        diff_array(from, to, at, ops);
    else if (!json_equal(from, to))
        op_add(ops, "replace", at, to);
}

json_t *patch_diff(const json_t *from, const json_t *to)
{
    json_t *ops = json_array();

    diff_value(from, to, NULL, ops);
    return ops;
}

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
    for (const char *p = key; *p; p++) {
        if (*p == '~')
            buf_adds(pointer, "~0");
        else if (*p == '/')
            buf_adds(pointer, "~1");
        else
            buf_addc(pointer, *p);
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

/* What both arrays share at their ends stays; in between, pairs are compared, then the rest is removed or added. */
static void diff_array(const json_t *from, const json_t *to, const struct step *at, json_t *ops)
{
    size_t n = json_array_size(from), m = json_array_size(to), start = 0;

    while (start < n && start < m &&
           json_equal(json_array_get(from, start), json_array_get(to, start)))
        start++;
    while (n > start && m > start &&
           json_equal(json_array_get(from, n - 1), json_array_get(to, m - 1)))
        n--, m--;
    for (size_t i = start; i < n && i < m; i++) {
        struct step here = {at, NULL, i};

        diff_value(json_array_get(from, i), json_array_get(to, i), &here, ops);
    }
    for (size_t i = n; i > m; i--) {
        struct step here = {at, NULL, i - 1};

        op_add(ops, "remove", &here, NULL);
    }
    for (size_t i = n; i < m; i++) {
        struct step here = {at, NULL, i};

        op_add(ops, "add", &here, json_array_get(to, i));
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

#include "golden_diff.h"

#include <stdbool.h>
#include <string.h>

#include "golden_patch.h"
#include "golden_text.h"
#include "stash/jsonx.h"
#include "stash/mem.h"

/* smaller values are written out, and those that a base makes shorter by less than */
#define POOL_LEAVES 4
#define POOL_MARGIN (2 * GOLDEN_TEXT_LINE)

/* ---- how far two values are apart */

static size_t leaves(const json_t *value)
{
    const char *key;
    const json_t *member;
    size_t count = 0;

    jsonx_foreach_member (value, key, member)
        count += leaves(member);
    for (size_t i = 0; i < json_array_size(value); i++)
        count += leaves(json_array_get(value, i));
    return count ? count : 1;
}

static size_t distance(const json_t *a, const json_t *b)
{
    const char *key;
    const json_t *member;
    size_t apart = 0, shared = 0;

    if (json_equal(a, b))
        return 0;
    if (json_is_object(a) && json_is_object(b)) {
        jsonx_foreach_member (a, key, member) {
            const json_t *other = json_object_get(b, key);
            shared += other != NULL;
            apart += other ? distance(member, other) : 1;
        }
        jsonx_foreach_member (b, key, member)
            apart += json_object_get(a, key) ? 0 : leaves(member);
        return shared ? apart : leaves(b) + json_object_size(a);
    }
    if (!json_is_array(a) || !json_is_array(b))
        return leaves(b);
    for (size_t i = 0; i < json_array_size(b); i++)
        apart += i < json_array_size(a) ? distance(json_array_get(a, i), json_array_get(b, i))
                                        : leaves(json_array_get(b, i));
    return apart +
           (json_array_size(a) > json_array_size(b) ? json_array_size(a) - json_array_size(b) : 0);
}

static bool same_text(const json_t *a, const json_t *b, const char *key)
{
    const json_t *x = json_object_get(a, key), *y = json_object_get(b, key);

    return json_is_string(x) == json_is_string(y) && (!json_is_string(x) || json_equal(x, y));
}

/* ---- values that a patch would read otherwise */

static bool is_odd(const json_t *value)
{
    const char *key;
    const json_t *member;

    jsonx_foreach_member (value, key, member) {
        size_t len = strlen(key);
        if (*key == '/' || strcmp(key, "base") == 0 || len == 0 || key[len - 1] == '!')
            return true;
    }
    for (size_t i = 0; i < json_array_size(value); i++)
        if (is_odd(json_array_get(value, i)))
            return true;
    return false;
}

/* ---- new values */

static json_t *make(const json_t *value, const json_t *pool);

/* Whether a patch would say it wrongly; it is then written as it is, with `!`. */
static bool must_be_exact(const json_t *before, const json_t *value)
{
    bool list_becomes_object = json_is_array(before) && json_is_object(value);

    return json_is_null(value) || is_odd(value) || is_odd(before) || list_becomes_object;
}

/* What makes `value` of `before` (NULL: nothing was there), as a member of `patch`; nothing if they are equal. */
static void put(json_t *patch, const char *key, const json_t *before, const json_t *value,
                const json_t *pool)
{
    AUTO(mem_free) char *exact = xasprintf("%s!", key);

    if (before && json_equal(before, value))
        return;
    if (must_be_exact(before, value))
        json_object_set(patch, exact, jsonx_unconst(value));
    else
        json_object_set_new(patch, key,
                            before ? golden_diff(before, value, pool) : make(value, pool));
}

/* Where `value` itself stands in the pool; "": it is no value of the document, or stands before all of those. */
static const char *path_of(const json_t *value, const json_t *pool)
{
    size_t i;
    json_t *entry;

    json_array_foreach (jsonx_unconst(pool), i, entry)
        if (json_array_get(entry, 1) == value)
            return json_string_value(json_array_get(entry, 0));
    return "";
}

static bool is_inside(const char *path, const char *outer)
{
    size_t len = strlen(outer);

    return strncmp(path, outer, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

static bool may_begin_with(const json_t *value, const json_t *other)
{
    return json_typeof(value) == json_typeof(other) && same_text(value, other, "kind") &&
           same_text(value, other, "verb") && !is_odd(other);
}

/* A base with what is to be changed in it; NULL: no value in the pool is near. Of the document's own values it may be
 * one that comes before: none is then its own base. */
static json_t *make_from_pool(const json_t *value, const json_t *pool)
{
    const char *own = path_of(value, pool);
    size_t nearest = leaves(value) / 2 + 1, i;
    const json_t *best = NULL;
    bool before = *own != '\0';
    json_t *entry;

    json_array_foreach (jsonx_unconst(pool), i, entry) {
        const char *path = json_string_value(json_array_get(entry, 0));
        const json_t *other = json_array_get(entry, 1);
        before = before && other != value;
        if ((*path == '/' && (!before || is_inside(own, path))) || !may_begin_with(value, other))
            continue;
        size_t apart = distance(other, value);
        if (apart < nearest) {
            nearest = apart;
            best = entry;
        }
    }
    if (!best)
        return NULL;
    json_auto_t *change = golden_diff(json_array_get(best, 1), value, NULL);
    if (json_is_array(change))
        return NULL;
    json_t *made = json_pack("{s:O}", "base", json_array_get(best, 0));
    if (change)
        json_object_update(made, change);
    return made;
}

/* The second has to be shorter by `margin`. Takes both. */
static json_t *shorter(json_t *a, json_t *b, size_t margin)
{
    bool second = b && golden_text_cost(b) + margin < golden_text_cost(a);

    json_decref(second ? a : b);
    return second ? b : a;
}

static json_t *make(const json_t *value, const json_t *pool)
{
    const char *key;
    const json_t *member;

    if (!json_is_object(value) && !json_is_array(value))
        return json_incref(jsonx_unconst(value));
    json_t *made = json_is_array(value) ? json_array() : json_object();
    jsonx_foreach_member (value, key, member)
        put(made, key, NULL, member, pool);
    for (size_t i = 0; i < json_array_size(value); i++)
        json_array_append_new(made, make(json_array_get(value, i), pool));
    if (!pool || leaves(value) < POOL_LEAVES || is_odd(value))
        return made;
    return shorter(made, make_from_pool(value, pool), POOL_MARGIN);
}

/* ---- lists */

/* What tells an element from its neighbours. The caller frees it. */
static char *identity(const json_t *element)
{
    static const char *const keys[] = {"verb", "op", "kind", "type", "path", "field", "id", "name"};
    json_auto_t *parts = json_array();

    if (!json_is_object(element))
        return json_dumps(element, JSON_ENCODE_ANY);
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        const char *text = jsonx_str(element, keys[i], NULL);
        json_array_append_new(parts, json_string(text ? text : ""));
    }
    json_array_append_new(parts, json_string(jsonx_name(element) ? jsonx_name(element) : ""));
    return json_dumps(parts, 0);
}

static json_t *identities(const json_t *list)
{
    json_t *all = json_array();

    for (size_t i = 0; i < json_array_size(list); i++) {
        AUTO(mem_free) char *text = identity(json_array_get(list, i));
        json_array_append_new(all, json_string(text));
    }
    return all;
}

/* common[i * (n + 1) + j]: how many elements of a from i on stand in b from j on, in that order. */
static size_t *common_table(const json_t *a, const json_t *b)
{
    size_t m = json_array_size(a), n = json_array_size(b);
    size_t *common = xcalloc((m + 1) * (n + 1), sizeof *common);

    for (size_t i = m; i-- > 0;) {
        for (size_t j = n; j-- > 0;) {
            size_t *at = common + i * (n + 1) + j;
            if (json_equal(json_array_get(a, i), json_array_get(b, j)))
                *at = at[n + 2] + 1;
            else
                *at = at[1] > at[n + 1] ? at[1] : at[n + 1];
        }
    }
    return common;
}

struct lists {
    const json_t *from, *to, *pool;
    json_t *patch;
};

/* The key of an element. The caller frees it. */
static char *element_key(const json_t *list, size_t i)
{
    const char *name = golden_element_name(list, i);
    AUTO(mem_free) char *segment = name ? golden_pointer_escape(name) : xasprintf("%zu", i);

    return xasprintf("/%s", segment);
}

static void edit_element(const struct lists *l, size_t i, size_t j)
{
    AUTO(mem_free) char *key = element_key(l->from, i);

    put(l->patch, key, json_array_get(l->from, i), json_array_get(l->to, j), l->pool);
}

static void remove_element(const struct lists *l, size_t i)
{
    AUTO(mem_free) char *key = element_key(l->from, i);

    json_object_set_new(l->patch, key, json_null());
}

/* Elements i1… of the one list stand where j1… stand in the other; none of them is the same. */
static void replace_run(const struct lists *l, size_t i1, size_t i2, size_t j1, size_t j2)
{
    for (; i1 < i2 && j1 < j2; i1++, j1++)
        edit_element(l, i1, j1);
    for (; i1 < i2; i1++)
        remove_element(l, i1);
    if (j1 == j2)
        return;
    json_t *items = json_array();
    for (; j1 < j2; j1++)
        json_array_append_new(items, make(json_array_get(l->to, j1), l->pool));
    AUTO(mem_free)
    char *key = i2 == json_array_size(l->from) ? xstrdup("/-") : xasprintf("/+%zu", i2);
    json_object_set_new(l->patch, key, items);
}

static json_t *diff_lists(const json_t *from, const json_t *to, const json_t *pool)
{
    struct lists l = {from, to, pool, json_object()};
    json_auto_t *a = identities(from);
    json_auto_t *b = identities(to);
    AUTO(mem_free) size_t *common = common_table(a, b);
    size_t m = json_array_size(a), n = json_array_size(b), i = 0, j = 0, i1 = 0, j1 = 0;

    while (i < m && j < n) {
        const size_t *at = common + i * (n + 1) + j;
        if (json_equal(json_array_get(a, i), json_array_get(b, j))) {
            replace_run(&l, i1, i, j1, j);
            edit_element(&l, i, j);
            i1 = ++i;
            j1 = ++j;
        } else if (at[n + 1] >= at[1]) {
            i++;
        } else {
            j++;
        }
    }
    replace_run(&l, i1, m, j1, n);
    return l.patch;
}

/* ---- documents */

static json_t *diff_objects(const json_t *from, const json_t *to, const json_t *pool)
{
    json_t *patch = json_object();
    const char *key;
    const json_t *value;

    jsonx_foreach_member (from, key, value)
        if (!json_object_get(to, key))
            json_object_set_new(patch, key, json_null());
    jsonx_foreach_member (to, key, value)
        put(patch, key, json_object_get(from, key), value, pool);
    return patch;
}

json_t *golden_diff(const json_t *from, const json_t *to, const json_t *pool)
{
    if (from && json_equal(from, to))
        return NULL;
    if (json_is_object(from) && json_is_object(to)) {
        json_t *change = diff_objects(from, to, pool);
        return pool && leaves(to) >= POOL_LEAVES && !is_odd(to)
                   ? shorter(change, make_from_pool(to, pool), POOL_MARGIN)
                   : change;
    }
    if (!json_array_size(from) || !json_array_size(to))
        return make(to, pool);
    return shorter(diff_lists(from, to, pool), make(to, pool), 0);
}

/* ---- the pool */

static void add(json_t *pool, const char *path, const json_t *value)
{
    const char *key;
    const json_t *member;

    if ((json_is_object(value) || json_is_array(value)) && leaves(value) >= POOL_LEAVES)
        json_array_append_new(pool, json_pack("[s, O]", path, value));
    jsonx_foreach_member (value, key, member) {
        AUTO(mem_free) char *escaped = golden_pointer_escape(key);
        AUTO(mem_free) char *below = xasprintf("%s/%s", path, escaped);
        add(pool, below, member);
    }
    for (size_t i = 0; i < json_array_size(value); i++) {
        const char *name = golden_element_name(value, i);
        AUTO(mem_free) char *escaped = name ? golden_pointer_escape(name) : xasprintf("%zu", i);
        AUTO(mem_free) char *below = xasprintf("%s/%s", path, escaped);
        add(pool, below, json_array_get(value, i));
    }
}

void golden_pool_add(json_t *pool, const char *name, const json_t *doc)
{
    const char *key;
    const json_t *member;

    jsonx_foreach_member (doc, key, member) {
        AUTO(mem_free) char *path = xasprintf("%s/%s", name, key);
        add(pool, path, member);
    }
}

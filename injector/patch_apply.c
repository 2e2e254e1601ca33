/* RFC 6902 applied: for tests and offline commands, so every operation of the RFC is understood. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/patch.h"

/* Where a JSON Pointer leads: the container, and the member or element in it. No parent: the whole document. */
struct place {
    json_t *parent;
    char *key;    /* of an object; heap */
    size_t index; /* in an array; its size for "-" */
};

static void place_done(struct place *place)
{
    free(place->key);
    *place = (struct place){0};
}
DEFINE_AUTO_VALUE(struct place, place_done);

struct op {
    const char *name, *path, *from;
    json_t *value; /* borrowed */
};

/* Copies of copies double the document with each operation: what they may add together, in values. */
#define COPIES_MAX 10000

static size_t value_count(const json_t *value)
{
    size_t count = 1, i;
    const char *key;
    const json_t *inner;

    json_array_foreach (value, i, inner)
        count += value_count(inner);
    jsonx_foreach_member (value, key, inner)
        count += value_count(inner);
    return count;
}

/* One reference token, unescaped. */
static char *token_decode(const char *start, size_t len)
{
    char *key = xstrndup(start, len), *out = key;

    for (const char *in = key; *in; in++) {
        if (in[0] == '~' && (in[1] == '0' || in[1] == '1'))
            *out++ = *++in == '0' ? '~' : '/';
        else
            *out++ = *in;
    }
    *out = '\0';
    return key;
}

static int index_parse(const char *token, const json_t *array, size_t *ret, struct error *err)
{
    char *end;

    if (strcmp(token, "-") == 0) {
        *ret = json_array_size(array);
        return 0;
    }
    errno = 0;
    unsigned long long value = strtoull(token, &end, 10);
    bool plain = token[0] >= '0' && token[0] <= '9' && (token[0] != '0' || token[1] == '\0');
    if (!plain || *end || errno || value > json_array_size(array))
        return error_set(err, ERR_INVALID, "no element \"%.40s\"", token);
    *ret = (size_t)value;
    return 0;
}

static json_t *place_get(const struct place *place, json_t *root)
{
    if (!place->parent)
        return root;
    return place->key ? json_object_get(place->parent, place->key)
                      : json_array_get(place->parent, place->index);
}

static int place_enter(struct place *place, json_t *into, const char *token, size_t len,
                       struct error *err)
{
    AUTO(mem_free) char *key = token_decode(token, len);
    struct place next = {.parent = into};
    int r = 0;

    if (json_is_object(into))
        next.key = TAKE(key);
    else if (json_is_array(into))
        r = index_parse(key, into, &next.index, err);
    else
        r = error_set(err, ERR_INVALID, "nothing at \"%.40s\"", key);
    if (r < 0)
        return r;
    place_done(place);
    *place = next;
    return 0;
}

static int place_find(json_t *root, const char *pointer, struct place *ret, struct error *err)
{
    AUTO(place_done) struct place place = {0};

    if (*pointer && *pointer != '/')
        return error_set(err, ERR_INVALID, "path does not start with a slash");
    while (*pointer) {
        size_t len = strcspn(pointer + 1, "/");
        int r = place_enter(&place, place_get(&place, root), pointer + 1, len, err);
        if (r < 0)
            return r;
        pointer += 1 + len;
    }
    *ret = place;
    place = (struct place){0};
    return 0;
}

/* Replaces `*root` when the path is the whole document. Steals `value`. */
static int place_put(struct place *place, json_t **root, bool insert, json_t *value)
{
    if (!place->parent) {
        json_decref(*root);
        *root = value;
        return 0;
    }
    if (place->key)
        return json_object_set_new(place->parent, place->key, value);
    return insert ? json_array_insert_new(place->parent, place->index, value)
                  : json_array_set_new(place->parent, place->index, value);
}

static int place_remove(const struct place *place)
{
    if (!place->parent)
        return -1;
    return place->key ? json_object_del(place->parent, place->key)
                      : json_array_remove(place->parent, place->index);
}

static int op_put(json_t **root, const char *path, bool must_exist, const json_t *value,
                  struct error *err)
{
    AUTO(place_done) struct place place = {0};
    int r = place_find(*root, path, &place, err);

    if (r < 0)
        return r;
    if (must_exist && !place_get(&place, *root))
        return error_set(err, ERR_INVALID, "nothing to replace");
    if (place_put(&place, root, !must_exist, json_deep_copy(value)) < 0)
        return error_set(err, ERR_INVALID, "cannot be put there");
    return 0;
}

static int op_remove(json_t **root, const char *path, struct error *err)
{
    AUTO(place_done) struct place place = {0};
    int r = place_find(*root, path, &place, err);

    if (r < 0)
        return r;
    return place_remove(&place) < 0 ? error_set(err, ERR_INVALID, "nothing to remove") : 0;
}

static int value_at(json_t *root, const char *path, json_t **ret, struct error *err)
{
    AUTO(place_done) struct place place = {0};
    int r = place_find(root, path, &place, err);

    if (r < 0)
        return r;
    json_t *value = place_get(&place, root);
    if (!value)
        return error_set(err, ERR_INVALID, "nothing at %.80s", path);
    *ret = value;
    return 0;
}

static int op_from(json_t *root, const struct op *op, json_t **ret, struct error *err)
{
    return op->from ? value_at(root, op->from, ret, err)
                    : error_set(err, ERR_INVALID, "needs \"from\"");
}

static int op_move(json_t **root, const struct op *op, struct error *err)
{
    json_t *found = NULL;
    int r = op_from(*root, op, &found, err);

    if (r < 0)
        return r;
    json_auto_t *value = json_incref(found);
    r = op_remove(root, op->from, err);
    return r < 0 ? r : op_put(root, op->path, false, value, err);
}

static int op_copy(json_t **root, const struct op *op, size_t *copies, struct error *err)
{
    json_t *found = NULL;
    int r = op_from(*root, op, &found, err);

    if (r < 0)
        return r;
    *copies += value_count(found);
    if (*copies > COPIES_MAX)
        return error_set(err, ERR_LIMIT, "more than %d values are copied", COPIES_MAX);
    json_auto_t *value = json_incref(found);
    return op_put(root, op->path, false, value, err);
}

static int op_test(json_t *root, const struct op *op, struct error *err)
{
    json_t *have = NULL;
    int r = value_at(root, op->path, &have, err);

    if (r < 0)
        return r;
    return json_equal(have, op->value) ? 0 : error_set(err, ERR_INVALID, "test failed");
}

static int op_apply(json_t **root, const struct op *op, size_t *copies, struct error *err)
{
    if (strcmp(op->name, "add") == 0 && op->value)
        return op_put(root, op->path, false, op->value, err);
    if (strcmp(op->name, "replace") == 0 && op->value)
        return op_put(root, op->path, true, op->value, err);
    if (strcmp(op->name, "remove") == 0)
        return op_remove(root, op->path, err);
    if (strcmp(op->name, "test") == 0 && op->value)
        return op_test(*root, op, err);
    if (strcmp(op->name, "move") == 0)
        return op_move(root, op, err);
    if (strcmp(op->name, "copy") == 0)
        return op_copy(root, op, copies, err);
    return error_set(err, ERR_INVALID, "unknown operation, or one without a value");
}

int patch_apply(const json_t *doc, const json_t *patch, json_t **ret, struct error *err)
{
    json_auto_t *root = json_deep_copy(doc);
    size_t i, copies = 0;
    const json_t *item;

    if (!json_is_array(patch))
        return error_set(err, ERR_INVALID, "a JSON Patch is an array");
    json_array_foreach (patch, i, item) {
        struct op op = {jsonx_str(item, "op", NULL), jsonx_str(item, "path", NULL),
                        jsonx_str(item, "from", NULL), json_object_get(item, "value")};
        int r = op.name && op.path ? op_apply(&root, &op, &copies, err)
                                   : error_set(err, ERR_INVALID, "needs \"op\" and \"path\"");
        if (r < 0)
            return error_wrap(err, "operation %zu (%.10s %.80s)", i, op.name ? op.name : "?",
                              op.path ? op.path : "?");
    }
    *ret = TAKE(root);
    return 0;
}

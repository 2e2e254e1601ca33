/* A document made of plain JSON text, in one pass and without what nobody will read. */
#include <string.h>

#include "skim.h"

/* Deeper than what Kubernetes' objects are in the places that we read. */
#define MAX_DEPTH 32

/* Where the build has got to. */
struct builder {
    struct slice text;
    unsigned depth;
};

static size_t value_build(struct builder *b, size_t at, const struct keep *keeps, json_t **ret);

static const struct keep *keep_find(const struct keep *keeps, struct slice name)
{
    for (; keeps->name; keeps++)
        if (slice_is(name, keeps->name))
            return keeps;
    return NULL;
}

/* One member; returns where its separator is, 0 for a fault. */
static size_t member_build(struct builder *b, size_t at, const struct keep *keeps, json_t *object)
{
    struct slice name;
    size_t start = skim_name(b->text, at, &name), before = json_object_size(object);
    const struct keep *keep = start && keeps ? keep_find(keeps, name) : NULL;
    json_t *value;

    if (start == 0)
        return 0;
    if (keeps && !keep)
        return skim_separator(b->text, skim_value(b->text, start));
    size_t end = value_build(b, start, keep ? keep->inside : NULL, &value);
    if (end == 0)
        return 0;
    json_object_setn_new_nocheck(object, name.at + 1, name.len - 2, value);
    return json_object_size(object) > before ? skim_separator(b->text, end) : 0;
}

static size_t element_build(struct builder *b, size_t at, const struct keep *keeps, json_t *array)
{
    json_t *value;
    size_t end = value_build(b, skim_blank(b->text, at), keeps, &value);

    if (end)
        json_array_append_new(array, value);
    return skim_separator(b->text, end);
}

/* Behind the object or array that starts at `at`, with its members or elements added to `ret`; 0 for a fault. */
static size_t items_build(struct builder *b, size_t at, const struct keep *keeps, json_t *ret)
{
    bool is_object = json_is_object(ret);
    char close = is_object ? '}' : ']';
    size_t first = skim_blank(b->text, at + 1);

    if (first < b->text.len && b->text.at[first] == close)
        return first + 1;
    do {
        at = is_object ? member_build(b, at + 1, keeps, ret) : element_build(b, at + 1, keeps, ret);
    } while (at && b->text.at[at] == ',');
    return at && b->text.at[at] == close ? at + 1 : 0;
}

static size_t nest_build(struct builder *b, size_t at, const struct keep *keeps, json_t **ret)
{
    json_auto_t *nest = b->text.at[at] == '{' ? json_object() : json_array();

    if (++b->depth > MAX_DEPTH)
        return 0;
    size_t end = items_build(b, at, keeps, nest);
    b->depth--;
    if (end)
        *ret = json_incref(nest);
    return end;
}

/* Numbers, words, and strings with something special in them. */
static json_t *scalar_build(struct slice value)
{
    return slice_is_plain(value) ? json_stringn_nocheck(value.at + 1, value.len - 2)
                                 : json_loadb(value.at, value.len, JSON_DECODE_ANY, NULL);
}

static size_t value_build(struct builder *b, size_t at, const struct keep *keeps, json_t **ret)
{
    if (at < b->text.len && (b->text.at[at] == '{' || b->text.at[at] == '['))
        return nest_build(b, at, keeps, ret);
    size_t end = skim_value(b->text, at);
    *ret = end ? scalar_build((struct slice){b->text.at + at, end - at}) : NULL;
    return *ret ? end : 0;
}

json_t *skim_tree(struct slice value, const struct keep *keeps)
{
    struct builder builder = {.text = value};
    json_t *tree = NULL;
    size_t end = value_build(&builder, skim_blank(value, 0), keeps, &tree);

    if (end && skim_blank(value, end) == value.len)
        return tree;
    json_decref(tree);
    return NULL;
}

/*
 * The short way from text to a document: what it makes of a text, jansson's parser makes of it too; cut down it is the
 * whole cut down.
 */
#include "fuzz.h"
#include "skim.h"
#include "stash/jsonx.h"

static const struct keep inner[] = {{"b", NULL}, {"", NULL}, {0}};
static const struct keep outer[] = {{"a", inner}, {"name", NULL}, {0}};

static json_t *cut(const json_t *value, const struct keep *keeps);

static json_t *cut_object(const json_t *object, const struct keep *keeps)
{
    json_t *copy = json_object(), *member;

    for (; keeps->name; keeps++)
        if ((member = json_object_get(object, keeps->name)))
            json_object_set_new(copy, keeps->name, cut(member, keeps->inside));
    return copy;
}

static json_t *cut(const json_t *value, const struct keep *keeps)
{
    if (keeps && json_is_object(value))
        return cut_object(value, keeps);
    if (!keeps || !json_is_array(value))
        return json_incref(jsonx_unconst(value));
    json_t *copy = json_array();
    for (size_t i = 0; i < json_array_size(value); i++)
        json_array_append_new(copy, cut(json_array_get(value, i), keeps));
    return copy;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = {(const char *)data, size};
    json_auto_t *quick = skim_tree(text, NULL), *some = skim_tree(text, outer);
    json_auto_t *whole = NULL;
    struct error err;
    int r = jsonx_parse(text.at, text.len, &whole, &err);

    BUG_ON(quick && (r < 0 || !json_equal(quick, whole)));
    BUG_ON(quick && !some);
    if (some && r == 0) {
        json_auto_t *expected = cut(whole, outer);
        BUG_ON(!json_equal(some, expected));
    }
    return 0;
}

#include "es_mapping.h"

#include <string.h>

#include "stash/jsonx.h"

#define FIELD_MAX 1024 /* bytes of a name with those of its parents */

const json_t *es_mapping_of(const json_t *doc)
{
    void *only = json_object_size(doc) == 1 ? json_object_iter(jsonx_unconst(doc)) : NULL;

    return only ? jsonx_get(json_object_iter_value(only), "mappings", NULL) : NULL;
}

/* Before version 7 the fields are those of a type: the member with properties is taken for the mapping. */
static const json_t *without_type(const json_t *mapping)
{
    const char *name;
    const json_t *its;

    if (json_object_get(mapping, "properties"))
        return mapping;
    jsonx_foreach_member (mapping, name, its)
        if (*name != '_' && json_object_get(its, "properties"))
            return its;
    return mapping;
}

/* ---- fields -------------------------------------------------------------------------------------------------------- */

/* A field of objects need not say so. */
static json_t *field_meaning(const json_t *field)
{
    static const char *const keys[] = {"analyzer", "normalizer"};
    const char *type = jsonx_str(field, "type", NULL);
    AUTO(buf_done) struct buf text;

    buf_init(&text, FIELD_MAX);
    buf_adds(&text, type ? type : "object");
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        const char *value = jsonx_str(field, keys[i], NULL);

        if (value)
            buf_addf(&text, ", %s %s", keys[i], value);
    }
    return json_string(text.data);
}

/* Where fields lie: {name: field} of an object, and how deep we are in it. */
struct level {
    const json_t *fields;
    char *prefix;
};

/* Breadth first, so that a mapping as deep as the server allows needs no stack. */
static void add_level(struct level **levels, size_t *count, const json_t *fields, char *prefix)
{
    if (!json_is_object(fields)) {
        free(prefix);
        return;
    }
    *levels = xrealloc(*levels, (*count + 1) * sizeof(**levels));
    (*levels)[(*count)++] = (struct level){fields, prefix};
}

json_t *es_mapping_fields(const json_t *mapping)
{
    json_t *found = json_object();
    struct level *levels = NULL;
    size_t count = 0;

    add_level(&levels, &count, json_object_get(without_type(mapping), "properties"), xstrdup(""));
    for (size_t at = 0; at < count; at++) {
        const struct level level = levels[at];
        const char *name;
        const json_t *field;

        jsonx_foreach_member (level.fields, name, field) {
            AUTO(mem_free) char *path = xasprintf("%s%s", level.prefix, name);

            json_object_set_new(found, path, field_meaning(field));
            add_level(&levels, &count, json_object_get(field, "properties"),
                      xasprintf("%s.", path));
            add_level(&levels, &count, json_object_get(field, "fields"), xasprintf("%s.", path));
        }
        free(level.prefix);
    }
    free(levels);
    return found;
}

bool es_mapping_differs(const json_t *wanted, const json_t *there, struct buf *ret)
{
    json_auto_t *fields = es_mapping_fields(wanted);
    json_auto_t *has = es_mapping_fields(there);
    const char *name;
    const json_t *meant;

    jsonx_foreach_member (fields, name, meant) {
        const json_t *its = json_object_get(has, name);

        if (json_equal(meant, its))
            continue;
        buf_addf(ret, "field %.100s is %.100s on the server, and %.100s in the dump", name,
                 its ? json_string_value(its) : "not there", json_string_value(meant));
        return true;
    }
    return false;
}

/* ---- source -------------------------------------------------------------------------------------------------------- */

enum es_source es_mapping_source(const json_t *mapping)
{
    const json_t *source = json_object_get(without_type(mapping), "_source");

    if (!source)
        source = json_object_get(mapping, "_source");
    if (!source)
        return ES_SOURCE_WHOLE;
    if (!jsonx_bool(source, 1, "enabled", NULL))
        return ES_SOURCE_NONE;
    return jsonx_is_empty(json_object_get(source, "excludes")) &&
                   jsonx_is_empty(json_object_get(source, "includes"))
               ? ES_SOURCE_WHOLE
               : ES_SOURCE_PARTLY;
}

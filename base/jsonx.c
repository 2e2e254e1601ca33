#include "stash/jsonx.h"

#include <stdarg.h>
#include <string.h>

#include "stash/mem.h"

int jsonx_parse(const char *data, size_t len, json_t **ret, struct error *err)
{
    json_error_t where;
    json_t *value = json_loadb(data, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &where);

    if (!value)
        return error_set(err, ERR_INVALID, "not JSON at line %d, column %d: %s", where.line,
                         where.column, where.text);
    *ret = value;
    return 0;
}

char *jsonx_dump_pretty(const json_t *value)
{
    AUTO(mem_free)
    char *text = json_dumps(value, JSON_INDENT(2) | JSON_SORT_KEYS | JSON_ENCODE_ANY);

    BUG_ON(!text); /* jansson allocates with malloc; this can only mean that memory ended */
    return xasprintf("%s\n", text);
}

/* Bytes of the valid sequence that starts here; 0 when there is none. */
static size_t sequence_length(const unsigned char *at)
{
    static const struct {
        unsigned char mask, lead;
        uint32_t least; /* smaller values must use a shorter sequence */
    } forms[] = {{0x80, 0x00, 0}, {0xE0, 0xC0, 0x80}, {0xF0, 0xE0, 0x800}, {0xF8, 0xF0, 0x10000}};

    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        if ((*at & forms[i].mask) != forms[i].lead)
            continue;
        uint32_t value = *at & (unsigned char)~forms[i].mask;
        for (size_t j = 1; j <= i; j++) {
            if ((at[j] & 0xC0) != 0x80)
                return 0;
            value = value << 6 | (at[j] & 0x3F);
        }
        bool surrogate = value >= 0xD800 && value < 0xE000;
        return value < forms[i].least || value > 0x10FFFF || surrogate ? 0 : i + 1;
    }
    return 0;
}

void jsonx_repair_text(char *text)
{
    while (*text) {
        size_t len = sequence_length((const unsigned char *)text);
        if (len == 0)
            *text = '?';
        text += len ? len : 1;
    }
}

json_t *jsonx_unconst(const json_t *value)
{
    union {
        const json_t *in;
        json_t *out;
    } cast = {.in = value};

    return cast.out;
}

static const json_t *walk_members(const json_t *value, va_list keys)
{
    const char *key;

    while (value && (key = va_arg(keys, const char *)))
        value = json_object_get(value, key);
    return json_is_null(value) ? NULL : value;
}

#define WALK(result, first, last)                                                                  \
    do {                                                                                           \
        va_list keys;                                                                              \
        va_start(keys, last);                                                                      \
        (result) = walk_members(first, keys);                                                      \
        va_end(keys);                                                                              \
    } while (0)

json_t *jsonx_get(const json_t *obj, ...)
{
    const json_t *value;

    WALK(value, obj, obj);
    return jsonx_unconst(value);
}

const char *jsonx_str(const json_t *obj, ...)
{
    const json_t *value;

    WALK(value, obj, obj);
    return json_string_value(value);
}

json_int_t jsonx_int(const json_t *obj, json_int_t fallback, ...)
{
    const json_t *value;

    WALK(value, obj, fallback);
    return json_is_integer(value) ? json_integer_value(value) : fallback;
}

bool jsonx_bool(const json_t *obj, int fallback, ...)
{
    const json_t *value;

    WALK(value, obj, fallback);
    return json_is_boolean(value) ? json_is_true(value) : fallback;
}

const char *jsonx_name(const json_t *obj)
{
    return jsonx_str(obj, "metadata", "name", NULL);
}

const char *jsonx_namespace(const json_t *obj)
{
    return jsonx_str(obj, "metadata", "namespace", NULL);
}

const char *jsonx_uid(const json_t *obj)
{
    return jsonx_str(obj, "metadata", "uid", NULL);
}

const char *jsonx_label(const json_t *obj, const char *key)
{
    return jsonx_str(obj, "metadata", "labels", key, NULL);
}

const char *jsonx_annotation(const json_t *obj, const char *key)
{
    return jsonx_str(obj, "metadata", "annotations", key, NULL);
}

size_t jsonx_map_size(const json_t *map)
{
    const char *key;
    const json_t *value;
    size_t size = 0;

    jsonx_foreach_member (map, key, value)
        size += strlen(key) + json_string_length(value);
    return size;
}

bool jsonx_is_empty(const json_t *value)
{
    switch (value ? json_typeof(value) : JSON_NULL) {
    case JSON_NULL:
        return true;
    case JSON_STRING:
        return json_string_length(value) == 0;
    case JSON_ARRAY:
        return json_array_size(value) == 0;
    case JSON_OBJECT:
        return json_object_size(value) == 0;
    default:
        return false;
    }
}

ptrdiff_t jsonx_find_text(const json_t *array, const char *text)
{
    for (size_t i = 0; text && i < json_array_size(array); i++) {
        const char *have = json_string_value(json_array_get(array, i));
        if (have && strcmp(have, text) == 0)
            return (ptrdiff_t)i;
    }
    return -1;
}

ptrdiff_t jsonx_find(const json_t *array, const char *key, const char *value)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        const char *have = jsonx_str(json_array_get(array, i), key, NULL);
        if (have && strcmp(have, value) == 0)
            return (ptrdiff_t)i;
    }
    return -1;
}

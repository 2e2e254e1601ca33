/* Field tables: shape errors are found here, so that the code behind needs to check only meaning.
 */
#include <string.h>

#include "stash/jsonx.h"
#include "stash/mem.h"

static const char *const type_words[] = {
    [FIELD_STRING] = "a string",  [FIELD_INT] = "an integer", [FIELD_BOOL] = "true or false",
    [FIELD_OBJECT] = "an object", [FIELD_ARRAY] = "a list",   [FIELD_STRUCT] = "an object",
};

static bool has_type(const json_t *value, enum field_type type)
{
    switch (type) {
    case FIELD_STRING:
        return json_is_string(value);
    case FIELD_INT:
        return json_is_integer(value);
    case FIELD_BOOL:
        return json_is_boolean(value);
    case FIELD_ARRAY:
        return json_is_array(value);
    case FIELD_OBJECT:
    case FIELD_STRUCT:
        return json_is_object(value);
    }
    return false;
}

static void store(const struct field *field, const json_t *value, void *out)
{
    void *at = (char *)out + field->offset;

    switch (field->type) {
    case FIELD_STRING:
        *(const char **)at = json_string_value(value);
        break;
    case FIELD_INT:
        *(int64_t *)at = json_integer_value(value);
        break;
    case FIELD_BOOL:
        *(bool *)at = json_is_true(value);
        break;
    default:
        *(const json_t **)at = value;
    }
}

static void decode_field(const json_t *obj, const struct field *field, void *out, const char *path,
                         struct causes *causes)
{
    AUTO(mem_free) char *below = xasprintf("%s%s%s", path, path[0] ? "." : "", field->key);
    const json_t *value = jsonx_get(obj, field->key, NULL);

    if (!value) {
        if (field->presence == REQUIRED)
            causes_add(causes, below, CAUSE_REQUIRED, "is required");
    } else if (!has_type(value, field->type)) {
        causes_add(causes, below, CAUSE_TYPE, "must be %s", type_words[field->type]);
    } else if (field->type == FIELD_STRUCT) {
        jsonx_decode(value, field->nested, (char *)out + field->offset, below, causes);
    } else {
        store(field, value, out);
    }
}

void jsonx_decode(const json_t *obj, const struct field *table, void *out, const char *path,
                  struct causes *causes)
{
    for (const struct field *field = table; field->key; field++)
        decode_field(obj, field, out, path, causes);
}

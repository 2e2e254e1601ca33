/*
 * Printing. jansson's own printer guards against loops with a hash table entry per container, which costs more than the
 * printing; our trees cannot have loops, because a published tree is never edited.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stash/buf.h"
#include "stash/jsonx.h"
#include "stash/mem.h"

static void value_print(struct buf *out, const json_t *value, bool sorted);

/* What must be escaped; the rest of UTF-8 stays as it is. */
static const unsigned char is_special[256] = {1, 1, 1, 1, 1, 1, 1, 1, 1,         1,         1, 1,
                                              1, 1, 1, 1, 1, 1, 1, 1, 1,         1,         1, 1,
                                              1, 1, 1, 1, 1, 1, 1, 1, ['"'] = 1, ['\\'] = 1};

static void special_print(struct buf *out, unsigned char c)
{
    static const char named[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    const char *found = NULL;

    for (const char *p = named; *p && !found; p += 2)
        if ((unsigned char)*p == c)
            found = p + 1;
    if (found) {
        buf_addc(out, '\\');
        buf_addc(out, *found);
    } else {
        buf_addf(out, "\\u%04X", c);
    }
}

void jsonx_print_inside(struct buf *out, const char *text, size_t len)
{
    size_t start = 0;

    for (size_t i = 0; i < len; i++) {
        if (!is_special[(unsigned char)text[i]])
            continue;
        buf_add(out, text + start, i - start);
        special_print(out, (unsigned char)text[i]);
        start = i + 1;
    }
    buf_add(out, text + start, len - start);
}

static void string_print(struct buf *out, const char *text, size_t len)
{
    buf_addc(out, '"');
    jsonx_print_inside(out, text, len);
    buf_addc(out, '"');
}

static void array_print(struct buf *out, const json_t *array, bool sorted)
{
    buf_addc(out, '[');
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (i)
            buf_addc(out, ',');
        value_print(out, json_array_get(array, i), sorted);
    }
    buf_addc(out, ']');
}

static void member_print(struct buf *out, const char *key, const json_t *value, bool sorted)
{
    if (out->data[out->len - 1] != '{')
        buf_addc(out, ',');
    string_print(out, key, strlen(key));
    buf_addc(out, ':');
    value_print(out, value, sorted);
}

static int key_compare(const void *one, const void *two)
{
    return strcmp(*(const char *const *)one, *(const char *const *)two);
}

static void members_print_sorted(struct buf *out, const json_t *object)
{
    AUTO(mem_free) const char **keys = xcalloc(json_object_size(object) + 1, sizeof(*keys));
    const char *key;
    const json_t *value;
    size_t count = 0;

    jsonx_foreach_member (object, key, value) {
        keys[count++] = key;
    }
    qsort(keys, count, sizeof(*keys), key_compare);
    for (size_t i = 0; i < count; i++)
        member_print(out, keys[i], json_object_get(object, keys[i]), true);
}

static void object_print(struct buf *out, const json_t *object, bool sorted)
{
    const char *key;
    const json_t *value;

    buf_addc(out, '{');
    if (sorted) {
        members_print_sorted(out, object);
    } else {
        jsonx_foreach_member (object, key, value) {
            member_print(out, key, value, sorted);
        }
    }
    buf_addc(out, '}');
}

/* Rare: left to jansson, which knows how to keep every digit. */
static void real_print(struct buf *out, const json_t *value)
{
    AUTO(mem_free) char *text = json_dumps(value, JSON_ENCODE_ANY);

    BUG_ON(!text);
    buf_adds(out, text);
}

static void value_print(struct buf *out, const json_t *value, bool sorted)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        object_print(out, value, sorted);
        break;
    case JSON_ARRAY:
        array_print(out, value, sorted);
        break;
    case JSON_STRING:
        string_print(out, json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
        buf_addf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        break;
    case JSON_REAL:
        real_print(out, value);
        break;
    case JSON_TRUE:
        buf_adds(out, "true");
        break;
    case JSON_FALSE:
        buf_adds(out, "false");
        break;
    case JSON_NULL:
        buf_adds(out, "null");
        break;
    }
}

void jsonx_print(struct buf *out, const json_t *value)
{
    value_print(out, value, false);
}

static char *print_value(const json_t *value, bool sorted)
{
    struct buf out;

    BUG_ON(!value);
    buf_init(&out, SIZE_MAX / 2); /* what is in memory as a tree is bounded already */
    value_print(&out, value, sorted);
    return buf_take(&out);
}

char *jsonx_dump(const json_t *value)
{
    return print_value(value, false);
}

char *jsonx_dump_sorted(const json_t *value)
{
    return print_value(value, true);
}

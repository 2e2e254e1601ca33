/* yaml_print.c - YAML in block style, as kubectl writes it. A text that could be read as anything else is quoted as in JSON. */
#include <ctype.h>
#include <string.h>

#include "stash/jsonx.h"
#include "stash/yaml.h"
#include "yaml_scalar.h"

static void print_value(struct buf *out, const json_t *value, int indent);

/* Letters, digits and a few signs, beginning with a letter; and no word or number of YAML. */
static bool is_plain(const char *text)
{
    static const char signs[] = "-_./ ";
    size_t len = strlen(text);

    if (!isalpha((unsigned char)*text) || text[len - 1] == ' ')
        return false;
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)text[i]) && !strchr(signs, text[i]))
            return false;
    json_auto_t *read = yaml_scalar(text, len);
    return json_is_string(read);
}

/* What JSON lets stand and YAML does not, or takes for the end of a line. */
static const struct escape {
    const char *bytes, *written;
} escapes[] = {
    {"\x7F", "\\x7F"},           {"\xE2\x80\xA8", "\\u2028"}, {"\xE2\x80\xA9", "\\u2029"},
    {"\xEF\xBB\xBF", "\\uFEFF"}, {"\xEF\xBF\xBE", "\\uFFFE"}, {"\xEF\xBF\xBF", "\\uFFFF"},
};

/* Write what has to be escaped at `text`; how many bytes that were, 0: nothing has to. */
static size_t print_escape(struct buf *out, const char *text)
{
    const unsigned char *bytes = (const unsigned char *)text;

    if (bytes[0] == 0xC2 && bytes[1] < 0xA0) { /* U+0080 to U+009F */
        buf_addf(out, "\\x%02X", bytes[1]);
        return 2;
    }
    for (size_t i = 0; i < ARRAY_LEN(escapes); i++) {
        size_t len = strlen(escapes[i].bytes);
        if (strncmp(text, escapes[i].bytes, len) == 0) {
            buf_adds(out, escapes[i].written);
            return len;
        }
    }
    return 0;
}

static void print_inside(struct buf *out, const char *text)
{
    while (*text) {
        size_t len = print_escape(out, text);

        if (!len) {
            jsonx_print_inside(out, text, 1);
            len = 1;
        }
        text += len;
    }
}

static void print_text(struct buf *out, const char *text)
{
    if (is_plain(text)) {
        buf_adds(out, text);
        return;
    }
    buf_addc(out, '"');
    print_inside(out, text);
    buf_addc(out, '"');
}

static void print_indent(struct buf *out, int indent)
{
    for (int i = 0; i < indent; i++)
        buf_adds(out, "  ");
}

static bool is_branch(const json_t *value)
{
    return json_object_size(value) > 0 || json_array_size(value) > 0;
}

static void print_leaf(struct buf *out, const json_t *value)
{
    if (json_is_string(value)) {
        print_text(out, json_string_value(value));
        return;
    }
    AUTO(mem_free) char *text = jsonx_dump(value);
    buf_adds(out, text);
}

/* `begun`: the first line's indent is there already, behind a dash. */
static void print_members(struct buf *out, const json_t *object, int indent, bool begun)
{
    const char *key;
    json_t *value;

    jsonx_foreach_member (object, key, value) {
        if (!begun)
            print_indent(out, indent);
        begun = false;
        print_text(out, key);
        buf_addc(out, ':');
        print_value(out, value, json_is_array(value) ? indent : indent + 1);
    }
}

static void print_elements(struct buf *out, const json_t *array, int indent)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *value = json_array_get(array, i);

        print_indent(out, indent);
        buf_addc(out, '-');
        if (json_object_size(value) == 0) {
            print_value(out, value, indent + 1);
            continue;
        }
        buf_addc(out, ' ');
        print_members(out, value, indent + 1, true);
    }
}

/* What stands behind a colon or a dash, with the line's end. */
static void print_value(struct buf *out, const json_t *value, int indent)
{
    if (!is_branch(value)) {
        buf_addc(out, ' ');
        print_leaf(out, value);
        buf_addc(out, '\n');
        return;
    }
    buf_addc(out, '\n');
    if (json_is_array(value))
        print_elements(out, value, indent);
    else
        print_members(out, value, indent, false);
}

void yaml_print(struct buf *out, const json_t *value)
{
    if (json_object_size(value) > 0) {
        print_members(out, value, 0, false);
    } else if (json_array_size(value) > 0) {
        print_elements(out, value, 0);
    } else {
        print_leaf(out, value);
        buf_addc(out, '\n');
    }
}

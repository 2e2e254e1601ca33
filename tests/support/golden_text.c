#include "golden_text.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "golden_patch.h"
#include "stash/buf.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/mem.h"

#define WIDTH    140
#define LONGEST  1000000
#define TOGETHER 5 /* so many lines below one path are indented under it, fewer repeat it */

struct place {
    size_t indent;
    bool patch; /* or a document as it is */
};

static void emit(struct buf *out, const char *key, const json_t *value, struct place at);
static void flow(struct buf *out, const json_t *value, bool patch);

/* ---- scalars */

static bool is_plain(const char *text)
{
    static const char *const words[] = {"true", "false", "null", "yes", "no",
                                        "on",   "off",   "y",    "n"};
    size_t len = strlen(text);

    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strcasecmp(text, words[i]) == 0)
            return false;
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)text[i]) && !strchr("_./@()+-~!$= ", text[i]))
            return false;
    return len > 0 && (isalpha((unsigned char)text[0]) || text[0] == '/') && text[len - 1] != ' ';
}

/* Text with double quotes reads best between single ones, where nothing is escaped. */
static bool fits_single_quotes(const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        if (*c == '\'' || *c < 0x20 || *c == 0x7f || (*c == 0xc2 && c[1] < 0xa0))
            return false;
    return strpbrk(text, "\"\\") != NULL;
}

static void put_text(struct buf *out, const char *text)
{
    if (is_plain(text)) {
        buf_adds(out, text);
        return;
    }
    if (fits_single_quotes(text)) {
        buf_addf(out, "'%s'", text);
        return;
    }
    buf_addc(out, '"');
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c == '"' || *c == '\\')
            buf_addf(out, "\\%c", *c);
        else if (*c == '\n' || *c == '\t')
            buf_adds(out, *c == '\n' ? "\\n" : "\\t");
        else if (*c < 0x20 || *c == 0x7f)
            buf_addf(out, "\\x%02x", *c);
        else if (*c == 0xc2 && c[1] < 0xa0) /* a control character */
            buf_addf(out, "\\u%04x", *++c);
        else
            buf_addc(out, (char)*c);
    }
    buf_addc(out, '"');
}

static void put_scalar(struct buf *out, const json_t *value)
{
    AUTO(mem_free) char *text = NULL;

    if (json_is_string(value)) {
        put_text(out, json_string_value(value));
        return;
    }
    text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    buf_adds(out, text);
}

/* ---- keys */

static bool is_exact(const char *key)
{
    size_t len = strlen(key);

    return len > 1 && key[len - 1] == '!';
}

static char *as_pointer(const char *key)
{
    if (*key == '/')
        return xstrdup(key);
    AUTO(mem_free) char *escaped = golden_pointer_escape(key);
    return xasprintf("/%s", escaped);
}

/* The key of the member of a member. The caller frees it. */
static char *joined(const char *key, const char *inner)
{
    AUTO(mem_free) char *first = as_pointer(key);
    AUTO(mem_free) char *second = as_pointer(inner);

    return xasprintf("%s%s", first, second);
}

/* Follow single members down. *value becomes the last one. The caller frees the key. */
static char *follow(const char *from, const json_t **value, bool patch)
{
    char *key = xstrdup(from);

    while (patch && !is_exact(key) && json_object_size(*value) == 1) {
        void *only = json_object_iter(jsonx_unconst(*value));
        const char *inner = json_object_iter_key(only);
        if (strcmp(inner, "base") == 0)
            break;
        char *longer = joined(key, inner);
        mem_free(key);
        key = longer;
        *value = json_object_iter_value(only);
    }
    return key;
}

/* ---- one line */

static void flow_member(struct buf *out, const char *name, const json_t *value, bool patch)
{
    AUTO(mem_free) char *key = follow(name, &value, patch);

    put_text(out, key);
    buf_adds(out, ": ");
    flow(out, value, patch && !is_exact(key));
}

static void flow(struct buf *out, const json_t *value, bool patch)
{
    const char *key, *between = "";
    const json_t *member;

    if (!json_is_object(value) && !json_is_array(value)) {
        put_scalar(out, value);
        return;
    }
    buf_addc(out, json_is_object(value) ? '{' : '[');
    jsonx_foreach_member (value, key, member) {
        buf_adds(out, between);
        flow_member(out, key, member, patch);
        between = ", ";
    }
    for (size_t i = 0; i < json_array_size(value); i++) {
        buf_adds(out, between);
        flow(out, json_array_get(value, i), patch);
        between = ", ";
    }
    buf_addc(out, json_is_object(value) ? '}' : ']');
}

/* ---- several lines */

static bool must_be_flow(const json_t *value)
{
    return json_object_size(value) == 0 && json_array_size(value) == 0;
}

static void emit_members(struct buf *out, const json_t *object, struct place at)
{
    const char *key;
    const json_t *value;

    jsonx_foreach_member (object, key, value)
        emit(out, key, value, at);
}

static void emit_item(struct buf *out, const json_t *item, struct place at)
{
    AUTO(buf_done) struct buf line = {0}, lines = {0};
    size_t start = out->len;

    buf_init(&line, LONGEST);
    flow(&line, item, at.patch);
    if (at.indent + 2 + line.len <= WIDTH || must_be_flow(item) || json_is_array(item)) {
        buf_addf(out, "%*s- %s\n", (int)at.indent, "", line.data);
        return;
    }
    emit_members(out, item, (struct place){at.indent + 2, at.patch});
    out->data[start + at.indent] = '-';
}

/* Children that are many stand below their common path, few repeat it. */
static void emit_below(struct buf *out, const char *key, const json_t *value, struct place at)
{
    AUTO(buf_done) struct buf lines = {0};
    size_t count = 0;
    const char *name;
    const json_t *member;

    buf_init(&lines, LONGEST);
    emit_members(&lines, value, (struct place){at.indent + 2, at.patch});
    for (size_t i = 0; i < lines.len; i++)
        count += lines.data[i] == '\n';
    if (!at.patch || count >= TOGETHER || json_object_get(value, "base")) {
        buf_addf(out, "%*s", (int)at.indent, "");
        put_text(out, key);
        buf_adds(out, ":\n");
        buf_add(out, lines.data, lines.len);
        return;
    }
    jsonx_foreach_member (value, name, member) {
        AUTO(mem_free) char *path = joined(key, name);
        emit(out, path, member, at);
    }
}

static void emit(struct buf *out, const char *name, const json_t *value, struct place at)
{
    AUTO(buf_done) struct buf line = {0};
    AUTO(mem_free) char *key = follow(name, &value, at.patch);
    struct place inside = {at.indent + 2, at.patch && !is_exact(key)};

    buf_init(&line, LONGEST);
    buf_addf(&line, "%*s", (int)at.indent, "");
    put_text(&line, key);
    buf_adds(&line, ": ");
    flow(&line, value, inside.patch);
    if (line.len <= WIDTH || must_be_flow(value)) {
        buf_addf(out, "%s\n", line.data);
    } else if (json_is_object(value)) {
        emit_below(out, key, value, (struct place){at.indent, inside.patch});
    } else {
        buf_addf(out, "%*s", (int)at.indent, "");
        put_text(out, key);
        buf_adds(out, ":\n");
        for (size_t i = 0; i < json_array_size(value); i++)
            emit_item(out, json_array_get(value, i), inside);
    }
}

static char *text_of(const json_t *object, bool patch)
{
    struct buf out;

    buf_init(&out, LIMIT_INPUT_FILE);
    emit_members(&out, object, (struct place){0, patch});
    return buf_take(&out);
}

char *golden_text_document(const json_t *doc)
{
    return text_of(doc, false);
}

char *golden_text_patch(const json_t *patch)
{
    return text_of(patch, true);
}

size_t golden_text_cost(const json_t *patch)
{
    json_auto_t *member = json_pack("{s:O}", "in", patch);
    AUTO(mem_free) char *text = golden_text_patch(member);
    size_t lines = 0;

    for (const char *c = text; *c; c++)
        lines += *c == '\n';
    return lines * GOLDEN_TEXT_LINE + strlen(text);
}

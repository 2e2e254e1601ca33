#include "stash/quoted.h"

#include <string.h>

#include "stash/buf.h"
#include "stash/limits.h"
#include "stash/mem.h"

static const struct quoted_row {
    const char *separators; /* the first one joins */
} quoted_rows[] = {
    [QUOTED_LIST] = {","},
    [QUOTED_WORDS] = {" \t\r\n"},
};

/* $(NAME), ${NAME} and $$ mean something to whoever passes the text on: the kubelet, a Function. */
static bool quoted_expands(const char *item)
{
    for (const char *c = strchr(item, '$'); c; c = strchr(c + 1, '$'))
        if (c[1] == '(' || c[1] == '{' || c[1] == '$')
            return true;
    return false;
}

static bool quoted_is_plain(const char *item, const char *separators)
{
    return *item && *item != '"' && !strpbrk(item, separators) && !quoted_expands(item);
}

static void quoted_add(struct buf *text, const json_t *item)
{
    AUTO(mem_free) char *json = json_dumps(item, JSON_ENCODE_ANY);

    for (const char *c = json; c && *c; c++)
        if (*c == '$')
            buf_adds(text, "\\u0024");
        else
            buf_addc(text, *c);
}

int quoted_render(const json_t *list, enum quoted_form form, char **ret, struct error *err)
{
    const char *separators = quoted_rows[form].separators;
    AUTO(buf_done) struct buf text;

    buf_init(&text, LIMIT_TEMPLATE);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);

        if (!json_is_string(item))
            continue;
        if (text.len > 0)
            buf_addc(&text, *separators);
        if (quoted_is_plain(json_string_value(item), separators))
            buf_adds(&text, json_string_value(item));
        else
            quoted_add(&text, item);
    }
    if (text.overflow)
        return error_set(err, ERR_LIMIT, "a list is longer than %zu bytes", LIMIT_TEMPLATE);
    *ret = buf_take(&text);
    return 0;
}

/* How long the quoted item at the beginning of `text` is, its quotes with it; 0: there is none. */
static size_t quoted_length(const char *text, const char *separators)
{
    size_t len = 1;

    if (*text != '"')
        return 0;
    while (text[len] && text[len] != '"')
        len += text[len] == '\\' && text[len + 1] ? 2 : 1;
    if (text[len] != '"' || (text[len + 1] && !strchr(separators, text[len + 1])))
        return 0;
    return len + 1;
}

static json_t *quoted_item(const char *text, size_t len)
{
    json_t *item = len > 0 ? json_loadb(text, len, JSON_DECODE_ANY, NULL) : NULL;

    if (json_is_string(item))
        return item;
    json_decref(item);
    return NULL;
}

json_t *quoted_parse(const char *text, enum quoted_form form)
{
    const char *separators = quoted_rows[form].separators;
    json_t *list = json_array();

    while (text && *text) {
        size_t quoted = quoted_length(text, separators);
        json_t *item = quoted_item(text, quoted);
        size_t len = item ? quoted : strcspn(text, separators);

        if (!item && len > 0)
            item = json_stringn(text, len);
        if (item)
            json_array_append_new(list, item);
        text += len;
        text += strspn(text, separators);
    }
    return list;
}

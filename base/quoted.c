#include "stash/quoted.h"

#include <string.h>

#include "stash/limits.h"
#include "stash/mem.h"

static bool is_plain(const char *item, const char *separators)
{
    return *item && *item != '"' && !strpbrk(item, separators) && !strpbrk(item, "\r\n");
}

void quoted_add(struct buf *text, const char *item, const char *separators)
{
    if (text->len > 0)
        buf_addc(text, separators[0]);
    if (is_plain(item, separators)) {
        buf_adds(text, item);
        return;
    }
    buf_addc(text, '"');
    for (; *item; item++) {
        if (*item == '"' || *item == '\\')
            buf_addc(text, '\\');
        buf_addc(text, *item);
    }
    buf_addc(text, '"');
}

char *quoted_join(const json_t *list, const char *separators)
{
    struct buf text;
    const char *item;

    buf_init(&text, LIMIT_TEMPLATE);
    for (size_t i = 0; i < json_array_size(list); i++) {
        item = json_string_value(json_array_get(list, i));
        if (item)
            quoted_add(&text, item, separators);
    }
    return buf_take(&text);
}

/* The length of a quoted item with its quotes; 0: it is none. */
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

static char *quoted_unquote(const char *text, size_t len)
{
    char *item = xstrndup(text + 1, len - 2);
    size_t to = 0;

    for (size_t from = 0; item[from]; from++) {
        if (item[from] == '\\' && item[from + 1])
            from++;
        item[to++] = item[from];
    }
    item[to] = '\0';
    return item;
}

bool quoted_next(const char **text, const char *separators, char **ret)
{
    const char *at = *text ? *text + strspn(*text, separators) : "";
    size_t quoted = quoted_length(at, separators);
    size_t len = quoted ? quoted : strcspn(at, separators);

    *text = at + len;
    if (len == 0)
        return false;
    *ret = quoted ? quoted_unquote(at, quoted) : xstrndup(at, len);
    return true;
}

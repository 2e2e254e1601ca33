#include "skim.h"

#include <string.h>

#include "stash/jsonx.h"

/* What ends the run of characters that mean nothing inside of an object or array. */
static const unsigned char is_structure[256] = {
    ['"'] = 1, ['{'] = 1, ['}'] = 1, ['['] = 1, [']'] = 1};

size_t skim_blank(struct slice text, size_t at)
{
    while (at < text.len && (text.at[at] == ' ' || text.at[at] == '\n' || text.at[at] == '\t' ||
                             text.at[at] == '\r'))
        at++;
    return at;
}

size_t skim_string(struct slice text, size_t at)
{
    return jsonx_string_end(text.at, text.len, at);
}

/* Behind the object or array that starts at `at`; brackets are counted, not matched in kind. */
static size_t nest_skip(struct slice text, size_t at)
{
    size_t depth = 0;

    for (;;) {
        while (at < text.len && !is_structure[(unsigned char)text.at[at]])
            at++;
        if (at >= text.len)
            return 0;
        char c = text.at[at];
        if (c == '"') {
            at = skim_string(text, at);
            if (at == 0)
                return 0;
            continue;
        }
        at++;
        depth += c == '{' || c == '[' ? 1 : (size_t)-1;
        if (depth == 0)
            return at;
    }
}

size_t skim_value(struct slice text, size_t at)
{
    if (at >= text.len)
        return 0;
    if (text.at[at] == '"')
        return skim_string(text, at);
    if (text.at[at] == '{' || text.at[at] == '[')
        return nest_skip(text, at);
    size_t start = at;
    while (at < text.len && !strchr(",}] \n\t\r\"{[:", text.at[at]))
        at++;
    return at > start ? at : 0;
}

static const struct want *want_find(const struct want *wants, struct slice name)
{
    for (; wants->name; wants++)
        if (slice_is(name, wants->name))
            return wants;
    return NULL;
}

static size_t object_walk(struct slice text, size_t at, const struct want *wants,
                          struct slice *ret);

/* The value of a member, noted when it is wanted; returns behind it, 0 for a fault. Only as deep as the tables are. */
static size_t member_value(struct slice text, size_t at, const struct want *want, struct slice *ret)
{
    bool inside = want && want->inside && at < text.len && text.at[at] == '{';
    size_t end = inside ? object_walk(text, at, want->inside, ret) : skim_value(text, at);

    if (end == 0 || !want)
        return end;
    if (ret[want->slot].at)
        return 0;
    ret[want->slot] = (struct slice){text.at + at, end - at};
    return end;
}

size_t skim_name(struct slice text, size_t at, struct slice *ret)
{
    size_t start = skim_blank(text, at);

    if (start >= text.len || text.at[start] != '"')
        return 0;
    size_t end = skim_string(text, start);
    *ret = (struct slice){text.at + start, end ? end - start : 0};
    at = skim_blank(text, end);
    if (!slice_is_plain(*ret) || at >= text.len || text.at[at] != ':')
        return 0;
    return skim_blank(text, at + 1);
}

size_t skim_separator(struct slice text, size_t at)
{
    size_t end = at ? skim_blank(text, at) : text.len;

    return end < text.len ? end : 0;
}

/* One member; returns where its separator is, 0 for a fault. */
static size_t member_walk(struct slice text, size_t at, const struct want *wants, struct slice *ret)
{
    struct slice name;
    size_t value = skim_name(text, at, &name);

    return value ? skim_separator(text, member_value(text, value, want_find(wants, name), ret)) : 0;
}

/* Behind the object that starts at `at`; 0 for a fault. */
static size_t object_walk(struct slice text, size_t at, const struct want *wants, struct slice *ret)
{
    size_t first = skim_blank(text, at + 1);

    if (first < text.len && text.at[first] == '}')
        return first + 1;
    do {
        at = member_walk(text, at + 1, wants, ret);
        if (at == 0)
            return 0;
    } while (text.at[at] == ',');
    return text.at[at] == '}' ? at + 1 : 0;
}

bool skim_object(struct slice text, const struct want *wants, struct slice *ret)
{
    size_t at = skim_blank(text, 0);

    if (at >= text.len || text.at[at] != '{')
        return false;
    at = object_walk(text, at, wants, ret);
    return at > 0 && skim_blank(text, at) == text.len;
}

bool slice_is(struct slice value, const char *text)
{
    size_t len = strlen(text);

    return value.len == len + 2 && value.at[0] == '"' && memcmp(value.at + 1, text, len) == 0;
}

bool slice_is_plain(struct slice value)
{
    if (value.len < 2 || value.at[0] != '"')
        return false;
    for (size_t i = 1; i + 1 < value.len; i++)
        if (value.at[i] < 0x20 || value.at[i] > 0x7e || value.at[i] == '\\')
            return false;
    return true;
}

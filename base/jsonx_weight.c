/* How much memory documents take, before and after they are parsed. */
#include <string.h>

#include "stash/jsonx.h"

/* ---- text ---- */

#define ESCAPE_NEAR 8

/* Where one escape is, as in JSON within a string, the next is near: so far it is quicker to go character by character.
 * Stops at the quote that ends the string, if it comes to that. */
static const char *escapes_skip(const char *at, const char *end)
{
    for (unsigned left = ESCAPE_NEAR; left > 0 && at < end && *at != '"'; left--, at++)
        if (*at == '\\' && at + 1 < end) {
            at++;
            left = ESCAPE_NEAR;
        }
    return at;
}

/* Most of a large document is in strings: they are crossed by looking for quotes. */
size_t jsonx_string_end(const char *text, size_t len, size_t at)
{
    const char *start = text + at + 1, *end = text + len, *quote = start;

    while (quote < end && (quote = memchr(quote, '"', (size_t)(end - quote)))) {
        const char *escape = quote;
        while (escape > start && escape[-1] == '\\')
            escape--;
        quote++;
        if ((quote - 1 - escape) % 2 == 0)
            return (size_t)(quote - text);
        quote = escapes_skip(quote, end);
    }
    return 0;
}

/* What jansson allocates, at most, for what a character may start: an empty object in an array is three bytes of text
 * and some 300 of memory. Real objects stay below ten times their size. */
static const size_t costs[256] = {['{'] = 320, ['['] = 160, [','] = 96};
_Static_assert(320 < JSONX_WEIGHT_MAX, "what a byte can take at most");

size_t jsonx_text_weight(const char *text, size_t len)
{
    size_t weight = len;

    for (size_t at = 0; at < len;) {
        if (text[at] != '"') {
            weight += costs[(unsigned char)text[at++]];
            continue;
        }
        at = jsonx_string_end(text, len, at);
        if (at == 0)
            break; /* the rest is one string without end */
    }
    return weight;
}

/* ---- trees ---- */

#define WEIGHT_OBJECT 256
#define WEIGHT_MEMBER 64
#define WEIGHT_ARRAY  160
#define WEIGHT_SCALAR 80

size_t jsonx_weight(const json_t *value)
{
    size_t weight = WEIGHT_SCALAR;
    const char *key;
    const json_t *member;

    if (json_is_string(value))
        return weight + json_string_length(value);
    if (json_is_array(value)) {
        weight = WEIGHT_ARRAY;
        for (size_t i = 0; i < json_array_size(value); i++)
            weight += sizeof(json_t *) + jsonx_weight(json_array_get(value, i));
    }
    if (json_is_object(value)) {
        weight = WEIGHT_OBJECT;
        jsonx_foreach_member (value, key, member)
            weight += WEIGHT_MEMBER + strlen(key) + jsonx_weight(member);
    }
    return weight;
}

#include "stash/cut.h"

#include <ctype.h>
#include <string.h>

#include "stash/digest.h"
#include "stash/mem.h"

#define DIGEST_DIGITS (CUT_DIGEST - 1)

/* Neither a name nor a label value may end in one of these, nor may the part of a name before a dot. */
static size_t without_end(const char *text, size_t len)
{
    while (len > 0 && !isalnum((unsigned char)text[len - 1]))
        len--;
    return len;
}

static char *with_digest(const struct cut *cut)
{
    size_t room = cut->max - strlen(cut->tail) - CUT_DIGEST;
    size_t len = without_end(cut->head, strnlen(cut->head, room));
    char hex[DIGEST_HEX_SIZE];

    digest_hex(cut->whole, strlen(cut->whole), hex);
    return xasprintf("%.*s%s%.*s%s", (int)len, cut->head, len > 0 ? "-" : "", DIGEST_DIGITS, hex,
                     cut->tail);
}

char *cut_name(const struct cut *cut)
{
    BUG_ON(strlen(cut->tail) + CUT_DIGEST >= cut->max);
    if (cut->distinct || strlen(cut->head) + strlen(cut->tail) > cut->max)
        return with_digest(cut);
    return xasprintf("%s%s", cut->head, cut->tail);
}

static bool is_label_character(char c)
{
    return isalnum((unsigned char)c) || c == '-' || c == '_' || c == '.';
}

/* Labels begin and end with a letter or digit; an empty one is fine. */
static bool is_label(const char *value)
{
    size_t len = strlen(value);

    for (const char *c = value; *c; c++) {
        if (!is_label_character(*c))
            return false;
    }
    return len == 0 || (len <= CUT_LABEL && isalnum((unsigned char)value[0]) &&
                        isalnum((unsigned char)value[len - 1]));
}

char *cut_label(const char *value)
{
    if (is_label(value))
        return xstrdup(value);
    AUTO(mem_free) char *head = xstrdup(value);
    char *start = head;
    for (char *c = head; *c; c++) {
        if (!is_label_character(*c))
            *c = '-';
    }
    while (*start && !isalnum((unsigned char)*start))
        start++;
    return cut_name(&(struct cut){start, "", value, CUT_LABEL, true});
}

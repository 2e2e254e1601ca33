#include "pg_name.h"

#include <string.h>
#include <strings.h>

#include "stash/buf.h"
#include "stash/limits.h"

bool pg_is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || (unsigned char)c >= 0x80;
}

static const char *skip_blanks(const char *text)
{
    return text + strspn(text, " \t\r\n");
}

const char *pg_after_words(const char *text, const char *words)
{
    while (*words) {
        size_t len = strcspn(words, " ");

        text = skip_blanks(text);
        if (strncasecmp(text, words, len) != 0 || pg_is_word(text[len]))
            return NULL;
        text += len;
        words += len + (words[len] == ' ');
    }
    return skip_blanks(text);
}

/* Length of one part, quotes included; 0 when it is cut. */
static size_t part_len(const char *text)
{
    size_t len = 0;

    if (*text != '"') {
        while (pg_is_word(text[len]))
            len++;
        return text[len] ? len : 0;
    }
    for (len = 1; text[len]; len++) {
        if (text[len] != '"')
            continue;
        if (text[len + 1] != '"')
            return text[len + 1] ? len + 1 : 0;
        len++;
    }
    return 0;
}

size_t pg_name_len(const char *text)
{
    size_t len = 0;

    for (;;) {
        size_t part = part_len(text + len);

        if (part == 0)
            return 0;
        len += part;
        if (text[len] != '.')
            return len;
        len++;
    }
}

/* Without the quotes around it, and with those inside it once. */
static char *name_unquote(const char *text, size_t len)
{
    char *name = xstrndup(text, len);
    size_t to = 0;

    if (*text != '"')
        return name;
    for (size_t i = 1; i + 1 < len; i++) {
        name[to++] = text[i];
        if (text[i] == '"')
            i++;
    }
    name[to] = '\0';
    return name;
}

char *pg_name_take(const char *text, const char **ret_rest)
{
    size_t len = part_len(text);

    if (len == 0)
        return NULL;
    *ret_rest = text + len;
    return name_unquote(text, len);
}

/* The name in "dbname='…'": a backslash stands before quotes and backslashes. */
static char *conninfo_name(const char *text)
{
    const char *at = strncmp(text, "dbname=", 7) == 0 ? text + 7 : text;
    char *name = xstrdup(at);
    size_t to = 0;

    if (*at != '\'')
        return name;
    for (at++; *at && *at != '\''; at++) {
        if (*at == '\\' && at[1])
            at++;
        name[to++] = *at;
    }
    name[to] = '\0';
    return name;
}

char *pg_connect_database(const char *line)
{
    static const char reuse[] = "-reuse-previous=on";
    AUTO(mem_free) char *copy = NULL;
    AUTO(mem_free) char *word = NULL;
    const char *at, *rest;
    bool is_conninfo;

    if (strncmp(line, "\\connect ", 9) != 0)
        return NULL;
    at = skip_blanks(line + 9);
    is_conninfo = strncmp(at, reuse, strlen(reuse)) == 0;
    if (is_conninfo)
        at = skip_blanks(at + strlen(reuse));
    if (*at != '"')
        return xstrndup(at, strcspn(at, " \t\r\n"));
    copy = xasprintf("%s\n", at); /* so that its end is seen */
    word = pg_name_take(copy, &rest);
    if (!word)
        return NULL;
    return is_conninfo ? conninfo_name(word) : TAKE(word);
}

char *pg_conninfo(const char *database)
{
    struct buf text;

    buf_init(&text, LIMIT_MIB);
    buf_adds(&text, "dbname='");
    for (const char *c = database; *c; c++) {
        if (*c == '\'' || *c == '\\')
            buf_addc(&text, '\\');
        buf_addc(&text, *c);
    }
    buf_addc(&text, '\'');
    return buf_take(&text);
}

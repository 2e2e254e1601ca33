#include "syntax.h"
#include "stash/text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LABEL_MAX     63
#define SUBDOMAIN_MAX 253
#define PORT_NAME_MAX 15

static bool is_lower_alnum(char c)
{
    return islower((unsigned char)c) || isdigit((unsigned char)c);
}

/* Small letters, digits and hyphens; no hyphen at either end. */
static bool is_label(const char *text, size_t len)
{
    if (len == 0 || !is_lower_alnum(text[0]) || !is_lower_alnum(text[len - 1]))
        return false;
    for (size_t i = 0; i < len; i++) {
        if (!is_lower_alnum(text[i]) && text[i] != '-')
            return false;
    }
    return true;
}

bool syntax_is_label(const char *text)
{
    size_t len = strlen(text);

    return len <= LABEL_MAX && is_label(text, len);
}

bool syntax_is_subdomain(const char *text)
{
    if (strlen(text) > SUBDOMAIN_MAX)
        return false;
    for (size_t len;; text += len + 1) {
        len = strcspn(text, ".");
        if (!is_label(text, len))
            return false;
        if (!text[len])
            return true;
    }
}

bool syntax_has_blank(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text <= ' ' || *text == 0x7f)
            return true;
    }
    return false;
}

static bool is_port(const char *text, size_t len)
{
    if (len == 0 || len > 5)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (!isdigit((unsigned char)text[i]))
            return false;
    }
    long port = strtol(text, NULL, 10);
    return port > 0 && port < 65536;
}

/* The length of the host before the port: up to the colon, or "[…]"; 0 when a bracket is not closed. */
static size_t host_length(const char *text, size_t len)
{
    bool is_bracketed = len > 0 && *text == '[';
    const char *end = memchr(text, is_bracketed ? ']' : ':', len);

    if (!end)
        return is_bracketed ? 0 : len;
    return (size_t)(end - text) + is_bracketed;
}

bool syntax_is_host_port(const char *text, size_t len)
{
    size_t host = host_length(text, len);

    if (host == 0)
        return false;
    for (size_t i = 0; i < host; i++) {
        if ((unsigned char)text[i] <= ' ' || strchr("/?#@", text[i]))
            return false;
    }
    return host == len || (text[host] == ':' && is_port(text + host + 1, len - host - 1));
}

static const char *after_scheme(const char *text, const char *const *schemes)
{
    for (; *schemes; schemes++) {
        size_t len = strlen(*schemes);
        if (strncasecmp(text, *schemes, len) == 0 && strncmp(text + len, "://", 3) == 0)
            return text + len + 3;
    }
    return NULL;
}

bool syntax_is_url(const char *text, const char *const *schemes)
{
    const char *authority = after_scheme(text, schemes);

    if (!authority || syntax_has_blank(text))
        return false;
    size_t len = strcspn(authority, "/?#");
    const char *user = memchr(authority, '@', len);
    if (user) {
        len -= (size_t)(user + 1 - authority);
        authority = user + 1;
    }
    return syntax_is_host_port(authority, len);
}

bool syntax_has_password(const char *text)
{
    while ((text = strstr(text, "://"))) {
        text += 3;
        size_t len = strcspn(text, "/?# \t\n");
        const char *at = memchr(text, '@', len);
        const char *colon = at ? memchr(text, ':', (size_t)(at - text)) : NULL;
        if (colon && colon + 1 < at && colon[1] != '$')
            return true;
    }
    return false;
}

bool syntax_is_port_name(const char *text)
{
    size_t len = strlen(text);
    bool has_letter = false;

    for (size_t i = 0; i < len; i++)
        has_letter |= islower((unsigned char)text[i]) != 0;
    return has_letter && len <= PORT_NAME_MAX && is_label(text, len) && !strstr(text, "--");
}

bool syntax_is_access_mode(const char *text)
{
    static const char *const modes[] = {"ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany",
                                        "ReadWriteOncePod", NULL};

    return text_is_one_of(text, modes);
}

bool syntax_is_variable(const char *text)
{
    if (!isalpha((unsigned char)*text) && *text != '_')
        return false;
    while (isalnum((unsigned char)*text) || *text == '_')
        text++;
    return !*text;
}

/* Letters, digits, "-", "_" and ".", with a letter or digit at both ends. */
static bool is_label_word(const char *text, size_t len)
{
    if (len == 0 || len > LABEL_MAX || !isalnum((unsigned char)text[0]) ||
        !isalnum((unsigned char)text[len - 1]))
        return false;
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)text[i]) && !strchr("-_.", text[i]))
            return false;
    return true;
}

bool syntax_is_qualified(const char *text)
{
    const char *slash = strchr(text, '/');
    const char *name = slash ? slash + 1 : text;
    char prefix[SUBDOMAIN_MAX + 1];

    if (slash && (size_t)(slash - text) >= sizeof(prefix))
        return false;
    if (slash) {
        memcpy(prefix, text, (size_t)(slash - text));
        prefix[slash - text] = '\0';
    }
    return (!slash || syntax_is_subdomain(prefix)) && is_label_word(name, strlen(name));
}

bool syntax_is_label_value(const char *text)
{
    return !*text || is_label_word(text, strlen(text));
}

static bool all_of(const char *text, const char *others)
{
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && !strchr(others, *text))
            return false;
    return true;
}

static bool is_dots(const char *text)
{
    return strcmp(text, ".") == 0 || strncmp(text, "..", 2) == 0;
}

bool syntax_is_env_name(const char *text)
{
    return *text && !isdigit((unsigned char)*text) && all_of(text, "_-.") && !is_dots(text);
}

bool syntax_is_data_key(const char *text)
{
    return *text && strlen(text) <= SUBDOMAIN_MAX && all_of(text, "_-.") && !is_dots(text);
}

bool syntax_is_header_name(const char *text)
{
    return *text && all_of(text, "-");
}

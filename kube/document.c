#include "document.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stash/buf.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/mem.h"

/* An integer with fewer characters fits into 64 bits. */
#define SURE_DIGITS 18

struct mending {
    const char *at, *end;
    struct buf out;
    int depth;
};

static bool is_left_out(const struct mending *m)
{
    return m->depth > DOCUMENT_DEPTH;
}

static void put_value(struct mending *m, const char *data, size_t len)
{
    if (!is_left_out(m))
        buf_add(&m->out, data, len);
}

/* From the opening quote to after the closing one. */
static void mend_string(struct mending *m)
{
    put_value(m, m->at++, 1);
    while (m->at < m->end && *m->at != '"') {
        size_t left = (size_t)(m->end - m->at);
        size_t len = *m->at == '\\' && left > 1 ? 2 : 1;
        if (left >= 6 && memcmp(m->at, "\\u0000", 6) == 0) {
            put_value(m, "\\ufffd", 6);
            len = 6;
        } else {
            put_value(m, m->at, len);
        }
        m->at += len;
    }
    if (m->at < m->end)
        put_value(m, m->at++, 1);
}

static bool is_too_large(const char *digits, size_t len)
{
    AUTO(mem_free) char *text = xstrndup(digits, len);

    errno = 0;
    (void)strtoll(text, NULL, 10);
    return errno == ERANGE;
}

static void mend_number(struct mending *m)
{
    size_t len = 0;
    bool is_integer = true;

    while (m->at + len < m->end && m->at[len] && strchr("+-.0123456789eE", m->at[len])) {
        is_integer = is_integer && !strchr(".eE", m->at[len]);
        len++;
    }
    put_value(m, m->at, len);
    if (is_integer && len > SURE_DIGITS && is_too_large(m->at, len))
        put_value(m, "e0", 2);
    m->at += len;
}

static void mend_bracket(struct mending *m)
{
    bool opens = *m->at == '{' || *m->at == '[';

    if (opens && m->depth++ == DOCUMENT_DEPTH)
        buf_adds(&m->out, "null");
    put_value(m, m->at++, 1);
    if (!opens)
        m->depth--;
}

static void mend_text(struct mending *m)
{
    while (m->at < m->end) {
        if (*m->at == '"')
            mend_string(m);
        else if (*m->at && strchr("-0123456789", *m->at))
            mend_number(m);
        else if (*m->at && strchr("{}[]", *m->at))
            mend_bracket(m);
        else
            put_value(m, m->at++, 1);
    }
}

/* Whoever may write objects chooses how much memory a byte of them takes. */
static int check_weight(const char *text, size_t len, struct error *err)
{
    if (len <= LIMIT_DOCUMENT / JSONX_WEIGHT_MAX || jsonx_text_weight(text, len) <= LIMIT_DOCUMENT)
        return 0;
    return error_set(err, ERR_LIMIT, "it would take more than %zu MiB of memory",
                     LIMIT_DOCUMENT / LIMIT_MIB);
}

int document_parse(const char *text, size_t len, json_t **ret, struct error *err)
{
    int heavy = check_weight(text, len, err);

    if (heavy < 0)
        return heavy;
    if (jsonx_parse(text, len, ret, err) == 0)
        return 0;
    struct mending m = {.at = text, .end = text + len};
    buf_init(&m.out, 2 * len + 16);
    mend_text(&m);
    int r = buf_check(&m.out, "a mended document", err);
    if (r == 0)
        r = jsonx_parse(m.out.data, m.out.len, ret, err);
    buf_done(&m.out);
    return r;
}

void document_set_type(json_t *object, const struct resource *resource)
{
    AUTO(mem_free)
    char *version = *resource->group ? xasprintf("%s/%s", resource->group, resource->version)
                                     : xstrdup(resource->version);
    json_object_set_new(object, "apiVersion", json_string(version));
    json_object_set_new(object, "kind", json_string(resource->kind));
}

#include "url.h"

#include <string.h>

/* RFC 3986's unreserved characters: what never needs an escape. */
static bool is_unreserved(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

static void add_escaped(struct buf *out, const char *text)
{
    for (const char *c = text; *c; c++) {
        if (is_unreserved((unsigned char)*c))
            buf_addc(out, *c);
        else
            buf_addf(out, "%%%02X", (unsigned)(unsigned char)*c);
    }
}

/* What apimachinery calls a valid path segment name. */
static bool is_segment(const char *name)
{
    return *name && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && !strpbrk(name, "/%");
}

static int add_segment(struct buf *out, const char *what, const char *segment, struct error *err)
{
    if (!is_segment(segment))
        return error_set(err, ERR_INVALID, "\"%.80s\" cannot be a %s", segment, what);
    buf_addc(out, '/');
    add_escaped(out, segment);
    return 0;
}

int url_object(struct buf *out, const struct resource *resource, const char *namespace,
               const char *name, const char *subresource, struct error *err)
{
    if (resource->namespaced && name && !namespace)
        return error_set(err, ERR_INVALID, "%s %.80s: a namespace is needed", resource->kind, name);
    if (*resource->group)
        buf_addf(out, "/apis/%s/%s", resource->group, resource->version);
    else
        buf_addf(out, "/api/%s", resource->version);
    int r = 0;
    if (resource->namespaced && namespace) {
        buf_adds(out, "/namespaces");
        r = add_segment(out, "namespace", namespace, err);
        if (r < 0)
            return r;
    }
    buf_addf(out, "/%s", resource->plural);
    if (name)
        r = add_segment(out, "name", name, err);
    if (r == 0 && subresource)
        r = add_segment(out, "subresource", subresource, err);
    return r < 0 ? r : buf_check(out, "request path", err);
}

void url_query(struct buf *out, const char *key, const char *value)
{
    if (!value)
        return;
    buf_addf(out, "%c%s=", strchr(out->data, '?') ? '&' : '?', key);
    add_escaped(out, value);
}

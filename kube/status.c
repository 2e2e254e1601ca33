#include "status.h"

#include "stash/jsonx.h"
#include "stash/mem.h"

static const struct row {
    long first, last;
    enum error_kind kind;
} rows[] = {
    {200, 299, ERR_OK},        {401, 401, ERR_DENIED},  {403, 403, ERR_DENIED},
    {404, 404, ERR_NOT_FOUND}, {408, 408, ERR_TIMEOUT}, {409, 409, ERR_CONFLICT},
    {410, 410, ERR_GONE},      {413, 413, ERR_INVALID}, {429, 429, ERR_TRANSPORT},
    {400, 499, ERR_INVALID},   {504, 504, ERR_TIMEOUT}, {500, 599, ERR_TRANSPORT},
};

enum error_kind status_kind(long status)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (status >= rows[i].first && status <= rows[i].last)
            return rows[i].kind;
    return ERR_TRANSPORT; /* a redirect, or something that does not speak HTTP as we know it */
}

bool status_is_busy(long status)
{
    return status == 429 || (status >= 500 && status <= 599);
}

int status_object_error(const json_t *status, struct error *err)
{
    const char *message = jsonx_str(status, "message", NULL);
    const char *reason = jsonx_str(status, "reason", NULL);
    long code = (long)jsonx_int(status, 0, "code", NULL);
    enum error_kind kind = status_kind(code);
    if (kind == ERR_OK)
        kind = ERR_TRANSPORT;
    if (message && *message)
        return error_set_code(err, kind, (int)code, "%s", message);
    if (reason && *reason)
        return error_set_code(err, kind, (int)code, "%s", reason);
    return error_set_code(err, kind, (int)code, "the API server answered %ld", code);
}

int status_error(long status, const char *body, size_t len, struct error *err)
{
    struct error ignored;
    json_auto_t *doc = NULL;
    if (jsonx_parse(body, len, &doc, &ignored) == 0 && jsonx_str(doc, "message", NULL)) {
        json_object_set_new(doc, "code", json_integer(status));
        return status_object_error(doc, err);
    }
    /* not from the API server itself: a proxy's page, or the plain text of its early handlers */
    int shown = len < 200 ? (int)len : 200;
    if (shown > 0)
        return error_set_code(err, status_kind(status), (int)status, "HTTP %ld: %.*s", status,
                              shown, body);
    return error_set_code(err, status_kind(status), (int)status, "HTTP %ld", status);
}

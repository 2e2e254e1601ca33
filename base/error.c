#include "stash/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_names[] = {
    [ERR_OK] = "ok",
    [ERR_INVALID] = "invalid",
    [ERR_NOT_FOUND] = "not-found",
    [ERR_CONFLICT] = "conflict",
    [ERR_GONE] = "gone",
    [ERR_DENIED] = "denied",
    [ERR_TRANSPORT] = "transport",
    [ERR_TIMEOUT] = "timeout",
    [ERR_LIMIT] = "limit",
    [ERR_SYSTEM] = "system",
    [ERR_INTERNAL] = "internal",
};

__attribute__((format(printf, 4, 0))) static int set_va(struct error *err, enum error_kind kind,
                                                        int code, const char *fmt, va_list ap)
{
    err->kind = kind;
    err->code = code;
    vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
    return -(int)kind;
}

int error_set(struct error *err, enum error_kind kind, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    int r = set_va(err, kind, 0, fmt, ap);
    va_end(ap);
    return r;
}

int error_set_code(struct error *err, enum error_kind kind, int code, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    int r = set_va(err, kind, code, fmt, ap);
    va_end(ap);
    return r;
}

int error_set_errno(struct error *err, int errnum, const char *fmt, ...)
{
    char reason[128];
    va_list ap;

    va_start(ap, fmt);
    set_va(err, ERR_SYSTEM, errnum, fmt, ap);
    va_end(ap);
    size_t len = strlen(err->msg);
    snprintf(err->msg + len, sizeof(err->msg) - len, ": %s",
             strerror_r(errnum, reason, sizeof(reason)));
    return -(int)ERR_SYSTEM;
}

int error_wrap(struct error *err, const char *fmt, ...)
{
    char inner[sizeof(err->msg)];
    va_list ap;

    memcpy(inner, err->msg, sizeof(inner));
    va_start(ap, fmt);
    vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
    va_end(ap);
    size_t len = strlen(err->msg);
    snprintf(err->msg + len, sizeof(err->msg) - len, ": %s", inner);
    return -(int)err->kind;
}

bool error_retriable(const struct error *err)
{
    switch (err->kind) {
    case ERR_CONFLICT:
    case ERR_GONE:
    case ERR_TRANSPORT:
    case ERR_TIMEOUT:
    case ERR_SYSTEM:
        return true;
    default:
        return false;
    }
}

const char *error_kind_name(enum error_kind kind)
{
    return kind_names[kind];
}

_Noreturn void error_bug(const char *file, int line, const char *cond)
{
    fprintf(stderr, "level=fatal msg=\"bug\" at=%s:%d cond=\"%s\"\n", file, line, cond);
    abort();
}

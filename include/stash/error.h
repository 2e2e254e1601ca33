/*
 * error.h - how a function says that the world failed.
 *
 * A fallible function returns 0, or -(int) kind, and takes `struct error *err` last. Success leaves `err` alone; failure
 * fills it and leaves every `ret_` output alone. The error lives in the caller, so failing never allocates. `err` is
 * never NULL. Bugs are not errors: they abort (BUG_ON). A user's mistakes are not errors either: see causes.h.
 */
#ifndef STASH_ERROR_H
#define STASH_ERROR_H

#include <stdbool.h>

enum error_kind {
    ERR_OK,
    ERR_INVALID,   /* input that cannot be used as it is */
    ERR_NOT_FOUND, /* HTTP 404, ENOENT */
    ERR_CONFLICT,  /* HTTP 409: somebody else wrote first, or the name is taken */
    ERR_GONE,      /* HTTP 410: the resourceVersion or continue token is too old */
    ERR_DENIED,    /* HTTP 401, 403: no right; 422 by admission is ERR_INVALID */
    ERR_TRANSPORT, /* the peer could not be reached, or cut the stream, or answered 5xx */
    ERR_TIMEOUT,   /* a deadline of ours passed */
    ERR_LIMIT,     /* a named limit of limits.h was reached */
    ERR_SYSTEM,    /* a system call failed; code is errno */
    ERR_INTERNAL,  /* a library refused what should work */
};

/** A failure with its own sentence. `code` is the HTTP status, errno or exit status behind it, 0 if there is none. */
struct error {
    enum error_kind kind;
    int code;
    char msg[480];
};

/** Fill `err` and return -(int) kind. The message is lower case, without a full stop, and is cut when too long. */
int error_set(struct error *err, enum error_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/** Like error_set(), and remember `code`. */
int error_set_code(struct error *err, enum error_kind kind, int code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/** Like error_set() for a failed system call: kind ERR_SYSTEM, code `errnum`, ": strerror" appended. */
int error_set_errno(struct error *err, int errnum, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/** Put "fmt: " before the message and return the same code again. */
int error_wrap(struct error *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** Whether trying the same again later may help: conflicts, gone, transport, time-outs, limits of the other side. */
bool error_retriable(const struct error *err);

/** Static name of a kind, for log lines: "not-found". */
const char *error_kind_name(enum error_kind kind);

/** Abort with the place and the condition: for states that only a bug can reach. */
#define BUG_ON(cond)                                                                               \
    do {                                                                                           \
        if (cond)                                                                                  \
            error_bug(__FILE__, __LINE__, #cond);                                                  \
    } while (0)

/** What BUG_ON() calls. */
_Noreturn void error_bug(const char *file, int line, const char *cond);

#endif

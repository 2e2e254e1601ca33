/*
 * token.h - the bearer token, as fresh as its file. Safe from any thread.
 *
 * The kubelet replaces a projected token long before it ends, so the file is read again once a minute, and at once when
 * the server says 401. A file that cannot be read for a moment leaves the last token in use.
 */
#ifndef KUBE_TOKEN_H
#define KUBE_TOKEN_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "stash/error.h"

struct token {
    pthread_mutex_t lock;
    const char *file; /* NULL: `value` never changes */
    char *value;      /* NULL: none */
    int64_t read_ms;  /* monotonic */
};

/** `file` and `value` may be NULL; `file` is borrowed and wins. */
void token_init(struct token *token, const char *file, const char *value);
void token_done(struct token *token);

/** The present token, the caller frees it; NULL when there is none to send. `reload` reads the file whatever its age. */
int token_get(struct token *token, bool reload, char **ret, struct error *err);

#endif

/*
 * access.h - the access log: whom a request was about and what became of it, never what was in it.
 */
#ifndef WEBHOOK_ACCESS_H
#define WEBHOOK_ACCESS_H

#include <microhttpd.h>
#include <stdint.h>

/* Texts of strangers, cut to what names of Kubernetes can be; the log escapes them. */
struct subject {
    char kind[64], namespace[64], name[254];
    const char *operation; /* static; NULL: unknown */
};

/** NULL texts are empty. */
void access_subject_fill(struct subject *ret, const char *kind, const char *namespace,
                         const char *name, const char *operation);

struct access {
    struct MHD_Connection *connection;
    const char *path, *outcome;
    unsigned status;
    int64_t micros; /* from the whole request to its answer; 0: refused before */
    const struct subject *subject;
};

/** One line for one request that was answered. */
void access_log(const struct access *access);

#endif

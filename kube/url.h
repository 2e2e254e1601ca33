/*
 * url.h - URLs of the Kubernetes API: "/apis/group/version/namespaces/ns/plural/name/subresource?key=value".
 *
 * Names come from documents that users write, so every segment is checked and percent-encoded: no name can reach
 * another resource than the one that was asked for.
 */
#ifndef KUBE_URL_H
#define KUBE_URL_H

#include "stash/buf.h"
#include "stash/error.h"
#include "stash/limits.h"
#include "stash/resource.h"

/* Two names of 253 bytes, all escaped, a selector of some thousand bytes and a continue token. */
#define URL_LIMIT (32 * LIMIT_KIB)

/**
 * Append the path of an object, or of the collection when `name` is NULL. ERR_INVALID when a name cannot be one, or when
 * an object of a namespaced kind is named without its namespace.
 */
int url_object(struct buf *out, const struct resource *resource, const char *namespace,
               const char *name, const char *subresource, struct error *err);

/** Append "?key=value" or "&key=value", the value escaped. Nothing when `value` is NULL. */
void url_query(struct buf *out, const char *key, const char *value);

#endif

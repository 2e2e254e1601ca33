/*
 * document.h - read a document of the API server's, which may hold what our parser does not: NUL characters in strings,
 * integers beyond 64 bits, nesting without end. Users can store all of these, and none of them is ours to refuse.
 */
#ifndef KUBE_DOCUMENT_H
#define KUBE_DOCUMENT_H

#include <jansson.h>

#include "stash/error.h"
#include "stash/resource.h"

/* Below this depth nothing of ours is ever found; what lies there can be left out. */
#define DOCUMENT_DEPTH 500

/**
 * Parse. What the parser refuses is mended first: U+FFFD stands for NUL, a real number for a large integer, null for
 * what lies deeper than DOCUMENT_DEPTH. ERR_INVALID for what is no JSON at all.
 */
int document_parse(const char *text, size_t len, json_t **ret, struct error *err);

/** Fill in apiVersion and kind: lists of built-in kinds leave them out, metadata-only answers name their own. */
void document_set_type(json_t *object, const struct resource *resource);

#endif

/*
 * skim.h - JSON text looked through without building a document: where the members of an object are.
 *
 * Parsing is most of what a review costs, and most of a review is of no interest to us. Skimming finds the pieces that
 * are; they are then parsed as usual, or, for a pod that nobody targets, not at all. It only ever says yes to text that
 * is plainly what it expects; everything else goes the long way, which also knows what is wrong with it.
 */
#ifndef WEBHOOK_SKIM_H
#define WEBHOOK_SKIM_H

#include <stdbool.h>
#include <stddef.h>

#include "stash/buf.h"

/* A value's text, borrowed; `at` is NULL when the member is absent. */
struct slice {
    const char *at;
    size_t len;
};

/* A member to be found: its value goes to ret[slot]; with `inside`, so do members of its own. Tables end with NULL. */
struct want {
    const char *name;
    unsigned slot;
    const struct want *inside;
};

/**
 * Find members of the object that the text is, in one pass. `ret` is zeroed by the caller.
 *
 * False when the text is not one object (lexically; what is inside of skipped values is only balanced), when a name has
 * an escape in it, or when a wanted one is there twice.
 */
bool skim_object(struct slice text, const struct want *wants, struct slice *ret);

/** The next element of an array: `*at` is 0 first. False at the end, or when it is not one. */
bool skim_next(struct slice array, size_t *at, struct slice *ret);

/** Behind the string whose first quote is at `at`; 0 when it does not end. */
size_t skim_string(struct slice text, size_t at);

/** Whether the value is this string, spelled without escapes. */
bool slice_is(struct slice value, const char *text);

/** Whether it is a string of printable ASCII without escapes: it may be repeated as it is. */
bool slice_is_plain(struct slice value);

enum skim_slot {
    SKIM_API_VERSION,
    SKIM_KIND,
    SKIM_REQUEST,
    SKIM_UID,
    SKIM_GVK,
    SKIM_GVK_GROUP,
    SKIM_GVK_KIND,
    SKIM_NAMESPACE,
    SKIM_OPERATION,
    SKIM_SUBRESOURCE,
    SKIM_OBJECT,
    SKIM_METADATA,
    SKIM_METADATA_FIRST, /* and five more */
    SKIM_SPEC = SKIM_METADATA_FIRST + 6,
    SKIM_SPEC_FIRST, /* and nine more */
    SKIM_COUNT = SKIM_SPEC_FIRST + 10,
};

/* A review of a pod's creation, as far as it was looked at. Everything is borrowed. */
struct pod_skim {
    struct slice found[SKIM_COUNT];
};

/** False when the text is anything else. */
bool skim_pod_review(struct slice body, struct pod_skim *ret);

/** A document with the pod's metadata, as far as it says who controls the pod and what is asked of us. */
void skim_metadata(const struct pod_skim *skim, struct buf *ret);

/**
 * A document with the pod's spec, cut down to what the injector reads of it, parsed in a quarter of the time. False when
 * something in the pod may be ours already: then nothing may be left out.
 */
bool skim_spec(const struct pod_skim *skim, struct slice body, struct buf *ret);

#endif

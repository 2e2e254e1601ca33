/*
 * skim.h - JSON text looked through without building a document: where the members of an object are.
 *
 * Parsing is most of what a review costs, and most of a review is of no interest to us. Skimming finds the pieces that
 * are, and makes documents of them. It only ever says yes to text that is plainly what it expects; everything else goes
 * the long way, through jansson's parser, which also knows what is wrong with it.
 */
#ifndef WEBHOOK_SKIM_H
#define WEBHOOK_SKIM_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

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

/** Behind the string, or the value, that starts at `at`; 0 when it does not end. */
size_t skim_string(struct slice text, size_t at);
size_t skim_value(struct slice text, size_t at);

/** Skip whitespace from `at` on. */
size_t skim_blank(struct slice text, size_t at);

/** A member's name, in its quotes: returns where its value starts, 0 for a fault. */
size_t skim_name(struct slice text, size_t at, struct slice *ret);

/** Where the comma or bracket is that follows the value which ends at `at`; 0 when there is none, or `at` is 0. */
size_t skim_separator(struct slice text, size_t at);

/** Whether the value is this string, spelled without escapes. */
bool slice_is(struct slice value, const char *text);

/** Whether it is a string of printable ASCII without escapes: it may be repeated as it is. */
bool slice_is_plain(struct slice value);

/* A member to be kept, of an object or of each object of a list; with `inside`, no more of its value than that. Tables
 * end with NULL. */
struct keep {
    const char *name;
    const struct keep *inside;
};

/**
 * The value as a document (new reference), cut down to what is kept (NULL: all). NULL when it is not plain JSON, or a
 * name that is kept is there twice.
 */
json_t *skim_tree(struct slice value, const struct keep *keeps);

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
    SKIM_COUNT,
};

/* A review of a pod's creation, as far as it was looked at. Everything is borrowed. */
struct pod_skim {
    struct slice found[SKIM_COUNT];
};

/** False when the text is anything else. */
bool skim_pod_review(struct slice body, struct pod_skim *ret);

/** The same of a review's first part, as soon as it has the pod's metadata; what follows is not looked at. */
bool skim_pod_head(struct slice text, struct pod_skim *ret);

/** A pod with its metadata alone, as far as it says who controls the pod and what is asked of us; NULL: not plain. */
json_t *skim_metadata(const struct pod_skim *skim);

/**
 * The pod's spec, cut down to what the injector reads of most pods (is_cut of its request). NULL when it is not
 * plain, or when something in the pod may be ours already: then nothing may be left out.
 */
json_t *skim_spec(const struct pod_skim *skim, struct slice body);

#endif

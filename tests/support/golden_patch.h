/*
 * golden_patch.h - a document as the changes to another one: a JSON merge patch (RFC 7386) whose keys may be more.
 *
 *   name: {a: 1, b: null}    merge: sets a, removes b, leaves the rest
 *   /a/list/0/b: 1           a JSON pointer (RFC 6901) from here; `~1` is a slash, `~0` a tilde
 *   /a/list/web/b: 1         an element of a list by its name, or the name in its metadata
 *   /a/list/2: null          removes an element
 *   /a/list/+2: [x, y]       inserts before the element that has this index now; `/-` appends
 *   name!: {a: 1}            exactly this: nothing is merged, null is null
 *   base: other/in/object    a new value begins as a copy of this one; what stands beside it changes the copy
 *   base: /in/object         the same, from what the patch itself makes
 *
 * Indices count in the list as it was: the order of the keys does not matter.
 */
#ifndef TEST_GOLDEN_PATCH_H
#define TEST_GOLDEN_PATCH_H

#include <jansson.h>
#include <stdbool.h>

#include "stash/error.h"

/** Where `base:` finds its values: the value (borrowed), or NULL with *err set. */
struct golden_source {
    const json_t *(*find)(void *ctx, const char *ref, struct error *err);
    void *ctx;
};

/** What the patch makes of `target` (NULL: of nothing). New reference; NULL: *err says why. */
json_t *golden_patch_apply(const json_t *target, const json_t *patch,
                           const struct golden_source *source, struct error *err);

/** The value that a pointer leads to, with elements by index or name. Borrowed; NULL: none. */
const json_t *golden_pointer_get(const json_t *doc, const char *pointer);

/** The name that addresses `index` in every list of unlike names; NULL: the list's elements go by their index. Borrowed. */
const char *golden_element_name(const json_t *list, size_t index);

/** One segment of a pointer, escaped. The caller frees it. */
char *golden_pointer_escape(const char *segment);

#endif

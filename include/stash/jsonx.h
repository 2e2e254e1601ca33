/*
 * jsonx.h - reading, navigating and editing Kubernetes documents (jansson) the way this house does it.
 *
 * Published trees are immutable. To change one: copy the path (jsonx_own from the root down), edit what you own. All
 * other nodes stay shared, so the original cannot change and a diff may skip subtrees that are the same pointer.
 * An explicit null counts as absent everywhere.
 */
#ifndef STASH_JSONX_H
#define STASH_JSONX_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stash/buf.h"
#include "stash/error.h"

/** Parse one document; duplicate keys, bad UTF-8 and trailing bytes are refused. ERR_INVALID says where. */
int jsonx_parse(const char *data, size_t len, json_t **ret, struct error *err);

/** Compact text. The caller frees it. */
char *jsonx_dump(const json_t *value);

/** The same, appended; a string's text, without its quotes. */
void jsonx_print(struct buf *out, const json_t *value);
/** Append the text of a string as JSON writes it, without its quotes. */
void jsonx_print_inside(struct buf *out, const char *text, size_t len);

/** Compact text with sorted keys: the same for equal documents. The caller frees it. */
char *jsonx_dump_sorted(const json_t *value);

/** Two blanks of indent, sorted keys, a final line feed: for people and golden files. The caller frees it. */
char *jsonx_dump_pretty(const json_t *value);

/** Replace every byte that is no part of valid UTF-8 by '?': text of users and programs, cut anywhere,
 * can then stand in a document. */
void jsonx_repair_text(char *text);

/** Walk object members; NULL at the first one that is absent or null. Ends with NULL. Borrowed. */
json_t *jsonx_get(const json_t *obj, ...) __attribute__((sentinel));

/** The same, as a string (NULL unless it is one), integer, boolean. Borrowed from the document. */
const char *jsonx_str(const json_t *obj, ...) __attribute__((sentinel));
/** The same as an integer; `fallback` unless it is one. */
json_int_t jsonx_int(const json_t *obj, json_int_t fallback, ...) __attribute__((sentinel));
/** The same as a boolean; `fallback` unless it is one. */
bool jsonx_bool(const json_t *obj, int fallback, ...)
    __attribute__((sentinel)); /* an int, because varargs follow */

/** metadata.name, metadata.namespace, metadata.uid; NULL when absent. Borrowed. */
const char *jsonx_name(const json_t *obj);
/** metadata.namespace; NULL when absent. Borrowed. */
const char *jsonx_namespace(const json_t *obj);
/** metadata.uid; NULL when absent. Borrowed. */
const char *jsonx_uid(const json_t *obj);
/** A label's or annotation's value; NULL when absent. Borrowed. */
const char *jsonx_label(const json_t *obj, const char *key);
/** An annotation's value; NULL when absent. Borrowed. */
const char *jsonx_annotation(const json_t *obj, const char *key);

/** Bytes of a map's keys and text values: what LIMIT_ANNOTATIONS bounds. */
size_t jsonx_map_size(const json_t *map);

/** About how many bytes of memory the document takes. */
size_t jsonx_weight(const json_t *value);
/** How many it will take at most when it is parsed; no byte of text more than JSONX_WEIGHT_MAX. */
size_t jsonx_text_weight(const char *text, size_t len);
#define JSONX_WEIGHT_MAX ((size_t)321)
/** Behind the string whose opening quote is at `at`; 0: it does not end. */
size_t jsonx_string_end(const char *text, size_t len, size_t at);

/** Whether the value is absent, null, or an empty string, array or object. */
bool jsonx_is_empty(const json_t *value);

/** Replace member `key` of an owned object by a shallow copy (or a new empty object) and lend that for editing. */
json_t *jsonx_own(json_t *parent, const char *key);
/** The same for an array member. */
json_t *jsonx_own_array(json_t *parent, const char *key);
/** The same for element `index` of an owned array, which must be an object. */
json_t *jsonx_own_item(json_t *array, size_t index);

/** Index of the element of `array` whose member `key` is the string `value`; -1 when there is none. */
ptrdiff_t jsonx_find(const json_t *array, const char *key, const char *value);
/** Index of the element of `array` that is the string `text` (which may be NULL); -1 when there is none. */
ptrdiff_t jsonx_find_text(const json_t *array, const char *text);

/** Put an item in the place of the element of an owned array that has the same string in `key`, or at its end. Takes the
 * reference. */
void jsonx_upsert_new(json_t *array, const char *key, json_t *item);

/** Iterate a const object (jansson's own iterator is not const). */
#define jsonx_foreach_member(obj, key, value)                                                      \
    for (void *jsonx_it_##value = json_object_iter(jsonx_unconst(obj));                            \
         jsonx_it_##value && ((key) = json_object_iter_key(jsonx_it_##value)) &&                   \
         ((value) = json_object_iter_value(jsonx_it_##value));                                     \
         jsonx_it_##value = json_object_iter_next(jsonx_unconst(obj), jsonx_it_##value))

/** The one place where const is cast away: for jansson calls that only read, and for json_incref(). */
json_t *jsonx_unconst(const json_t *value);

#endif

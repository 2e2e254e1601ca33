/* fields_known.h - which fields each kind has: written by manifests/crdgen/fields.py, which says what a row means. */
#ifndef API_FIELDS_KNOWN_H
#define API_FIELDS_KNOWN_H

#include <stddef.h>

struct fields_kind {
    const char *kind;
    size_t row;
};

extern const char *const fields_rows[];
extern const struct fields_kind fields_kinds[]; /* ends with a zeroed one */

#endif

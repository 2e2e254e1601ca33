/*
 * outline.h - whose document it is, when the document itself cannot be held: its name is read while its bytes go by.
 *
 * Any size and any depth, in fixed memory. Fields that are missing, escaped or too long to be what they should stay "".
 */
#ifndef KUBE_OUTLINE_H
#define KUBE_OUTLINE_H

#include <stdbool.h>
#include <stddef.h>

#define OUTLINE_LEVELS 3 /* object, metadata, name */

struct outline {
    char name[256], namespace[64], uid[64], version[32];
    char type[16]; /* of a watch event */

    bool is_event; /* the document is the event's "object" */
    int depth;
    int keys[OUTLINE_LEVELS + 1]; /* at each depth: which key came last */
    bool in_string, escaped, is_value, is_odd;
    char token[256]; /* the string that is being read; odd: not worth reading */
    size_t token_len;
};

void outline_init(struct outline *outline, bool is_event);
void outline_feed(struct outline *outline, const char *data, size_t len);

#endif

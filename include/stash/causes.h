/*
 * causes.h - what a user did wrong: a list of {path, reason, detail}, collected completely and returned as data.
 *
 * Paths are written as kubectl explain and the API server write them: spec.members[0].target.ref.name.
 */
#ifndef STASH_CAUSES_H
#define STASH_CAUSES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "stash/mem.h"

/* Reasons as in metav1.CauseType, so that kubectl shows them as it shows its own. */
#define CAUSE_REQUIRED  "FieldValueRequired"
#define CAUSE_INVALID   "FieldValueInvalid"
#define CAUSE_DUPLICATE "FieldValueDuplicate"
#define CAUSE_UNKNOWN   "FieldValueNotSupported"
#define CAUSE_FORBIDDEN "FieldValueForbidden"
#define CAUSE_TYPE      "FieldValueTypeInvalid"

struct cause {
    char *path;
    const char *reason; /* one of the above */
    char *detail;       /* what is wrong and what to write instead */
};

/** Zeroed memory is an empty list. At most LIMIT_CAUSES are kept; `dropped` counts the rest. */
struct causes {
    struct cause *items;
    size_t count;
    size_t dropped;
};

/** Free the causes; the list is empty again. */
void causes_done(struct causes *causes);
DEFINE_AUTO_VALUE(struct causes, causes_done);

/** Add a mistake at `path`. */
void causes_add(struct causes *causes, const char *path, const char *reason, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/** Whether the list has this mistake, at this path and in these words. */
bool causes_has(const struct causes *causes, const struct cause *cause);

/** Take one out. */
void causes_remove(struct causes *causes, size_t index);

/** All causes as one sentence: "spec.schedule: …; spec.target: …". The caller frees it. */
char *causes_sentence(const struct causes *causes);

/** The same for people: several causes each in a line of its own, as kubectl writes them. The caller frees it. */
char *causes_list(const struct causes *causes);

/** The list as metav1.StatusDetails.causes: [{"reason","message","field"}]. New reference. */
json_t *causes_encode(const struct causes *causes);

#endif

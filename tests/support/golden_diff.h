/* golden_diff.h - the shortest patch (golden_patch.h) that we know from one document to another. */
#ifndef TEST_GOLDEN_DIFF_H
#define TEST_GOLDEN_DIFF_H

#include <jansson.h>

/** What makes `to` of `from`; NULL: nothing. `pool` (or NULL): the values that a new one may name as its base. */
json_t *golden_diff(const json_t *from, const json_t *to, const json_t *pool);

/** Add what is in the document of the case `name` to a pool, an array. An empty name: it is `to` itself, first in its pool. */
void golden_pool_add(json_t *pool, const char *name, const json_t *doc);

#endif

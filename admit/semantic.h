/* semantic.h - whether two documents mean the same to the API. */
#ifndef ADMIT_SEMANTIC_H
#define ADMIT_SEMANTIC_H

#include <jansson.h>
#include <stdbool.h>

/**
 * Equal, but absent, null, false, "" and empty containers are one thing, and so are 1Gi and 1024Mi below `limits`,
 * `requests` and `sizeLimit`. NULL is absent.
 */
bool semantic_equal(const json_t *one, const json_t *two);

#endif

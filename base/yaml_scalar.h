#ifndef STASH_BASE_YAML_SCALAR_H
#define STASH_BASE_YAML_SCALAR_H

#include <jansson.h>
#include <stddef.h>

/* The JSON value of a plain (unquoted) scalar; NULL when it is not UTF-8. New reference. */
json_t *yaml_scalar(const char *text, size_t len);

#endif

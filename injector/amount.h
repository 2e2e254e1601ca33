/*
 * amount.h - quantities as documents hold them: strings, or numbers as YAML writes them.
 */
#ifndef INJECTOR_AMOUNT_H
#define INJECTOR_AMOUNT_H

#include <jansson.h>
#include <stdbool.h>

/* Compare two quantities; false unless both are. */
bool amount_compare(const json_t *one, const json_t *two, int *ret);
/* Whether it is a quantity, and not a negative one; whether it is one above zero. */
bool amount_is_valid(const json_t *value);
bool amount_is_positive(const json_t *value);

#endif

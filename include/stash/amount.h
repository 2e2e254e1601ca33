/*
 * amount.h - quantities as documents hold them: strings, or numbers as YAML writes them.
 */
#ifndef STASH_AMOUNT_H
#define STASH_AMOUNT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/** Compare two quantities; false unless both are. */
bool amount_compare(const json_t *one, const json_t *two, int *ret);

/** Whether it is a quantity above zero. */
bool amount_is_positive(const json_t *value);

/** Whether it is a quantity without a fraction. */
bool amount_is_whole(const json_t *value);

/** In thousandths, rounded away from zero; false unless it is a quantity that fits. */
bool amount_millis(const json_t *value, int64_t *ret);

#endif

/*
 * quantity.h - Kubernetes' quantities: 10Gi, 500m, 1e3, 1.5.
 */
#ifndef STASH_QUANTITY_H
#define STASH_QUANTITY_H

#include <stdbool.h>
#include <stdint.h>

/**
 * Whole units (bytes, cores), rounded away from zero as the API server rounds. False, and *ret_units
 * untouched, when the text is no quantity or does not fit.
 */
bool quantity_parse(const char *text, int64_t *ret_units);

/** Thousandths of a unit, rounded away from zero. False when the text is no quantity or does not fit. */
bool quantity_millis(const char *text, int64_t *ret_millis);

/** Whether both are quantities of the same amount (1Gi and 1024Mi). */
bool quantity_equal(const char *one, const char *two);

/** Below, equal or above: *ret is negative, 0 or positive. False, and *ret untouched, unless both are quantities. */
bool quantity_compare(const char *one, const char *two, int *ret);

#endif

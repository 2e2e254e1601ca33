/* selector.h - metav1.LabelSelector. */
#ifndef ADMIT_SELECTOR_H
#define ADMIT_SELECTOR_H

#include <jansson.h>
#include <stdbool.h>

/**
 * Whether labels (an object, or NULL) satisfy the selector. NULL selects nothing, an empty one
 * everything; what is not understood selects nothing.
 */
bool selector_matches(const json_t *selector, const json_t *labels);

#endif

/*
 * spelling.h - what was probably meant by a name that nobody knows. Pure.
 */
#ifndef STASH_SPELLING_H
#define STASH_SPELLING_H

#include <stdbool.h>

/** Whether the names differ by a slip of the pen: a letter too much, too few, another one, or two changed places. */
bool spelling_is_near(const char *one, const char *two, unsigned *ret_distance);

#endif

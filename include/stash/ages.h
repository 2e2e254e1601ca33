/*
 * ages.h - spans of time as people say them. Pure.
 */
#ifndef STASH_AGES_H
#define STASH_AGES_H

#include <stdint.h>

#define AGES_SIZE 24

/** Seconds as kubectl shows an age: 45s, 5m, 3h20m, 2d4h, 34d, 2y40d; "0s" for what is negative. */
void ages_span(int64_t seconds, char out[AGES_SIZE]);

/** The span since a time of RFC 3339; "" when there is none. */
void ages_since(const char *time, int64_t now, char out[AGES_SIZE]);

#endif

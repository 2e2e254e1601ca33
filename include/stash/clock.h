/*
 * clock.h - the present. Only the shell asks; pure code is told.
 */
#ifndef STASH_CLOCK_H
#define STASH_CLOCK_H

#include <stdint.h>

/** Wall clock: Unix seconds and microseconds. */
int64_t clock_now(void);
/** The same in microseconds. */
int64_t clock_now_micros(void);

/** Monotonic milliseconds, for deadlines. */
int64_t clock_mono_ms(void);

/** Sleep, interrupted by signals. */
void clock_sleep_ms(int64_t ms);

/** A random number below `below` (not for secrets): jitter and name suffixes. */
uint32_t clock_random(uint32_t below);

#endif

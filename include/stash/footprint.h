/*
 * footprint.h - give memory back before a long quiet time.
 *
 * Half of what a small idle program keeps resident is code of libraries that ran once, at its start. The kernel brings
 * such pages back when they are needed again, which costs microseconds each: right for a sidecar that waits for hours, wrong
 * on a path that must be fast.
 */
#ifndef STASH_FOOTPRINT_H
#define STASH_FOOTPRINT_H

/**
 * Return free heap memory, and forget program text and constants until they are needed. Safe at any time, from any
 * thread.
 */
void footprint_shrink(void);

#endif

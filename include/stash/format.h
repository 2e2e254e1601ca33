/*
 * format.h - sizes, times and error texts as Stash writes them into statuses. Pure.
 */
#ifndef STASH_FORMAT_H
#define STASH_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stash/limits.h"

#define FORMAT_SIZE 32

/** Bytes: "1.500 GiB", "1.001 KiB", "1024 B"; the unit is used only when strictly exceeded. */
void format_bytes(uint64_t bytes, char out[FORMAT_SIZE]);
/** The number behind such a text (what the three digits still say). False when it is not one. */
bool format_parse_bytes(const char *text, double *ret);

/** Whole seconds: "m:ss", from one hour on "h:mm:ss". */
void format_processing(uint64_t seconds, char out[FORMAT_SIZE]);
/** The seconds behind such a text. False when it is not one. */
bool format_parse_processing(const char *text, double *ret_seconds);

/** An error text for a status: valid UTF-8, control characters as blanks, runs of blanks as one, at most
 *  LIMIT_STATUS_TEXT bytes; the end is kept when it must be cut, because tools say last what went wrong. */
struct text {
    char s[LIMIT_STATUS_TEXT + 1];
};
/** Fill `out` from a text of any length and content. */
void format_text(const char *in, struct text *out);

#endif

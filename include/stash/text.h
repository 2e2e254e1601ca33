/*
 * text.h - texts that documents may lack, and numbers in texts that anybody may have written. Pure.
 */
#ifndef STASH_TEXT_H
#define STASH_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/** Whether both are there and equal. */
static inline bool text_is(const char *have, const char *want)
{
    return have && want && strcmp(have, want) == 0;
}

/** Whether the list, which ends with NULL, has the text; NULL is in no list. */
static inline bool text_is_one_of(const char *text, const char *const *words)
{
    while (*words && !text_is(text, *words))
        words++;
    return *words;
}

/** The text, or "" for one that is not there. */
static inline const char *text_or_empty(const char *text)
{
    return text ? text : "";
}

/**
 * Read the decimal digits at `*text`, and step over them; what stands behind is the caller's to judge. False when there is
 * no digit (a sign or a space is none) or the number is greater than `max`, which is not negative.
 */
bool text_number(const char **text, int64_t max, int64_t *ret);

#endif

/*
 * text.h - comparing texts that documents may lack.
 */
#ifndef STASH_PLAN_TEXT_H
#define STASH_PLAN_TEXT_H

#include <stdbool.h>
#include <string.h>

/** Whether both are there and equal. */
static inline bool text_is(const char *have, const char *want)
{
    return have && want && strcmp(have, want) == 0;
}

#endif

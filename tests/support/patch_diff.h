/*
 * patch_diff.h - the difference of two documents as a document.
 */
#ifndef TEST_PATCH_DIFF_H
#define TEST_PATCH_DIFF_H

#include "stash/jsonx.h"
#include "stash/patch.h"

/* The patch that leads from one to the other, parsed; new reference. */
static inline json_t *patch_diff(const json_t *from, const json_t *to)
{
    AUTO(buf_done) struct buf text = {0};
    json_t *patch = NULL;
    struct error err;

    buf_init(&text, SIZE_MAX / 2);
    size_t count = patch_print(from, to, &text);
    BUG_ON(jsonx_parse(text.data, text.len, &patch, &err) < 0);
    BUG_ON(json_array_size(patch) != count);
    return patch;
}

#endif

/*
 * Patches: the difference of any two documents, applied, gives the second; a patch that somebody else wrote is applied or
 * refused, and never touches what it was applied to. An input is [one, other].
 */
#include <string.h>

#include "fuzz.h"
#include "patch_diff.h"
#include "stash/jsonx.h"
#include "stash/patch.h"

static void check_difference(const json_t *from, const json_t *to)
{
    json_auto_t *patch = patch_diff(from, to);
    json_auto_t *applied = NULL;
    struct error err;

    BUG_ON(patch_apply(from, patch, &applied, &err) < 0);
    BUG_ON(!json_equal(applied, to));
    BUG_ON((json_array_size(patch) == 0) != (json_equal(from, to) != 0));
}

/* Twice the same patch on the same document: the same answer, and a document as it was. */
static void check_stranger(const json_t *doc, const json_t *patch)
{
    AUTO(mem_free) char *before = jsonx_dump(doc);
    json_auto_t *once = NULL, *twice = NULL;
    struct error err = {0}, again;
    int r = patch_apply(doc, patch, &once, &err);

    BUG_ON((r == 0) != (once != NULL) || (r < 0 && !*err.msg));
    BUG_ON(patch_apply(doc, patch, &twice, &again) != r);
    BUG_ON(r == 0 && !json_equal(once, twice));
    AUTO(mem_free) char *after = jsonx_dump(doc);
    BUG_ON(strcmp(before, after) != 0);
    if (r == 0)
        check_difference(doc, once);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_auto_t *pair = NULL;
    struct error err;

    if (jsonx_parse((const char *)data, size, &pair, &err) < 0 || json_array_size(pair) != 2)
        return 0;
    const json_t *one = json_array_get(pair, 0), *other = json_array_get(pair, 1);
    check_difference(one, other);
    check_difference(other, one);
    check_difference(one, one);
    check_stranger(one, other);
    return 0;
}

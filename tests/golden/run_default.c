/* The suite default: `want` holds the object as it will be stored, and the warnings. */
#include <string.h>

#include "admit_case.h"
#include "golden.h"
#include "patch_diff.h"
#include "stash/jsonx.h"
#include "stash/patch.h"

/* What stays, stays in its order. */
static void check_order(const json_t *before, const json_t *after)
{
    void *at = json_object_iter(jsonx_unconst(after));
    const char *key;
    const json_t *member;

    for (size_t i = 0; i < json_array_size(before); i++)
        check_order(json_array_get(before, i), json_array_get(after, i));
    jsonx_foreach_member (before, key, member) {
        const json_t *same = json_object_get(after, key);
        while (same && at && strcmp(json_object_iter_key(at), key) != 0)
            at = json_object_iter_next(jsonx_unconst(after), at);
        if (same && !at)
            golden_fail("%s has changed its place", key);
        if (same)
            check_order(member, same);
    }
}

static void check_laws(const struct admit_case *c, json_t *mutated)
{
    AUTO(warnings_done) struct warnings ignored = {0};
    struct admit_request again = c->request;

    again.object = mutated;
    json_auto_t *twice = admit_default(&again, &ignored);
    if (!json_equal(mutated, twice))
        golden_fail("filling in twice is not the same as once");
    json_auto_t *patch = patch_diff(c->request.object, mutated);
    json_auto_t *patched = NULL;
    struct error err;
    if (patch_apply(c->request.object, patch, &patched, &err) < 0 || !json_equal(patched, mutated))
        golden_fail("the patch does not lead to what is stored");
    if (json_equal(mutated, c->request.object) && mutated != c->request.object)
        golden_fail("an object that needs nothing must come back as the same pointer");
}

static json_t *run(const json_t *in)
{
    AUTO(admit_case_done) struct admit_case c = {0};
    AUTO(warnings_done) struct warnings warnings = {0};

    admit_case_init(in, &c);
    json_auto_t *mutated = admit_default(&c.request, &warnings);
    check_laws(&c, mutated);
    check_order(c.request.object, mutated);
    return json_pack("{s:O, s:o}", "object", mutated, "warnings", admit_case_warnings(&warnings));
}

int main(int argc, char **argv)
{
    return golden_main(argc, argv, run);
}

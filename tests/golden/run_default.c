/* The suite default: want.json holds the object as it will be stored, and the warnings. */
#include "admit_case.h"
#include "golden.h"
#include "stash/jsonx.h"
#include "stash/patch.h"

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
    return json_pack("{s:O, s:o}", "object", mutated, "warnings", admit_case_warnings(&warnings));
}

int main(int argc, char **argv)
{
    return golden_main(argc, argv, run);
}

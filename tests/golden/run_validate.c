/* The suite validate: `want` holds the causes, in their order, and the warnings. */
#include "admit_case.h"
#include "golden.h"
#include "stash/jsonx.h"

static json_t *validate(const struct admit_request *request)
{
    AUTO(causes_done) struct causes causes = {0};
    AUTO(warnings_done) struct warnings warnings = {0};

    admit_validate(request, &causes, &warnings);
    return json_pack("{s:o, s:o}", "causes", causes_encode(&causes), "warnings",
                     admit_case_warnings(&warnings));
}

static json_t *run(const json_t *in)
{
    AUTO(admit_case_done) struct admit_case c = {0};

    admit_case_init(in, &c);
    json_t *first = validate(&c.request);
    json_auto_t *second = validate(&c.request);
    if (!json_equal(first, second))
        golden_fail("a second look sees other mistakes, or in another order");
    return first;
}

int main(int argc, char **argv)
{
    return golden_main(argc, argv, run);
}

/* What a user writes beside a mesh: ports, ranges and the backend's address are numbers, or they let nothing past the proxy. */
#include <criterion/criterion.h>

#include "parts.h"
#include "stash/mem.h"

#define FORTY "1234567890123456789012345678901234567890"

/* Whether a restore from this endpoint gets past Istio's proxy with these annotations. */
static bool passes(const char *ports, const char *ranges, const char *endpoint)
{
    json_auto_t *pod = json_pack("{s:{s:{s:s*, s:s*}}, s:{s:[{s:s}]}}", "metadata", "annotations",
                                 "traffic.sidecar.istio.io/excludeOutboundPorts", ports,
                                 "traffic.sidecar.istio.io/excludeOutboundIPRanges", ranges, "spec",
                                 "initContainers", "name", "istio-validation");
    const struct site site = {.pod = pod};
    struct recipe recipe = {.row = &part_rows[PART_RESTORE], .backend = {.endpoint = endpoint}};
    struct part part = {.recipe = &recipe};

    return mesh_check(&site, &part);
}

Test(mesh, ports_that_are_numbers_are_let_past)
{
    cr_assert(passes("443,9000", NULL, "http://minio:9000"));
    cr_assert(passes(" 443 , 9000-9010", NULL, "http://minio:9005/path"));
    cr_assert(passes("443", NULL, "https://user@minio:/path"));
    cr_assert(passes("0-65535", NULL, "https://minio"));
}

Test(mesh, what_is_no_port_lets_nothing_past)
{
    static const char *const bad[] = {"",        "9000x",      "-9000",       "8000--9010",
                                      "8000-x",  "9000-9000x", "8000-" FORTY, FORTY "-" FORTY,
                                      "1-99999", FORTY};

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        AUTO(mem_free) char *ports = xasprintf("443,%s", bad[i]);

        cr_assert_not(passes(ports, NULL, "http://minio:9000"), "%s", ports);
    }
}

Test(mesh, an_address_with_a_wrong_port_is_let_past_by_none)
{
    static const char *const bad[] = {"http://minio:9000x", "http://minio:-1",
                                      "http://minio:" FORTY,
                                      "http://minio:4294976296"}; /* 2^32 + 9000 */

    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        cr_assert_not(passes("80,443,9000", NULL, bad[i]), "%s", bad[i]);
}

Test(mesh, ranges_that_are_numbers_are_let_past)
{
    cr_assert(passes(NULL, "0.0.0.0/0", "http://minio:9000"));
    cr_assert(passes("443", "192.0.2.0/24", "http://192.0.2.7:9000"));
    cr_assert(passes("443", "10.0.0.0/8, 192.0.2.7", "http://192.0.2.7:9000"));
}

Test(mesh, what_is_no_range_lets_nothing_past)
{
    static const char *const bad[] = {"0.0.0.0/",       "0.0.0.0/x",     "0.0.0.0/-0",
                                      "0.0.0.0/0x",     "0.0.0.0/33",    "192.0.2.7x",
                                      "192.0.2.-7/0",   "192.0.2.256/0", "0.0.0." FORTY "/0",
                                      "0.0.0.0/" FORTY, " 192.0.2./24"};

    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        cr_assert_not(passes("443", bad[i], "http://192.0.2.7:9000"), "%s", bad[i]);
}

#include <criterion/criterion.h>

#include "catalog_table.h"
#include "stash/jsonx.h"
#include "stash/mem.h"

/* What `text` is, where this product would store a Function or Task like `wanted`. */
static bool is_replaced(const char *text, const char *wanted)
{
    json_auto_t *have = json_loads(text, 0, NULL);
    json_auto_t *ours = json_loads(wanted, 0, NULL);

    cr_assert(have && ours);
    return catalog_is_replaceable(have, ours);
}

#define FUNCTION                                                                                   \
    "{\"kind\":\"Function\",\"spec\":{\"image\":\"localhost/stash-nats:1\",\"args\":["             \
    "\"backup-nats\",\"--a\"]}}"
#define TASK                                                                                       \
    "{\"kind\":\"Task\",\"spec\":{\"steps\":[{\"name\":\"nats-backup-2.8.2\"},{\"name\":"          \
    "\"update-status\"}]}}"

Test(catalog_adopt, takes_what_the_chart_installed_whatever_its_image)
{
    cr_assert(
        is_replaced("{\"metadata\":{\"labels\":{\"app.kubernetes.io/name\":\"stash-catalog\"}}"
                    ",\"spec\":{\"image\":\"mirror/n:1\"}}",
                    FUNCTION));
    cr_assert(is_replaced("{\"metadata\":{\"labels\":{\"helm.sh/chart\":\"stash-catalog-v2025\"}}}",
                          TASK));
    cr_assert(is_replaced(
        "{\"metadata\":{\"labels\":{\"app.kubernetes.io/managed-by\":\"stash.appscode.com\"}}}",
        TASK));
}

Test(catalog_adopt, takes_upstream_functions_without_labels)
{
    cr_assert(is_replaced("{\"spec\":{\"image\":\"ghcr.io/stashed/stash-nats:2.8.2-v3\",\"args\":["
                          "\"backup-nats\",\"--other\"]}}",
                          FUNCTION));
    cr_assert(is_replaced("{\"spec\":{\"image\":\"stash:v0.42.0\",\"args\":[\"backup-nats\"]}}",
                          FUNCTION));
}

Test(catalog_adopt, keeps_what_a_user_made)
{
    cr_assert_not(is_replaced(
        "{\"spec\":{\"image\":\"corp/nats-backup:7\",\"args\":[\"backup-nats\"]}}", FUNCTION));
    cr_assert_not(is_replaced(
        "{\"spec\":{\"image\":\"corp/stashed:7\",\"args\":[\"backup-nats\"]}}", FUNCTION));
    cr_assert_not(is_replaced(
        "{\"spec\":{\"image\":\"stashed/stash-nats:7\",\"args\":[\"my-own\"]}}", FUNCTION));
    cr_assert_not(is_replaced("{\"spec\":{\"image\":\"stashed/stash-nats:7\"}}", FUNCTION));
    cr_assert_not(is_replaced("{\"spec\":{}}", FUNCTION));
    cr_assert_not(is_replaced("{\"spec\":{\"steps\":[{\"name\":\"mine\"}]}}", TASK));
    cr_assert_not(is_replaced("{\"metadata\":{\"labels\":{\"app.kubernetes.io/name\":\"mine\"}},"
                              "\"spec\":{\"steps\":[{\"name\":\"nats-backup-2.8.2\"},{\"name\":"
                              "\"mine\"}]}}",
                              TASK));
}

Test(catalog_adopt, takes_upstream_tasks_without_labels)
{
    cr_assert(is_replaced("{\"spec\":{\"steps\":[{\"name\":\"nats-backup-2.8.2\",\"params\":[]},"
                          "{\"name\":\"update-status\"}]}}",
                          TASK));
}

Test(catalog_adopt, takes_out_of_the_spec_what_is_not_ours)
{
    json_auto_t *ours = json_loads(FUNCTION, 0, NULL);
    json_auto_t *have = json_loads(
        "{\"spec\":{\"image\":\"x\",\"command\":[\"y\"],\"workingDir\":\"/\"}}", 0, NULL);
    json_auto_t *patch = catalog_surplus(have, ours);
    AUTO(mem_free) char *text = jsonx_dump(patch);

    cr_assert_str_eq(text, "{\"spec\":{\"command\":null,\"workingDir\":null}}");
    cr_assert_null(catalog_surplus(ours, ours));
}

/* Two replicas that both believe to lead: whoever comes second is refused, and writes nothing more in that round. */
#include <criterion/criterion.h>
#include <string.h>

#include "fake.h"
#include "room.h"
#include "stash/jsonx.h"

static const struct reconciler_config config = {.namespace = "stash",
                                                .certificates = {365 * 86400, 30 * 86400, 15, 60}};

/* One round against this script; the requests that wrote something. */
static int one_round(const char *script, json_t *writes, struct error *err)
{
    AUTO(fake_stop) struct fake *fake = fake_start(script);
    AUTO(kube_close) struct kube *kube = fake_open(fake);
    struct reconciler r = {.kube = kube, .config = &config};
    int failed = serving_ensure(&r, err);
    json_auto_t *requests = fake_requests(fake);

    for (size_t i = 0; i < json_array_size(requests); i++)
        if (strcmp(jsonx_str(json_array_get(requests, i), "method", NULL), "GET") != 0)
            json_array_append(writes, json_array_get(requests, i));
    return failed;
}

static bool write_says(const json_t *writes, size_t index, const char *text)
{
    const char *body = jsonx_str(json_array_get(writes, index), "body", NULL);

    return body && strstr(body, text);
}

static bool write_goes_to(const json_t *writes, size_t index, const char *part)
{
    const char *url = jsonx_str(json_array_get(writes, index), "url", NULL);

    return url && strstr(url, part);
}

Test(serving, the_first_round_furnishes_everything_in_the_order_that_breaks_nobody)
{
    json_auto_t *writes = json_array();
    struct error err = {0};

    cr_assert_eq(one_round(SCRIPTS "first_install.yaml", writes, &err), 0, "%s", err.msg);
    cr_assert_eq(json_array_size(writes), 4);
    cr_assert(write_says(writes, 0, "stash-webhook-ca"));
    cr_assert(write_goes_to(writes, 1, "/validatingwebhookconfigurations/"));
    cr_assert(write_goes_to(writes, 2, "/mutatingwebhookconfigurations/"));
    cr_assert(write_says(writes, 3, "stash-webhook-cert"));
}

Test(serving, a_ca_that_somebody_made_meanwhile_is_not_replaced)
{
    json_auto_t *writes = json_array();
    struct error err = {0};

    cr_assert_eq(one_round(SCRIPTS "ca_created_meanwhile.yaml", writes, &err), -ERR_CONFLICT);
    cr_assert_eq(json_array_size(writes), 1);
}

Test(serving, a_repair_names_the_version_that_it_repairs)
{
    json_auto_t *writes = json_array();
    struct error err = {0};

    cr_assert_eq(one_round(SCRIPTS "ca_repaired_meanwhile.yaml", writes, &err), -ERR_CONFLICT);
    cr_assert_eq(json_array_size(writes), 1);
    cr_assert(write_says(writes, 0, "\"resourceVersion\":\"7\""));
}

Test(serving, no_pair_is_served_while_its_ca_could_not_be_published)
{
    json_auto_t *writes = json_array();
    struct error err = {0};

    cr_assert_eq(one_round(SCRIPTS "bundle_written_meanwhile.yaml", writes, &err), -ERR_CONFLICT);
    cr_assert_eq(json_array_size(writes), 2);
    cr_assert(write_says(
        writes, 1, "{\"op\":\"replace\",\"path\":\"/metadata/resourceVersion\",\"value\":\"5\"}"));
}

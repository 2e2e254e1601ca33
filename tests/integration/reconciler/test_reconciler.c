/* The whole reconciler as leader: whose business the webhook's certificates are. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>

#include "fake.h"
#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/reconciler.h"

#define WAIT_MS 20000

static void *run(void *reconciler)
{
    struct error err;

    cr_assert_eq(reconciler_run(reconciler, &err), 0, "%s", err.msg);
    return NULL;
}

/* A round of housekeeping ends its look at certificates before it asks for an upstream operator. */
static void wait_for_a_round(struct fake *fake)
{
    int64_t until = clock_mono_ms() + WAIT_MS;

    while (fake_count(fake, "GET", "/apis/apps/v1/deployments") == 0) {
        cr_assert_lt(clock_mono_ms(), until, "no housekeeping");
        clock_sleep_ms(20);
    }
}

/* Lead for a round; how many requests touched the certificates' Secrets or the webhook configurations. */
static size_t touched_in_a_round(bool manage_certificates)
{
    const struct reconciler_config config = {.namespace = "stash",
                                             .identity = "me",
                                             .image = "stash",
                                             .pushgateway_url = "http://127.0.0.1:9",
                                             .workers = 1,
                                             .certificates = {365 * 86400, 30 * 86400, 15, 60},
                                             .manage_certificates = manage_certificates};
    AUTO(fake_stop) struct fake *fake = fake_start(SCRIPTS "leading.yaml");
    AUTO(kube_close) struct kube *kube = fake_open(fake);
    AUTO(reconciler_free) struct reconciler *reconciler = reconciler_new(kube, &config);
    pthread_t thread;

    pthread_create(&thread, NULL, run, reconciler);
    wait_for_a_round(fake);
    reconciler_stop(reconciler);
    pthread_join(thread, NULL);
    return fake_count(fake, "POST", "/secrets") + fake_count(fake, "PATCH", "/secrets") +
           fake_count(fake, "PATCH", "webhookconfigurations");
}

Test(reconciler, the_leader_furnishes_the_webhook)
{
    cr_assert_eq(touched_in_a_round(true), 4);
}

Test(reconciler, certificates_of_somebody_else_are_left_alone)
{
    cr_assert_eq(touched_in_a_round(false), 0);
}

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "fake.h"
#include "stash/clock.h"
#include "stash/jsonx.h"

/* A candidate on a thread of its own. */
struct candidate {
    struct lease *lease;
    pthread_t thread;
    atomic_int started;
    struct error err;
    int result;
};

static void on_started(void *ctx)
{
    struct candidate *candidate = ctx;
    atomic_fetch_add(&candidate->started, 1);
}

static void *run(void *ctx)
{
    struct candidate *candidate = ctx;
    candidate->result = lease_run(candidate->lease, on_started, candidate, &candidate->err);
    return NULL;
}

static void begin(struct candidate *candidate, struct kube *kube, const char *namespace)
{
    const struct lease_config config = {namespace, "lead", "me", 3, 2, 1};
    candidate->lease = lease_new(kube, &config);
    pthread_create(&candidate->thread, NULL, run, candidate);
}

static void end(struct candidate *candidate)
{
    pthread_join(candidate->thread, NULL);
    cr_assert_not(lease_is_held(candidate->lease));
    lease_free(candidate->lease);
}

/* It took the lease, could not renew it, and ended while the lease still kept others away. */
static void expect_early_end(const char *namespace)
{
    AUTO(fake_stop) struct fake *fake = fake_start(SCRIPTS "lease.yaml");
    AUTO(kube_close) struct kube *kube = fake_open(fake);
    struct candidate candidate = {0};
    int64_t began = clock_mono_ms();
    begin(&candidate, kube, namespace);
    end(&candidate);
    cr_assert_eq(candidate.result, -ERR_TIMEOUT, "%s", candidate.err.msg);
    cr_assert_eq(candidate.started, 1);
    cr_assert(clock_mono_ms() - began < 3000, "it took %d ms", (int)(clock_mono_ms() - began));
}

Test(lease, ends_before_others_may_take_over_when_the_server_falls_silent)
{
    expect_early_end("silent");
}

Test(lease, does_not_wait_for_a_busy_server_beyond_its_deadline)
{
    expect_early_end("busy");
}

Test(lease, ends_when_another_took_it)
{
    AUTO(fake_stop) struct fake *fake = fake_start(SCRIPTS "lease.yaml");
    AUTO(kube_close) struct kube *kube = fake_open(fake);
    struct candidate candidate = {0};
    begin(&candidate, kube, "stolen");
    end(&candidate);
    cr_assert_eq(candidate.result, -ERR_CONFLICT, "%s", candidate.err.msg);
    cr_assert_eq(candidate.started, 1);
}

Test(lease, goes_on_after_a_renewal_whose_answer_was_lost)
{
    AUTO(fake_stop) struct fake *fake = fake_start(SCRIPTS "lease.yaml");
    AUTO(kube_close) struct kube *kube = fake_open(fake);
    struct candidate candidate = {0};
    begin(&candidate, kube, "lost");
    clock_sleep_ms(3500);
    cr_assert(lease_is_held(candidate.lease));
    lease_stop(candidate.lease);
    end(&candidate);
    cr_assert_eq(candidate.result, 0, "%s", candidate.err.msg);
    json_auto_t *requests = fake_requests(fake);
    const json_t *last = json_array_get(requests, json_array_size(requests) - 1);
    cr_assert(strstr(jsonx_str(last, "body", NULL), "\"holderIdentity\":\"\""));
}

Test(lease, waits_while_another_holds_it_and_stops_at_once_when_asked)
{
    AUTO(fake_stop) struct fake *fake = fake_start(SCRIPTS "lease.yaml");
    AUTO(kube_close) struct kube *kube = fake_open(fake);
    struct candidate candidate = {0};
    begin(&candidate, kube, "taken");
    clock_sleep_ms(1500);
    cr_assert_eq(candidate.started, 0);
    int64_t began = clock_mono_ms();
    lease_stop(candidate.lease);
    end(&candidate);
    cr_assert_eq(candidate.result, 0);
    cr_assert(clock_mono_ms() - began < 500);
    cr_assert_eq(fake_count(fake, "PUT", ""), 0);
}

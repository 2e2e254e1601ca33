/* The whole reconciler as leader: whose business the webhook's certificates are, what can hold it, and what it says of
 * itself. */
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

/* ---- what can hold it -------------------------------------------------------------------------------------------- */

struct leader {
    struct reconciler_config config;
    struct fake *fake;
    struct kube *kube;
    struct reconciler *reconciler;
    pthread_t thread;
};

static void leader_begin(struct leader *leader, const char *script, bool ignore_upstream)
{
    AUTO(mem_free) char *path = xasprintf("%s%s.yaml", SCRIPTS, script);

    *leader = (struct leader){.config = {.namespace = "stash",
                                         .identity = "me",
                                         .image = "stash",
                                         .pushgateway_url = "http://127.0.0.1:9",
                                         .workers = 2,
                                         .certificates = {365 * 86400, 30 * 86400, 15, 60},
                                         .ignore_upstream = ignore_upstream}};
    leader->fake = fake_start(path);
    leader->kube = fake_open(leader->fake);
    leader->reconciler = reconciler_new(leader->kube, &leader->config);
    pthread_create(&leader->thread, NULL, run, leader->reconciler);
}

static void leader_end(struct leader *leader)
{
    reconciler_stop(leader->reconciler);
    pthread_join(leader->thread, NULL);
    reconciler_free(leader->reconciler);
    kube_close(leader->kube);
    fake_stop(leader->fake);
}

static void wait_for_request(struct leader *leader, const char *method, const char *part)
{
    int64_t until = clock_mono_ms() + WAIT_MS;

    while (fake_count(leader->fake, method, part) == 0) {
        cr_assert_lt(clock_mono_ms(), until, "no %s of %s", method, part);
        clock_sleep_ms(20);
    }
}

static void wait_until_ready(struct leader *leader)
{
    int64_t until = clock_mono_ms() + WAIT_MS;
    struct error why = {0};

    while (!reconciler_is_ready(leader->reconciler, &why)) {
        cr_assert_lt(clock_mono_ms(), until, "not ready: %s", why.msg);
        clock_sleep_ms(20);
    }
}

static bool metric_is(struct leader *leader, const char *line)
{
    AUTO(mem_free) char *text = reconciler_metrics(leader->reconciler);

    return strstr(text, line) != NULL;
}

/* Whether the body of a request to that URL holds a text. */
static bool was_said(struct leader *leader, const char *url, const char *text)
{
    json_auto_t *requests = fake_requests(leader->fake);
    size_t i;
    json_t *request;

    json_array_foreach (requests, i, request) {
        AUTO(mem_free) char *body = jsonx_dump(request);
        if (strstr(jsonx_str(request, "url", NULL), url) && strstr(body, text))
            return true;
    }
    return false;
}

#define STAYING "backupconfigurations/staying"
#define GOING   "backupconfigurations/going"

Test(reconciler, a_deployment_that_only_looks_like_upstream_holds_nobody, .timeout = 60)
{
    struct leader leader;

    leader_begin(&leader, "upstream_look_alike", false);
    wait_for_request(&leader, "PATCH", STAYING);
    wait_for_request(&leader, "PATCH", GOING);
    wait_until_ready(&leader);
    cr_assert(metric_is(&leader, "stash_held_by_upstream 0\n"));
    cr_assert(was_said(&leader, "subjectaccessreviews", "system:serviceaccount:tenant:worker"));
    leader_end(&leader);
}

Test(reconciler, beside_upstream_nothing_is_done_but_finalizers_go, .timeout = 60)
{
    struct leader leader;

    leader_begin(&leader, "upstream_alive", false);
    wait_for_request(&leader, "PATCH", GOING);
    wait_until_ready(&leader);
    cr_assert(metric_is(&leader, "stash_held_by_upstream 1\n"));
    cr_assert(was_said(&leader, "tenant/events", "--ignore-upstream"));
    cr_assert_eq(fake_count(leader.fake, "PATCH", STAYING), 0);
    leader_end(&leader);
}

Test(reconciler, works_beside_upstream_when_told_to, .timeout = 60)
{
    struct leader leader;

    leader_begin(&leader, "upstream_alive", true);
    wait_for_request(&leader, "PATCH", STAYING);
    cr_assert(metric_is(&leader, "stash_held_by_upstream 0\n"));
    leader_end(&leader);
}

/* ---- what it says of itself -------------------------------------------------------------------------------------- */

Test(reconciler, is_not_ready_while_it_has_no_lists_and_says_which)
{
    struct leader leader;
    struct error why = {0};

    leader_begin(&leader, "leading", false);
    wait_for_a_round(leader.fake);
    cr_assert_not(reconciler_is_ready(leader.reconciler, &why));
    cr_assert_eq(strncmp(why.msg, "no list yet of every ", 21), 0, "%s", why.msg);
    leader_end(&leader);
}

Test(reconciler, goes_on_beside_an_object_that_cannot_be_read, .timeout = 60)
{
    struct leader leader;

    leader_begin(&leader, "unreadable", false);
    wait_for_request(&leader, "PATCH", STAYING);
    wait_for_request(&leader, "POST", "tenant/events");
    wait_until_ready(&leader);
    cr_assert(was_said(&leader, "tenant/events", "CannotBeRead"));
    cr_assert(was_said(&leader, "tenant/events",
                       "BackupConfiguration tenant/huge cannot be read: it is larger than 4 MiB"));
    cr_assert(metric_is(&leader, "stash_unread_objects 1\n"));
    /* its session is not given up as if it were gone */
    clock_sleep_ms(500);
    cr_assert_eq(fake_count(leader.fake, "PATCH", "backupsessions/run"), 0);
    leader_end(&leader);
}

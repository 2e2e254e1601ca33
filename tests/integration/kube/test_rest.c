#include <criterion/criterion.h>
#include <string.h>

#include "fake.h"
#include "resources.h"
#include "stash/clock.h"
#include "stash/file.h"
#include "stash/jsonx.h"

static int get(struct kube *kube, const char *name, struct error *err)
{
    json_t *object = NULL;
    int r = kube_get(kube, &pods, "demo", name, &object, err);
    if (r == 0)
        cr_assert_str_eq(jsonx_name(object), name);
    json_decref(object);
    return r;
}

Test(rest, waits_for_a_busy_server_as_long_as_it_says)
{
    AUTO(fake_stop) struct fake *fake = fake_start(SCRIPTS "rest.yaml");
    AUTO(kube_close) struct kube *kube = fake_open(fake);
    struct error err = {0};
    int64_t began = clock_mono_ms();
    cr_assert_eq(get(kube, "busy", &err), 0, "%s", err.msg);
    cr_assert(clock_mono_ms() - began >= 1000);
    cr_assert_eq(fake_count(fake, "GET", "busy"), 2);
}

Test(rest, leaves_a_failing_server_to_the_caller_when_it_says_nothing)
{
    AUTO(fake_stop) struct fake *fake = fake_start(SCRIPTS "rest.yaml");
    AUTO(kube_close) struct kube *kube = fake_open(fake);
    struct error err = {0};
    cr_assert_eq(get(kube, "down", &err), -ERR_TRANSPORT);
    cr_assert_str_eq(err.msg, "get Pod demo/down: no leader");
    cr_assert_eq(err.code, 503);
    cr_assert_eq(fake_count(fake, "GET", "down"), 1);
}

Test(rest, reads_the_token_again_when_it_is_refused)
{
    AUTO(fake_stop) struct fake *fake = fake_start(SCRIPTS "rest.yaml");
    AUTO(kube_close) struct kube *kube = fake_open(fake);
    struct error err = {0};
    cr_assert_eq(get(kube, "stale-token", &err), -ERR_DENIED);
    cr_assert_eq(fake_count(fake, "GET", "stale-token"), 2);
    cr_assert_eq(file_write(fake_token_file(fake), "second\n", 7, 0600, &err), 0);
    cr_assert_eq(get(kube, "stale-token", &err), 0, "%s", err.msg);
    cr_assert_eq(fake_count(fake, "GET", "stale-token"), 4);
}

Test(rest, takes_a_slow_answer_whole)
{
    AUTO(fake_stop) struct fake *fake = fake_start(SCRIPTS "rest.yaml");
    AUTO(kube_close) struct kube *kube = fake_open(fake);
    struct error err = {0};
    cr_assert_eq(get(kube, "slow", &err), 0, "%s", err.msg);
}

Test(rest, calls_a_lost_connection_a_transport_failure)
{
    AUTO(fake_stop) struct fake *fake = fake_start(SCRIPTS "rest.yaml");
    AUTO(kube_close) struct kube *kube = fake_open(fake);
    struct error err = {0};
    cr_assert_eq(get(kube, "cut", &err), -ERR_TRANSPORT);
    cr_assert_eq(get(kube, "dropped", &err), -ERR_TRANSPORT);
    cr_assert(error_retriable(&err));
}

Test(rest, stops_reading_an_answer_above_the_ceiling, .timeout = 60)
{
    AUTO(fake_stop) struct fake *fake = fake_start(SCRIPTS "rest.yaml");
    AUTO(kube_close) struct kube *kube = fake_open(fake);
    struct error err = {0};
    cr_assert_eq(get(kube, "huge", &err), -ERR_LIMIT, "%s", err.msg);
}

Test(rest, follows_no_redirect)
{
    AUTO(fake_stop) struct fake *fake = fake_start(SCRIPTS "rest.yaml");
    AUTO(kube_close) struct kube *kube = fake_open(fake);
    struct error err = {0};
    cr_assert_eq(get(kube, "moved", &err), -ERR_TRANSPORT);
    cr_assert_eq(fake_count(fake, "GET", "elsewhere"), 0);
}

Test(rest, refuses_an_answer_that_is_no_object)
{
    AUTO(fake_stop) struct fake *fake = fake_start(SCRIPTS "rest.yaml");
    AUTO(kube_close) struct kube *kube = fake_open(fake);
    struct error err = {0};
    cr_assert_eq(get(kube, "page", &err), -ERR_TRANSPORT);
    cr_assert_eq(get(kube, "garbage", &err), -ERR_INVALID);
}

static bool count_calls(void *ctx, json_t *object)
{
    ++*(int *)ctx;
    json_object_set_new(jsonx_own(object, "status"), "phase", json_string("Edited"));
    return true;
}

Test(rest, updates_again_after_a_conflict)
{
    AUTO(fake_stop) struct fake *fake = fake_start(SCRIPTS "rest.yaml");
    AUTO(kube_close) struct kube *kube = fake_open(fake);
    struct error err = {0};
    json_auto_t *stored = NULL;
    int calls = 0;
    int r =
        kube_update(kube, &pods, "demo", "contended", "status", count_calls, &calls, &stored, &err);
    cr_assert_eq(r, 0, "%s", err.msg);
    cr_assert_eq(calls, 3);
    cr_assert_str_eq(jsonx_str(stored, "metadata", "resourceVersion", NULL), "2");
}

Test(rest, gives_up_an_update_that_always_conflicts)
{
    AUTO(fake_stop) struct fake *fake = fake_start(SCRIPTS "rest.yaml");
    AUTO(kube_close) struct kube *kube = fake_open(fake);
    struct error err = {0};
    int calls = 0;
    int r = kube_update(kube, &pods, "demo", "hopeless", NULL, count_calls, &calls, NULL, &err);
    cr_assert_eq(r, -ERR_CONFLICT);
    cr_assert_eq(calls, 8);
}

static bool leave_alone(void *ctx, json_t *object)
{
    (void)ctx, (void)object;
    return false;
}

Test(rest, writes_nothing_when_the_edit_changes_nothing)
{
    AUTO(fake_stop) struct fake *fake = fake_start(SCRIPTS "rest.yaml");
    AUTO(kube_close) struct kube *kube = fake_open(fake);
    struct error err = {0};
    json_auto_t *seen = NULL;
    int r = kube_update(kube, &pods, "demo", "hopeless", NULL, leave_alone, NULL, &seen, &err);
    cr_assert_eq(r, 0);
    cr_assert_str_eq(jsonx_name(seen), "hopeless");
    cr_assert_eq(fake_count(fake, "PUT", ""), 0);
}

Test(rest, sends_options_and_preconditions)
{
    AUTO(fake_stop) struct fake *fake = fake_start(SCRIPTS "rest.yaml");
    AUTO(kube_close) struct kube *kube = fake_open(fake);
    struct error err = {0};
    const struct kube_write dry = {.dry_run = true, .field_manager = "me too"};
    const struct kube_delete precise = {.uid = "u-1", .grace_seconds = 0};
    json_auto_t *pod = json_pack("{s:{s:s}}", "metadata", "namespace", "demo");
    cr_assert_eq(kube_create(kube, &pods, pod, &dry, NULL, &err), 0, "%s", err.msg);
    cr_assert_eq(kube_create(kube, &pods, pod, NULL, NULL, &err), 0, "%s", err.msg);
    cr_assert_eq(kube_delete(kube, &pods, "demo", "old", &precise, &err), 0, "%s", err.msg);
    json_auto_t *requests = fake_requests(fake);
    const char *body = jsonx_str(json_array_get(requests, 2), "body", NULL);
    cr_assert_eq(fake_count(fake, "POST", "?fieldManager=me%20too&dryRun=All"), 1);
    cr_assert_eq(fake_count(fake, "POST", "pods?fieldManager=test"), 1);
    cr_assert(strstr(body, "\"propagationPolicy\":\"Background\""), "%s", body);
    cr_assert(strstr(body, "\"preconditions\":{\"uid\":\"u-1\"}"), "%s", body);
    cr_assert(strstr(body, "\"gracePeriodSeconds\":0"), "%s", body);
}

Test(rest, says_when_nobody_listens)
{
    AUTO(fake_stop) struct fake *fake = fake_start(SCRIPTS "rest.yaml");
    AUTO(kube_close) struct kube *kube = fake_open(fake);
    struct error err = {0};
    fake_kill(fake);
    cr_assert_eq(get(kube, "busy", &err), -ERR_TRANSPORT);
    cr_assert(strstr(err.msg, "get Pod demo/busy: "), "%s", err.msg);
}

/* Pods that name their target by an annotation are not refused for us again and again, whatever kind makes them. */
#include <criterion/criterion.h>
#include <string.h>

#include "leader.h"
#include "stash/clock.h"
#include "stash/conditions.h"
#include "stash/jsonx.h"
#include "stash/kinds.h"
#include "stash/timefmt.h"

#define WAIT_MS 30000

static void begin(void)
{
    leader_begin("job_refused.yaml");
}

TestSuite(named, .init = begin, .fini = leader_end, .timeout = 120);

/* What the Job controller says when a pod of its Job is refused. */
static void say_refused(void)
{
    char now[TIMEFMT_SIZE];
    struct error err;

    timefmt_rfc3339(clock_now(), now);
    json_auto_t *event = json_pack(
        "{s:s, s:s, s:{s:s, s:s}, s:{s:s, s:s, s:s, s:s, s:s}, s:s, s:s, s:s, s:s}", "apiVersion",
        "v1", "kind", "Event", "metadata", "name", "photos.1", "namespace", "demo",
        "involvedObject", "apiVersion", "batch/v1", "kind", "Job", "namespace", "demo", "name",
        "photos", "uid", "job-uid", "reason", "FailedCreate", "type", "Warning", "message",
        "Error creating: pods \"photos-\" is forbidden", "lastTimestamp", now);
    cr_assert_eq(kube_create(leader_client, kind_resource(KIND_EVENT), event, NULL, NULL, &err), 0,
                 "%s", err.msg);
}

static json_t *condition(const char *type)
{
    json_auto_t *invoker = NULL;
    struct error err;

    if (kube_get(leader_client, kind_resource(KIND_BACKUP_CONFIGURATION), "demo", "photos",
                 &invoker, &err) < 0)
        return NULL;
    const json_t *found = condition_find(jsonx_get(invoker, "status", "conditions", NULL), type);
    return json_incref(jsonx_unconst(found));
}

/* The condition, as soon as it has this status. New reference. */
static json_t *wait_for(const char *type, const char *status)
{
    int64_t end = clock_mono_ms() + WAIT_MS;

    for (;;) {
        json_t *found = condition(type);
        const char *have = jsonx_str(found, "status", NULL);
        if (have && strcmp(have, status) == 0)
            return found;
        json_decref(found);
        cr_assert(clock_mono_ms() < end, "%s is never %s", type, status);
        clock_sleep_ms(50);
    }
}

static void wake(int turn)
{
    json_auto_t *patch = json_pack("{s:{s:{s:o}}}", "metadata", "annotations", "look",
                                   json_sprintf("turn-%d", turn));
    struct error err;

    cr_assert_eq(kube_patch(leader_client, kind_resource(KIND_BACKUP_CONFIGURATION), "demo",
                            "photos", KUBE_PATCH_MERGE, patch, NULL, NULL, &err),
                 0, "%s", err.msg);
}

/* One look may serve two who wake it, and each is one trial: wake it until the cluster has taken a pod. */
static void wake_until_accepted(void)
{
    int64_t end = clock_mono_ms() + WAIT_MS;

    for (int turn = 0;; turn++) {
        json_auto_t *found = condition("InjectedPodsRefused");
        if (strcmp(jsonx_str(found, "status", NULL), "False") == 0)
            return;
        cr_assert(clock_mono_ms() < end, "they are refused for ever");
        wake(turn);
        clock_sleep_ms(100);
    }
}

/* The pods of the dry runs so far. New reference. */
static json_t *tried(void)
{
    json_auto_t *requests = fake_requests(leader_fake);
    json_t *pods = json_array();

    for (size_t i = 0; i < json_array_size(requests); i++) {
        const json_t *request = json_array_get(requests, i);
        const char *body = jsonx_str(request, "body", NULL);
        if (strcmp(jsonx_str(request, "method", NULL), "POST") == 0 &&
            strstr(jsonx_str(request, "url", NULL), "/demo/pods?"))
            json_array_append_new(pods, json_loads(body, 0, NULL));
    }
    return pods;
}

/* Refused with us and taken without, more than once; then with us: always a pod as the Job would make it. */
static void check_tried(void)
{
    json_auto_t *pods = tried();

    cr_assert_geq(json_array_size(pods), 5);
    for (size_t i = 0; i < json_array_size(pods); i++) {
        const json_t *pod = json_array_get(pods, i);
        cr_expect_str_eq(jsonx_annotation(pod, "stash.appscode.com/target"), "Job/photos");
        cr_expect_str_eq(jsonx_str(pod, "metadata", "generateName", NULL), "photos-");
        cr_expect_not(jsonx_get(pod, "spec", "nodeName", NULL));
        cr_expect_not(jsonx_annotation(pod, "stash.appscode.com/not-injected"));
    }
}

Test(named, a_job_whose_first_pod_is_refused_for_us_gets_it_without_us_and_the_next_with_us)
{
    json_auto_t *found = wait_for("BackupTargetFound", "False");

    cr_expect_eq(fake_count(leader_fake, "POST", "/demo/pods?"), 0, "tried without a reason");
    say_refused();
    json_auto_t *refused = wait_for("InjectedPodsRefused", "True");
    json_auto_t *injected = wait_for("StashSidecarInjected", "False");
    cr_expect(strstr(jsonx_str(refused, "message", NULL), "minimum memory usage"), "%s",
              jsonx_str(refused, "message", NULL));
    cr_expect(strstr(jsonx_str(injected, "message", NULL), "made without it"), "%s",
              jsonx_str(injected, "message", NULL));

    wake_until_accepted();
    check_tried();
}

/* The dry runs before are forgotten with the events about them; one pod was made without us. */
Test(named, a_pod_that_came_without_us_is_tried_until_it_is_accepted)
{
    const struct kube_write options = {.subresource = "status"};
    json_auto_t *found = wait_for("BackupTargetFound", "False");
    json_auto_t *status = json_pack("{s:{s:[{s:s, s:s, s:s, s:s}]}}", "status", "conditions",
                                    "type", "InjectedPodsRefused", "status", "True", "reason",
                                    "RefusedByDryRun", "message", "minimum memory usage");
    struct error err;

    cr_assert_eq(kube_patch(leader_client, kind_resource(KIND_BACKUP_CONFIGURATION), "demo",
                            "photos", KUBE_PATCH_MERGE, status, &options, NULL, &err),
                 0, "%s", err.msg);
    json_auto_t *injected = wait_for("StashSidecarInjected", "False");
    wake_until_accepted();
    check_tried();
}

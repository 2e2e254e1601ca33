#include "failures.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "failures_pod.h"
#include "stash/conditions.h"
#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/timefmt.h"

int64_t failures_time(const json_t *text)
{
    int64_t time = 0;

    if (json_is_string(text))
        timefmt_parse(json_string_value(text), &time);
    return time;
}

void failure_set(struct failure *ret, enum verdict verdict, const char *reason, const char *fmt,
                 ...)
{
    va_list ap;

    ret->verdict = verdict;
    ret->reason = reason;
    va_start(ap, fmt);
    vsnprintf(ret->message, sizeof(ret->message), fmt, ap);
    va_end(ap);
}

/*
 * Why the Job controller could not create a Pod. The first row whose text occurs in the event decides; the last row
 * matches everything. Only what cannot change by waiting fails at once.
 */
static const struct refusal {
    const char *text;
    enum verdict verdict;
    const char *reason;
} refusals[] = {
    {"exceeded quota", VERDICT_WAITING, "QuotaExceeded"},
    {"failed quota", VERDICT_FAILED, "QuotaRefused"},
    {"violates PodSecurity", VERDICT_FAILED, "PodSecurityViolated"},
    {"failed calling webhook", VERDICT_WAITING, "WebhookUnavailable"},
    {"denied the request", VERDICT_FAILED, "AdmissionRefused"},
    {"is being terminated", VERDICT_FAILED, "NamespaceTerminating"},
    {"no PriorityClass", VERDICT_FAILED, "PriorityClassMissing"},
    {"is invalid", VERDICT_FAILED, "PodInvalid"},
    {"is forbidden", VERDICT_FAILED, "PodForbidden"},
    {"", VERDICT_WAITING, "PodNotCreated"},
};

/* A ServiceAccount that exists was only not seen yet by the API server that refused; one that does not stays missing. */
static bool is_account_known(const json_t *world, const json_t *job)
{
    const char *account = jsonx_str(job, "spec", "template", "spec", "serviceAccountName", NULL);
    AUTO(mem_free)
    char *key = xasprintf("%s/%s", jsonx_namespace(job) ? jsonx_namespace(job) : "",
                          account ? account : "");

    return jsonx_get(world, "serviceAccounts", key, NULL) != NULL;
}

static void judge_refusal(const json_t *world, const json_t *job, const char *message,
                          struct failure *ret)
{
    const struct refusal *row = refusals;

    if (strstr(message, "serviceaccount") && strstr(message, "not found")) {
        failure_set(ret, is_account_known(world, job) ? VERDICT_WAITING : VERDICT_FAILED,
                    "ServiceAccountMissing", "%s", message);
        return;
    }
    while (*row->text && !strstr(message, row->text))
        row++;
    failure_set(ret, row->verdict, row->reason, "%s", message);
}

static void judge_without_pod(const json_t *world, const json_t *job, struct failure *ret)
{
    const json_t *event = failure_event(world, "Job", jsonx_name(job), "FailedCreate");
    const char *message = jsonx_str(event, "message", NULL);

    if (message)
        judge_refusal(world, job, message, ret);
    ret->since = failures_time(jsonx_get(job, "metadata", "creationTimestamp", NULL));
}

static bool is_pod_of(const json_t *pod, const json_t *job)
{
    const json_t *owners = jsonx_get(pod, "metadata", "ownerReferences", NULL);
    size_t i;
    json_t *owner;

    json_array_foreach (jsonx_unconst(owners), i, owner) {
        const char *uid = jsonx_str(owner, "uid", NULL);

        if (uid && jsonx_uid(job) && strcmp(uid, jsonx_uid(job)) == 0)
            return true;
    }
    return false;
}

/* With backoffLimit 0 there is one; should there be more, the youngest. */
static const json_t *pod_of(const json_t *world, const json_t *job)
{
    const json_t *found = NULL;
    int64_t youngest = -1;
    size_t i;
    json_t *pod;

    json_array_foreach (jsonx_get(world, "pods", NULL), i, pod) {
        int64_t created = failures_time(jsonx_get(pod, "metadata", "creationTimestamp", NULL));

        if (!is_pod_of(pod, job) || created <= youngest)
            continue;
        found = pod;
        youngest = created;
    }
    return found;
}

/* The Job has failed; its Pod, if it is still there, knows better why. */
static void judge_failed_job(const json_t *world, const json_t *job, struct failure *ret)
{
    const json_t *failed = condition_find(jsonx_get(job, "status", "conditions", NULL), "Failed");
    const json_t *pod = pod_of(world, job);
    const char *reason = jsonx_str(failed, "reason", NULL);
    const char *message = jsonx_str(failed, "message", NULL);

    if (pod)
        failures_judge_pod(world, pod, ret);
    ret->ended = true;
    if (ret->verdict == VERDICT_FAILED)
        return;
    failure_set(ret, VERDICT_FAILED, reason ? reason : "JobFailed", "Job %s failed: %s%s",
                jsonx_name(job), message ? message : "no reason given",
                pod ? "" : " (its pod is gone)");
}

void failures_judge(const json_t *world, const json_t *job, struct failure *ret)
{
    const json_t *conditions = jsonx_get(job, "status", "conditions", NULL);

    *ret = (struct failure){.verdict = VERDICT_FINE, .reason = ""};
    if (condition_is_true(conditions, "Complete"))
        return;
    if (condition_is_true(conditions, "Failed")) {
        judge_failed_job(world, job, ret);
        return;
    }
    const json_t *pod = pod_of(world, job);
    if (pod)
        failures_judge_pod(world, pod, ret);
    else
        judge_without_pod(world, job, ret);
}

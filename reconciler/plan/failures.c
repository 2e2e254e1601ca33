#include "failures.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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

void failures_set(struct failure *ret, enum verdict verdict, const char *reason, const char *fmt,
                  ...)
{
    va_list ap;

    ret->verdict = verdict;
    ret->reason = reason;
    va_start(ap, fmt);
    vsnprintf(ret->message, sizeof(ret->message), fmt, ap);
    va_end(ap);
}

int64_t failures_event_time(const json_t *event)
{
    int64_t time = failures_time(jsonx_get(event, "lastTimestamp", NULL));

    return time ? time : failures_time(jsonx_get(event, "eventTime", NULL));
}

static bool is_event(const json_t *event, const char *kind, const char *name, const char *reason)
{
    const char *about = jsonx_str(event, "involvedObject", "kind", NULL);
    const char *whom = jsonx_str(event, "involvedObject", "name", NULL);
    const char *what = jsonx_str(event, "reason", NULL);

    return about && whom && what && name && strcmp(about, kind) == 0 && strcmp(whom, name) == 0 &&
           strncmp(what, reason, strlen(reason)) == 0;
}

const json_t *failures_event(const json_t *world, const char *kind, const char *name,
                             const char *reason)
{
    const json_t *found = NULL;
    size_t i;
    json_t *event;

    json_array_foreach (jsonx_get(world, "events", NULL), i, event) {
        if (is_event(event, kind, name, reason) &&
            failures_event_time(event) >= failures_event_time(found))
            found = event;
    }
    return found;
}

/* ---- containers --------------------------------------------------------------------------------------------------- */

/* Container states that wait for something. Whatever is not listed is ordinary progress. */
static const struct waiting_row {
    const char *reason; /* as the kubelet writes it */
    enum verdict verdict;
} waiting_rows[] = {
    {"ImagePullBackOff", VERDICT_WAITING},           {"ErrImagePull", VERDICT_WAITING},
    {"ErrImageNeverPull", VERDICT_WAITING},          {"RegistryUnavailable", VERDICT_WAITING},
    {"SignatureValidationFailed", VERDICT_FAILED},   {"InvalidImageName", VERDICT_FAILED},
    {"CreateContainerConfigError", VERDICT_WAITING}, {"CreateContainerError", VERDICT_WAITING},
    {"RunContainerError", VERDICT_WAITING},          {"CrashLoopBackOff", VERDICT_WAITING},
};

/* The end of a container's last words, on one line. */
static void set_exit(struct failure *ret, const json_t *status, const json_t *terminated)
{
    const char *reason = jsonx_str(terminated, "reason", NULL);
    const char *words = jsonx_str(terminated, "message", NULL);

    failures_set(ret, VERDICT_FAILED, reason ? reason : "Error",
                 "container %s: %s (exit code %" JSON_INTEGER_FORMAT ")%s%s",
                 jsonx_str(status, "name", NULL), reason ? reason : "Error",
                 jsonx_int(terminated, 0, "exitCode", NULL), words ? ": " : "", words ? words : "");
    ret->ended = true;
    for (char *c = ret->message; *c; c++) {
        if (*c == '\n')
            *c = ' ';
    }
}

static bool judge_waiting(struct failure *ret, const json_t *status)
{
    const char *reason = jsonx_str(status, "state", "waiting", "reason", NULL);
    const char *message = jsonx_str(status, "state", "waiting", "message", NULL);

    for (size_t i = 0; reason && i < ARRAY_LEN(waiting_rows); i++) {
        if (strcmp(waiting_rows[i].reason, reason) != 0)
            continue;
        bool hopeless = message && strstr(message, "runAsNonRoot");
        failures_set(ret, hopeless ? VERDICT_FAILED : waiting_rows[i].verdict,
                     waiting_rows[i].reason, "container %s: %s%s%s",
                     jsonx_str(status, "name", NULL), reason, message ? ": " : "",
                     message ? message : "");
        return true;
    }
    return false;
}

bool failures_judge_start(const json_t *status, struct failure *ret)
{
    return judge_waiting(ret, status) && strcmp(ret->reason, "CrashLoopBackOff") != 0;
}

/* The first container that says something; init containers come first. */
static void judge_containers(struct failure *ret, const json_t *pod, const char *member)
{
    size_t i;
    json_t *status;

    json_array_foreach (jsonx_get(pod, "status", member, NULL), i, status) {
        const json_t *terminated = jsonx_get(status, "state", "terminated", NULL);

        if (ret->verdict != VERDICT_FINE)
            return;
        if (terminated && jsonx_int(terminated, 0, "exitCode", NULL) != 0)
            set_exit(ret, status, terminated);
        else
            judge_waiting(ret, status);
    }
}

/* ---- the pod ------------------------------------------------------------------------------------------------------ */

static bool is_phase(const json_t *pod, const char *phase)
{
    const char *have = jsonx_str(pod, "status", "phase", NULL);

    return have && strcmp(have, phase) == 0;
}

/* Evicted, Shutdown, NodeLost, Preempted: what the kubelet or a controller did to the whole pod. */
static void judge_pod_reason(struct failure *ret, const json_t *pod)
{
    const char *reason = jsonx_str(pod, "status", "reason", NULL);
    const char *message = jsonx_str(pod, "status", "message", NULL);
    const json_t *disrupted =
        condition_find(jsonx_get(pod, "status", "conditions", NULL), "DisruptionTarget");

    if (!reason && disrupted) {
        reason = jsonx_str(disrupted, "reason", NULL);
        message = jsonx_str(disrupted, "message", NULL);
    }
    if (reason)
        failures_set(ret, VERDICT_FAILED, reason, "pod %s: %s%s%s", jsonx_name(pod), reason,
                     message ? ": " : "", message ? message : "");
}

static void judge_ended(struct failure *ret, const json_t *pod)
{
    judge_pod_reason(ret, pod);
    if (ret->verdict == VERDICT_FINE)
        judge_containers(ret, pod, "initContainerStatuses");
    if (ret->verdict == VERDICT_FINE)
        judge_containers(ret, pod, "containerStatuses");
    if (ret->verdict != VERDICT_FAILED)
        failures_set(ret, VERDICT_FAILED, "PodFailed", "pod %s failed", jsonx_name(pod));
    ret->ended = true;
}

/* Which of the pod's claims are not bound, and what the provisioner says about them. */
static bool judge_claims(const json_t *world, const json_t *pod, struct failure *ret)
{
    size_t i;
    json_t *volume;

    json_array_foreach (jsonx_get(pod, "spec", "volumes", NULL), i, volume) {
        const char *name = jsonx_str(volume, "persistentVolumeClaim", "claimName", NULL);
        const json_t *claim = name ? jsonx_get(world, "claims", name, "object", NULL) : NULL;
        const char *phase = jsonx_str(claim, "status", "phase", NULL);

        if (!name || !jsonx_get(world, "claims", name, NULL) ||
            (phase && strcmp(phase, "Bound") == 0))
            continue;
        const json_t *event =
            failures_event(world, "PersistentVolumeClaim", name, "ProvisioningFailed");
        const char *why = jsonx_str(event, "message", NULL);
        failures_set(ret, VERDICT_WAITING, "ClaimNotBound",
                     "pod %s waits for the PersistentVolumeClaim %s (%s)%s%s", jsonx_name(pod),
                     name,
                     !claim  ? "not found"
                     : phase ? phase
                             : "no phase",
                     why ? ": " : "", why ? why : "");
        return true;
    }
    return false;
}

static bool judge_schedule(const json_t *world, const json_t *pod, struct failure *ret)
{
    const json_t *scheduled =
        condition_find(jsonx_get(pod, "status", "conditions", NULL), "PodScheduled");
    const char *status = jsonx_str(scheduled, "status", NULL);
    const char *reason = jsonx_str(scheduled, "reason", NULL);
    const char *message = jsonx_str(scheduled, "message", NULL);

    if (!status || strcmp(status, "False") != 0)
        return false;
    if (!judge_claims(world, pod, ret))
        failures_set(ret, VERDICT_WAITING, reason ? reason : "Unschedulable",
                     "pod %s cannot be scheduled: %s", jsonx_name(pod), message ? message : "");
    return true;
}

/* Volumes are mounted before the first container starts; an init container may then run for hours in phase Pending. */
static bool has_started(const json_t *pod)
{
    const json_t *first =
        json_array_get(jsonx_get(pod, "status", "initContainerStatuses", NULL), 0);

    if (!first)
        first = json_array_get(jsonx_get(pod, "status", "containerStatuses", NULL), 0);
    return jsonx_get(first, "state", "running", NULL) ||
           jsonx_get(first, "state", "terminated", NULL);
}

/* Volumes that cannot be attached or mounted show only in events. */
static void judge_mounts(const json_t *world, const json_t *pod, struct failure *ret)
{
    const json_t *event = failures_event(world, "Pod", jsonx_name(pod), "FailedMount");

    if (!event)
        event = failures_event(world, "Pod", jsonx_name(pod), "FailedAttachVolume");
    if (!event || has_started(pod) || failures_event_time(event) < ret->since)
        return;
    failures_set(ret, VERDICT_WAITING, "VolumeNotMounted", "pod %s: %s", jsonx_name(pod),
                 jsonx_str(event, "message", NULL));
}

static int64_t later_time(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* When the pod last got further: created, scheduled, or a container of it came to its end. */
static int64_t last_progress(const json_t *pod)
{
    static const char *const members[] = {"initContainerStatuses", "containerStatuses"};
    const json_t *conditions = jsonx_get(pod, "status", "conditions", NULL);
    int64_t time = failures_time(jsonx_get(pod, "metadata", "creationTimestamp", NULL));
    size_t i;
    json_t *status;

    if (condition_is_true(conditions, "PodScheduled"))
        time = later_time(time, failures_time(jsonx_get(condition_find(conditions, "PodScheduled"),
                                                        "lastTransitionTime", NULL)));
    for (size_t m = 0; m < ARRAY_LEN(members); m++) {
        json_array_foreach (jsonx_get(pod, "status", members[m], NULL), i, status)
            time = later_time(
                time, failures_time(jsonx_get(status, "state", "terminated", "finishedAt", NULL)));
    }
    return time;
}

static bool judge_deletion(const json_t *pod, struct failure *ret)
{
    const json_t *deleted = jsonx_get(pod, "metadata", "deletionTimestamp", NULL);

    if (!deleted)
        return false;
    judge_pod_reason(ret, pod);
    if (ret->verdict == VERDICT_FINE)
        failures_set(ret, VERDICT_WAITING, "PodTerminating", "pod %s is being deleted",
                     jsonx_name(pod));
    ret->verdict = VERDICT_WAITING; /* the Job says when it is over, unless its node is gone */
    ret->since = failures_time(deleted);
    return true;
}

void failures_judge_pod(const json_t *world, const json_t *pod, struct failure *ret)
{
    *ret = (struct failure){.verdict = VERDICT_FINE, .reason = "", .since = last_progress(pod)};
    if (is_phase(pod, "Succeeded"))
        return;
    if (is_phase(pod, "Failed")) {
        judge_ended(ret, pod);
        return;
    }
    if (judge_deletion(pod, ret) || judge_schedule(world, pod, ret))
        return;
    judge_containers(ret, pod, "initContainerStatuses");
    if (ret->verdict == VERDICT_FINE)
        judge_containers(ret, pod, "containerStatuses");
    if (ret->verdict == VERDICT_FINE)
        judge_mounts(world, pod, ret);
}

/* ---- the Job ------------------------------------------------------------------------------------------------------ */

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
        failures_set(ret, is_account_known(world, job) ? VERDICT_WAITING : VERDICT_FAILED,
                     "ServiceAccountMissing", "%s", message);
        return;
    }
    while (*row->text && !strstr(message, row->text))
        row++;
    failures_set(ret, row->verdict, row->reason, "%s", message);
}

static void judge_without_pod(const json_t *world, const json_t *job, struct failure *ret)
{
    const json_t *event = failures_event(world, "Job", jsonx_name(job), "FailedCreate");
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
    failures_set(ret, VERDICT_FAILED, reason ? reason : "JobFailed", "Job %s failed: %s%s",
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

#include "session_sidecar.h"

#include <stdio.h>
#include <string.h>

#include "admission.h"
#include "condition_types.h"
#include "invoker.h"
#include "rbac.h"
#include "requirements.h"
#include "rights.h"
#include "rollout.h"
#include "session_hosts.h"
#include "sidecar_pod.h"
#include "sidecar_worker.h"
#include "stash/hosts.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/names.h"
#include "stash/protocol.h"
#include "stash/text.h"
#include "stash/timefmt.h"

/* Our container is at work when it has run this long without dying. */
#define STEADY_SECONDS  30
#define RECHECK_SECONDS 10

/* ---- one pod ------------------------------------------------------------------------------------------------------ */

/* A host of the session: its row in the holder, and the pod that has to report (NULL: there is none now). */
struct host {
    json_t *row;
    const char *name;
    const json_t *pod;
};

static int64_t later_of(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* The sidecar was killed for its memory while it worked for this session: it would be again. */
static bool is_out_of_memory(const json_t *pod, const struct sidecar_model *model, int64_t started)
{
    const json_t *status = sidecar_status(pod, model);
    const json_t *last = jsonx_get(status, "state", "terminated", NULL);

    if (!last)
        last = jsonx_get(status, "lastState", "terminated", NULL);
    const char *reason = jsonx_str(last, "reason", NULL);
    return reason && strcmp(reason, "OOMKilled") == 0 &&
           failures_time(jsonx_get(last, "finishedAt", NULL)) >= started;
}

/* Scaled away, or with its whole workload: the user did that, and is told what it means for this session. */
static void explain_no_pod(const struct draft *draft, const struct executor *executor,
                           const char *host, struct failure *ret)
{
    const json_t *workload = requirements_object(draft, executor->index);
    const json_t *replicas = jsonx_get(workload, "spec", "replicas", NULL);
    json_auto_t *ref = invoker_ref(executor->invoker, executor->index);
    const char *kind = jsonx_str(ref, "kind", NULL), *name = jsonx_str(ref, "name", NULL);

    if (workload && session_host_is_nameless(host))
        snprintf(ret->message, sizeof(ret->message),
                 "a pod of %s %s was missing when the session started, and is still", kind, name);
    else if (!workload)
        snprintf(ret->message, sizeof(ret->message), "there is no pod for %s: %s %s is gone", host,
                 kind, name);
    else if (json_is_integer(replicas))
        snprintf(ret->message, sizeof(ret->message),
                 "there is no pod for %s: %s %s has %" JSON_INTEGER_FORMAT " replicas now", host,
                 kind, name, json_integer_value(replicas));
    else
        snprintf(ret->message, sizeof(ret->message), "there is no pod for %s", host);
}

static void explain_pod(const struct draft *draft, const struct executor *executor,
                        const struct host *host, struct failure *ret)
{
    const struct sidecar_model *model = sidecar_model_of(executor->invoker);
    const char *why = jsonx_annotation(host->pod, ANNOTATION_NOT_INJECTED);

    if (!host->pod)
        explain_no_pod(draft, executor, host->name, ret);
    else if (!sidecar_is_injected(host->pod, model))
        snprintf(ret->message, sizeof(ret->message), "pod %s has no %s%s%s", jsonx_name(host->pod),
                 model->what, why ? ": " : "", why ? why : "");
    else
        failures_judge_pod(draft->world, host->pod, ret);
    if (!*ret->message)
        snprintf(ret->message, sizeof(ret->message), "the %s of pod %s does not run", model->what,
                 jsonx_name(host->pod));
    if (!ret->reason || !*ret->reason)
        ret->reason = "PodNotReady";
    ret->verdict = VERDICT_WAITING;
}

/* An init container that is done has yet to be seen to report. */
static bool is_fine(const json_t *pod, const struct sidecar_model *model)
{
    return sidecar_is_at_work(pod, model) ||
           (strcmp(model->container, CONTAINER_INIT) == 0 && sidecar_is_injected(pod, model) &&
            jsonx_get(sidecar_status(pod, model), "state", "terminated", NULL));
}

/* The pod that works as this host (NULL: as any): of a Deployment's pods any that can will do. NULL: there is none. */
static const json_t *find_pod(const struct executor *executor, const json_t *pods, const char *host)
{
    const struct sidecar_model *model = sidecar_model_of(executor->invoker);
    const json_t *found = NULL;
    size_t i;
    json_t *pod;

    json_array_foreach (jsonx_unconst(pods), i, pod) {
        AUTO(mem_free) char *name = sidecar_host(executor->invoker, executor->index, pod);

        if ((!host || text_is(name, host)) && (!found || !is_fine(found, model)))
            found = pod;
    }
    return found;
}

/* ---- watching ----------------------------------------------------------------------------------------------------- */

static int64_t started_at(const struct executor *executor)
{
    const json_t *ensured =
        condition_find(jsonx_get(executor->holder, "conditions", NULL), executor->ensured);

    return failures_time(jsonx_get(ensured, "lastTransitionTime", NULL));
}

static bool has_reported(const struct executor *executor, const char *host)
{
    return jsonx_find(jsonx_get(executor->holder, "stats", NULL), "hostname", host) >= 0;
}

struct watch {
    struct draft *draft;
    const struct executor *executor;
    const json_t *pods;
    bool busy; /* some host is at work: those behind it in a rolling restart have to wait */
    bool fine; /* nothing stands in any host's way */
};

static void explain_outdated(const json_t *pod, struct failure *ret)
{
    ret->reason = CONDITION_SIDECAR_OUTDATED;
    snprintf(ret->message, sizeof(ret->message),
             "the sidecar of pod %s is of an older version (protocol %d, %d is needed); the "
             "BackupConfiguration's condition " CONDITION_SIDECAR_OUTDATED
             " says what becomes of it",
             jsonx_name(pod), protocol_of(pod), AGENT_PROTOCOL_MINIMUM);
}

/* What agents of an older version have begun goes on while one of them is at work. Nobody comes after it. */
static bool is_left_behind(const struct watch *watch, const struct host *host)
{
    return sidecar_is_at_work(host->pod, sidecar_model_of(watch->executor->invoker)) &&
           protocol_is_outdated(host->pod) && protocol_of(host->pod) >= PROTOCOL_EXECUTORS_NAMED &&
           !sidecar_worker_is_old_at_work(watch->draft, watch->pods);
}

/*
 * Since when something has stood in the host's way: each host has the whole grace from when it lost its pod, however old
 * the session is.
 */
static int64_t waiting_since(const struct watch *watch, const struct host *host)
{
    int64_t since = failures_time(json_object_get(host->row, "waitingSince"));
    char text[TIMEFMT_SIZE];

    if (since)
        return since;
    timefmt_rfc3339(watch->draft->now, text);
    json_object_set_new(host->row, "waitingSince", json_string(text));
    return watch->draft->now;
}

/* A container that starts and dies again and again is never at work for long: its time runs on. */
static void end_waiting(const struct watch *watch, const struct host *host)
{
    const json_t *status = sidecar_status(host->pod, sidecar_model_of(watch->executor->invoker));
    int64_t running = failures_time(jsonx_get(status, "state", "running", "startedAt", NULL));
    int64_t steady = running + STEADY_SECONDS - watch->draft->now;

    if (!json_object_get(host->row, "waitingSince"))
        return;
    if (steady > 0)
        draft_requeue(watch->draft, steady);
    else
        json_object_del(host->row, "waitingSince");
}

/* There is a problem. When it has lasted too long, the host has failed. */
static void wait_for_host(struct watch *watch, const struct host *host, struct failure *failure)
{
    const struct executor *executor = watch->executor;

    watch->fine = false;
    if (session_wait(watch->draft, executor, failure))
        session_fail_host(watch->draft, executor->holder, host->name, failure->message);
}

static void watch_lost(struct watch *watch, const struct host *host)
{
    struct failure failure = {.verdict = VERDICT_WAITING, .reason = ""};

    explain_pod(watch->draft, watch->executor, host, &failure);
    if (watch->busy && invoker_is_restore(watch->executor->invoker)) {
        json_object_del(host->row, "waitingSince");
        failure.since = watch->draft->now;
    } else {
        failure.since = waiting_since(watch, host);
    }
    wait_for_host(watch, host, &failure);
}

static void watch_host(struct watch *watch, const struct host *host)
{
    const struct executor *executor = watch->executor;
    const struct sidecar_model *model = sidecar_model_of(executor->invoker);
    struct failure failure = {.verdict = VERDICT_WAITING, .reason = ""};
    int64_t started = started_at(executor);

    if (host->pod && started && is_out_of_memory(host->pod, model, started)) {
        snprintf(failure.message, sizeof(failure.message),
                 "the %s of pod %s was killed: OOMKilled; give it more memory in "
                 "runtimeSettings.container.resources",
                 model->what, jsonx_name(host->pod));
        session_fail_host(watch->draft, executor->holder, host->name, failure.message);
    } else if (host->pod && is_left_behind(watch, host)) {
        explain_outdated(host->pod, &failure);
        failure.since = later_of(started, sidecar_worker_last_end(watch->draft, watch->pods));
        wait_for_host(watch, host, &failure);
    } else if (host->pod && is_fine(host->pod, model)) {
        end_waiting(watch, host);
    } else {
        watch_lost(watch, host);
    }
}

/* Restored, and not ready yet: the application reads what it got, and its controller restarts no other pod meanwhile. */
static bool is_starting(const struct executor *executor, const json_t *pod)
{
    AUTO(mem_free) char *host = sidecar_host(executor->invoker, executor->index, pod);
    const json_t *stats = jsonx_get(executor->holder, "stats", NULL);
    ptrdiff_t at = host ? jsonx_find(stats, "hostname", host) : -1;

    return at >= 0 && invoker_is_restore(executor->invoker) &&
           text_is(jsonx_str(json_array_get(stats, (size_t)at), "phase", NULL), "Succeeded") &&
           !condition_is_true(jsonx_get(pod, "status", "conditions", NULL), "Ready");
}

static bool is_busy(const struct executor *executor, const json_t *pod)
{
    return sidecar_is_at_work(pod, sidecar_model_of(executor->invoker)) ||
           is_starting(executor, pod);
}

static void watch_hosts(struct watch *watch)
{
    const struct executor *executor = watch->executor;
    size_t i;
    json_t *row;

    for (i = 0; i < json_array_size(watch->pods); i++)
        watch->busy = watch->busy || is_busy(executor, json_array_get(watch->pods, i));
    json_array_foreach (json_object_get(executor->holder, "hosts"), i, row) {
        struct host host = {.row = row, .name = jsonx_str(row, "name", NULL)};

        if (i >= LIMIT_HOSTS)
            break;
        if (!host.name || has_reported(executor, host.name))
            continue;
        host.pod = find_pod(executor, watch->pods, host.name);
        watch_host(watch, &host);
    }
}

/* While the workload or its pods cannot be read, nothing is known of them: not that they are gone either. */
static bool is_unreadable(const struct draft *draft, const struct executor *executor)
{
    const json_t *row = requirements_target(draft, executor->index);
    const json_t *workload = json_object_get(row, "object");

    return !workload || (json_is_object(workload) && !json_object_get(row, "pods"));
}

static void watch_all(struct draft *draft, const struct executor *executor)
{
    json_auto_t *pods = requirements_pods(draft, executor->index);
    struct watch watch = {
        .draft = draft,
        .executor = executor,
        .pods = pods,
        .fine = true,
    };

    if (is_unreadable(draft, executor)) {
        draft_requeue(draft, RECHECK_SECONDS);
        return;
    }
    session_name_hosts(draft, executor);
    session_name_late_hosts(draft, executor);
    sidecar_worker_choose(draft, executor);
    watch_hosts(&watch);
    if (watch.fine)
        session_clear_wait(draft, executor);
}

/* ---- starting ----------------------------------------------------------------------------------------------------- */

/* A pod whose agent may not work for this session, and would as soon as that has begun: it watches sessions too. */
static const json_t *find_outdated(const json_t *pods, const struct sidecar_model *model)
{
    size_t i;
    json_t *pod;

    json_array_foreach (jsonx_unconst(pods), i, pod) {
        const char *phase = jsonx_str(pod, "status", "phase", NULL);

        if (sidecar_is_injected(pod, model) && protocol_is_outdated(pod) &&
            !jsonx_get(pod, "metadata", "deletionTimestamp", NULL) &&
            !(phase && (strcmp(phase, "Succeeded") == 0 || strcmp(phase, "Failed") == 0)))
            return pod;
    }
    return NULL;
}

/* Why nobody can begin; false when somebody can. */
static bool nobody_ready(struct draft *draft, const struct executor *executor, struct failure *ret)
{
    const struct sidecar_model *model = sidecar_model_of(executor->invoker);
    json_auto_t *pods = requirements_pods(draft, executor->index);
    const json_t *outdated = find_outdated(pods, model);
    AUTO(mem_free) char *message = NULL;
    const struct host any = {.name = "", .pod = find_pod(executor, pods, NULL)};

    *ret = (struct failure){.verdict = VERDICT_WAITING, .reason = "PodNotReady"};
    ret->since = session_begun(draft);
    if (session_cannot_name_hosts(draft, executor, &message))
        snprintf(ret->message, sizeof(ret->message), "%s", message);
    else if (!any.pod)
        snprintf(ret->message, sizeof(ret->message), "the workload has no pods");
    else if (outdated)
        explain_outdated(outdated, ret);
    else if (sidecar_is_at_work(any.pod, model))
        return session_awaits_hosts(draft, executor, ret);
    else
        explain_pod(draft, executor, &any, ret);
    return true;
}

void session_run_sidecar(struct draft *draft, const struct executor *executor,
                         void (*initiate)(struct draft *draft, const struct executor *executor))
{
    struct failure failure;

    if (session_give_up_foreign(draft, executor))
        return;
    if (condition_is_true(jsonx_get(executor->holder, "conditions", NULL), executor->ensured)) {
        watch_all(draft, executor);
        return;
    }
    if (session_target_missing(draft, executor))
        return;
    if (nobody_ready(draft, executor, &failure)) {
        if (session_wait(draft, executor, &failure))
            session_ensured(draft, executor, failure.message);
        return;
    }
    if (!admission_ask(draft, executor))
        return;
    session_ready(draft, executor);
    initiate(draft, executor);
    session_ensured(draft, executor, NULL);
    sidecar_worker_choose(draft, executor);
}

static void ensure_rights(struct draft *draft, const struct executor *executor)
{
    AUTO(mem_free) char *name = NULL;
    AUTO(mem_free) char *account = NULL;
    struct rbac_request rbac =
        rbac_for_workload(draft->world, executor->invoker, executor->index,
                          requirements_object(draft, executor->index), &name, &account);

    rbac_ensure(draft, &rbac);
    rights_ensure(draft, &rbac, executor->index);
}

/* Pods that are to be there, or were: until the first host is named, a workload of no pods is waited for. */
static bool has_nobody(struct draft *draft, const struct executor *executor)
{
    AUTO(mem_free) char *message = NULL;

    if (jsonx_get(executor->holder, "totalHosts", NULL) ||
        !session_cannot_name_hosts(draft, executor, &message))
        return false;
    session_wait_for(draft, executor, "PodNotReady", message);
    return true;
}

/*
 * The init container has to find its session begun, so the status is written before the restart; and a restart that is
 * refused again and again must not keep the session from being given up.
 */
void session_run_init(struct draft *draft, const struct executor *executor,
                      void (*initiate)(struct draft *draft, const struct executor *executor))
{
    struct failure failure;
    bool begun =
        condition_is_true(jsonx_get(executor->holder, "conditions", NULL), executor->ensured);

    if (!begun && (session_target_missing(draft, executor) || has_nobody(draft, executor) ||
                   !admission_ask(draft, executor)))
        return;
    if (!begun && session_awaits_hosts(draft, executor, &failure)) {
        session_wait(draft, executor, &failure);
        return;
    }
    ensure_rights(draft, executor);
    initiate(draft, executor);
    if (!begun)
        session_ensured(draft, executor, NULL);
    watch_all(draft, executor);
    if (hosts_have_ended(executor->holder, jsonx_get(executor->holder, "stats", NULL)))
        return;
    draft_flush(draft);
    rollout_ensure(draft, executor->index);
}

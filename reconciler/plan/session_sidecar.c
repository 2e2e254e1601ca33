#include "session_sidecar.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "admission.h"
#include "condition_types.h"
#include "invoker.h"
#include "rbac.h"
#include "requirements.h"
#include "rights.h"
#include "rollout.h"
#include "sidecar_pod.h"
#include "sidecar_worker.h"
#include "stash/jsonx.h"
#include "stash/names.h"
#include "stash/protocol.h"
#include "variables.h"

/* ---- hosts -------------------------------------------------------------------------------------------------------- */

static const char *kind_of(const struct executor *executor)
{
    const json_t *member = invoker_member(executor->invoker, executor->index);
    const char *kind = jsonx_str(member, "target", "ref", "kind", NULL);

    return kind ? kind : "";
}

static const json_t *workload_of(const struct draft *draft, const struct executor *executor)
{
    return jsonx_get(requirements_target(draft, executor->index), "object", NULL);
}

int64_t session_total_hosts(const struct draft *draft, const struct executor *executor)
{
    const json_t *workload = workload_of(draft, executor);

    if (!invoker_is_sidecar(executor->invoker, executor->index))
        return 1;
    if (strcmp(kind_of(executor), "StatefulSet") == 0)
        return jsonx_int(workload, 1, "spec", "replicas", NULL);
    if (strcmp(kind_of(executor), "DaemonSet") == 0)
        return jsonx_int(workload, 0, "status", "desiredNumberScheduled", NULL);
    return 1;
}

/* Does this pod's name end in "-<ordinal>"? */
static bool has_ordinal(const json_t *pod, int64_t ordinal)
{
    const char *dash = jsonx_name(pod) ? strrchr(jsonx_name(pod), '-') : NULL;
    char text[32];

    snprintf(text, sizeof(text), "%" PRId64, ordinal);
    return dash && strcmp(dash + 1, text) == 0;
}

/* One reporter of results: its host name, and the pod that has to report (NULL: there is none now). */
struct host {
    char name[320];
    const json_t *pod;
};

static void host_of_ordinal(const json_t *pods, const char *alias, int64_t ordinal,
                            struct host *ret)
{
    size_t i;
    json_t *pod;

    *ret = (struct host){0};
    snprintf(ret->name, sizeof(ret->name), "%s-%" PRId64, alias ? alias : "host", ordinal);
    json_array_foreach (jsonx_unconst(pods), i, pod) {
        if (has_ordinal(pod, ordinal))
            ret->pod = pod;
    }
}

static void host_of_node(const json_t *pod, const char *alias, struct host *ret)
{
    const char *node = jsonx_str(pod, "spec", "nodeName", NULL);

    ret->pod = pod;
    snprintf(ret->name, sizeof(ret->name), "%s%s%s", alias ? alias : "", alias ? "-" : "",
             node ? node : "");
}

/* ---- one pod ------------------------------------------------------------------------------------------------------ */

static int64_t later(int64_t a, int64_t b)
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

static void explain_pod(const struct draft *draft, const struct sidecar_model *model,
                        const struct host *host, struct failure *ret)
{
    const char *why = jsonx_annotation(host->pod, ANNOTATION_NOT_INJECTED);

    if (!host->pod)
        snprintf(ret->message, sizeof(ret->message), "host %s has no pod", host->name);
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

/* An init container that is done has yet to be seen to report. */
static bool is_fine(const json_t *pod, const struct sidecar_model *model)
{
    return sidecar_is_at_work(pod, model) ||
           (strcmp(model->container, CONTAINER_INIT) == 0 && sidecar_is_injected(pod, model) &&
            jsonx_get(sidecar_status(pod, model), "state", "terminated", NULL));
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

/* Something stands in its way; when that has lasted too long, the host has failed. */
static void wait_for_host(struct watch *watch, const struct host *host, struct failure *failure)
{
    const struct executor *executor = watch->executor;

    watch->fine = false;
    if (watch->busy && invoker_is_restore(executor->invoker))
        failure->since = watch->draft->now;
    if (session_wait(watch->draft, executor, failure))
        session_fail_host(watch->draft, executor->holder, host->name, failure->message);
}

static void watch_host(struct watch *watch, const struct host *host)
{
    const struct executor *executor = watch->executor;
    const struct sidecar_model *model = sidecar_model_of(executor->invoker);
    struct failure failure = {.verdict = VERDICT_FINE, .reason = ""};
    int64_t started = started_at(executor);

    if (has_reported(executor, host->name))
        return;
    if (host->pod && started && is_out_of_memory(host->pod, model, started)) {
        snprintf(failure.message, sizeof(failure.message),
                 "the %s of pod %s was killed: OOMKilled; give it more memory in "
                 "runtimeSettings.container.resources",
                 model->what, jsonx_name(host->pod));
        session_fail_host(watch->draft, executor->holder, host->name, failure.message);
        return;
    }
    if (host->pod && is_left_behind(watch, host)) {
        failure.verdict = VERDICT_WAITING;
        explain_outdated(host->pod, &failure);
        failure.since = later(started, sidecar_worker_last_end(watch->draft, watch->pods));
    } else if (host->pod && is_fine(host->pod, model)) {
        return;
    } else {
        explain_pod(watch->draft, model, host, &failure);
        failure.since = later(
            started, failures_time(jsonx_get(host->pod, "metadata", "creationTimestamp", NULL)));
    }
    wait_for_host(watch, host, &failure);
}

/* One of a Deployment's pods works for all: any that can will do. */
static void any_host(const struct watch *watch, const char *name, struct host *ret)
{
    const struct sidecar_model *model = sidecar_model_of(watch->executor->invoker);
    size_t i;
    json_t *pod;

    *ret = (struct host){0};
    snprintf(ret->name, sizeof(ret->name), "%s", name);
    json_array_foreach (jsonx_unconst(watch->pods), i, pod) {
        if (!ret->pod || !is_fine(ret->pod, model))
            ret->pod = pod;
    }
}

static void watch_ordinals(struct watch *watch, const char *alias)
{
    const struct executor *executor = watch->executor;
    int64_t first =
        jsonx_int(workload_of(watch->draft, executor), 0, "spec", "ordinals", "start", NULL);
    int64_t total = session_total_hosts(watch->draft, executor);

    for (int64_t i = first; i < first + total; i++) {
        struct host host;

        host_of_ordinal(watch->pods, alias, i, &host);
        watch_host(watch, &host);
    }
}

static void watch_nodes(struct watch *watch, const char *alias)
{
    for (size_t i = 0; i < json_array_size(watch->pods); i++) {
        struct host host;

        host_of_node(json_array_get(watch->pods, i), alias, &host);
        watch_host(watch, &host);
    }
}

static void watch_hosts(struct watch *watch)
{
    const json_t *member = invoker_member(watch->executor->invoker, watch->executor->index);
    const char *alias = jsonx_str(member, "target", "alias", NULL);
    struct host host;

    for (size_t i = 0; i < json_array_size(watch->pods); i++)
        watch->busy = watch->busy || sidecar_is_at_work(json_array_get(watch->pods, i),
                                                        sidecar_model_of(watch->executor->invoker));
    if (strcmp(kind_of(watch->executor), "StatefulSet") == 0) {
        watch_ordinals(watch, alias);
    } else if (strcmp(kind_of(watch->executor), "DaemonSet") == 0) {
        watch_nodes(watch, alias);
    } else {
        any_host(watch, variables_host(member), &host);
        watch_host(watch, &host);
    }
}

/* Hosts are counted by name: {0, 2} of a StatefulSet of two are not two hosts, host 1 is still to come. */
static json_int_t count_unreported_ordinals(const struct draft *draft,
                                            const struct executor *executor, const char *alias)
{
    int64_t first = jsonx_int(workload_of(draft, executor), 0, "spec", "ordinals", "start", NULL);
    json_int_t total = jsonx_int(executor->holder, 0, "totalHosts", NULL);
    json_int_t now = session_total_hosts(draft, executor);
    json_int_t count = 0;

    for (int64_t i = first; i < first + (now < total ? now : total); i++) {
        struct host host;

        host_of_ordinal(NULL, alias, i, &host);
        count += !has_reported(executor, host.name);
    }
    return count;
}

static json_int_t count_unreported_nodes(const struct executor *executor, const json_t *pods,
                                         const char *alias)
{
    json_int_t count = 0;
    size_t i;
    json_t *pod;

    json_array_foreach (jsonx_unconst(pods), i, pod) {
        struct host host;

        host_of_node(pod, alias, &host);
        count += !has_reported(executor, host.name);
    }
    return count;
}

/*
 * How many hosts there are now: those that have reported, and those that will. Pods that were scaled away will not; one
 * that was added and has reported counts beside the others.
 */
void session_recount_hosts(const struct draft *draft, const struct executor *executor)
{
    json_auto_t *pods = requirements_pods(draft, executor->index);
    const json_t *member = invoker_member(executor->invoker, executor->index);
    const char *alias = jsonx_str(member, "target", "alias", NULL);
    json_int_t reported = (json_int_t)json_array_size(jsonx_get(executor->holder, "stats", NULL));
    json_int_t total = jsonx_int(executor->holder, 0, "totalHosts", NULL);
    json_int_t now = total;

    if (!workload_of(draft, executor) || total == 0)
        return;
    if (strcmp(kind_of(executor), "StatefulSet") == 0) {
        now = reported + count_unreported_ordinals(draft, executor, alias);
    } else if (strcmp(kind_of(executor), "DaemonSet") == 0) {
        now = reported + count_unreported_nodes(executor, pods, alias);
        now = later(now, session_total_hosts(draft, executor)); /* pods that are being made */
        now = now < total ? now : total;
    }
    if (now > 0 && now != total)
        json_object_set_new(executor->holder, "totalHosts", json_integer(now));
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

/* Why no pod can begin; false when one can. */
static bool nobody_ready(struct draft *draft, const struct executor *executor, struct failure *ret)
{
    json_auto_t *pods = requirements_pods(draft, executor->index);
    struct watch watch = {.executor = executor, .pods = pods};
    const json_t *outdated = find_outdated(pods, sidecar_model_of(executor->invoker));
    struct host host;

    *ret = (struct failure){.verdict = VERDICT_WAITING, .reason = "PodNotReady"};
    if (json_array_size(watch.pods) == 0) {
        snprintf(ret->message, sizeof(ret->message), "the workload has no pods");
    } else if (outdated) {
        explain_outdated(outdated, ret);
    } else {
        any_host(&watch, "", &host);
        if (sidecar_is_at_work(host.pod, sidecar_model_of(executor->invoker)))
            return false;
        explain_pod(draft, sidecar_model_of(executor->invoker), &host, ret);
    }
    ret->since = session_begun(draft);
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

/* Whether every host has reported or was given up. */
static bool all_reported(const struct executor *executor)
{
    json_int_t total = jsonx_int(executor->holder, 0, "totalHosts", NULL);

    return (json_int_t)json_array_size(jsonx_get(executor->holder, "stats", NULL)) >= total;
}

static void ensure_rights(struct draft *draft, const struct executor *executor)
{
    AUTO(mem_free) char *name = NULL;
    AUTO(mem_free) char *account = NULL;
    struct rbac_request rbac = rbac_for_workload(draft->world, executor->invoker, executor->index,
                                                 workload_of(draft, executor), &name, &account);

    rbac_ensure(draft, &rbac);
    rights_ensure(draft, &rbac, executor->index);
}

/*
 * The init container has to find its session begun, so the status is written before the restart; and a restart that is
 * refused again and again must not keep the session from being given up.
 */
void session_run_init(struct draft *draft, const struct executor *executor,
                      void (*initiate)(struct draft *draft, const struct executor *executor))
{
    if (session_target_missing(draft, executor) || !admission_ask(draft, executor))
        return;
    ensure_rights(draft, executor);
    initiate(draft, executor);
    if (!condition_is_true(jsonx_get(executor->holder, "conditions", NULL), executor->ensured))
        session_ensured(draft, executor, NULL);
    session_recount_hosts(draft, executor);
    watch_all(draft, executor);
    if (all_reported(executor))
        return;
    draft_flush(draft);
    rollout_ensure(draft, executor->index);
}

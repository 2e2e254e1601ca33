#include <inttypes.h>
#include <string.h>

#include "admission.h"
#include "condition_types.h"
#include "invoker.h"
#include "job_template.h"
#include "naming.h"
#include "rbac.h"
#include "requirements.h"
#include "rights.h"
#include "session.h"
#include "stash/jsonx.h"
#include "stash/names.h"
#include "variables.h"

/* A Job is seen later than the status that says it was made: two watches have no common order. */
#define JOB_LAG_SECONDS 30
/* A Job is done a moment before its report is seen. */
#define REPORT_LAG_SECONDS    60
#define INTERIM_GRACE_DEFAULT 120
#define RECHECK_SECONDS       10
#define PARTS_GRACE_SECONDS   30
#define JOB_TTL_DEFAULT       60
#define NEVER_ENDS_SECONDS    60 /* after its session: another container than ours runs on */

void session_ensured(const struct draft *draft, const struct executor *executor,
                     const char *message)
{
    draft_condition(draft, executor->holder,
                    &(struct condition){executor->ensured, message ? "False" : "True",
                                        message ? executor->bad_reason : executor->ok_reason,
                                        message ? message : "the executor is at work"});
}

static void set_ready(const struct draft *draft, const struct executor *executor,
                      const struct failure *failure)
{
    draft_condition(draft, executor->holder,
                    &(struct condition){CONDITION_EXECUTOR_READY, failure ? "False" : "True",
                                        failure ? failure->reason : "ExecutorRunning",
                                        failure ? failure->message : "no problem is known"});
}

void session_ready(const struct draft *draft, const struct executor *executor)
{
    set_ready(draft, executor, NULL);
}

void session_clear_wait(const struct draft *draft, const struct executor *executor)
{
    if (condition_is_false(jsonx_get(executor->holder, "conditions", NULL),
                           CONDITION_EXECUTOR_READY))
        set_ready(draft, executor, NULL);
}

static bool wait_until(struct draft *draft, const struct executor *executor,
                       const struct failure *failure, int64_t end)
{
    set_ready(draft, executor, failure);
    if (draft->now >= end)
        return true;
    draft_requeue(draft, end - draft->now);
    return false;
}

bool session_wait(struct draft *draft, const struct executor *executor,
                  const struct failure *failure)
{
    return wait_until(draft, executor, failure, failure->since + session_grace(draft));
}

static const char *host_of(const struct executor *executor)
{
    return variables_host(invoker_member(executor->invoker, executor->index));
}

/* ---- before there is a Job ---------------------------------------------------------------------------------------- */

static bool is_interim_replaced(const struct executor *executor)
{
    return condition_is_true(jsonx_get(executor->holder, "conditions", NULL),
                             CONDITION_INTERIM_REPLACED);
}

/* There will be another backup; nobody asks for a restore twice. */
void session_wait_for(struct draft *draft, const struct executor *executor, const char *reason,
                      const char *message)
{
    struct failure failure = {.verdict = VERDICT_WAITING, .reason = reason};
    bool for_ever = invoker_is_restore(executor->invoker);
    int64_t since = for_ever ? draft->now : session_begun(draft);

    if (for_ever)
        admission_give_back(draft);
    snprintf(failure.message, sizeof(failure.message), "%s", message);
    if (wait_until(draft, executor, &failure, since + PARTS_GRACE_SECONDS))
        session_ensured(draft, executor, message);
    else
        draft_requeue(draft, RECHECK_SECONDS);
}

static struct job_request request_of(const struct draft *draft, const struct executor *executor)
{
    const json_t *world = draft->world;

    return (struct job_request){
        .world = world,
        .config = jsonx_get(world, "config", NULL),
        .invoker = executor->invoker,
        .index = executor->index,
        .session = draft->object,
        .repository = jsonx_get(world, "repository", NULL),
        .target_object = requirements_object(draft, executor->index),
        .tasks = jsonx_get(world, "tasks", NULL),
        .functions = jsonx_get(world, "functions", NULL),
        .claims = jsonx_get(world, "claims", NULL),
        .without_interim = is_interim_replaced(executor),
    };
}

static const json_t *find_job(const struct draft *draft, const struct executor *executor)
{
    AUTO(mem_free)
    char *name = naming_job(draft->world, executor->invoker, draft->object, executor->index);
    size_t i;
    json_t *job;

    json_array_foreach (jsonx_get(draft->world, "jobs", NULL), i, job) {
        if (jsonx_name(job) && strcmp(jsonx_name(job), name) == 0)
            return job;
    }
    return NULL;
}

static bool has_interim(const json_t *job)
{
    return jsonx_find(jsonx_get(job, "spec", "template", "spec", "volumes", NULL), "name",
                      VOLUME_INTERIM) >= 0;
}

/* If `action` fails for good, the condition is set in the holder and nothing else of this plan happens. */
static void on_failure(const struct draft *draft, const struct executor *executor, json_t *action,
                       const struct condition *condition)
{
    json_t *before = json_incref(jsonx_get(executor->holder, "conditions", NULL));

    draft_condition(draft, executor->holder, condition);
    json_object_set_new(action, "onFailure", draft_status_actions(draft, draft->status));
    if (before)
        json_object_set_new(executor->holder, "conditions", before);
    else
        json_object_del(executor->holder, "conditions");
}

/* A template that we filled in must never break a backup that works without it. */
static bool is_interim_ours(const struct executor *executor)
{
    const char *origin = jsonx_annotation(executor->invoker, ANNOTATION_INTERIM_ORIGIN);

    return origin && strcmp(origin, "true") == 0;
}

static void ensure_interim(struct draft *draft, const struct executor *executor)
{
    AUTO(mem_free)
    char *name = naming_interim(draft->world, executor->invoker, draft->object, executor->index);

    if (!name || is_interim_replaced(executor) ||
        jsonx_get(draft->world, "claims", name, "object", NULL))
        return;
    struct job_request request = request_of(draft, executor);
    json_t *action = draft_create(draft, job_template_interim_claim(&request));
    struct condition replaced = {CONDITION_INTERIM_REPLACED, "True", "InterimVolumeNotCreated",
                                 "${error}; the tempDir takes its place"};
    struct condition failed = {executor->ensured, "False", executor->bad_reason,
                               "the interim volume could not be created: ${error}"};
    on_failure(draft, executor, action, is_interim_ours(executor) ? &replaced : &failed);
}

/* The Job of before the interim volume was given up; true while it is still there. */
static bool remove_stale_job(struct draft *draft, const struct executor *executor)
{
    const json_t *job = find_job(draft, executor);

    if (!job || !is_interim_replaced(executor) || !has_interim(job))
        return false;
    if (!jsonx_get(job, "metadata", "deletionTimestamp", NULL))
        draft_delete(draft, job, "Foreground");
    draft_requeue(draft, JOB_LAG_SECONDS);
    return true;
}

/* The rights of the Job's pod; whatever refuses them for good ends the session. */
static void ensure_rights(struct draft *draft, const struct executor *executor)
{
    AUTO(mem_free) char *name = NULL;
    AUTO(mem_free) char *account = NULL;
    struct rbac_request rbac =
        rbac_for_job(draft->world, executor->invoker, executor->index, &name, &account);
    const json_t *actions = json_object_get(draft->plan, "actions");
    size_t before = json_array_size(actions);

    rbac_ensure(draft, &rbac);
    rights_ensure(draft, &rbac, executor->index);
    for (size_t i = before; i < json_array_size(actions); i++)
        on_failure(draft, executor, json_array_get(actions, i),
                   &(struct condition){executor->ensured, "False", executor->bad_reason,
                                       "the rights of the Job could not be given: ${error}"});
}

static void create_job(struct draft *draft, const struct executor *executor, json_t *job)
{
    ensure_rights(draft, executor);
    ensure_interim(draft, executor);
    if (!find_job(draft, executor)) {
        json_t *action = draft_create(draft, json_incref(job));

        on_failure(draft, executor, action,
                   &(struct condition){executor->ensured, "False", executor->bad_reason,
                                       "the Job could not be created: ${error}"});
    }
    set_ready(draft, executor, NULL);
    session_ensured(draft, executor, NULL);
}

/*
 * Creating is tried again and again while the API server (or a webhook behind it) is in trouble; this condition marks
 * when it was begun. False when it has taken too long.
 */
static bool begin_creating(struct draft *draft, const struct executor *executor)
{
    const struct failure creating = {.reason = REASON_CREATING,
                                     .message = "the Job is being created"};
    const json_t *ready =
        condition_find(jsonx_get(executor->holder, "conditions", NULL), CONDITION_EXECUTOR_READY);
    const char *reason = jsonx_str(ready, "reason", NULL);

    if (!reason || strcmp(reason, REASON_CREATING) != 0) {
        set_ready(draft, executor, &creating);
        return true;
    }
    int64_t since = failures_time(jsonx_get(ready, "lastTransitionTime", NULL));
    if (draft->now - since < session_grace(draft))
        return true;
    session_ensured(draft, executor, "the Job could not be created in time");
    return false;
}

bool session_target_missing(struct draft *draft, const struct executor *executor)
{
    json_auto_t *ref = invoker_ref(executor->invoker, executor->index);

    if (!jsonx_str(ref, "name", NULL) || requirements_object(draft, executor->index))
        return false;
    AUTO(mem_free)
    char *message = xasprintf("%s %s/%s not found", jsonx_str(ref, "kind", NULL),
                              jsonx_str(ref, "namespace", NULL), jsonx_str(ref, "name", NULL));
    session_wait_for(draft, executor, "TargetNotAvailable", message);
    return true;
}

void session_start_job(struct draft *draft, const struct executor *executor,
                       void (*initiate)(struct draft *draft, const struct executor *executor))
{
    struct job_request request = request_of(draft, executor);
    json_auto_t *job = NULL;
    struct error err = {0};

    if (remove_stale_job(draft, executor) || session_target_missing(draft, executor))
        return;
    int r = job_template_build(&request, &job, &err);
    if (r == -ERR_NOT_FOUND) {
        session_wait_for(draft, executor, "TaskNotAvailable", err.msg);
        return;
    }
    if (r < 0) {
        session_ensured(draft, executor, err.msg);
        return;
    }
    if (!admission_ask(draft, executor) || !begin_creating(draft, executor))
        return;
    initiate(draft, executor);
    draft_flush(draft);
    create_job(draft, executor, job);
}

/* ---- while there is a Job ----------------------------------------------------------------------------------------- */

/* Look again once `seconds` have gone by since `since`; true when they have. */
static bool has_lasted(struct draft *draft, int64_t since, int64_t seconds)
{
    if (draft->now - since >= seconds)
        return true;
    draft_requeue(draft, since + seconds - draft->now);
    return false;
}

/* What the watch shows may be old: only a look at the API server itself tells that a Job is not there. */
static bool is_seen_gone(const struct draft *draft, const char *name)
{
    AUTO(mem_free) char *key = xasprintf("%s/%s", jsonx_namespace(draft->object), name);

    return json_is_null(json_object_get(json_object_get(draft->world, "namedJobs"), key));
}

static void watch_missing(struct draft *draft, const struct executor *executor)
{
    const json_t *ensured =
        condition_find(jsonx_get(executor->holder, "conditions", NULL), executor->ensured);
    AUTO(mem_free)
    char *name = naming_job(draft->world, executor->invoker, draft->object, executor->index);
    AUTO(mem_free)
    char *message = xasprintf("Job %s is gone: it was deleted before it reported a result", name);

    if (!has_lasted(draft, failures_time(jsonx_get(ensured, "lastTransitionTime", NULL)),
                    JOB_LAG_SECONDS))
        return;
    if (!is_seen_gone(draft, name))
        draft_requeue(draft, RECHECK_SECONDS);
    else
        session_fail_host(draft, executor->holder, host_of(executor), message);
}

static void watch_complete(struct draft *draft, const struct executor *executor, const json_t *job)
{
    AUTO(mem_free)
    char *message = xasprintf("Job %s completed but reported no result", jsonx_name(job));

    if (has_lasted(draft, failures_time(jsonx_get(job, "status", "completionTime", NULL)),
                   REPORT_LAG_SECONDS))
        session_fail_host(draft, executor->holder, host_of(executor), message);
}

static bool is_interim_unbound(const struct draft *draft, const struct executor *executor,
                               const json_t *job)
{
    AUTO(mem_free)
    char *name = naming_interim(draft->world, executor->invoker, draft->object, executor->index);
    const json_t *claim = name ? jsonx_get(draft->world, "claims", name, "object", NULL) : NULL;
    const char *phase = jsonx_str(claim, "status", "phase", NULL);

    return name && has_interim(job) && !(phase && strcmp(phase, "Bound") == 0);
}

/* Our default volume does not come: go back to the start, with the tempDir in its place. */
static bool replace_interim(struct draft *draft, const struct executor *executor, const json_t *job,
                            const struct failure *failure)
{
    int64_t grace =
        jsonx_int(draft->world, INTERIM_GRACE_DEFAULT, "config", "interimGraceSeconds", NULL);

    if (!is_interim_ours(executor) || !is_interim_unbound(draft, executor, job) ||
        !has_lasted(draft, failure->since, grace))
        return false;
    draft_condition(draft, executor->holder,
                    &(struct condition){CONDITION_INTERIM_REPLACED, "True", "InterimVolumeNotBound",
                                        failure->message});
    json_t *conditions = jsonx_own_array(executor->holder, "conditions");
    ptrdiff_t at = jsonx_find(conditions, "type", executor->ensured);
    if (at >= 0)
        json_array_remove(conditions, (size_t)at);
    draft_flush(draft);
    draft_delete(draft, job, "Foreground");
    draft_requeue(draft, 5);
    return true;
}

static void watch_waiting(struct draft *draft, const struct executor *executor, const json_t *job,
                          const struct failure *failure)
{
    if (replace_interim(draft, executor, job, failure))
        return;
    if (session_wait(draft, executor, failure))
        session_fail_host(draft, executor->holder, host_of(executor), failure->message);
}

/* What has not ended by itself could still begin: the condition marks it for session_kill_jobs(). */
static void watch_failed(struct draft *draft, const struct executor *executor,
                         const struct failure *failure)
{
    if (failure->ended)
        session_clear_wait(draft, executor);
    else
        set_ready(draft, executor, failure);
    session_fail_host(draft, executor->holder, host_of(executor), failure->message);
}

void session_watch_job(struct draft *draft, const struct executor *executor)
{
    const json_t *job = find_job(draft, executor);
    struct failure failure;

    if (!job) {
        watch_missing(draft, executor);
        return;
    }
    failures_judge(draft->world, job, &failure);
    if (failure.verdict == VERDICT_WAITING) {
        watch_waiting(draft, executor, job, &failure);
        return;
    }
    if (failure.verdict == VERDICT_FAILED) {
        watch_failed(draft, executor, &failure);
        return;
    }
    session_clear_wait(draft, executor);
    if (condition_is_true(jsonx_get(job, "status", "conditions", NULL), "Complete"))
        watch_complete(draft, executor, job);
}

void session_kill_jobs(struct draft *draft)
{
    size_t i;
    json_t *job;

    json_array_foreach (jsonx_get(draft->world, "jobs", NULL), i, job) {
        const json_t *conditions = jsonx_get(job, "status", "conditions", NULL);

        if (!condition_is_true(conditions, "Complete") &&
            !condition_is_true(conditions, "Failed") &&
            !jsonx_get(job, "metadata", "deletionTimestamp", NULL))
            draft_delete(draft, job, "Foreground");
    }
}

/* From when on a Job may go; 0: it stays. */
static int64_t clear_time(const struct draft *draft, const json_t *job)
{
    const json_t *conditions = jsonx_get(job, "status", "conditions", NULL);
    int64_t ttl = jsonx_int(draft->world, JOB_TTL_DEFAULT, "config", "jobTtlSeconds", NULL);

    if (jsonx_get(job, "metadata", "deletionTimestamp", NULL) ||
        condition_is_true(conditions, "Failed"))
        return 0;
    if (condition_is_true(conditions, "Complete"))
        return session_ended(draft->object) + ttl;
    return session_ended(draft->object) + NEVER_ENDS_SECONDS;
}

void session_clear_jobs(struct draft *draft)
{
    size_t i;
    json_t *job;

    json_array_foreach (jsonx_get(draft->world, "jobs", NULL), i, job) {
        int64_t when = clear_time(draft, job);

        if (when && draft->now >= when)
            draft_delete(draft, job, "Background");
        else if (when)
            draft_requeue(draft, when - draft->now);
    }
}

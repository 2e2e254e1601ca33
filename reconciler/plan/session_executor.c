#include <inttypes.h>
#include <string.h>

#include "admission.h"
#include "claim_set.h"
#include "condition_types.h"
#include "invoker.h"
#include "job_template.h"
#include "naming.h"
#include "rbac.h"
#include "requirements.h"
#include "rights.h"
#include "session.h"
#include "session_claims.h"
#include "session_hosts.h"
#include "stash/jsonx.h"
#include "stash/names.h"
#include "stash/text.h"
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

static void fail_job(struct draft *draft, const struct executor *executor, const char *message)
{
    AUTO(mem_free) char *host = session_job_host(executor);

    session_fail_host(draft, executor->holder, host, message);
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
        .set = executor->set,
        .session = draft->object,
        .repository = jsonx_get(world, "repository", NULL),
        .target_object = requirements_object(draft, executor->index),
        .tasks = jsonx_get(world, "tasks", NULL),
        .functions = jsonx_get(world, "functions", NULL),
        .claims = jsonx_get(world, "claims", NULL),
        .without_interim = is_interim_replaced(executor),
    };
}

static struct name_job named_job(const struct draft *draft, const struct executor *executor)
{
    return (struct name_job){executor->invoker, draft->object, executor->index, executor->set};
}

static char *job_name(const struct draft *draft, const struct executor *executor)
{
    const struct name_job named = named_job(draft, executor);

    return naming_job(draft->world, &named);
}

static char *interim_name(const struct draft *draft, const struct executor *executor)
{
    const struct name_job named = named_job(draft, executor);

    return naming_interim(draft->world, &named);
}

static const json_t *find_job(const struct draft *draft, const struct executor *executor)
{
    AUTO(mem_free) char *name = job_name(draft, executor);
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

json_t *session_actions_with(const struct draft *draft, const struct executor *executor,
                             const struct condition *condition)
{
    json_t *before = json_incref(jsonx_get(executor->holder, "conditions", NULL));

    draft_condition(draft, executor->holder, condition);
    json_t *actions = draft_status_actions(draft, draft->status);
    if (before)
        json_object_set_new(executor->holder, "conditions", before);
    else
        json_object_del(executor->holder, "conditions");
    return actions;
}

/* If `action` fails for good, the condition is set in the holder and nothing else of this plan happens. */
static void on_failure(const struct draft *draft, const struct executor *executor, json_t *action,
                       const struct condition *condition)
{
    json_object_set_new(action, "onFailure", session_actions_with(draft, executor, condition));
}

/* A template that we filled in must never break a backup that works without it. */
static bool is_interim_ours(const struct executor *executor)
{
    const char *origin = jsonx_annotation(executor->invoker, ANNOTATION_INTERIM_ORIGIN);

    return origin && strcmp(origin, "true") == 0;
}

static void ensure_interim(struct draft *draft, const struct executor *executor)
{
    AUTO(mem_free) char *name = interim_name(draft, executor);

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
    if (find_job(draft, executor))
        return;
    json_t *action = draft_create(draft, json_incref(job));
    on_failure(draft, executor, action,
               &(struct condition){executor->ensured, "False", executor->bad_reason,
                                   "the Job could not be created: ${error}"});
}

/* What the Jobs of a target are made of. */
struct parts {
    json_t *jobs;   /* one for each set of claims, or the only one */
    json_t *claims; /* that a restore makes */
};

static void parts_done(struct parts *parts)
{
    json_decref(parts->jobs);
    json_decref(parts->claims);
}
DEFINE_AUTO_VALUE(struct parts, parts_done);

static int parts_build(const struct draft *draft, const struct executor *executor,
                       struct parts *parts, struct error *err)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < session_job_count(executor); i++) {
        const struct executor its = session_job(executor, i);
        struct job_request request = request_of(draft, &its);
        json_t *job = NULL;

        r = job_template_build(&request, &job, err);
        if (r == 0)
            json_array_append_new(parts->jobs, job);
        if (r == 0)
            r = claim_set_build(&request, parts->claims, err);
    }
    return r;
}

/* All claims come before the first Job: when one is refused nothing was begun. */
static void create_jobs(struct draft *draft, const struct executor *executor,
                        const struct parts *parts)
{
    ensure_rights(draft, executor);
    session_make_claims(draft, executor, parts->claims);
    for (size_t i = 0; i < json_array_size(parts->jobs); i++) {
        const struct executor job = session_job(executor, i);

        ensure_interim(draft, &job);
        create_job(draft, &job, json_array_get(parts->jobs, i));
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

    if (text_is(reason, REASON_CLAIM_NOT_CREATED))
        return session_claims_may_come(draft, executor);
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

void session_start_jobs(struct draft *draft, const struct executor *executor,
                        void (*initiate)(struct draft *draft, const struct executor *executor))
{
    AUTO(parts_done) struct parts parts = {json_array(), json_array()};
    struct error err = {0};

    if (remove_stale_job(draft, executor) || session_target_missing(draft, executor))
        return;
    int r = parts_build(draft, executor, &parts, &err);
    if (r == -ERR_NOT_FOUND) {
        session_wait_for(draft, executor, "TaskNotAvailable", err.msg);
        return;
    }
    if (r < 0) {
        session_ensured(draft, executor, err.msg);
        return;
    }
    if (!session_claims_are_free(draft, executor, parts.claims) ||
        !admission_ask(draft, executor) || !begin_creating(draft, executor))
        return;
    initiate(draft, executor);
    draft_flush(draft);
    create_jobs(draft, executor, &parts);
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
    AUTO(mem_free) char *name = job_name(draft, executor);
    AUTO(mem_free)
    char *message = xasprintf("Job %s is gone: it was deleted before it reported a result", name);

    if (!has_lasted(draft, failures_time(jsonx_get(ensured, "lastTransitionTime", NULL)),
                    JOB_LAG_SECONDS))
        return;
    if (!is_seen_gone(draft, name))
        draft_requeue(draft, RECHECK_SECONDS);
    else
        fail_job(draft, executor, message);
}

static void watch_complete(struct draft *draft, const struct executor *executor, const json_t *job)
{
    AUTO(mem_free)
    char *message = xasprintf("Job %s completed but reported no result", jsonx_name(job));

    if (has_lasted(draft, failures_time(jsonx_get(job, "status", "completionTime", NULL)),
                   REPORT_LAG_SECONDS))
        fail_job(draft, executor, message);
}

static bool is_interim_unbound(const struct draft *draft, const struct executor *executor,
                               const json_t *job)
{
    AUTO(mem_free) char *name = interim_name(draft, executor);
    const json_t *claim = name ? jsonx_get(draft->world, "claims", name, "object", NULL) : NULL;
    const char *phase = jsonx_str(claim, "status", "phase", NULL);

    return name && has_interim(job) && !(phase && strcmp(phase, "Bound") == 0);
}

/* Our default volume does not come: go back to the start, with the tempDir in its place. Jobs beside each other do not: what
 * the others are about is not begun anew. */
static bool replace_interim(struct draft *draft, const struct executor *executor, const json_t *job,
                            const struct failure *failure)
{
    int64_t grace =
        jsonx_int(draft->world, INTERIM_GRACE_DEFAULT, "config", "interimGraceSeconds", NULL);

    if (executor->set > 0 || !is_interim_ours(executor) ||
        !is_interim_unbound(draft, executor, job) || !has_lasted(draft, failure->since, grace))
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

enum watched {
    WATCHED_FINE,    /* it runs, or its host has reported */
    WATCHED_TROUBLE, /* it waits, or could still begin although it has failed */
    WATCHED_UNCLEAR, /* it is not there: nothing is known */
};

static enum watched watch_waiting(struct draft *draft, const struct executor *executor,
                                  const json_t *job, const struct failure *failure)
{
    if (replace_interim(draft, executor, job, failure))
        return WATCHED_UNCLEAR;
    if (has_lasted(draft, failure->since, session_grace(draft)))
        fail_job(draft, executor, failure->message);
    return WATCHED_TROUBLE;
}

static enum watched watch_job(struct draft *draft, const struct executor *executor,
                              const json_t *job, struct failure *ret)
{
    failures_judge(draft->world, job, ret);
    if (ret->verdict == VERDICT_WAITING)
        return watch_waiting(draft, executor, job, ret);
    if (ret->verdict == VERDICT_FAILED)
        fail_job(draft, executor, ret->message);
    else if (condition_is_true(jsonx_get(job, "status", "conditions", NULL), "Complete"))
        watch_complete(draft, executor, job);
    return ret->verdict == VERDICT_FAILED && !ret->ended ? WATCHED_TROUBLE : WATCHED_FINE;
}

/* A Job whose host has reported; others may still be at work. */
static enum watched watch_reported(const struct draft *draft, const json_t *stat, const json_t *job,
                                   struct failure *ret)
{
    if (!job || !text_is(jsonx_str(stat, "phase", NULL), "Failed"))
        return WATCHED_FINE;
    failures_judge(draft->world, job, ret);
    return ret->verdict != VERDICT_FINE && !ret->ended ? WATCHED_TROUBLE : WATCHED_FINE;
}

static enum watched watch_one(struct draft *draft, const struct executor *executor,
                              struct failure *ret)
{
    AUTO(mem_free) char *host = session_job_host(executor);
    const json_t *stats = jsonx_get(executor->holder, "stats", NULL);
    ptrdiff_t reported = jsonx_find(stats, "hostname", host);
    const json_t *job = find_job(draft, executor);

    if (reported >= 0)
        return watch_reported(draft, json_array_get(stats, (size_t)reported), job, ret);
    if (job)
        return watch_job(draft, executor, job, ret);
    watch_missing(draft, executor);
    return WATCHED_UNCLEAR;
}

/* The condition tells the first trouble, and marks for session_kill_jobs() that a Job could still begin. */
void session_watch_jobs(struct draft *draft, const struct executor *executor)
{
    struct failure first = {.verdict = VERDICT_FINE};
    bool clear = true;

    for (size_t i = 0; i < session_job_count(executor); i++) {
        const struct executor job = session_job(executor, i);
        struct failure failure;
        enum watched watched = watch_one(draft, &job, &failure);

        if (watched == WATCHED_TROUBLE && first.verdict == VERDICT_FINE)
            first = failure;
        clear = clear && watched != WATCHED_UNCLEAR;
    }
    if (first.verdict != VERDICT_FINE)
        set_ready(draft, executor, &first);
    else if (clear)
        session_clear_wait(draft, executor);
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

#include "trigger.h"

#include "condition_types.h"
#include "failures.h"
#include "naming.h"
#include "session.h"
#include "stash/jsonx.h"
#include "stash/names.h"
#include "stash/pair.h"
#include "stash/plan.h"
#include "stash/text.h"

/* A pod may wait a moment for its node or image; with what watches need, it shows within a minute. */
#define PATIENCE_SECONDS 20
/* Events of a Job without a pod are not watched. */
#define RECHECK_SECONDS 10

/* What the CronJob controller says when there is no Job; it warns of Jobs made by hand too, which is no failure. */
static const char *const no_job_reasons[] = {
    "FailedCreate",    "FailedNeedsStart",    "MissSchedule",
    "InvalidSchedule", "UnparseableSchedule", "UnknownTimeZone",
};

/* The Jobs, Pods and Events in the form that failures.h judges. New reference. */
static json_t *trigger_world(const json_t *world)
{
    const json_t *trigger = jsonx_get(world, "trigger", NULL);

    return json_pack("{s:O*, s:O*, s:O*, s:O*}", PAIR("jobs", jsonx_get(trigger, "jobs", NULL)),
                     PAIR("pods", jsonx_get(trigger, "pods", NULL)),
                     PAIR("events", jsonx_get(trigger, "events", NULL)),
                     PAIR("serviceAccounts", jsonx_get(world, "serviceAccounts", NULL)));
}

static const json_t *newest_job(const json_t *jobs)
{
    const json_t *newest = NULL;
    size_t i;
    json_t *job;

    json_array_foreach (jsonx_unconst(jobs), i, job) {
        if (!newest || session_created(job) > session_created(newest))
            newest = job;
    }
    return newest;
}

/* What is not newer than this was made good since: by the condition, or as the CronJob controller saw it. */
static int64_t last_success(const struct draft *draft, const char *cron_job)
{
    const json_t *conditions = jsonx_get(draft->status, "conditions", NULL);
    const json_t *ready = condition_find(conditions, CONDITION_TRIGGER_READY);
    int64_t latest = condition_is_true(conditions, CONDITION_TRIGGER_READY)
                         ? failures_time(jsonx_get(ready, "lastTransitionTime", NULL))
                         : 0;
    size_t i;
    json_t *each;

    json_array_foreach (jsonx_get(draft->world, "cronJobs", NULL), i, each) {
        int64_t time = failures_time(jsonx_get(each, "status", "lastSuccessfulTime", NULL));

        if (text_is(jsonx_name(each), cron_job) && time > latest)
            latest = time;
    }
    return latest;
}

/* New conditions: the trigger works, since the Job that shows it was made. */
static json_t *conditions_healed(const json_t *conditions, const json_t *job)
{
    return condition_set(conditions,
                         &(struct condition){CONDITION_TRIGGER_READY, "True", "TriggerSucceeded",
                                             "the last trigger made its session"},
                         session_created(job));
}

static void report_failure(struct draft *draft, const struct failure *failure)
{
    bool known =
        condition_is_false(jsonx_get(draft->status, "conditions", NULL), CONDITION_TRIGGER_READY);

    draft_condition(
        draft, draft->status,
        &(struct condition){CONDITION_TRIGGER_READY, "False", failure->reason, failure->message});
    if (!known)
        draft_add_event(draft, &(struct draft_event){"Backup Trigger Failed", failure->message,
                                                     "BackupConfiguration Controller", true});
}

static void judge_job(struct draft *draft, const json_t *world, const json_t *job,
                      struct failure *ret)
{
    const json_t *conditions = jsonx_get(job, "status", "conditions", NULL);
    bool over =
        condition_is_true(conditions, "Complete") || condition_is_true(conditions, "Failed");

    failures_judge(world, job, ret);
    if (!over)
        draft_requeue(draft, RECHECK_SECONDS);
    if (ret->verdict == VERDICT_WAITING && draft->now - session_created(job) < PATIENCE_SECONDS)
        ret->verdict = VERDICT_FINE;
}

/* Why there is no Job at all, if that is newer than `since`. */
static void judge_events(const json_t *world, const char *cron_job, int64_t since,
                         struct failure *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(no_job_reasons); i++) {
        const json_t *event = failures_event(world, "CronJob", cron_job, no_job_reasons[i]);
        int64_t time = failures_event_time(event);

        if (time <= since)
            continue;
        since = time;
        failures_set(ret, VERDICT_FAILED, jsonx_str(event, "reason", NULL), "CronJob %s: %s",
                     cron_job, jsonx_str(event, "message", NULL));
    }
}

void trigger_check(struct draft *draft)
{
    AUTO(mem_free) char *cron_job = naming_trigger(draft->world, draft->object);
    json_auto_t *world = trigger_world(draft->world);
    const json_t *job = newest_job(jsonx_get(world, "jobs", NULL));
    struct failure failure = {.verdict = VERDICT_FINE};
    int64_t since = last_success(draft, cron_job);

    if (job && session_created(job) > since) {
        since = session_created(job);
        judge_job(draft, world, job, &failure);
    }
    judge_events(world, cron_job, since, &failure);
    if (failure.verdict != VERDICT_FINE)
        report_failure(draft, &failure);
}

/* ---- a Job of it that is done ------------------------------------------------------------------------------------ */

static void tell_invoker(struct draft *draft, const json_t *invoker)
{
    const json_t *conditions = jsonx_get(invoker, "status", "conditions", NULL);

    if (!condition_is_false(conditions, CONDITION_TRIGGER_READY))
        return;
    json_object_set_new(
        draft_action(draft, "status", invoker), "patch",
        json_pack(
            "{s:{s:s*}, s:{s:o}}",
            PAIR("metadata",
                 PAIR("resourceVersion", jsonx_str(invoker, "metadata", "resourceVersion", NULL))),
            PAIR("status", PAIR("conditions", conditions_healed(conditions, draft->object)))));
}

json_t *plan_trigger_job(const json_t *world)
{
    AUTO(draft_done) struct draft draft;
    const char *label;

    draft_init(&draft, world, NULL);
    label = jsonx_label(draft.object, LABEL_DELETE_JOB);
    if (text_is(label, "true") && !jsonx_get(draft.object, "metadata", "deletionTimestamp", NULL) &&
        condition_is_true(jsonx_get(draft.object, "status", "conditions", NULL), "Complete")) {
        tell_invoker(&draft, jsonx_get(world, "invoker", NULL));
        draft_delete(&draft, draft.object, "Background");
    }
    return draft_take(&draft);
}

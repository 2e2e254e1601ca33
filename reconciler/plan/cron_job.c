#include "cron_job.h"

#include "condition_types.h"
#include "container.h"
#include "ensure.h"
#include "invoker.h"
#include "naming.h"
#include "pod_template.h"
#include "rbac.h"
#include "stash/jsonx.h"
#include "stash/kinds.h"
#include "stash/mem.h"
#include "stash/names.h"
#include "stash/pair.h"
#include "stash/text.h"

/* A run missed while the cluster was away is caught up within the hour, once. */
#define STARTING_DEADLINE 3600
/* A trigger is done in seconds; one that hangs must not hold up the next (concurrencyPolicy Forbid). */
#define TRIGGER_DEADLINE 600

static json_t *trigger_container(const struct draft *draft)
{
    const json_t *invoker = draft->object;
    const json_t *settings = jsonx_get(invoker, "spec", "runtimeSettings", "container", NULL);
    json_auto_t *some = json_pack(
        "{s:O*, s:O*, s:O*, s:O*}", PAIR("resources", jsonx_get(settings, "resources", NULL)),
        PAIR("env", jsonx_get(settings, "env", NULL)),
        PAIR("envFrom", jsonx_get(settings, "envFrom", NULL)),
        PAIR("securityContext", jsonx_get(settings, "securityContext", NULL)));
    json_t *container = json_pack(
        "{s:s, s:s?, s:s, s:s, s:[s, o, o]}", PAIR("name", CONTAINER_TRIGGER),
        PAIR("image", jsonx_str(draft->world, "config", "image", NULL)),
        PAIR("imagePullPolicy", "IfNotPresent"),
        PAIR("terminationMessagePolicy", "FallbackToLogsOnError"),
        PAIR("args", "create-backupsession", json_sprintf("--invoker-name=%s", jsonx_name(invoker)),
             json_sprintf("--invoker-kind=%s", jsonx_str(invoker, "kind", NULL))));

    container_apply_settings(container, some);
    return container;
}

static json_t *trigger_template(const struct draft *draft, const char *account)
{
    const json_t *invoker = draft->object;
    struct pod_request request = {jsonx_get(draft->world, "config", NULL), invoker,
                                  jsonx_get(invoker, "spec", "runtimeSettings", "pod", NULL),
                                  account};
    json_t *template = pod_template_new(&request);
    json_t *spec = json_object_get(template, "spec");
    json_t *container = trigger_container(draft);

    container_harden(container, jsonx_get(spec, "securityContext", NULL));
    json_object_set_new(spec, "containers", json_pack("[o]", container));
    return template;
}

static json_t *cron_job_object(const struct draft *draft, const char *name, const char *account)
{
    const json_t *invoker = draft->object;
    const json_t *spec = jsonx_get(invoker, "spec", NULL);
    json_t *labels = invoker_labels(invoker);

    json_object_set_new(labels, LABEL_DELETE_JOB, json_string("true"));
    json_t *job = json_pack("{s:{s:o}, s:{s:i, s:o}}", PAIR("metadata", PAIR("labels", labels)),
                            PAIR("spec", PAIR("activeDeadlineSeconds", TRIGGER_DEADLINE),
                                 PAIR("template", trigger_template(draft, account))));
    const char *schedule = jsonx_str(spec, "schedule", NULL);
    json_t *cron = json_pack(
        "{s:s, s:b, s:s, s:i, s:i, s:i, s:o}", PAIR("schedule", schedule ? schedule : ""),
        PAIR("suspend", jsonx_bool(spec, false, "paused", NULL)),
        PAIR("concurrencyPolicy", "Forbid"), PAIR("startingDeadlineSeconds", STARTING_DEADLINE),
        PAIR("successfulJobsHistoryLimit", 1), PAIR("failedJobsHistoryLimit", 1),
        PAIR("jobTemplate", job));

    return json_pack("{s:s, s:s, s:{s:s, s:s?, s:o, s:o}, s:o}", PAIR("apiVersion", "batch/v1"),
                     PAIR("kind", "CronJob"),
                     PAIR("metadata", PAIR("name", name),
                          PAIR("namespace", jsonx_namespace(invoker)),
                          PAIR("labels", invoker_labels(invoker)),
                          PAIR("ownerReferences", invoker_owner(invoker))),
                     PAIR("spec", cron));
}

/* Somebody may have changed by hand what decides when backups run. */
static bool is_drifted(const json_t *existing, const json_t *desired)
{
    return !json_equal(jsonx_get(existing, "spec", "schedule", NULL),
                       jsonx_get(desired, "spec", "schedule", NULL)) ||
           jsonx_bool(existing, false, "spec", "suspend", NULL) !=
               jsonx_bool(desired, false, "spec", "suspend", NULL);
}

static bool is_trigger(const json_t *cron_job)
{
    const json_t *containers =
        jsonx_get(cron_job, "spec", "jobTemplate", "spec", "template", "spec", "containers", NULL);

    return text_is(json_string_value(
                       json_array_get(jsonx_get(json_array_get(containers, 0), "args", NULL), 0)),
                   "create-backupsession");
}

/* Two triggers would make two sessions. A name of before is known by its owner, and what it runs says what it is. */
static void remove_others(struct draft *draft, const char *name)
{
    const json_t *old = jsonx_get(draft->world, "oldCronJob", NULL);
    size_t i;
    json_t *cron_job;

    json_array_foreach (jsonx_get(draft->world, "cronJobs", NULL), i, cron_job) {
        if (naming_is_owned(cron_job, draft->object) && !text_is(jsonx_name(cron_job), name) &&
            !text_is(jsonx_name(cron_job), jsonx_name(old)) && is_trigger(cron_job))
            draft_delete(draft, cron_job, "Background");
    }
    if (is_trigger(old))
        draft_delete(draft, old, "Background");
}

static const json_t *find_own(const struct draft *draft, const char *name)
{
    size_t i;
    json_t *cron_job;

    json_array_foreach (jsonx_get(draft->world, "cronJobs", NULL), i, cron_job) {
        if (text_is(jsonx_name(cron_job), name))
            return cron_job;
    }
    return NULL;
}

static void make_all(struct draft *draft)
{
    AUTO(mem_free) char *cron_job = naming_trigger(draft->world, draft->object);
    AUTO(mem_free) char *name = NULL;
    AUTO(mem_free) char *account = NULL;
    struct rbac_request rbac = rbac_for_trigger(draft->world, draft->object, &name, &account);
    const json_t *existing = find_own(draft, cron_job);
    json_t *desired = cron_job_object(draft, cron_job, account);

    rbac_ensure(draft, &rbac);
    if (existing && is_drifted(existing, desired))
        existing = NULL;
    ensure_applied(draft, existing, desired);
    remove_others(draft, cron_job);
}

void cron_job_ensure(struct draft *draft)
{
    const json_t *actions = json_object_get(draft->plan, "actions");
    size_t before = json_array_size(actions);

    make_all(draft);
    for (size_t i = before; i < json_array_size(actions); i++)
        draft_on_failure(draft, json_array_get(actions, i),
                         &(struct condition){CONDITION_CRON_JOB_CREATED, "False",
                                             "CronJobCreationFailed", "${error}"});
    draft_condition(draft, draft->status,
                    &(struct condition){CONDITION_CRON_JOB_CREATED, "True",
                                        "CronJobCreationSucceeded",
                                        "successfully created the backup triggering CronJob"});
}

#include <string.h>

#include "condition_types.h"
#include "cron_job.h"
#include "draft.h"
#include "grants.h"
#include "invoker.h"
#include "job_template.h"
#include "rbac.h"
#include "requirements.h"
#include "rights.h"
#include "rollout.h"
#include "stash/conditions.h"
#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/names.h"
#include "stash/plan.h"
#include "trigger.h"

/* While something is missing, look again: not everything that may appear is watched (Secrets are not). */
#define WAITING_SECONDS 300 /* at most, until what it needs is looked for again */
/* Even when all is well: somebody may have deleted the Secret. */
#define RESYNC_SECONDS 3600

/* Who runs member `index`: the Jobs' own ServiceAccount, or that of the workload. */
static struct rbac_request rbac_for(const struct draft *draft, size_t index, char **name,
                                    char **account)
{
    return invoker_is_sidecar(draft->object, index)
               ? rbac_for_workload(draft->world, draft->object, index,
                                   requirements_object(draft, index), name, account)
               : rbac_for_job(draft->world, draft->object, index, name, account);
}

static void ensure_members(struct draft *draft)
{
    for (size_t i = 0; i < invoker_count(draft->object); i++) {
        AUTO(mem_free) char *name = NULL;
        AUTO(mem_free) char *account = NULL;
        struct rbac_request rbac = rbac_for(draft, i, &name, &account);

        rbac_ensure(draft, &rbac);
        rights_ensure(draft, &rbac, i);
    }
}

/* Build the Job that a session would get, only to see whether it can be built; NULL when it can. The caller frees it. */
static char *job_problem(const struct draft *draft, size_t index)
{
    const json_t *world = draft->world;
    struct job_request request = {
        .world = world,
        .config = jsonx_get(world, "config", NULL),
        .invoker = draft->object,
        .index = index,
        .session = draft->object,
        .repository = jsonx_get(world, "repository", NULL),
        .target_object = requirements_object(draft, index),
        .tasks = jsonx_get(world, "tasks", NULL),
        .functions = jsonx_get(world, "functions", NULL),
    };
    json_auto_t *job = NULL;
    struct error err = {0};

    return job_template_build(&request, &job, &err) < 0 ? xstrdup(err.msg) : NULL;
}

/* Said now rather than at the first session. It does not keep the CronJob from running: the Task may still come. */
static void check_tasks(struct draft *draft)
{
    for (size_t i = 0; i < invoker_count(draft->object); i++) {
        AUTO(mem_free)
        char *problem = invoker_is_sidecar(draft->object, i) ? NULL : job_problem(draft, i);

        draft_condition(draft, draft->status,
                        &(struct condition){CONDITION_TASK_RESOLVED, problem ? "False" : "True",
                                            problem ? "TaskNotResolved" : "TaskResolved",
                                            problem ? problem : "sessions can be run"});
        if (!problem)
            continue;
        draft_requeue_waiting(draft, WAITING_SECONDS);
        return;
    }
}

/* A target that has a task now may have sidecars of before. */
static void roll_out(struct draft *draft)
{
    for (size_t i = 0; i < invoker_count(draft->object); i++) {
        if (invoker_is_sidecar(draft->object, i))
            rollout_ensure(draft, i);
        else
            rollout_remove(draft, i);
    }
    rollout_remove_former(draft);
}

/* Consent on an object that is not watched may be taken back at any time. */
#define FOREIGN_SECONDS 30

static void watch_foreign(struct draft *draft)
{
    for (size_t i = 0; i < invoker_count(draft->object); i++) {
        json_auto_t *ref = invoker_ref(draft->object, i);

        if (strcmp(jsonx_str(ref, "namespace", NULL), jsonx_namespace(draft->object)) != 0)
            draft_requeue(draft, FOREIGN_SECONDS);
    }
}

/* The way back. What lies in the invoker's namespace goes with its owner; Roles in other namespaces have none. */
static bool remove_members(struct draft *draft)
{
    for (size_t i = 0; i < invoker_count(draft->object); i++)
        rollout_remove(draft, i);
    rollout_remove_former(draft);
    return grants_remove(draft);
}

static json_t *plan_removal(struct draft *draft)
{
    bool done = remove_members(draft);

    if (done)
        draft_finalizer(draft, FINALIZER_INVOKER, false);
    draft_go_on(draft);
    draft_enqueue_repository(draft);
    return draft_discard(draft);
}

json_t *plan_backup_configuration(const json_t *world)
{
    AUTO(draft_done) struct draft draft;

    draft_init(&draft, world, phase_backup_configuration);
    if (!invoker_is_named(draft.object))
        return draft_discard(&draft);
    if (jsonx_get(draft.object, "metadata", "deletionTimestamp", NULL))
        return plan_removal(&draft);
    draft_finalizer(&draft, FINALIZER_INVOKER, true);
    json_object_set_new(draft.status, "observedGeneration",
                        json_integer(jsonx_int(draft.object, 0, "metadata", "generation", NULL)));
    bool complete = requirements_check(&draft), refused = false;
    bool ready = requirements_targets(&draft, CONDITION_BACKUP_TARGET_FOUND) && complete;
    requirements_advise(&draft);
    if (ready) {
        check_tasks(&draft);
        ensure_members(&draft);
        cron_job_ensure(&draft);
        trigger_check(&draft);
        draft_flush(&draft); /* whatever becomes of the sidecars, the schedule stands */
        roll_out(&draft);
        grants_withdraw(&draft, GRANTS_EVERYWHERE);
        watch_foreign(&draft);
    } else {
        grants_withdraw_unready(&draft);
        refused = complete && rollout_try_first(&draft);
    }
    if (ready || refused)
        draft_requeue(&draft, RESYNC_SECONDS);
    else
        draft_requeue_waiting(&draft, WAITING_SECONDS);
    draft_flush(&draft);
    if (draft_has_actions(&draft)) /* its references may have to change */
        draft_enqueue_repository(&draft);
    return draft_take(&draft);
}

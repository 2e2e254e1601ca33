/*
 * Worlds to plans: in.json is {plan, world, rounds?}, want.json the plan. The law of every case: what a plan leads to needs no
 * further action.
 */
#include <string.h>

#include "golden.h"
#include "plan_world.h"
#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/plan.h"

static const struct planner {
    const char *name;
    json_t *(*plan)(const json_t *world);
} planners[] = {
    {"backup-configuration", plan_backup_configuration},
    {"backup-session", plan_backup_session},
    {"restore-session", plan_restore_session},
    {"repository", plan_repository},
    {"trigger-job", plan_trigger_job},
};

static const struct planner *find_planner(const json_t *in)
{
    const char *name = jsonx_str(in, "plan", NULL);

    for (size_t i = 0; name && i < ARRAY_LEN(planners); i++) {
        if (strcmp(planners[i].name, name) == 0)
            return &planners[i];
    }
    return NULL;
}

/* Whether the plan deletes the very object it is about: then there is nothing to plan for any more. */
static bool deletes_itself(const json_t *world, const json_t *plan)
{
    const char *uid = jsonx_uid(jsonx_get(world, "object", NULL));
    size_t i;
    json_t *action;

    json_array_foreach (jsonx_get(plan, "actions", NULL), i, action) {
        const char *gone = jsonx_str(action, "uid", NULL);

        if (strcmp(jsonx_str(action, "verb", NULL), "delete") == 0 && gone && uid &&
            strcmp(gone, uid) == 0)
            return true;
    }
    return false;
}

/* Where something has to be gone before the next step, in.json says how many rounds it takes. */
static void check_replan(const struct planner *planner, const json_t *in, const json_t *plan)
{
    json_auto_t *world = json_deep_copy(jsonx_get(in, "world", NULL));
    json_auto_t *last = json_deep_copy(plan);

    for (json_int_t rounds = jsonx_int(in, 1, "rounds", NULL); rounds > 0; rounds--) {
        if (deletes_itself(world, last))
            return;
        json_t *after = plan_world_after(world, last);
        json_decref(world);
        world = after;
        json_decref(last);
        last = planner->plan(world);
    }
    if (json_array_size(jsonx_get(last, "actions", NULL)) == 0)
        return;
    AUTO(mem_free) char *text = jsonx_dump_pretty(last);
    golden_fail("planning again is not empty: %s", text);
}

static json_t *run(const json_t *in)
{
    const struct planner *planner = find_planner(in);
    const json_t *world = jsonx_get(in, "world", NULL);

    if (!planner || !world) {
        golden_fail("in.json needs a known plan and a world");
        return json_null();
    }
    json_t *plan = planner->plan(world);
    check_replan(planner, in, plan);
    return plan;
}

int main(int argc, char **argv)
{
    return golden_main(argc, argv, run);
}

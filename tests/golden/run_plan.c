/*
 * Worlds to plans: `in` is {plan, world, rounds?}, `want` the plan. The laws of every case: what a plan leads to
 * needs no further action, and a crash between any two actions changes nothing in the end.
 */
#include <string.h>

#include "golden.h"
#include "plan_world.h"
#include "stash/jsonx.h"
#include "stash/mem.h"

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

/* A trial changes nothing: it may be made again and again. */
static bool is_at_rest(const json_t *plan)
{
    size_t i;
    json_t *action;

    json_array_foreach (jsonx_get(plan, "actions", NULL), i, action)
        if (strcmp(jsonx_str(action, "verb", NULL), "trial") != 0)
            return false;
    return true;
}

/* Plan and carry out until nothing is left to do (or the object is gone). New reference; NULL: it did not come to rest. */
static json_t *settle(plan_fn planner, const json_t *from, json_int_t rounds)
{
    json_t *world = json_deep_copy(from);

    for (; rounds >= 0; rounds--) {
        json_auto_t *plan = planner(world);

        if (is_at_rest(plan))
            return world;
        json_t *after = plan_world_after(world, plan);
        json_decref(world);
        world = after;
        if (deletes_itself(from, plan))
            return world;
    }
    json_decref(world);
    return NULL;
}

/* Killed after its k-th write and started again, the reconciler has to come to the same end, for every k. */
static void check_crashes(plan_fn planner, const json_t *in, const json_t *settled)
{
    const json_t *world = jsonx_get(in, "world", NULL);
    json_auto_t *plan = planner(world);
    json_t *actions = json_object_get(plan, "actions");

    while (json_array_size(actions) > 1) {
        json_array_remove(actions, json_array_size(actions) - 1);
        json_auto_t *crashed = plan_world_after(world, plan);
        json_auto_t *end = settle(planner, crashed, jsonx_int(in, 1, "rounds", NULL) + 1);

        if (!end || !json_equal(end, settled))
            golden_fail("a crash after %zu actions ends differently", json_array_size(actions));
    }
}

/* Where something has to be gone before the next step, in says how many rounds it takes. */
static void check_laws(plan_fn planner, const json_t *in)
{
    json_auto_t *settled =
        settle(planner, jsonx_get(in, "world", NULL), jsonx_int(in, 1, "rounds", NULL));

    if (settled)
        check_crashes(planner, in, settled);
    else
        golden_fail("planning again is not empty");
}

static json_t *run(const json_t *in)
{
    plan_fn planner = plan_world_planner(jsonx_str(in, "plan", NULL));
    const json_t *world = jsonx_get(in, "world", NULL);

    if (!planner || !world) {
        golden_fail("in needs a known plan and a world");
        return json_null();
    }
    json_t *plan = planner(world);
    check_laws(planner, in);
    return plan;
}

int main(int argc, char **argv)
{
    return golden_main(argc, argv, run);
}

/*
 * No document may bring a plan down: take the worlds of the golden suite and, one node at a time, remove it, null it or
 * put something else in its place; every planner has to return a plan all the same.
 *
 * usage: maul_plan SUITE STEP     every STEP-th node of every case (1: all of them)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "golden_suite.h"
#include "plan_world.h"
#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/plan.h"

struct maul {
    const char *name;
    json_t *world;
    plan_fn plan;
    size_t step;
    size_t seen;
    size_t tried;
};

static void try_plan(struct maul *maul)
{
    json_t *plan = maul->plan(maul->world);

    if (!json_is_object(plan) || !json_is_array(json_object_get(plan, "actions"))) {
        AUTO(mem_free) char *world = jsonx_dump(maul->world);
        printf("%s: no plan for %s\n", maul->name, world);
        exit(1);
    }
    json_decref(plan);
    json_auto_t *names = plan_names(maul->world, json_object_get(maul->world, "object"),
                                    jsonx_get(maul->world, "invoker", NULL));
    AUTO(mem_free) char *key = plan_trigger_key(json_object_get(maul->world, "object"));
    maul->tried++;
}

/* What may stand where something else is expected; NULL: nothing at all. */
static json_t *stand_in(size_t which)
{
    switch (which) {
    case 0:
        return NULL;
    case 1:
        return json_null();
    case 2:
        return json_string("");
    case 3:
        return json_integer(-1);
    case 4:
        return json_pack("[n, {}, s]", "x");
    default:
        return json_pack("{s:n}", "name");
    }
}

static void maul_member(struct maul *maul, json_t *object, const char *key, json_t *value)
{
    for (size_t which = 0; which < 6; which++) {
        json_t *other = stand_in(which);

        if (other)
            json_object_set_new(object, key, other);
        else
            json_object_del(object, key);
        try_plan(maul);
    }
    json_object_set(object, key, value);
}

static void maul_below(struct maul *maul, json_t *node)
{
    json_auto_t *keys = json_array();
    const char *key;
    json_t *value;
    size_t i;

    json_object_foreach (node, key, value)
        json_array_append_new(keys, json_string(key));
    json_array_foreach (json_is_array(node) ? node : NULL, i, value)
        maul_below(maul, value);
    for (i = 0; i < json_array_size(keys); i++) {
        key = json_string_value(json_array_get(keys, i));
        json_auto_t *kept = json_incref(json_object_get(node, key));

        if (node != maul->world || strcmp(key, "object") != 0)
            if (maul->seen++ % maul->step == 0)
                maul_member(maul, node, key, kept);
        maul_below(maul, kept);
    }
}

static size_t maul_case(const char *name, const json_t *given, size_t step)
{
    json_auto_t *in = json_deep_copy(given);
    struct maul maul = {.name = name,
                        .world = json_object_get(in, "world"),
                        .step = step,
                        .plan = plan_world_planner(jsonx_str(in, "plan", NULL))};

    maul_below(&maul, maul.world);
    return maul.tried;
}

int main(int argc, char **argv)
{
    struct error err = {0};
    AUTO(golden_suite_free)
    struct golden_suite *suite = argc == 3 ? golden_suite_open(argv[1], &err) : NULL;
    const char *name;
    size_t tried = 0;

    for (size_t i = 0; suite && (name = golden_suite_name(suite, i)); i++) {
        const json_t *doc = golden_suite_case(suite, name, &err);
        tried += maul_case(name, json_object_get(doc, "in"), (size_t)strtoul(argv[2], NULL, 10));
    }
    if (!suite)
        printf("%s\n", err.msg);
    printf("%zu mauled worlds, and a plan for each\n", tried);
    return tried == 0;
}

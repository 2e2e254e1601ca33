/*
 * Recipes of late. Pods come in bursts, one like the other: what their invoker asks for is worked out once.
 *
 * No lock: who takes a recipe out of its place has it alone, and puts it back; whoever comes meanwhile finds the place
 * empty and makes one anew.
 */
#include <stdint.h>

#include "recipe.h"

/* Few workloads start pods at the same time, and each recipe keeps some kilobytes. A power of two. */
#define PLACES 32

struct inject_memo {
    _Atomic(struct recipe *) places[PLACES];
};

/* Addresses are multiples of 16. */
static _Atomic(struct recipe *) *place_of(struct inject_memo *memo, const json_t *invoker)
{
    uint64_t mixed = ((uintptr_t)invoker >> 4) * UINT64_C(0x9E3779B97F4A7C15);

    return &memo->places[mixed >> 32 & (PLACES - 1)];
}

/* Takes the reference. */
static void memo_put(_Atomic(struct recipe *) *place, struct recipe *recipe)
{
    recipe_unref(atomic_exchange(place, recipe));
}

struct recipe *memo_find(struct inject_memo *memo, const json_t *invoker, const json_t *repository)
{
    _Atomic(struct recipe *) *place = place_of(memo, invoker);
    struct recipe *recipe = atomic_exchange(place, NULL), *found = NULL;

    if (!recipe)
        return NULL;
    if (recipe->invoker == invoker && recipe->repository == repository)
        found = recipe_ref(recipe);
    memo_put(place, recipe);
    return found;
}

void memo_keep(struct inject_memo *memo, struct recipe *recipe)
{
    memo_put(place_of(memo, recipe->invoker), recipe_ref(recipe));
}

struct inject_memo *inject_memo_new(void)
{
    return xcalloc(1, sizeof(struct inject_memo));
}

void inject_memo_free(struct inject_memo *memo)
{
    for (size_t i = 0; memo && i < PLACES; i++)
        memo_put(&memo->places[i], NULL);
    free(memo);
}

#include "wakes.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "stash/jsonx.h"

#define OBJECTS 10

/* A namespace with OBJECTS objects, told one after the other for as long as there is room. */
struct world {
    struct queue *queue;
    struct wakes *wakes;
    int looked_at[OBJECTS];
};

static void wake(struct world *world, int i)
{
    char key[16];

    snprintf(key, sizeof(key), "%d", i);
    wakes_add(world->wakes, "demo", key, 0);
}

static json_t *tell(void *ctx, const char *tenant, const json_t *place)
{
    struct world *world = ctx;
    int i = (int)json_integer_value(place);

    cr_assert_str_eq(tenant, "demo");
    for (; i < OBJECTS; i++) {
        if (!queue_has_room(world->queue, tenant, 50))
            return json_integer(i);
        wake(world, i);
    }
    return json_null();
}

static void look_at_all(struct world *world)
{
    while (queue_depth(world->queue) > 0) {
        AUTO(mem_free) char *key = queue_take(world->queue);
        world->looked_at[atoi(key)]++;
        queue_done(world->queue, key, QUEUE_DONE);
    }
}

static void begin(struct world *world)
{
    *world = (struct world){.queue = queue_new(8)};
    world->wakes = wakes_new(world->queue);
    wakes_open(world->wakes);
}

static void end(struct world *world)
{
    wakes_free(world->wakes);
    queue_free(world->queue);
}

static void expect_all_looked_at(const struct world *world)
{
    for (int i = 0; i < OBJECTS; i++)
        cr_assert_geq(world->looked_at[i], 1, "%d was never looked at", i);
}

Test(wakes, what_was_refused_is_counted_and_looked_at_when_there_is_room)
{
    struct world world;

    begin(&world);
    for (int i = 0; i < OBJECTS; i++)
        wake(&world, i);
    cr_assert_eq(wakes_refused(world.wakes), OBJECTS - 4);
    for (int round = 0; round < OBJECTS; round++) {
        look_at_all(&world);
        wakes_make_good(world.wakes, tell, &world);
    }
    expect_all_looked_at(&world);
    cr_assert_eq(wakes_refused(world.wakes), OBJECTS - 4, "telling them is not refused");
    end(&world);
}

Test(wakes, what_is_refused_behind_the_place_that_was_reached_is_told_in_another_round)
{
    struct world world;

    begin(&world);
    for (int i = 0; i < OBJECTS; i++)
        wake(&world, i);
    look_at_all(&world);
    wakes_make_good(world.wakes, tell, &world); /* as far as 1 */
    for (int i = OBJECTS - 1; i >= 0; i--)      /* 0 changes again, and is refused */
        if (i != 1)
            wake(&world, i);
    memset(world.looked_at, 0, sizeof(world.looked_at));
    for (int round = 0; round < 3 * OBJECTS; round++) {
        look_at_all(&world);
        wakes_make_good(world.wakes, tell, &world);
    }
    expect_all_looked_at(&world);
    end(&world);
}

static json_t *tell_nobody(void *ctx, const char *tenant, const json_t *place)
{
    (void)ctx, (void)place;
    cr_assert_fail("%s was told", tenant);
    return json_null();
}

Test(wakes, where_nothing_was_refused_nobody_is_told)
{
    struct world world;

    begin(&world);
    wake(&world, 0);
    wakes_make_good(world.wakes, tell_nobody, NULL);
    end(&world);
}

Test(wakes, a_namespace_that_has_been_told_is_not_told_again)
{
    struct world world;

    begin(&world);
    for (int i = 0; i < OBJECTS; i++)
        wake(&world, i);
    for (int round = 0; round < OBJECTS; round++) {
        look_at_all(&world);
        wakes_make_good(world.wakes, tell, &world);
    }
    wakes_make_good(world.wakes, tell_nobody, NULL);
    end(&world);
}

Test(wakes, what_comes_before_it_is_opened_is_not_kept)
{
    AUTO(queue_free) struct queue *queue = queue_new(8);
    AUTO(wakes_free) struct wakes *wakes = wakes_new(queue);

    for (int i = 0; i < OBJECTS; i++) {
        AUTO(mem_free) char *key = xasprintf("%d", i);
        wakes_add(wakes, "demo", key, 0);
    }
    cr_assert_eq(queue_depth(queue), 0);
    cr_assert_eq(wakes_refused(wakes), 0);
    wakes_make_good(wakes, tell_nobody, NULL);
}

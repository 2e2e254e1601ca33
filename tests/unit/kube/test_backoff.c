#include "backoff.h"

#include <criterion/criterion.h>

Test(backoff, doubles_up_to_its_ceiling)
{
    const int64_t full[] = {800, 1600, 3200, 6400, 12800, 25600, 30000, 30000};
    struct backoff least = {0};
    struct backoff most = {0};
    for (int i = 0; i < 8; i++) {
        cr_assert_eq(backoff_next(&least, 1000, 0), full[i] / 2);
        cr_assert_eq(backoff_next(&most, 1000, (uint32_t)(full[i] / 2)), full[i]);
    }
}

Test(backoff, starts_small_again_after_a_calm_time)
{
    struct backoff backoff = {0};
    backoff_next(&backoff, 1000, 0);
    backoff_next(&backoff, 2000, 0);
    cr_assert_eq(backoff_next(&backoff, 2000 + BACKOFF_CALM_MS, 0), 1600);
    cr_assert_eq(backoff_next(&backoff, 2001 + 2 * BACKOFF_CALM_MS, 0), 400);
}

Test(backoff, never_ends_at_its_ceiling)
{
    struct backoff backoff = {0};
    for (int i = 0; i < 1000; i++)
        cr_assert(backoff_next(&backoff, 1000, 12345) <= BACKOFF_MAX_MS);
}

#include "outage.h"

#include <criterion/criterion.h>

Test(outage, without_patience_every_answer_counts)
{
    struct outage outage = {0};

    cr_assert_eq(outage_wait(&outage, 0, 0, 1000), -1);
    cr_assert_eq(outage_wait(&outage, 503, 0, 1000), -1);
}

Test(outage, an_absent_server_is_waited_for_longer_and_longer_and_not_for_ever)
{
    struct outage outage = {0};
    int64_t now = 1000, previous = 0;

    for (;;) {
        int64_t pause = outage_wait(&outage, 0, 60000, now);
        if (pause < 0)
            break;
        cr_assert(pause >= previous && pause <= 5000);
        previous = pause;
        now += pause;
    }
    cr_assert(now - 1000 >= 60000 && now - 1000 < 66000, "gave up after %ld ms",
              (long)(now - 1000));
}

Test(outage, a_refusal_counts_at_once_unless_the_server_has_just_come_back)
{
    struct outage outage = {0};

    cr_assert_eq(outage_wait(&outage, 403, 60000, 1000), -1);
    cr_assert_gt(outage_wait(&outage, 0, 60000, 2000), 0);
    cr_assert_gt(outage_wait(&outage, 403, 60000, 3000), 0);
    cr_assert_gt(outage_wait(&outage, 404, 60000, 10000), 0);
    cr_assert_eq(outage_wait(&outage, 404, 60000, 20000), -1);
}

Test(outage, success_and_conflicts_are_answers)
{
    struct outage outage = {0};

    cr_assert_gt(outage_wait(&outage, 500, 60000, 1000), 0);
    cr_assert_eq(outage_wait(&outage, 200, 60000, 2000), -1);
    cr_assert_eq(outage_wait(&outage, 409, 60000, 2000), -1);
}

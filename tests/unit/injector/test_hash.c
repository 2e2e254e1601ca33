#include <criterion/criterion.h>

#include "stash/inject.h"
#include "stash/mem.h"

Test(hash, restarts_are_wanted_only_where_the_container_differs)
{
    static const struct {
        const char *have, *want;
        bool current;
        const char *why;
    } rows[] = {
        {NULL, "", true, "nothing there, nothing wanted"},
        {"", "", true, "an empty annotation is none"},
        {NULL, "1111111100000000", false, "the sidecar is missing"},
        {"1111111100000000", "1111111100000000", true, "the same"},
        {"1111111100000000", "2222222200000000", false, "the sidecar changed"},
        {"1111111100000000", "", false, "the sidecar must go"},
        {"1111111122222222", "1111111100000000", true, "the restore is over"},
        {"0000000022222222", "", true, "the restore is over, and there was nothing else"},
        {"1111111100000000", "1111111122222222", false, "a restore waits"},
        {"1111111122222222", "1111111133333333", false, "another restore waits"},
        {"1111111122222222", "1111111122222222", true, "the restore is on its way"},
        {"garbage", "1111111100000000", false, "what is not a hash is not current"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        cr_assert_eq(inject_hash_is_current(rows[i].have, rows[i].want), rows[i].current, "%s",
                     rows[i].why);
}

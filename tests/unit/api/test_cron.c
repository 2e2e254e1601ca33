#include "stash/cron.h"

#include <criterion/criterion.h>
#include <string.h>

#include "stash/mem.h"
#include "stash/timefmt.h"

Test(cron, accepts_what_the_controller_accepts)
{
    const char *good[] = {
        "* * * * *",      "*/5 * * * *",   "0 0 * * 0",        "0 0 1 1 *",
        "0 0 29 2 *",     "1,2,3 * * * *", "0-30/5 1-3 * * *", "0 0 * JAN-mar,dec Mon-Fri",
        "  0\t0 * * *  ", "? ? ? ? ?",     "5/10 * * * *",     "*/100 * * * *",
        "0 0 31 2 mon",   "0 0 31 1-3 *",  "007 * * * *",      "@hourly",
        "@daily",         "@midnight",     "@weekly",          "@monthly",
        "@yearly",        "@annually",     "@every 1h30m",     "0 0 30 4,2 *",
    };

    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct error err = {0};
        cr_assert_eq(cron_check(good[i], &err), 0, "%s: %s", good[i], err.msg);
    }
}

Test(cron, refuses_and_says_which_field)
{
    const struct {
        const char *schedule, *part;
    } bad[] = {
        {"", "0 fields"},
        {"* * * *", "4 fields"},
        {"* * * * * *", "6 fields"},
        {"60 * * * *", "minute \"60\": out of range (0 to 59)"},
        {"* 24 * * *", "hour"},
        {"* * 0 * *", "day of month"},
        {"* * 32 * *", "day of month"},
        {"* * * 13 *", "month"},
        {"0 0 30 2 *,1", "would never fire"},
        {"0 0 30 2 */1", "would never fire"},
        {"* * * * 7", "day of week \"7\": Sunday is 0"},
        {"* * * * 8", "day of week \"8\": out of range (0 to 6, or three-letter names)"},
        {"* * * foo *", "month \"foo\""},
        {"5-1 * * * *", "ends before"},
        {"*/0 * * * *", "step"},
        {"*/x * * * *", "step"},
        {"1/2/3 * * * *", "step"},
        {"1-2-3 * * * *", "range"},
        {"1, * * * *", "minute"},
        {"-1 * * * *", "minute"},
        {"1.5 * * * *", "minute"},
        {"99999999999 * * * *", "minute"},
        {"mon * * * *", "minute"},
        {"0 0 30 2 *", "never fire"},
        {"0 0 31 4,6 *", "never fire"},
        {"@reboot", "@reboot"},
        {"@every", "@every"},
        {"@every x", "duration"},
        {"@every -1h", "duration"},
        {"@Daily", "@Daily"},
        {"TZ=UTC 0 0 * * *", "time zone"},
        {"CRON_TZ=Europe/Berlin 0 0 * * *", "leave \"CRON_TZ=Europe/Berlin\" away"},
    };

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct error err = {0};
        cr_assert_eq(cron_check(bad[i].schedule, &err), -(int)ERR_INVALID, "%s", bad[i].schedule);
        cr_assert(strstr(err.msg, bad[i].part), "%s: %s", bad[i].schedule, err.msg);
    }
}

/* Thursday 2026-05-28T20:26:40Z */
#define NOW 1780000000

Test(cron, tells_when_it_fires_next)
{
    static const struct {
        const char *schedule, *next;
    } rows[] = {
        {"* * * * *", "2026-05-28T20:27:00Z"},   {"*/30 * * * *", "2026-05-28T20:30:00Z"},
        {"26 20 * * *", "2026-05-29T20:26:00Z"}, {"0 3 * * *", "2026-05-29T03:00:00Z"},
        {"0 3 * * sat", "2026-05-30T03:00:00Z"}, {"0 3 1 * *", "2026-06-01T03:00:00Z"},
        {"0 3 1 * fri", "2026-05-29T03:00:00Z"}, {"0 3 */1 * sun", "2026-05-31T03:00:00Z"},
        {"0 0 29 2 *", "2028-02-29T00:00:00Z"},  {"0 0 31 12 *", "2026-12-31T00:00:00Z"},
        {"@hourly", "2026-05-28T21:00:00Z"},     {"@weekly", "2026-05-31T00:00:00Z"},
        {"@yearly", "2027-01-01T00:00:00Z"},     {"@every 1h30m", "2026-05-28T21:56:40Z"},
        {"@every 1ms", "2026-05-28T20:26:41Z"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t next = 0, want = 0;
        cr_assert(timefmt_parse(rows[i].next, &want));
        cr_assert(cron_next(rows[i].schedule, NOW, &next), "%s", rows[i].schedule);
        cr_assert_eq(next, want, "%s", rows[i].schedule);
    }
}

Test(cron, fires_never_when_it_is_none)
{
    static const char *const rows[] = {"",           "soon", "0 0 30 2 *", "@every soon",
                                       "@every -1h", "@now"};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t next = 7;
        cr_assert_not(cron_next(rows[i], NOW, &next), "%s", rows[i]);
        cr_assert_eq(next, 7);
    }
}

Test(cron, fires_on_the_leap_day_after_a_century_without_one)
{
    int64_t next = 0, from = 0, want = 0;

    cr_assert(timefmt_parse("2096-03-01T00:00:00Z", &from));
    cr_assert(timefmt_parse("2104-02-29T00:00:00Z", &want));
    cr_assert(cron_next("0 0 29 2 *", from, &next));
    cr_assert_eq(next, want);
}

#include "stash/timefmt.h"

#include <criterion/criterion.h>

#include "stash/mem.h"

Test(timefmt, prints_and_parses_the_same_instant)
{
    const int64_t instants[] = {0, 1, 951782399, 951782400, 1700000000, 4102444800, -1};

    for (size_t i = 0; i < ARRAY_LEN(instants); i++) {
        char text[TIMEFMT_SIZE];
        int64_t back = 0;
        timefmt_rfc3339(instants[i], text);
        cr_assert(timefmt_parse(text, &back), "%s", text);
        cr_assert_eq(back, instants[i], "%s", text);
    }
}

Test(timefmt, knows_leap_years_and_offsets)
{
    char text[TIMEFMT_SIZE];
    int64_t at;

    timefmt_rfc3339(951782400, text);
    cr_assert_str_eq(text, "2000-02-29T00:00:00Z");
    cr_assert(timefmt_parse("2000-02-29T01:30:00.25+01:30", &at));
    cr_assert_eq(at, 951782400);
    timefmt_micro(-1, text);
    cr_assert_str_eq(text, "1969-12-31T23:59:59.999999Z");
}

Test(timefmt, refuses_what_is_not_a_time)
{
    const char *bad[] = {"",
                         "2000-02-29",
                         "2000-13-01T00:00:00Z",
                         "2000-01-01T24:00:00Z",
                         "2000-01-01T00:00:00",
                         "2000-01-01T00:00:00.Z",
                         "2000-01-01T00:00:00Zx",
                         "2000-01-01T00:00:00+0100"};
    int64_t at;

    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        cr_assert(!timefmt_parse(bad[i], &at), "%s", bad[i]);
}

Test(timefmt, durations_read_as_go_reads_them)
{
    const struct {
        const char *text;
        int64_t nanos;
        const char *printed;
    } rows[] = {
        {"30s", 30000000000, "30s"},
        {"1h2m3.5s", 3723500000000, "1h2m3.5s"},
        {"0", 0, "0s"},
        {"300ms", 300000000, "300ms"},
        {"-1.5h", -5400000000000, "-1h30m0s"},
        {"1.5us", 1500, "1.5\xc2\xb5s"},
        {".5s", 500000000, "500ms"},
        {"2m", 120000000000, "2m0s"},
        {"90m", 5400000000000, "1h30m0s"},
        {"1ns", 1, "1ns"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[TIMEFMT_SIZE];
        int64_t nanos = -42;
        cr_assert(timefmt_parse_duration(rows[i].text, &nanos), "%s", rows[i].text);
        cr_assert_eq(nanos, rows[i].nanos, "%s: %ld", rows[i].text, (long)nanos);
        timefmt_duration(nanos, text);
        cr_assert_str_eq(text, rows[i].printed);
    }
}

Test(timefmt, refuses_what_is_not_a_duration)
{
    const char *bad[] = {"",
                         "-",
                         "5",
                         "1d",
                         "s",
                         ".s",
                         "1h 2m",
                         "9999999999h",
                         "2562047.9223372036844775807h",
                         "99999999999999999999s"};
    int64_t nanos;

    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        cr_assert(!timefmt_parse_duration(bad[i], &nanos), "%s", bad[i]);
}

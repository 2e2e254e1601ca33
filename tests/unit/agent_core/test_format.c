#include "stash/format.h"

#include <criterion/criterion.h>
#include <string.h>

static void check_bytes(uint64_t bytes, const char *want)
{
    char text[FORMAT_SIZE];

    format_bytes(bytes, text);
    cr_assert_str_eq(text, want);
}

Test(format, a_unit_is_used_only_when_it_is_exceeded)
{
    check_bytes(0, "0 B");
    check_bytes(1023, "1023 B");
    check_bytes(1024, "1024 B");
    check_bytes(1025, "1.001 KiB");
    check_bytes((uint64_t)1 << 20, "1024.000 KiB");
    check_bytes(((uint64_t)1 << 30) + 1, "1.000 GiB");
    check_bytes((uint64_t)5 << 40, "5.000 TiB");
    check_bytes(UINT64_MAX, "16777216.000 TiB");
}

Test(format, sizes_are_read_back)
{
    double bytes = -1;

    cr_assert(format_parse_bytes("1.500 KiB", &bytes));
    cr_assert_eq(bytes, 1536);
    cr_assert(format_parse_bytes("10 B", &bytes));
    cr_assert_eq(bytes, 10);
    cr_assert_not(format_parse_bytes("10 KB", &bytes));
    cr_assert_not(format_parse_bytes("-1 B", &bytes));
    cr_assert_not(format_parse_bytes("", &bytes));
    cr_assert_not(format_parse_bytes("1e400 B", &bytes));
    cr_assert_not(format_parse_bytes("1e308 TiB", &bytes));
    cr_assert_not(format_parse_bytes(NULL, &bytes));
    cr_assert_eq(bytes, 10, "a failure must leave the output alone");
}

Test(format, times_have_hours_only_from_one_hour_on)
{
    char text[FORMAT_SIZE];
    double seconds;

    format_processing(59, text);
    cr_assert_str_eq(text, "0:59");
    format_processing(3599, text);
    cr_assert_str_eq(text, "59:59");
    format_processing(3600, text);
    cr_assert_str_eq(text, "1:00:00");
    cr_assert(format_parse_processing("1:02:03", &seconds));
    cr_assert_eq(seconds, 3723);
    cr_assert_not(format_parse_processing("7", &seconds));
    cr_assert_not(format_parse_processing("1:2:3:4", &seconds));
    cr_assert_not(format_parse_processing("1:x", &seconds));
    cr_assert_not(format_parse_processing("1:-2", &seconds));
    cr_assert_not(format_parse_processing("1:2x", &seconds));
    cr_assert_not(format_parse_processing("1:1234567890123456789012345678901234567890", &seconds));
}

static void check_text(const char *in, const char *want)
{
    struct text text;

    format_text(in, &text);
    cr_assert_str_eq(text.s, want);
}

Test(text, is_one_line_of_valid_utf8)
{
    check_text("", "");
    check_text(" \n\ta\r\n\n b\x7f", "a b");
    check_text("gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f");
    check_text("\xc3", "?");
    check_text("\xed\xa0\x80", "???");
    check_text("\xf4\x90\x80\x80", "????");
    check_text("\xc0\xaf", "??");
}

Test(text, keeps_its_end_and_cuts_between_characters)
{
    char in[LIMIT_STATUS_TEXT + 5];
    struct text text;

    memset(in, 'a', sizeof(in));
    in[sizeof(in) - 1] = '\0';
    memcpy(in + 3, "\xc3\xbc", 2); /* the cut would fall into this */
    memcpy(in + sizeof(in) - 4, "END", 3);
    format_text(in, &text);
    cr_assert_eq(strlen(text.s), LIMIT_STATUS_TEXT - 1);
    cr_assert_eq(text.s[0], 'a');
    cr_assert_str_eq(text.s + strlen(text.s) - 3, "END");
}

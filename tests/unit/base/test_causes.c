#include "stash/causes.h"

#include <criterion/criterion.h>
#include <string.h>

#include "stash/jsonx.h"
#include "stash/limits.h"

Test(causes, keeps_a_bounded_number_and_counts_the_rest)
{
    AUTO(causes_done) struct causes causes = {0};

    for (int i = 0; i < LIMIT_CAUSES + 3; i++)
        causes_add(&causes, "spec", CAUSE_INVALID, "%d", i);
    cr_assert_eq(causes.count, LIMIT_CAUSES);
    AUTO(mem_free) char *text = causes_sentence(&causes);
    cr_assert(strstr(text, "and 3 more"));
}

Test(causes, encodes_as_the_api_server_does)
{
    AUTO(causes_done) struct causes causes = {0};

    causes_add(&causes, "spec.x", CAUSE_REQUIRED, "is required");
    json_auto_t *list = causes_encode(&causes);
    AUTO(mem_free) char *text = jsonx_dump(list);
    cr_assert_str_eq(
        text,
        "[{\"reason\":\"FieldValueRequired\",\"message\":\"is required\",\"field\":\"spec.x\"}]");
}

Test(causes, a_character_cut_in_half_does_not_lose_the_message)
{
    AUTO(causes_done) struct causes causes = {0};
    char longer[2 * LIMIT_STATUS_TEXT];

    memset(longer, 'a', sizeof(longer));
    for (size_t i = 1; i + 2 < sizeof(longer); i += 2)
        memcpy(longer + i, "\xc3\xa9", 2);
    longer[sizeof(longer) - 1] = '\0';
    causes_add(&causes, "spec.x", CAUSE_INVALID, "%s", longer);
    json_auto_t *list = causes_encode(&causes);
    cr_assert_gt(strlen(jsonx_str(json_array_get(list, 0), "message", NULL)),
                 LIMIT_STATUS_TEXT - 5);
}

Test(causes, are_a_list_for_people_when_there_are_several)
{
    AUTO(causes_done) struct causes causes = {0};

    causes_add(&causes, "spec.a", CAUSE_INVALID, "wrong; write b");
    AUTO(mem_free) char *one = causes_list(&causes);
    causes_add(&causes, "spec.c", CAUSE_REQUIRED, "missing");
    AUTO(mem_free) char *two = causes_list(&causes);

    cr_assert_str_eq(one, "spec.a: wrong; write b");
    cr_assert_str_eq(two, "\n* spec.a: wrong; write b\n* spec.c: missing");
}

Test(causes, are_found_and_taken_out)
{
    AUTO(causes_done) struct causes causes = {0}, other = {0};

    causes_add(&causes, "spec.a", CAUSE_INVALID, "one");
    causes_add(&causes, "spec.b", CAUSE_INVALID, "two");
    causes_add(&other, "spec.a", CAUSE_REQUIRED, "one");
    cr_assert(causes_has(&causes, &other.items[0]), "path and words decide");
    causes_remove(&causes, 0);
    cr_assert_not(causes_has(&causes, &other.items[0]));
    cr_assert_eq(causes.count, 1);
    cr_assert_str_eq(causes.items[0].path, "spec.b");
}

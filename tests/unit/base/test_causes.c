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

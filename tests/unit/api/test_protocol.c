#include "stash/protocol.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "stash/names.h"

static json_t *pod_with(const char *value)
{
    return json_pack("{s:{s:{s:s*}}}", "metadata", "annotations", ANNOTATION_AGENT_PROTOCOL, value);
}

Test(protocol, a_pod_without_a_number_is_of_the_first_version)
{
    json_auto_t *bare = json_object();
    json_auto_t *none = pod_with(NULL);

    cr_expect_eq(protocol_of(bare), 1);
    cr_expect_eq(protocol_of(none), 1);
    cr_expect(protocol_is_outdated(bare));
}

Test(protocol, what_is_no_number_counts_as_none)
{
    const char *const bad[] = {"",   "two", "2x",
                               "-2", "0",   "99999999999999999999",
                               "2 ", "+2",  "1234567890123456789012345678901234567890"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        json_auto_t *pod = pod_with(bad[i]);

        cr_expect_eq(protocol_of(pod), 1, "\"%s\"", bad[i]);
    }
}

Test(protocol, pods_of_the_minimum_and_above_are_given_work)
{
    for (int number = AGENT_PROTOCOL_MINIMUM - 1; number <= AGENT_PROTOCOL_MINIMUM + 1; number++) {
        char text[16];

        snprintf(text, sizeof(text), "%d", number);
        json_auto_t *pod = pod_with(text);
        cr_expect_eq(protocol_of(pod), number);
        cr_expect_eq(protocol_is_outdated(pod), number < AGENT_PROTOCOL_MINIMUM);
    }
}

#include "es_privileges.h"

#include <criterion/criterion.h>

static void check_limit(const char *groups, const char *index, bool expected)
{
    json_auto_t *list = json_loads(groups, 0, NULL);
    json_auto_t *answer = json_pack("{s:O}", "indices", list);

    cr_assert_eq(es_privileges_limit(answer, index), expected, "%s of %s", index, groups);
}

#define GROUP(names, privilege, more)                                                              \
    "{\"names\":" names ",\"privileges\":[\"" privilege "\"]" more "}"
#define QUERY ",\"query\":[\"{\\\"term\\\":{}}\"]"
#define FIELDS(grant, except)                                                                      \
    ",\"field_security\":[{\"grant\":[\"" grant "\"],\"except\":[" except "]}]"

Test(es_privileges, a_query_or_a_choice_of_fields_is_a_limit)
{
    check_limit("[" GROUP("[\"books\"]", "read", QUERY) "]", "books", true);
    check_limit("[" GROUP("[\"books\"]", "read", QUERY) "]", "authors", false);
    check_limit("[" GROUP("[\"books\"]", "read", FIELDS("a*", "")) "]", "books", true);
    check_limit("[" GROUP("[\"books\"]", "read", FIELDS("*", "\"b\"")) "]", "books", true);
    check_limit("[" GROUP("[\"books\"]", "read", FIELDS("*", "")) "]", "books", false);
    check_limit("[" GROUP("[\"books\"]", "read", "") "]", "books", false);
    check_limit("[" GROUP("[\"books\"]", "write", QUERY) "]", "books", false);
    check_limit("[]", "books", false);
}

Test(es_privileges, who_reads_all_of_it_by_another_role_is_not_limited)
{
    check_limit("[" GROUP("[\"b*\"]", "read", QUERY) "," GROUP("[\"*\"]", "all", "") "]", "books",
                false);
    check_limit("[" GROUP("[\"b*\"]", "read", QUERY) "," GROUP("[\"a*\"]", "all", "") "]", "books",
                true);
    check_limit("[" GROUP("[\"b*\"]", "read", QUERY) "," GROUP("[\"*\"]", "monitor", "") "]",
                "books", true);
}

Test(es_privileges, names_are_patterns)
{
    check_limit("[" GROUP("[\"a\",\"b?ok*\"]", "read", QUERY) "]", "books", true);
    check_limit("[" GROUP("[\"*-*-x\"]", "read", QUERY) "]", "a-b-c-x", true);
    check_limit("[" GROUP("[\"*-x\"]", "read", QUERY) "]", "a-x-y", false);
    check_limit("[" GROUP("[\"book\"]", "read", QUERY) "]", "books", false);
    check_limit("[" GROUP("[\"/b.+/\"]", "read", QUERY) "]", "books", true);
}

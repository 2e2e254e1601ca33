#include "stash/hosts.h"

#include <criterion/criterion.h>

#include "stash/jsonx.h"
#include "stash/mem.h"

static json_t *parse(const char *text)
{
    json_error_t error;
    json_t *value = json_loads(text, 0, &error);

    cr_assert_not_null(value, "%s", error.text);
    return value;
}

static bool have_ended(const char *row, const char *stats)
{
    json_auto_t *the_row = parse(row);
    json_auto_t *the_stats = parse(stats);

    return hosts_have_ended(the_row, the_stats);
}

Test(hosts, are_named_as_stash_names_them)
{
    AUTO(mem_free) char *first = hosts_name_ordinal(NULL, "0");
    AUTO(mem_free) char *aliased = hosts_name_ordinal("db", "12");
    AUTO(mem_free) char *empty = hosts_name_ordinal("", "3");
    AUTO(mem_free) char *node = hosts_name_node("", "n1");
    AUTO(mem_free) char *aliased_node = hosts_name_node("logs", "n1");

    cr_assert_str_eq(first, "host-0");
    cr_assert_str_eq(aliased, "db-12");
    cr_assert_str_eq(empty, "host-3");
    cr_assert_str_eq(node, "n1");
    cr_assert_str_eq(aliased_node, "logs-n1");
    cr_assert_str_eq(hosts_name_single(""), "host-0");
    cr_assert_str_eq(hosts_name_single("web"), "web");
}

Test(hosts, every_named_one_has_to_end)
{
    const char *row = "{\"hosts\": [{\"name\": \"host-0\"}, {\"name\": \"host-1\"}], "
                      "\"totalHosts\": 2}";

    cr_assert(have_ended(row, "[{\"hostname\": \"host-1\", \"phase\": \"Failed\"}, "
                              "{\"hostname\": \"host-0\", \"phase\": \"Succeeded\"}]"));
    cr_assert_not(have_ended(row, "[{\"hostname\": \"host-0\", \"phase\": \"Succeeded\"}, "
                                  "{\"hostname\": \"host-2\", \"phase\": \"Succeeded\"}]"),
                  "host-2 is none of the session's");
    cr_assert_not(have_ended(row, "[{\"hostname\": \"host-0\", \"phase\": \"Succeeded\"}, "
                                  "{\"hostname\": \"host-1\", \"phase\": \"Running\"}]"));
}

Test(hosts, of_a_version_that_named_nobody_are_counted)
{
    const char *stats = "[{\"hostname\": \"host-0\", \"phase\": \"Succeeded\"}]";

    cr_assert(have_ended("{\"totalHosts\": 1}", stats));
    cr_assert_not(have_ended("{\"totalHosts\": 2}", stats));
    cr_assert_not(have_ended("{}", stats), "nobody has counted them yet");
}

Test(hosts, a_row_that_anybody_could_write_does_no_harm)
{
    cr_assert_not(have_ended("{\"hosts\": [{}, 7, \"x\", null], \"totalHosts\": 4}", "[7, null]"));
    cr_assert_not(have_ended("{\"hosts\": {}, \"totalHosts\": \"x\"}", "{}"));
}

Test(hosts, a_later_one_has_no_part_in_the_session)
{
    json_auto_t *named = parse("{\"hosts\": [{\"name\": \"host-0\"}]}");
    json_auto_t *counted = parse("{\"totalHosts\": 1}");

    cr_assert(hosts_includes(named, "host-0"));
    cr_assert_not(hosts_includes(named, "host-1"));
    cr_assert(hosts_includes(counted, "host-1"), "before hosts were named");
}

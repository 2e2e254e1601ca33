#include "stash/claims.h"

#include <criterion/criterion.h>

#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/mem.h"

static json_t *parse(const char *text)
{
    json_error_t error;
    json_t *value = json_loads(text, 0, &error);

    cr_assert_not_null(value, "%s", error.text);
    return value;
}

#define TEMPLATES                                                                                  \
    "\"volumeClaimTemplates\": [{\"metadata\": {\"name\": \"data-db-${POD_ORDINAL}\"}, "           \
    "\"spec\": {\"dataSource\": {\"name\": \"snap-${POD_ORDINAL}\"}}}, "                           \
    "{\"metadata\": {\"name\": \"logs\"}}]"

static void expect_host(const char *target, size_t ordinal, const char *want)
{
    json_auto_t *doc = parse(target);
    AUTO(mem_free) char *host = claims_host(doc, ordinal);

    cr_assert_str_eq(host, want);
}

Test(claims, each_replica_has_a_set_and_is_a_host_of_its_own)
{
    json_auto_t *three = parse("{\"replicas\": 3, " TEMPLATES "}");
    json_auto_t *one = parse("{" TEMPLATES "}");
    json_auto_t *none = parse("{\"replicas\": 3}");

    cr_assert_eq(claims_sets(three), 3);
    cr_assert_eq(claims_sets(one), 1);
    cr_assert_eq(claims_sets(none), 0);
    expect_host("{\"replicas\": 3, " TEMPLATES "}", 2, "host-2");
    expect_host("{\"replicas\": 1, \"alias\": \"db\", " TEMPLATES "}", 0, "db-0");
    expect_host("{\"alias\": \"db\", " TEMPLATES "}", 0, "db");
    expect_host("{" TEMPLATES "}", 0, "host-0");
}

Test(claims, there_are_not_more_sets_than_a_session_can_make)
{
    json_auto_t *most =
        json_pack("{s:i, s:[{}]}", "replicas", LIMIT_CLAIM_SETS, "volumeClaimTemplates");
    json_auto_t *more =
        json_pack("{s:i, s:[{}]}", "replicas", LIMIT_CLAIM_SETS + 1, "volumeClaimTemplates");
    json_auto_t *less = json_pack("{s:i, s:[{}]}", "replicas", -1, "volumeClaimTemplates");

    cr_assert_eq(claims_sets(most), LIMIT_CLAIM_SETS);
    cr_assert_eq(claims_sets(more), LIMIT_CLAIM_SETS);
    cr_assert_eq(claims_sets(less), 1);
}

Test(claims, the_ordinal_stands_wherever_the_template_names_it)
{
    json_auto_t *target = parse("{\"replicas\": 2, " TEMPLATES "}");
    json_auto_t *names = claims_names(target);
    json_auto_t *want = parse("[\"data-db-0\", \"logs\", \"data-db-1\"]");
    json_auto_t *expanded = NULL;
    struct error err;

    cr_assert(json_equal(names, want));
    cr_assert_eq(claims_expand(json_array_get(jsonx_get(target, "volumeClaimTemplates", NULL), 0),
                               12, &expanded, &err),
                 0);
    cr_assert_str_eq(jsonx_str(expanded, "spec", "dataSource", "name", NULL), "snap-12");
}

Test(claims, what_nothing_can_be_called_has_no_name)
{
    json_auto_t *nameless = parse("{\"metadata\": {}}");
    json_auto_t *open = parse("{\"metadata\": {\"name\": \"data-${ORDINAL}\"}}");
    json_auto_t *expanded = NULL;
    struct error err = {0};

    cr_assert_null(claims_name(nameless, 0));
    cr_assert_null(claims_name(open, 0));
    cr_assert_eq(claims_expand(open, 0, &expanded, &err), -ERR_INVALID);
}

/* Whoever stored more of them while no webhook ran is refused; until then they are looked up. */
Test(claims, there_are_not_more_names_than_a_restore_may_have)
{
    json_auto_t *target =
        json_pack("{s:i, s:[]}", "replicas", LIMIT_CLAIM_SETS, "volumeClaimTemplates");

    for (size_t i = 0; i < LIMIT_CLAIMS / LIMIT_CLAIM_SETS + 1; i++)
        json_array_append_new(
            json_object_get(target, "volumeClaimTemplates"),
            json_pack("{s:{s:o}}", "metadata", "name", json_sprintf("d%zu-${POD_ORDINAL}", i)));
    json_auto_t *names = claims_names(target);
    cr_assert_eq(json_array_size(names), LIMIT_CLAIMS);
}

static void expect_volume(const char *claim, size_t ordinal, const char *want)
{
    AUTO(mem_free) char *volume = claims_volume(claim, ordinal);

    cr_assert_str_eq(volume, want);
}

Test(claims, a_volume_is_called_like_its_claim_without_the_ordinal)
{
    expect_volume("data-db-0", 0, "data-db");
    expect_volume("data-db-10", 10, "data-db");
    expect_volume("data-db-10", 0, "data-db-10");
    expect_volume("data", 0, "data");
    expect_volume("-0", 0, "-0");
}

#include "es_args.h"

#include <criterion/criterion.h>
#include <string.h>

#include "secret_of.h"

static json_t *app(void)
{
    return json_pack("{s:{s:s, s:s}, s:{s:{s:s, s:s}}}", "metadata", "name", "db", "namespace", "n",
                     "spec", "clientConfig", "url", "nats://h:4222", "caBundle", "UEVN");
}

Test(es, the_auth_file_quotes_the_password)
{
    AUTO(child_env_done) struct child_env env = {0};
    json_auto_t *binding = app();
    const char *const pairs[] = {"ADMIN_USERNAME", "elastic", "password", "Pass\"w\\0rd", NULL};
    json_auto_t *secret = secret_of(pairs);
    const char *auth;
    struct error err;

    child_env_init(&env, NULL, "/s");
    cr_assert_eq(es_env(binding, secret, &env, &auth, &err), 0);
    cr_assert_str_eq(auth, "/s/auth.txt");
    cr_assert_str_eq(env.files[0].data, "user=elastic\npassword=\"Pass\\\"w\\\\0rd\"");
    cr_assert_str_eq(argv_env_get(&env.env, "NODE_EXTRA_CA_CERTS"), "/s/root.pem");
    cr_assert_null(argv_env_get(&env.env, "NODE_TLS_REJECT_UNAUTHORIZED"));
}

Test(es, without_a_secret_it_says_so)
{
    AUTO(child_env_done) struct child_env env = {0};
    json_auto_t *binding = app();
    json_auto_t *none = json_null();
    const char *auth;
    struct error err;

    cr_assert_eq(es_env(binding, none, &env, &auth, &err), -ERR_INVALID);
    cr_assert_str_eq(err.msg, "secret (none) has neither key username nor ADMIN_USERNAME");
}

Test(es, what_looks_like_a_url_escape_is_escaped_in_the_auth_file)
{
    AUTO(child_env_done) struct child_env env = {0};
    json_auto_t *binding = app();
    const char *const pairs[] = {"username", "a%41;b", "password", "p%41#;=%", NULL};
    json_auto_t *secret = secret_of(pairs);
    const char *auth;
    struct error err;

    child_env_init(&env, NULL, "/s");
    cr_assert_eq(es_env(binding, secret, &env, &auth, &err), 0);
    cr_assert_str_eq(env.files[0].data, "user=\"a%252541;b\"\npassword=\"p%252541#;=%2525\"");
}

Test(es, a_dump_asks_for_whole_answers_where_the_server_knows_that)
{
    struct es_dump dump = {"http://es:9200", "/d", "/a", NULL, NULL, true};
    AUTO(argv_done) struct argv whole = {0};
    AUTO(argv_done) struct argv own = {0};
    const char whole_flag[] = "--input-params={\"allow_partial_search_results\":\"false\"}";

    es_args_dump(&dump, &whole);
    cr_assert_str_eq(whole.items[4], whole_flag);
    dump.args = "--params={}";
    es_args_dump(&dump, &own);
    for (size_t i = 0; i < own.count; i++)
        cr_assert_str_neq(own.items[i], whole_flag);
}

Test(es, words_that_are_not_the_users_are_refused)
{
    static const char *const bad[] = {"--output=/x",        "--input /x",   "--direction load",
                                      "--ignoreChildError", "--fsCompress", "--match=x --"};
    static const char *const good[] = {"", "--match=^a$", "--limit 5", "--searchBody output"};
    struct error err;

    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        cr_assert_eq(es_args_check(bad[i], &err), -ERR_INVALID, "%s", bad[i]);
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        cr_assert_eq(es_args_check(good[i], &err), 0, "%s", good[i]);
    cr_assert_eq(es_args_check("--searchBody --output", &err), -ERR_INVALID,
                 "no value begins with a dash");
}

Test(es, documents_may_be_left_out_in_several_ways)
{
    static const char *const without[] = {"--ignoreType=data", "--ignoreType mapping,data",
                                          "--ignoreData", "--includeType=mapping"};
    static const char *const with[] = {"",
                                       "--ignoreType=template",
                                       "--ignoreData=false",
                                       "--includeType=data,mapping",
                                       "--match=a,data",
                                       "--no-ignoreData"};

    for (size_t i = 0; i < ARRAY_LEN(without); i++)
        cr_assert(es_args_leave_out_data(without[i]), "%s", without[i]);
    for (size_t i = 0; i < ARRAY_LEN(with); i++)
        cr_assert_not(es_args_leave_out_data(with[i]), "%s", with[i]);
}

static void check_ignored(const char *args, const char *expected)
{
    struct es_dump dump = {"http://es:9200", "/d", "/a", args, "template", false};
    AUTO(argv_done) struct argv argv = {0};
    bool found = false;

    es_args_dump(&dump, &argv);
    for (size_t i = 0; i < argv.count; i++)
        found = found || strcmp(argv.items[i], expected) == 0;
    cr_assert(found, "%s", args);
}

Test(es, types_to_leave_out_are_joined)
{
    check_ignored("", "--ignoreType=template");
    check_ignored("--ignoreType=data", "--ignoreType=data,template");
    check_ignored("--ignoreType data --limit 5", "--ignoreType=data,template");
}

Test(es, all_indices_but_the_servers_own_are_no_choice)
{
    static const char *const all[] = {"", "--match=^(?![.]).+", "--match ^.*$", "--limit=5"};
    static const char *const some[] = {"--match=^books$", "--match book", "--matchType=alias",
                                       "--match=.* --customMatcher=@x"};

    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        cr_assert_not(es_args_choose_some(all[i]), "%s", all[i]);
    for (size_t i = 0; i < ARRAY_LEN(some); i++)
        cr_assert(es_args_choose_some(some[i]), "%s", some[i]);
}

Test(es, what_a_load_chooses_is_what_the_tool_says)
{
    json_auto_t *chosen =
        es_args_chosen("Mon | options: {\"match\":\"list of indexes\"}\nMon, 30 Nov "
                       "2026 | list of indexes[\"a\",\"b-1\"]\nMon | Working on a");
    json_auto_t *none = es_args_chosen("Mon | list of indexes[]\n");

    cr_assert_eq(json_object_size(chosen), 2);
    cr_assert_not_null(json_object_get(chosen, "b-1"));
    cr_assert_eq(json_object_size(none), 0);
    cr_assert_not_null(none);
    cr_assert_null(es_args_chosen("it was told to be quiet"));
    cr_assert_null(es_args_chosen("Mon | list of indexes[\"cut"));
}

Test(es, an_options_value_is_the_last_one)
{
    AUTO(mem_free) char *prefix = es_args_value("--prefix=a --match=x --prefix b", "prefix");

    cr_assert_str_eq(prefix, "b");
    cr_assert_null(es_args_value("--match=prefix", "prefix"));
}

#include "mysql_rows.h"

#include <criterion/criterion.h>

#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/pair.h"

static const struct mysql_rows_filter everything = {0};

static json_t *counts(void)
{
    return json_pack("{s:{s:i, s:i}, s:{}, s:{s:i}, s:{s:i}}",
                     PAIR("shop", PAIR("orders", 3), PAIR("a`b", 0)), "em'pty",
                     PAIR("mysql", PAIR("user", 9)), PAIR("", PAIR("loose", 2)));
}

static void check_query(const json_t *list, size_t from, const char *expected)
{
    AUTO(buf_done) struct buf query;

    buf_init(&query, LIMIT_MIB);
    mysql_rows_query(list, from, &query);
    cr_assert_str_eq(query.data, expected);
}

static void check_answer(const char *answer, const char *why)
{
    json_auto_t *all = counts();
    json_auto_t *list = mysql_rows_list(all, &everything);
    struct error err;

    if (!why) {
        cr_assert_eq(mysql_rows_check(list, 0, answer, &err), 0, "%s", err.msg);
        return;
    }
    cr_assert_eq(mysql_rows_check(list, 0, answer, &err), -ERR_INVALID, "%s", answer);
    cr_assert_str_eq(err.msg, why);
}

Test(mysql_rows, the_question_quotes_names_and_leaves_out_the_server_s_own)
{
    json_auto_t *all = counts();
    json_auto_t *list = mysql_rows_list(all, &everything);

    check_query(list, 0,
                "SELECT 0, COUNT(*) - 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = "
                "'shop' UNION ALL SELECT 1, COUNT(*) FROM `shop`.`orders` UNION ALL SELECT 2, "
                "COUNT(*) FROM `shop`.`a``b` UNION ALL SELECT 3, COUNT(*) - 1 FROM "
                "information_schema.SCHEMATA WHERE SCHEMA_NAME = 'em''pty'");
}

Test(mysql_rows, tables_without_a_database_are_those_of_the_connection_s)
{
    const struct mysql_rows_filter chosen = {.own = "copy", .only = "copy"};
    json_auto_t *all = counts();
    json_auto_t *list = mysql_rows_list(all, &chosen);

    check_query(list, 0,
                "SELECT 0, COUNT(*) - 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = "
                "'copy' UNION ALL SELECT 1, COUNT(*) FROM `copy`.`loose`");
}

Test(mysql_rows, as_many_or_more_is_right)
{
    check_answer("0\t0\n1\t3\n2\t0\n3\t0\n", NULL);
    check_answer("3\t0\n2\t7\n1\t4\n0\t0\n", NULL);
}

Test(mysql_rows, what_is_missing_is_named)
{
    check_answer("0\t0\n1\t2\n2\t0\n3\t0\n", "table shop.orders has 2 rows; the dump holds 3");
    check_answer("0\t0\n1\t3\n2\t0\n3\t-1\n",
                 "the server has no database em'pty, which the dump holds");
}

Test(mysql_rows, an_answer_that_is_short_or_makes_no_sense_is_no_proof)
{
    check_answer("", "counting rows: 0 answers to 4 questions");
    check_answer("0\t0\n1\t3\n2\t0\n", "counting rows: 3 answers to 4 questions");
    check_answer("0\t0\n1\t3\n2\t0\n9\t0\n", "counting rows: an answer that makes no sense");
    check_answer("0\t0\n1\t3\n2\t0\n3\t0", "counting rows: an answer that makes no sense");
    check_answer("ERROR\n", "counting rows: an answer that makes no sense");
    check_answer("1\t3\n1\t3\n1\t3\n1\t3\n", "counting rows: an answer that makes no sense");
}

Test(mysql_rows, many_tables_are_asked_for_in_several_questions)
{
    json_auto_t *tables = json_object();
    json_auto_t *all = NULL;
    AUTO(buf_done) struct buf query;

    for (int i = 0; i < MYSQL_ROWS_AT_ONCE; i++) {
        AUTO(mem_free) char *name = xasprintf("t%d", i);
        json_object_set_new(tables, name, json_integer(1));
    }
    all = json_pack("{s:O}", "d", tables);
    json_auto_t *list = mysql_rows_list(all, &everything);
    cr_assert_eq(json_array_size(list), MYSQL_ROWS_AT_ONCE + 1);
    check_query(list, MYSQL_ROWS_AT_ONCE, "SELECT 64, COUNT(*) FROM `d`.`t63`");
    buf_init(&query, LIMIT_MIB);
    mysql_rows_query(list, 0, &query);
    cr_assert_null(strstr(query.data, "`t63`"));
}

Test(mysql_rows, what_rows_were_is_counted_where_it_is_kept)
{
    json_auto_t *counts =
        json_pack("{s:{s:i, s:i}}", PAIR("shop", PAIR("kept", 3), PAIR("plain", 1)));
    const struct mysql_rows_filter filter = {NULL, NULL};
    json_auto_t *list = mysql_rows_list(counts, &filter);
    AUTO(buf_done) struct buf query;

    buf_init(&query, LIMIT_MIB);
    mysql_rows_mark(list, MYSQL_ROWS_VERSIONED, "shop\tkept\nother\tplain\n");
    mysql_rows_query(list, 0, &query);
    cr_assert_not_null(strstr(query.data, "FROM `shop`.`kept` FOR SYSTEM_TIME ALL"));
    cr_assert_not_null(strstr(query.data, "FROM `shop`.`plain`"));
    cr_assert_null(strstr(query.data, "`plain` FOR SYSTEM_TIME"));
}

Test(mysql_rows, rows_that_an_event_may_have_deleted_are_no_error)
{
    json_auto_t *counts =
        json_pack("{s:{s:i, s:i}}", PAIR("shop", PAIR("sessions", 3), PAIR("plain", 1)));
    const struct mysql_rows_filter filter = {NULL, NULL};
    json_auto_t *list = mysql_rows_list(counts, &filter);
    struct error err;

    mysql_rows_mark(list, MYSQL_ROWS_PURGED, "shop\tsessions\n");
    cr_assert_eq(mysql_rows_check(list, 0, "0\t0\n1\t2\n2\t1\n", &err), 0, "%s", err.msg);
    cr_assert_eq(jsonx_int(json_array_get(list, 1), 0, "has", NULL), 2);
    cr_assert_lt(mysql_rows_check(list, 0, "0\t0\n1\t3\n2\t0\n", &err), 0);
    cr_assert_str_eq(err.msg, "table shop.plain has 0 rows; the dump holds 1");
}

Test(mysql_rows, no_more_rows_may_be_missing_than_were_deleted)
{
    json_auto_t *counts = json_pack("{s:{s:i}}", PAIR("shop", PAIR("orders", 9)));
    const struct mysql_rows_filter filter = {NULL, NULL};
    json_auto_t *list = mysql_rows_list(counts, &filter);
    struct error err;

    mysql_rows_mark(list, MYSQL_ROWS_DELETED, "shop\torders\t2\nshop\tother\t9\n");
    cr_assert_eq(mysql_rows_check(list, 0, "0\t0\n1\t7\n", &err), 0, "%s", err.msg);
    cr_assert_eq(jsonx_int(json_array_get(list, 1), 0, "has", NULL), 7);
    cr_assert_lt(mysql_rows_check(list, 0, "0\t0\n1\t6\n", &err), 0);
    cr_assert_str_eq(err.msg, "table shop.orders has 6 rows; the dump holds 9");
}

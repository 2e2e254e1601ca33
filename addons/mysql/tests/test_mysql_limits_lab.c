/*
 * MySQL and MariaDB as applications have them: limits for statements, and events that delete rows. FAMILY is the server's, CLIENT and
 * DUMP are its tools; LIMIT is the variable for what a
 * statement may take, and TIGHT are 20 ms.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "lab.h"
#include "stash/jsonx.h"

#define PORT "13306"
#define ROOT CLIENT " --no-defaults -u root -S $LAB/db/socket"

static void open_server(struct lab *lab)
{
    lab_open(lab, "mysql");
    lab->stage.flags.self = STASH;
    if (system(DUMP " --version 2>/dev/null | grep -q " VERSION_WORD) != 0)
        cr_skip_test("no server and clients of " FAMILY ": scripts/lab brings them");
    setenv("FAMILY", FAMILY, 1);
    lab_start(lab, "exec " TESTS "start " PORT, ROOT " -e 'SELECT 1' >/dev/null 2>&1");
}

static void sql(const char *statement)
{
    setenv("SQL", statement, 1);
    lab_do(ROOT " -e \"$SQL\"");
}

static void check_rows(const char *expected)
{
    AUTO(mem_free)
    char *got = lab_ask(ROOT " -N -e 'SET SESSION " LIMIT " = 0; SELECT COUNT(*) FROM shop.t'");

    cr_assert_str_eq(got, expected);
}

/* A hundred thousand rows take longer than that to be read, written and counted. */
Test(LAB, what_an_application_s_statements_may_take_is_no_limit, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    open_server(&lab);
    sql("CREATE DATABASE shop; CREATE TABLE shop.t (a INT, b CHAR(30)); INSERT INTO shop.t VALUES "
        "(1,'x'),(2,'y')");
    for (int i = 0; i < 16; i++)
        sql("INSERT INTO shop.t SELECT a, CONCAT(a, 'some text') FROM shop.t");
    sql("SET GLOBAL " LIMIT " = " TIGHT);
    json_auto_t *stored = lab_back_up(&lab);
    lab_check_succeeded(stored);
    sql("SET SESSION " LIMIT " = 0; DROP DATABASE shop");
    json_auto_t *restored = lab_restore(&lab);
    lab_check_succeeded(restored);
    check_rows("131072");
}

/* The event comes back with the rows, and is due at once. */
Test(LAB, rows_that_an_event_deletes_after_a_restore_are_a_warning, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    open_server(&lab);
    sql("CREATE DATABASE shop; CREATE TABLE shop.t (a INT); INSERT INTO shop.t VALUES (1),(2),(3); "
        "CREATE EVENT shop.purge ON SCHEDULE EVERY 1 SECOND DO DELETE FROM shop.t WHERE a < 3");
    json_auto_t *stored = lab_back_up(&lab);
    lab_check_succeeded(stored);
    sql("DROP DATABASE shop; SET GLOBAL event_scheduler = ON");
    lab_do("mkdir $LAB/front; ln -s \"$(command -v " CLIENT ")\" $LAB/front/" CLIENT
           ".real; printf "
           "'#!/bin/sh\\ncase $* in *COUNT*\\\\`t\\\\`*) sleep 3;; esac; exec $0.real \"$@\"\\n' "
           ">$LAB/front/" CLIENT "; chmod +x $LAB/front/" CLIENT);
    AUTO(mem_free) char *path = xasprintf("%s/front:%s", getenv("LAB"), getenv("PATH"));
    setenv("PATH", path, 1);
    json_auto_t *restored = lab_restore(&lab);
    lab_check_succeeded(restored);
    lab_check_warned(restored, "table shop.t has 1 rows of the dump's 3");
    check_rows("1");
}

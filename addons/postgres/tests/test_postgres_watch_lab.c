/* What takes long at the server is waited for; a server that does nothing for us is not. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "pg_lab.h"
#include "stash/clock.h"
#include "stash/jsonx.h"

#define PATIENCE "2"

/* One statement of the dump takes as long as three patiences. */
static void open_slow(struct lab *lab)
{
    pg_open(lab, "pg");
    pg_do("psql -q -c 'CREATE TABLE slow AS SELECT 1 AS i' -c 'CREATE FUNCTION wait(i int) RETURNS "
          "int "
          "IMMUTABLE LANGUAGE plpgsql AS $x$ BEGIN PERFORM pg_sleep(6); RETURN i; END $x$'");
    pg_do("psql -q -c 'CREATE INDEX slow_index ON slow (wait(i))'");
    setenv("STASH_TOOL_PATIENCE", PATIENCE, 1);
}

Test(postgres_watch_lab, a_long_statement_of_a_restore_is_waited_for, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    open_slow(&lab);
    pg_back_up(&lab);
    pg_new_server(&lab);
    pg_restore(&lab);
    pg_check_ask("psql -Atqc 'SELECT count(*) FROM slow'", "1");
}

Test(postgres_watch_lab, a_long_count_after_a_restore_is_waited_for, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    pg_open(&lab, "pg");
    pg_do("psql -q -c 'CREATE TABLE few AS SELECT 1 AS i'");
    pg_back_up(&lab);
    pg_new_server(&lab);
    setenv("STASH_TOOL_PATIENCE", PATIENCE, 1);
    pg_replace_tool("psql",
                    "case $* in *--file=*) set -- \"$@\" --command=\"SELECT pg_sleep(6)\" ;; esac; "
                    "exec $REAL \"$@\"");
    pg_restore(&lab);
}

/* The count has to wait for two seconds, twice as long as the application's statements may take. */
Test(postgres_watch_lab, what_an_application_s_statements_may_take_is_no_limit_for_a_count,
     .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    pg_open(&lab, "pg");
    pg_do("psql -q -c 'CREATE TABLE few AS SELECT 1 AS i' -c 'ALTER ROLE admin SET "
          "statement_timeout = 1000' -c 'ALTER ROLE admin SET lock_timeout = 1000'");
    pg_back_up(&lab);
    pg_new_server(&lab);
    pg_replace_tool("psql",
                    "case $* in *--file=*) PGOPTIONS=\"-c statement_timeout=0\" $REAL -qd "
                    "postgres -c \"BEGIN; LOCK TABLE few; SELECT pg_sleep(3)\" >/dev/null & "
                    "sleep 1;; esac; exec $REAL \"$@\"");
    pg_restore(&lab);
}

/* A job of the server, or an application that was waiting for the table. */
Test(postgres_watch_lab, rows_that_somebody_deletes_after_a_restore_are_a_warning, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    pg_open(&lab, "pg");
    pg_do("psql -q -c 'CREATE TABLE few AS SELECT generate_series(1, 5) AS i'");
    pg_back_up(&lab);
    pg_new_server(&lab);
    pg_replace_tool("psql",
                    "case $* in *--file=*) $REAL -qd postgres -c \"DELETE FROM few WHERE i > "
                    "3\" && sleep 2;; esac; exec $REAL \"$@\"");
    json_auto_t *stat = lab_restore(&lab);
    lab_check_succeeded(stat);
    lab_check_warned(stat, "rows of table public.few, database \"postgres\": the server has 3 of "
                           "the dump's 5 (others were deleted since)");
}

static void check_ended(struct lab *lab)
{
    int64_t start = clock_mono_ms();
    json_auto_t *stat = lab_restore(lab);

    lab_check_failed(stat, "got nowhere for " PATIENCE " s");
    cr_assert_lt(clock_mono_ms() - start, 60000);
}

Test(postgres_watch_lab, a_server_that_waits_for_a_lock_is_not_waited_for, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    pg_open(&lab, "pg");
    pg_do("psql -q -c 'CREATE TABLE locked AS SELECT 1 AS i'");
    lab_set(&lab, "backup-cmd", "pg_dump");
    lab_set(&lab, "pg-args", "--clean --if-exists --dbname=postgres");
    pg_back_up(&lab);
    pg_do("(psql -q -c 'BEGIN; LOCK TABLE locked; SELECT pg_sleep(60)' >/dev/null 2>&1 &)");
    pg_do("until psql -Atqc \"SELECT query FROM pg_stat_activity WHERE state='active'\" | grep -q "
          "'LOCK "
          "TABLE'; do sleep 0.1; done");
    setenv("STASH_TOOL_PATIENCE", PATIENCE, 1);
    lab_set(&lab, "pg-args", "--dbname=postgres");
    check_ended(&lab);
}

/* Every commit waits until the standby has it; there is none. */
Test(postgres_watch_lab, a_server_that_waits_for_its_standby_is_not_waited_for, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    pg_open(&lab, "pg");
    pg_do("psql -q -c 'CREATE TABLE t AS SELECT 1 AS i'");
    pg_back_up(&lab);
    pg_new_server(&lab);
    pg_do("psql -q -c \"ALTER SYSTEM SET synchronous_standby_names = 'nobody'\" "
          "-c 'SELECT pg_reload_conf()' >/dev/null");
    setenv("STASH_TOOL_PATIENCE", PATIENCE, 1);
    check_ended(&lab);
    pg_do("psql -q -c 'ALTER SYSTEM RESET synchronous_standby_names' -c 'SELECT pg_reload_conf()' "
          ">/dev/null");
}

/* Its connections are there, but nothing is answered any more. */
Test(postgres_watch_lab, a_server_that_stopped_is_not_waited_for, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    open_slow(&lab);
    pg_back_up(&lab);
    pg_new_server(&lab);
    pg_do("(until psql -Atqc 'SELECT query FROM pg_stat_activity' 2>&1 | grep -q '^CREATE INDEX'; "
          "do sleep "
          "0.1; done; all=$(sed -n 1p $LAB/pg/data/postmaster.pid); all=\"$all $(pgrep -P $all)\"; "
          "kill -STOP "
          "$all; sleep 40; kill -CONT $all) >/dev/null 2>&1 &");
    check_ended(&lab);
}

Test(postgres_watch_lab, a_client_that_stopped_is_not_waited_for, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    open_slow(&lab);
    pg_back_up(&lab);
    pg_new_server(&lab);
    pg_replace_tool("psql", PSQL_THAT("exec sleep 60"));
    check_ended(&lab);
}

Test(postgres_watch_lab, a_server_that_lets_in_and_is_silent_is_waited_for_as_long_as_was_said,
     .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};
    int64_t start;

    lab_open(&lab, "pg");
    lab_start(&lab, "exec " TESTS "silent " PG_PORT, "sleep 1");
    lab.stage.flags.wait_timeout = 4;
    start = clock_mono_ms();
    json_auto_t *stat = lab_back_up(&lab);
    lab_check_failed(stat, "the server is not ready");
    cr_assert_lt(clock_mono_ms() - start, 40000);
}

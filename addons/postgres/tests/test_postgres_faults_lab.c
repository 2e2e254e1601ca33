/* Whoever dies, stops early or runs out of space: it is told, and nothing is half and green. */
#include <criterion/criterion.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "pg_lab.h"

#define MANY "CREATE TABLE big AS SELECT i, md5(i::text) FROM generate_series(1, 1000000) i"

/* kill -9, as soon as the server works at this kind of statement. */
static void kill_server_at(const char *statement)
{
    AUTO(mem_free)
    char *command =
        xasprintf("(until psql -Atc 'SELECT query FROM pg_stat_activity' 2>&1 | grep -q "
                  "'^%s'; do sleep 0.05; done; kill -QUIT $(sed -n 1p "
                  "$LAB/pg/data/postmaster.pid)) >/dev/null 2>&1 &",
                  statement);

    pg_do(command);
}

static void check_not_stored(struct lab *lab, const char *why, const char *too)
{
    json_auto_t *stat = lab_back_up(lab);

    lab_check_failed(stat, "nothing was stored");
    lab_check_failed(stat, why);
    lab_check_failed(stat, too);
    cr_assert_eq(pg_snapshots(), 0);
}

Test(postgres_faults_lab, a_server_that_dies_half_way_leaves_no_snapshot, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    pg_open(&lab, "pg");
    pg_do("psql -qc '" MANY "'");
    kill_server_at("COPY public.big");
    check_not_stored(&lab, "pg_dump", "connection");
}

Test(postgres_faults_lab, a_dump_that_is_killed_leaves_no_snapshot, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    pg_open_with_more(&lab);
    lab_set(&lab, "backup-cmd", "pg_dump");
    lab_set(&lab, "pg-args", "shop");
    pg_replace_tool("pg_dump",
                    "case $* in *--version) exec $REAL --version; esac; $REAL \"$@\" | head "
                    "-c 3000000; kill -9 $$");
    check_not_stored(&lab, "pg_dump", "exit code 137");
}

Test(postgres_faults_lab, a_dump_that_ends_early_and_says_done_leaves_no_snapshot, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    pg_open_with_more(&lab);
    pg_replace_tool("pg_dumpall", "$REAL \"$@\" | head -c 3000000; exit 0");
    check_not_stored(&lab, "the dump is cut", "");
}

static void check_not_restored(const char *psql, const char *why)
{
    AUTO(lab_done) struct lab lab = {0};

    pg_open_with_more(&lab);
    pg_back_up(&lab);
    pg_new_server(&lab);
    pg_replace_tool("psql", psql);
    json_auto_t *stat = lab_restore(&lab);
    lab_check_failed(stat, why);
}

Test(postgres_faults_lab, a_load_that_is_killed_is_no_restore, .timeout = 300)
{
    check_not_restored(PSQL_THAT("head -c 3000000 | $REAL \"$@\"; kill -9 $$"), "psql");
}

Test(postgres_faults_lab, a_load_that_stops_early_and_says_done_is_no_restore, .timeout = 300)
{
    check_not_restored(PSQL_THAT("head -c 3000000 | $REAL \"$@\"; exit 0"), "");
}

Test(postgres_faults_lab, a_load_of_everything_but_a_row_is_no_restore, .timeout = 300)
{
    check_not_restored(PSQL_THAT("sed \"/x20.$/d; /xxx20$/d\" | $REAL \"$@\""),
                       "the server has 19 of the dump");
}

Test(postgres_faults_lab, a_server_that_dies_in_a_restore_is_told, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    pg_open(&lab, "pg");
    pg_do("psql -qc '" MANY "'");
    pg_back_up(&lab);
    pg_do("psql -qc 'DROP TABLE big'");
    kill_server_at("COPY public.big");
    json_auto_t *stat = lab_restore(&lab);
    lab_check_failed(stat, "psql");
    lab_check_failed(stat, "connection");
}

/* The rows are changed, not fewer: only what psql does brings them back. */
Test(postgres_faults_lab, a_restore_that_nobody_commits_is_no_restore, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    pg_open(&lab, "pg");
    pg_do("psql -qc 'CREATE TABLE t AS SELECT 1 AS n'");
    lab_set(&lab, "backup-cmd", "pg_dump");
    lab_set(&lab, "pg-args", "--clean postgres");
    pg_back_up(&lab);
    pg_do("psql -qc 'UPDATE t SET n = 2'");
    lab_set(&lab, "pg-args", "--set=AUTOCOMMIT=off");
    json_auto_t *stat = lab_restore(&lab);
    lab_check_failed(stat, "the variable AUTOCOMMIT cannot be set");
    lab_set(&lab, "pg-args", "--single-transaction");
    pg_restore(&lab);
    pg_check_ask("psql -Atc 'SELECT n FROM t'", "1");
}

Test(postgres_faults_lab, a_table_that_is_named_and_gone_is_missed, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    pg_open(&lab, "pg");
    pg_do("psql -qc 'CREATE TABLE t AS SELECT 1 AS n'");
    lab_set(&lab, "backup-cmd", "pg_dump");
    lab_set(&lab, "pg-args", "postgres -t t -t other*");
    pg_back_up(&lab);
    lab_set(&lab, "pg-args", "postgres -t t -t other");
    json_auto_t *stat = lab_back_up(&lab);
    lab_check_failed(stat, "no matching tables were found for pattern \"other\"");
}

/* A small disk that goes with the test's process. */
static void mount_small(const char *folder, const char *size)
{
    AUTO(mem_free) char *path = xasprintf("%s/%s", getenv("LAB"), folder);
    AUTO(mem_free) char *options = xasprintf("mode=0777,size=%s", size);
    AUTO(mem_free) char *command = xasprintf("mkdir -p %s", path);

    pg_do(command);
    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("small", path, "tmpfs", 0, options) < 0)
        cr_skip_test("mounting is not allowed");
}

Test(postgres_faults_lab, a_full_repository_is_told, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    pg_open(&lab, "pg");
    pg_do("psql -qc '" MANY "'");
    mount_small("repository", "12m");
    json_auto_t *stat = lab_back_up(&lab);
    lab_check_failed(stat, "no space left on device");
    cr_assert_eq(pg_snapshots(), 0);
}

Test(postgres_faults_lab, a_full_server_is_told, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    pg_open(&lab, "pg");
    pg_do("psql -qc '" MANY "'");
    pg_back_up(&lab);
    lab_stop(&lab);
    pg_do("rm -r $LAB/pg");
    mount_small("pg", "90m");
    pg_start(&lab, "max_wal_size=32MB");
    json_auto_t *stat = lab_restore(&lab);
    lab_check_failed(stat, "could not extend file");
}

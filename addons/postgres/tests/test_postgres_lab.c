/* The real server and clients of PostgreSQL with the real restic. What has to come back is what pg_dumpall says. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lab.h"
#include "stash/clock.h"
#include "stash/jsonx.h"

#define PORT "15441"
/* All content and every object, in text; keys of \restrict and the login's own password differ with every run. */
#define CONTENT "pg_dumpall -l postgres | grep -v -e restrict -e 'ROLE admin'"

static void start(struct lab *lab, const char *settings)
{
    AUTO(mem_free) char *command = xasprintf("exec " TESTS "start " PORT " %s", settings);

    setenv("PGHOST", "127.0.0.1", 1); /* for the test's own commands */
    setenv("PGPORT", PORT, 1);
    setenv("PGUSER", "admin", 1);
    setenv("PGPASSWORD", "s3cret", 1);
    setenv("PGDATABASE", "postgres", 1);
    lab_start(lab, command, "psql -qc 'SELECT 1' >/dev/null 2>&1");
}

static void open_server(struct lab *lab, const char *appbinding)
{
    lab_open(lab, appbinding);
    lab->stage.flags.self = STASH;
    if (system("initdb --version >/dev/null 2>&1") != 0)
        cr_skip_test("no PostgreSQL server: apt-get install postgresql");
    start(lab, "");
}

static void open_with_data(struct lab *lab)
{
    open_server(lab, "pg");
    lab_do("psql -qv ON_ERROR_STOP=1 -f " TESTS "data/make.sql >/dev/null");
}

/* Another instance of the same address. */
static void new_server(struct lab *lab)
{
    lab_stop(lab);
    lab_do("rm -r $LAB/pg");
    start(lab, "");
}

static int snapshots(void)
{
    AUTO(mem_free)
    char *text =
        lab_ask("restic snapshots --json --no-cache 2>/dev/null | grep -o short_id | wc -l");

    return atoi(text);
}

static void back_up(struct lab *lab)
{
    json_auto_t *stat = lab_back_up(lab);

    lab_check_succeeded(stat);
}

static void restore(struct lab *lab)
{
    json_auto_t *stat = lab_restore(lab);

    lab_check_succeeded(stat);
}

static void check_ask(const char *command, const char *expected)
{
    AUTO(mem_free) char *got = lab_ask(command);

    cr_assert_str_eq(got, expected, "%s", command);
}

Test(postgres_lab, a_cluster_comes_back_in_another_instance, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    open_with_data(&lab);
    AUTO(mem_free) char *before = lab_ask(CONTENT " | tee $LAB/before | sha256sum");
    back_up(&lab);
    cr_assert_eq(snapshots(), 1);
    new_server(&lab);
    restore(&lab);
    lab_do(CONTENT " > $LAB/after; diff $LAB/before $LAB/after");
    check_ask(CONTENT " | sha256sum", before);
}

Test(postgres_lab, what_was_lost_comes_back_in_the_same_instance, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    open_with_data(&lab);
    AUTO(mem_free) char *before = lab_ask(CONTENT " | sha256sum");
    back_up(&lab);
    lab_do("psql -qc 'DROP DATABASE shop' -c 'DROP DATABASE empty' -c "
           "\"DROP DATABASE \\\"we ird'd\\\\b\\\"\"");
    lab_do("psql -qc 'CREATE DATABASE shop'");
    restore(&lab);
    check_ask(CONTENT " | sha256sum", before);
}

Test(postgres_lab, a_database_that_is_not_empty_is_no_half_success, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    open_with_data(&lab);
    back_up(&lab);
    json_auto_t *stat = lab_restore(&lab);
    lab_check_failed(stat, "already exists");
    lab_check_failed(stat, "psql");
}

Test(postgres_lab, clean_replaces_what_is_there, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    open_with_data(&lab);
    AUTO(mem_free) char *before = lab_ask(CONTENT " | sha256sum");
    lab_set(&lab, "pg-args", "--clean --if-exists");
    back_up(&lab);
    lab_do("psql -q -d shop -c 'DELETE FROM big' -c 'DROP TABLE parted'");
    lab_set(&lab, "pg-args", "");
    restore(&lab);
    check_ask(CONTENT " | sha256sum", before);
}

static void restore_one_database(const char *args)
{
    AUTO(lab_done) struct lab lab = {0};

    open_with_data(&lab);
    AUTO(mem_free) char *before = lab_ask("pg_dump shop | grep -v restrict | sha256sum");
    lab_set(&lab, "backup-cmd", "pg_dump");
    lab_set(&lab, "pg-args", args);
    back_up(&lab);
    lab_do("psql -qc 'CREATE DATABASE copy'");
    lab_set(&lab, "pg-args", "--dbname=copy");
    restore(&lab);
    check_ask("pg_dump copy | grep -v restrict | sha256sum", before);
}

Test(postgres_lab, one_database_is_restored_into_another, .timeout = 300)
{
    restore_one_database("shop");
}

Test(postgres_lab, rows_may_be_inserts, .timeout = 300)
{
    restore_one_database("--rows-per-insert=7 --dbname=shop");
}

Test(postgres_lab, rows_that_a_trigger_swallows_are_missed, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    open_with_data(&lab);
    lab_set(&lab, "backup-cmd", "pg_dump");
    lab_set(&lab, "pg-args", "--data-only --table=big shop");
    back_up(&lab);
    lab_do(
        "psql -qc 'CREATE DATABASE copy'; psql -q copy -c 'CREATE TABLE big (id int, v text)' -c "
        "'CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NULL; END$$' -c "
        "'CREATE TRIGGER t BEFORE INSERT ON big FOR EACH ROW EXECUTE FUNCTION f()' -c "
        "'CREATE SEQUENCE big_id_seq'");
    lab_set(&lab, "pg-args", "--dbname=copy");
    json_auto_t *stat = lab_restore(&lab);
    lab_check_failed(stat, "rows of table public.big");
    lab_check_failed(stat, "the server has 0 of the dump's 20");
}

Test(postgres_lab, a_wrong_password_and_a_silent_port_are_told, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    open_server(&lab, "pg-wrong");
    int64_t begun = clock_mono_ms();
    json_auto_t *wrong = lab_back_up(&lab);
    lab_check_failed(wrong, "password authentication failed for user \"admin\"");
    cr_assert_lt(clock_mono_ms() - begun, 15000, "it waited");
    lab_stop(&lab);
    lab.stage.flags.wait_timeout = 2;
    json_auto_t *silent = lab_back_up(&lab);
    lab_check_failed(silent, "127.0.0.1:" PORT " - no response");
    cr_assert_eq(snapshots(), 0);
}

Test(postgres_lab, a_server_that_dies_half_way_leaves_no_snapshot, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    open_server(&lab, "pg");
    lab_do(
        "psql -qc 'CREATE TABLE big AS SELECT i, md5(i::text) FROM generate_series(1, 3000000) i'");
    lab_do("(until psql -Atc \"SELECT query FROM pg_stat_activity\" 2>&1 | grep -q '^COPY "
           "public.big'; "
           "do sleep 0.05; done; kill -QUIT $(sed -n 1p $LAB/pg/data/postmaster.pid)) >/dev/null "
           "2>&1 &");
    json_auto_t *stat = lab_back_up(&lab);
    lab_check_failed(stat, "nothing was stored");
    lab_check_failed(stat, "pg_dump");
    lab_check_failed(stat, "connection");
    cr_assert_eq(snapshots(), 0);
}

/* What Stash stored before us: whole, and a dump that was cut, which it stored as well. */
Test(postgres_lab, dumps_of_stash_come_back_and_cut_ones_are_refused, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};
    const char *const store =
        "restic backup -q --stdin --stdin-filename dumpfile.sql --host host-0";

    open_with_data(&lab);
    setenv("STORE", store, 1);
    AUTO(mem_free) char *before = lab_ask(CONTENT " | sha256sum");
    lab_do("restic init >/dev/null; pg_dumpall -l postgres | grep -v restrict | tee $LAB/dump | "
           "$STORE");
    new_server(&lab);
    restore(&lab);
    check_ask(CONTENT " | sha256sum", before);
    new_server(&lab);
    lab_do("head -c 30000 $LAB/dump | $STORE");
    json_auto_t *stat = lab_restore(&lab);
    lab_check_failed(stat, "the dump is cut");
}

Test(postgres_lab, commands_in_a_dump_are_not_obeyed, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    open_server(&lab, "pg");
    lab_do(
        "restic init >/dev/null; printf -- '-- PostgreSQL database dump\\n\\n\\\\! touch "
        "'$LAB'/bad\\n"
        "-- PostgreSQL database dump complete\\n\\n' | restic backup -q --stdin --stdin-filename "
        "dumpfile.sql --host host-0");
    json_auto_t *stat = lab_restore(&lab);
    lab_check_failed(stat, "the dump holds the psql command \\!");
    lab_do("[ ! -e $LAB/bad ]");
}

Test(postgres_lab, roles_without_their_passwords_are_a_warning, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    open_server(&lab, "pg-limited");
    lab_do("psql -qc \"CREATE ROLE limited LOGIN PASSWORD 's3cret'\" -c 'GRANT pg_read_all_data TO "
           "limited' -c 'REVOKE ALL ON pg_authid FROM limited' -c 'GRANT CONNECT ON DATABASE "
           "template1 TO limited'");
    json_auto_t *stat = lab_back_up(&lab);
    lab_check_succeeded(stat);
    if (json_array_size(jsonx_get(stat, "warnings", NULL)) > 0)
        lab_check_warned(stat, "user limited may not read pg_authid");
}

Test(postgres_lab, a_client_older_than_the_server_is_refused_in_words, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    open_server(&lab, "pg");
    lab_do("mkdir $LAB/old; printf '#!/bin/sh\\necho \"pg_dumpall (PostgreSQL) 9.6.24\"\\n' "
           ">$LAB/old/pg_dumpall; chmod +x $LAB/old/pg_dumpall");
    AUTO(mem_free) char *path = xasprintf("%s/old:%s", getenv("LAB"), getenv("PATH"));
    setenv("PATH", path, 1);
    json_auto_t *stat = lab_back_up(&lab);
    lab_check_failed(stat, "this image has pg_dumpall (PostgreSQL) 9.6.24");
}

/* The real server and clients of PostgreSQL with the real restic. What has to come back is what the server says of itself. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pg_lab.h"
#include "stash/clock.h"
#include "stash/jsonx.h"

Test(postgres_lab, a_cluster_comes_back_in_another_instance, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    pg_open_with_more(&lab);
    AUTO(mem_free) char *before = pg_ask(PG_CONTENT " | tee $LAB/before | sha256sum");
    pg_back_up(&lab);
    cr_assert_eq(pg_snapshots(), 1);
    pg_new_server(&lab);
    pg_restore(&lab);
    pg_do(PG_CONTENT " > $LAB/after; diff $LAB/before $LAB/after");
    pg_check_ask(PG_CONTENT " | sha256sum", before);
}

Test(postgres_lab, what_was_lost_comes_back_in_the_same_instance, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    pg_open_with_data(&lab);
    AUTO(mem_free) char *before = pg_ask(PG_CONTENT " | sha256sum");
    pg_back_up(&lab);
    pg_do("psql -qc 'DROP DATABASE shop' -c 'DROP DATABASE empty' -c "
          "\"DROP DATABASE \\\"we ird'd\\\\b\\\"\"");
    pg_do("psql -qc 'CREATE DATABASE shop'");
    pg_restore(&lab);
    pg_check_ask(PG_CONTENT " | sha256sum", before);
}

Test(postgres_lab, a_database_that_is_not_empty_is_no_half_success, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    pg_open_with_data(&lab);
    pg_back_up(&lab);
    json_auto_t *stat = lab_restore(&lab);
    lab_check_failed(stat, "already exists");
    lab_check_failed(stat, "psql");
}

Test(postgres_lab, clean_replaces_what_is_there, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    pg_open_with_data(&lab);
    AUTO(mem_free) char *before = pg_ask(PG_CONTENT " | sha256sum");
    lab_set(&lab, "pg-args", "--clean --if-exists");
    pg_back_up(&lab);
    pg_do("psql -q -d shop -c 'DELETE FROM big' -c 'DROP TABLE parted'");
    lab_set(&lab, "pg-args", "");
    pg_restore(&lab);
    pg_check_ask(PG_CONTENT " | sha256sum", before);
}

/* Stash's own example of args is --clean: psql alone would complain of what is not there, and go on. */
Test(postgres_lab, what_clean_drops_need_not_be_there, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    pg_open_with_more(&lab);
    AUTO(mem_free) char *before = pg_ask(PG_CONTENT " | sha256sum");
    lab_set(&lab, "pg-args", "--clean");
    pg_back_up(&lab);
    pg_new_server(&lab);
    lab_set(&lab, "pg-args", "");
    pg_restore(&lab);
    pg_check_ask(PG_CONTENT " | sha256sum", before);
}

static void restore_one_database(const char *args)
{
    AUTO(lab_done) struct lab lab = {0};

    pg_open_with_more(&lab);
    pg_do("psql -qd shop -c 'UPDATE wide SET f = 0 WHERE f = 0'"); /* pg_dump's INSERTs lose -0 */
    AUTO(mem_free) char *before = pg_ask("pg_dump shop | grep -v restrict | sha256sum");
    lab_set(&lab, "backup-cmd", "pg_dump");
    lab_set(&lab, "pg-args", args);
    pg_back_up(&lab);
    pg_do("psql -qc 'CREATE DATABASE copy'");
    lab_set(&lab, "pg-args", "--dbname=copy");
    pg_restore(&lab);
    pg_check_ask("pg_dump copy | grep -v restrict | sha256sum", before);
}

Test(postgres_lab, one_database_is_restored_into_another, .timeout = 300)
{
    restore_one_database("shop");
}

Test(postgres_lab, one_database_that_is_cleaned_is_restored_into_an_empty_one, .timeout = 300)
{
    restore_one_database("--clean shop");
}

Test(postgres_lab, rows_may_be_inserts, .timeout = 300)
{
    restore_one_database("--rows-per-insert=7 --dbname=shop");
}

Test(postgres_lab, rows_that_a_trigger_swallows_are_missed, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    pg_open_with_data(&lab);
    lab_set(&lab, "backup-cmd", "pg_dump");
    lab_set(&lab, "pg-args", "--data-only --table=big shop");
    pg_back_up(&lab);
    pg_do("psql -qc 'CREATE DATABASE copy'; psql -q copy -c 'CREATE TABLE big (id int, v text)' -c "
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

    pg_open(&lab, "pg-wrong");
    int64_t begun = clock_mono_ms();
    json_auto_t *wrong = lab_back_up(&lab);
    lab_check_failed(wrong, "password authentication failed for user \"admin\"");
    cr_assert_lt(clock_mono_ms() - begun, 15000, "it waited");
    lab_stop(&lab);
    lab.stage.flags.wait_timeout = 2;
    json_auto_t *silent = lab_back_up(&lab);
    lab_check_failed(silent, "\"127.0.0.1\", port " PG_PORT " failed: Connection refused");
    cr_assert_eq(pg_snapshots(), 0);
}

/* What Stash stored before us: whole, and a dump that was cut, which it stored as well. */
Test(postgres_lab, dumps_of_stash_come_back_and_cut_ones_are_refused, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};
    const char *const store =
        "restic backup -q --stdin --stdin-filename dumpfile.sql --host host-0";

    pg_open_with_data(&lab);
    setenv("STORE", store, 1);
    AUTO(mem_free) char *before = pg_ask(PG_CONTENT " | sha256sum");
    pg_do("restic init >/dev/null; pg_dumpall -l postgres | grep -v restrict | tee $LAB/dump | "
          "$STORE");
    pg_new_server(&lab);
    pg_restore(&lab);
    pg_check_ask(PG_CONTENT " | sha256sum", before);
    pg_new_server(&lab);
    pg_do("head -c 15000 $LAB/dump | $STORE");
    json_auto_t *stat = lab_restore(&lab);
    lab_check_failed(stat, "the dump is cut");
}

Test(postgres_lab, commands_in_a_dump_are_not_obeyed, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    pg_open(&lab, "pg");
    pg_do("restic init >/dev/null; printf -- '-- PostgreSQL database dump\\n\\n\\\\! touch "
          "'$LAB'/bad\\n"
          "-- PostgreSQL database dump complete\\n\\n' | restic backup -q --stdin --stdin-filename "
          "dumpfile.sql --host host-0");
    json_auto_t *stat = lab_restore(&lab);
    lab_check_failed(stat, "the dump holds the psql command \\!");
    pg_do("[ ! -e $LAB/bad ]");
}

Test(postgres_lab, roles_without_their_passwords_are_a_warning, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    pg_open(&lab, "pg-limited");
    pg_do("echo \"CREATE ROLE limited LOGIN PASSWORD '$PGPASSWORD'\" | psql -q");
    json_auto_t *stat = lab_back_up(&lab);
    lab_check_succeeded(stat);
    lab_check_warned(stat, "user limited may not read pg_authid");
}

Test(postgres_lab, a_client_older_than_the_server_is_refused_in_words, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    pg_open(&lab, "pg");
    pg_do("mkdir $LAB/old; printf '#!/bin/sh\\necho \"pg_dumpall (PostgreSQL) 9.6.24\"\\n' "
          ">$LAB/old/pg_dumpall; chmod +x $LAB/old/pg_dumpall");
    AUTO(mem_free) char *path = xasprintf("%s/old:%s", getenv("LAB"), getenv("PATH"));
    setenv("PATH", path, 1);
    json_auto_t *stat = lab_back_up(&lab);
    lab_check_failed(stat, "this image has pg_dumpall (PostgreSQL) 9.6.24");
}

Test(postgres_lab, a_database_that_is_closed_is_told_to_be_left_out, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    pg_open(&lab, "pg");
    json_auto_t *none = lab_back_up(&lab);
    cr_assert_null(jsonx_get(none, "warnings", NULL));
    pg_do("psql -q -c 'CREATE DATABASE \"closed one\" ALLOW_CONNECTIONS false' -c 'CREATE DATABASE "
          "open'");
    json_auto_t *stat = lab_back_up(&lab);
    lab_check_succeeded(stat);
    lab_check_warned(stat,
                     "databases that allow no connection are not in the dump: \"closed one\"");
}

/* The server's copy takes its place, and waits for a primary that is gone. */
static void become_a_standby(struct lab *lab)
{
    pg_do("pg_basebackup -D $LAB/standby -R --checkpoint=fast --no-sync");
    lab_stop(lab);
    lab_do("rm -r $LAB/pg/data && mv $LAB/standby $LAB/pg/data && chmod 700 $LAB/pg/data");
    if (geteuid() == 0)
        lab_do("chown -R 65534:65534 $LAB/pg");
    pg_start(lab, "");
    pg_check_ask("psql -Atqc 'SELECT pg_is_in_recovery()'", "t");
}

#define NO_ROWS                                                                                    \
    "the server is a standby, which has no rows of unlogged tables: the dump holds none of them: "

Test(postgres_lab, a_standby_that_lacks_the_rows_of_unlogged_tables_is_told, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    pg_open(&lab, "pg");
    pg_do("psql -qc 'CREATE DATABASE \"a shop\"' && psql -q -d 'a shop' -c 'CREATE UNLOGGED TABLE "
          "\"the cache\" AS SELECT 1' -c 'CREATE UNLOGGED TABLE other (n int)' && "
          "psql -qc 'CREATE UNLOGGED TABLE mine AS SELECT 1' -c 'CREATE TABLE kept AS SELECT 1'");
    json_auto_t *primary = lab_back_up(&lab);
    lab_check_succeeded(primary);
    cr_assert_null(jsonx_get(primary, "warnings", NULL));
    become_a_standby(&lab);
    json_auto_t *all = lab_back_up(&lab);
    lab_check_succeeded(all);
    lab_check_warned(all, NO_ROWS "\"a shop\": 2 (public.other, public.\"the cache\"); "
                                  "postgres: 1 (public.mine)");
    lab_set(&lab, "backup-cmd", "pg_dump");
    lab_set(&lab, "pg-args", "-d postgres");
    json_auto_t *one = lab_back_up(&lab);
    lab_check_warned(one, NO_ROWS "postgres: 1 (public.mine)");
    lab_set(&lab, "pg-args", "--no-unlogged-table-data postgres");
    json_auto_t *chosen = lab_back_up(&lab);
    lab_check_succeeded(chosen);
    cr_assert_null(jsonx_get(chosen, "warnings", NULL));
}

Test(postgres_lab, a_command_that_would_be_run_in_place_of_the_dump_is_refused, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    pg_open(&lab, "pg");
    pg_back_up(&lab);
    lab_set(&lab, "pg-args", "-qc \"SELECT 1\"");
    json_auto_t *stat = lab_restore(&lab);
    lab_check_failed(stat, "parameter args: -qc cannot be used: psql reads the dump");
}

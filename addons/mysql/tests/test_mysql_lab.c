/*
 * MySQL and its relatives from a dump to its return: real server, tools and restic. FAMILY is the server's, CLIENT
 * and DUMP are its tools, ARGS is the addon's flag; FEW leaves out what is the same for every row. What has to come
 * back is what `content` says.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "lab.h"
#include "stash/clock.h"
#include "stash/jsonx.h"

#define PORT    "13306"
#define ROOT    CLIENT " --no-defaults -u root -S $LAB/db/socket"
#define CONTENT TESTS "../sample/content " ROOT
#ifndef FEW
#define FEW false
#endif
#define STORE "restic backup -q --stdin --stdin-filename dumpfile.sql --host host-0"

static void start(struct lab *lab, const char *options)
{
    AUTO(mem_free) char *command = xasprintf("exec " TESTS "start " PORT " %s", options);

    lab_start(lab, command, ROOT " -e 'SELECT 1' >/dev/null 2>&1");
}

static void open_server(struct lab *lab, const char *appbinding, const char *options)
{
    lab_open(lab, appbinding);
    lab->stage.flags.self = STASH;
    if (system(DUMP " --version 2>/dev/null | grep -q " VERSION_WORD) != 0)
        cr_skip_test("no server and clients of " FAMILY ": scripts/lab brings them");
    setenv("FAMILY", FAMILY, 1);
    start(lab, options);
}

static void open_with_data(struct lab *lab)
{
    open_server(lab, "mysql", "");
    lab_do(ROOT " --binary-mode <" TESTS "../sample/make.sql");
}

/* Another instance of the same address. */
static void new_server(struct lab *lab, const char *options)
{
    lab_stop(lab);
    lab_do("rm -r $LAB/db");
    start(lab, options);
}

static void sql(const char *statement)
{
    setenv("SQL", statement, 1);
    lab_do(ROOT " -e \"$SQL\"");
}

static void lose_everything(void)
{
    sql("DROP DATABASE shop; DROP DATABASE other; DROP DATABASE vacant");
}

/* Bytes and words of everything; kept in $LAB/NAME, so that a difference can be shown. */
static void remember(const char *name)
{
    setenv("NAME", name, 1);
    lab_do(CONTENT " >$LAB/$NAME");
}

static void check_content(void)
{
    remember("after");
    lab_do("diff $LAB/before $LAB/after");
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

static void check_snapshots(const char *count)
{
    AUTO(mem_free)
    char *text =
        lab_ask("restic snapshots --json --no-cache 2>/dev/null | grep -o short_id | wc -l");

    cr_assert_str_eq(text, count);
}

/* From now on `tool` is a script that runs the real one as "$0.real". */
static void put_in_front(const char *tool, const char *script)
{
    AUTO(mem_free) char *path = xasprintf("%s/front:%s", getenv("LAB"), getenv("PATH"));

    setenv("TOOL", tool, 1);
    setenv("SCRIPT", script, 1);
    lab_do("mkdir -p $LAB/front; ln -s \"$(command -v $TOOL)\" $LAB/front/$TOOL.real; printf "
           "'#!/bin/sh\\n%s\\n' \"$SCRIPT\" >$LAB/front/$TOOL; chmod +x $LAB/front/$TOOL");
    setenv("PATH", path, 1);
}

Test(LAB, everything_comes_back, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    open_with_data(&lab);
    remember("before");
    back_up(&lab);
    check_snapshots("1");
    lose_everything();
    restore(&lab);
    check_content();
    restore(&lab); /* over what is there */
    check_content();
}

Test(LAB, comes_back_into_another_instance, .timeout = 300, .disabled = FEW)
{
    AUTO(lab_done) struct lab lab = {0};

    open_with_data(&lab);
    remember("before");
    back_up(&lab);
    new_server(&lab, "");
    restore(&lab);
    check_content();
}

Test(LAB, one_database_comes_back_and_the_others_stay, .timeout = 300, .disabled = FEW)
{
    AUTO(lab_done) struct lab lab = {0};

    open_with_data(&lab);
    remember("before");
    back_up(&lab);
    sql("DROP DATABASE shop; INSERT INTO other.t VALUES (3)");
    lab_set(&lab, ARGS, "--one-database shop");
    restore(&lab);
    AUTO(mem_free) char *kept = lab_ask(ROOT " -N -e 'SELECT COUNT(*) FROM other.t'");
    cr_assert_str_eq(kept, "3");
    sql("DELETE FROM other.t WHERE a = 3; ALTER DATABASE shop CHARACTER SET utf8mb4");
    lab_do("sed -i 's/\\r//g' $LAB/before"); /* README: line ends in bodies */
    check_content();
}

Test(LAB, a_dump_of_stash_comes_back_and_a_cut_one_is_refused, .timeout = 300, .disabled = FEW)
{
    AUTO(lab_done) struct lab lab = {0};

    open_with_data(&lab);
    remember("before");
    lab_do("restic init >/dev/null; " DUMP " --no-defaults -u root -S $LAB/db/socket --databases "
           "shop other vacant --routines --events | tee $LAB/dump | " STORE);
    lose_everything();
    restore(&lab);
    check_content();
    lab_do("head -c 3000 $LAB/dump | " STORE);
    json_auto_t *stat = lab_restore(&lab);
    lab_check_failed(stat, "the dump is cut");
}

Test(LAB, rows_may_be_of_other_forms, .timeout = 300, .disabled = FEW)
{
    AUTO(lab_done) struct lab lab = {0};

    open_with_data(&lab);
    remember("before");
    lab_set(&lab, ARGS,
            "--databases shop other vacant --skip-extended-insert --complete-insert --hex-blob "
            "--compact --lock-all-tables");
    back_up(&lab);
    lose_everything();
    lab_set(&lab, ARGS, "");
    restore(&lab);
    check_content();
}

Test(LAB, a_wrong_password_is_told_at_once, .timeout = 300, .disabled = FEW)
{
    AUTO(lab_done) struct lab lab = {0};

    open_server(&lab, "mysql-wrong", "");
    lab.stage.flags.wait_timeout = 240;
    int64_t begun = clock_mono_ms();
    json_auto_t *stat = lab_back_up(&lab);
    lab_check_failed(stat, "ERROR 1045 (28000): Access denied for user 'admin'");
    cr_assert_lt(clock_mono_ms() - begun, 200000, "it waited");
    check_snapshots("0");
}

Test(LAB, a_server_that_is_not_there_is_named, .timeout = 300, .disabled = FEW)
{
    AUTO(lab_done) struct lab lab = {0};

    open_server(&lab, "mysql", "");
    lab_stop(&lab);
    lab.stage.flags.wait_timeout = 2;
    json_auto_t *stat = lab_back_up(&lab);
    lab_check_failed(stat, "the server is not ready: " CLIENT " ended with exit code 1");
    lab_check_failed(stat, "127.0.0.1");
}

/* It dies once the dump is in the large table. */
Test(LAB, a_server_that_dies_half_way_leaves_no_snapshot, .timeout = 300, .disabled = FEW)
{
    AUTO(lab_done) struct lab lab = {0};

    open_with_data(&lab);
    put_in_front(DUMP, "$0.real \"$@\" | { head -c 1000000; kill -9 $(cat $LAB/db/pid); cat; }; "
                       "[ -e $LAB/db/none ]");
    json_auto_t *stat = lab_back_up(&lab);
    lab_check_failed(stat, "nothing was stored: " DUMP " ended with exit code");
    check_snapshots("0");
}

Test(LAB, a_dump_that_ends_early_with_success_leaves_no_snapshot, .timeout = 300, .disabled = FEW)
{
    AUTO(lab_done) struct lab lab = {0};

    open_with_data(&lab);
    put_in_front(DUMP, "$0.real \"$@\" | head -c 3000");
    json_auto_t *stat = lab_back_up(&lab);
    lab_check_failed(stat, "0 of 1 dumps end with \"-- Dump completed\"");
    check_snapshots("0");
}

Test(LAB, a_restore_that_lost_rows_is_no_success, .timeout = 300, .disabled = FEW)
{
    AUTO(lab_done) struct lab lab = {0};

    open_with_data(&lab);
    back_up(&lab);
    put_in_front(CLIENT,
                 "case \"$*\" in *--max-allowed-packet*) $0.real \"$@\" || exit; exec "
                 "$0.real \"$@\" -e \"SET foreign_key_checks = 0; CREATE TABLE shop.kept AS "
                 "SELECT * FROM shop.orders WHERE id <> 2; DROP TABLE shop.orders; RENAME "
                 "TABLE shop.kept TO shop.orders\";; esac; exec "
                 "$0.real \"$@\"");
    json_auto_t *stat = lab_restore(&lab);
    lab_check_failed(stat, "after the restore: table shop.orders has 2 rows; the dump holds 3");
}

/* ---- what takes long at the server --------------------------------------------------------------------------------- */

#define PATIENCE "2"

/* A dump that is restored as it is, with a statement at its end. */
static void store_with(const char *statement)
{
    setenv("SQL", statement, 1);
    lab_do(
        "restic init >/dev/null; { " DUMP " --no-defaults -u root -S $LAB/db/socket --databases "
        "shop | sed '/^-- Dump completed/d'; echo \"$SQL\"; echo '-- Dump completed'; } | " STORE);
}

Test(LAB, a_long_statement_of_a_restore_is_waited_for, .timeout = 300, .disabled = FEW)
{
    AUTO(lab_done) struct lab lab = {0};

    open_with_data(&lab);
    store_with("DO SLEEP(7);");
    setenv("STASH_TOOL_PATIENCE", PATIENCE, 1);
    restore(&lab);
}

Test(LAB, a_long_count_after_a_restore_is_waited_for, .timeout = 300, .disabled = FEW)
{
    AUTO(lab_done) struct lab lab = {0};

    open_with_data(&lab);
    back_up(&lab);
    put_in_front(
        CLIENT, "for arg; do case \"$arg\" in *COUNT*FROM?\\`*) exec $0.real \"$@\" --init-command "
                "\"DO SLEEP(7)\";; esac; done; exec $0.real \"$@\"");
    setenv("STASH_TOOL_PATIENCE", PATIENCE, 1);
    restore(&lab);
}

static void check_ended(struct lab *lab)
{
    int64_t begun = clock_mono_ms();
    json_auto_t *stat;

    setenv("STASH_TOOL_PATIENCE", PATIENCE, 1);
    stat = lab_restore(lab);
    lab_check_failed(stat, "got nowhere for " PATIENCE " s");
    cr_assert_lt(clock_mono_ms() - begun, 100000, "it waited");
}

Test(LAB, a_server_that_waits_for_a_lock_is_not_waited_for, .timeout = 300, .disabled = FEW)
{
    AUTO(lab_done) struct lab lab = {0};

    open_with_data(&lab);
    store_with("DO 1;");
    lab_do("(" ROOT " -e 'LOCK TABLES shop.orders WRITE; DO SLEEP(100)' >/dev/null 2>&1 &)");
    lab_do("until " ROOT " -N -e 'SHOW PROCESSLIST' | grep -q 'User sleep'; do sleep 0.1; done");
    check_ended(&lab);
    lab_do("kill -9 $(cat $LAB/db/pid)");
}

Test(LAB, a_server_that_stopped_is_not_waited_for, .timeout = 300, .disabled = FEW)
{
    AUTO(lab_done) struct lab lab = {0};

    open_with_data(&lab);
    store_with("DO SLEEP(60);");
    lab_do("(until " ROOT
           " -N -e 'SHOW PROCESSLIST' | grep -q 'User sleep'; do sleep 0.1; done; kill "
           "-STOP $(cat $LAB/db/pid)) >/dev/null 2>&1 &");
    check_ended(&lab);
    lab_do("kill -9 $(cat $LAB/db/pid)");
}

/* ---- what a user asks for ------------------------------------------------------------------------------------------ */

/* The table is a view here, so that the client cannot replace it; it is told to go on. */
Test(LAB, errors_that_the_client_passes_over_are_told, .timeout = 300, .disabled = FEW)
{
    AUTO(lab_done) struct lab lab = {0};

    open_server(&lab, "mysql", "");
    sql("CREATE DATABASE a; CREATE TABLE a.t (i INT PRIMARY KEY); INSERT INTO a.t VALUES (1)");
    lab_set(&lab, ARGS, "--databases a");
    back_up(&lab);
    sql("RENAME TABLE a.t TO a.kept; CREATE VIEW a.t AS SELECT i FROM a.kept");
    lab_set(&lab, ARGS, "");
    json_auto_t *ended = lab_restore(&lab);
    lab_check_failed(ended, "ERROR ");
    lab_set(&lab, ARGS, "--force");
    json_auto_t *went_on = lab_restore(&lab);
    lab_check_succeeded(went_on);
    lab_check_warned(went_on, "the client went on after errors");
}

/* The server turns them into something else; the tool does not know. */
Test(LAB, characters_that_a_dump_cannot_hold_are_told, .timeout = 300, .disabled = FEW)
{
    AUTO(lab_done) struct lab lab = {0};

    open_server(&lab, "mysql", "");
    sql("CREATE DATABASE shop; CREATE TABLE shop.t (s VARCHAR(9) CHARACTER SET utf8mb4); "
        "INSERT INTO shop.t VALUES (0x61F09F9880)");
    lab_set(&lab, ARGS, "--databases shop --default-character-set=utf8");
    json_auto_t *stat = lab_back_up(&lab);
    lab_check_succeeded(stat);
    lab_check_warned(stat, "--default-character-set=utf8: characters that it does not have");
    lab_do("restic dump --no-cache latest dumpfile.sql 2>/dev/null | grep -q \"'a?'\"");
    lab_set(&lab, ARGS, "--databases shop");
    json_auto_t *whole = lab_back_up(&lab);
    cr_assert_null(jsonx_get(whole, "warnings", NULL));
}

#ifdef HISTORY
Test(LAB, what_rows_were_is_told_or_comes_back, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    open_server(&lab, "mysql", "");
    sql("CREATE DATABASE shop; CREATE TABLE shop.t (n INT) WITH SYSTEM VERSIONING; "
        "INSERT INTO shop.t VALUES (1); UPDATE shop.t SET n = 2; UPDATE shop.t SET n = 3");
    json_auto_t *present = lab_back_up(&lab);
    lab_check_succeeded(present);
    lab_check_warned(present, "1 tables keep what their rows were");
    lab_set(&lab, ARGS, HISTORY);
    json_auto_t *all = lab_back_up(&lab);
    lab_check_succeeded(all);
    cr_assert_null(jsonx_get(all, "warnings", NULL));
    sql("DROP DATABASE shop");
    lab_set(&lab, ARGS, "");
    restore(&lab);
    AUTO(mem_free)
    char *rows = lab_ask(ROOT " -BNe 'SELECT COUNT(*) FROM shop.t FOR SYSTEM_TIME ALL'");
    cr_assert_str_eq(rows, "3");
}
#endif

Test(LAB, options_that_make_no_sql_are_refused, .timeout = 300, .disabled = FEW)
{
    AUTO(lab_done) struct lab lab = {0};

    open_server(&lab, "mysql", "");
    lab_set(&lab, ARGS, "--all-databases --xml");
    json_auto_t *dump = lab_back_up(&lab);
    lab_check_failed(dump, "parameter args: --xml cannot be used: the dump would not be SQL");
    lab_set(&lab, ARGS, "-e 'SELECT 1'");
    json_auto_t *load = lab_restore(&lab);
    lab_check_failed(load, "parameter args: -e cannot be used: the client would not read the dump");
}

Test(LAB, the_server_says_what_the_user_may_not_do, .timeout = 300, .disabled = FEW)
{
    AUTO(lab_done) struct lab lab = {0};

    open_with_data(&lab);
    sql("CREATE USER limited@'%' IDENTIFIED BY 's3cret'; CREATE USER limited@localhost IDENTIFIED "
        "BY 's3cret'; GRANT SELECT ON other.* TO limited@'%'; GRANT SELECT ON other.* TO "
        "limited@localhost");
    lab.stage.flags.appbinding = "mysql-limited";
    lab_set(&lab, ARGS, "--databases shop");
    json_auto_t *stat = lab_back_up(&lab);
    lab_check_failed(stat, "denied");
    check_snapshots("0");
}

/* `rights` are those of the user of mysql-limited. */
static json_t *back_up_limited(struct lab *lab, const char *rights, const char *args)
{
    open_with_data(lab);
    sql("CREATE USER limited@'%' IDENTIFIED BY 's3cret'; CREATE USER limited@localhost IDENTIFIED "
        "BY 's3cret'");
    AUTO(mem_free)
    char *grant =
        xasprintf("GRANT %s TO limited@'%%'; GRANT %s TO limited@localhost", rights, rights);

    sql(grant);
    lab->stage.flags.appbinding = "mysql-limited";
    lab_set(lab, ARGS, args);
    return lab_back_up(lab);
}

Test(LAB, a_user_that_sees_no_database_dumps_nothing, .timeout = 300, .disabled = FEW)
{
    AUTO(lab_done) struct lab lab = {0};
    json_auto_t *stat = back_up_limited(&lab, "USAGE ON *.*", "--all-databases");

    lab_check_failed(stat, "may not see any database");
    check_snapshots("0");
}

/* MySQL's tool dumps none of them then, writes its end mark and ends with 0. */
Test(LAB, a_user_that_sees_some_databases_is_told_or_fails, .timeout = 300, .disabled = FEW)
{
    AUTO(lab_done) struct lab lab = {0};
    json_auto_t *stat = back_up_limited(&lab, "ALL ON other.*", "--all-databases");

    if (strcmp(FAMILY, "mysql") == 0)
        lab_check_failed(stat, "the dump holds no database and no table");
    else
        lab_check_warned(stat, "may not see all databases");
}

Test(LAB, triggers_and_routines_that_the_user_may_not_see_are_told, .timeout = 300, .disabled = FEW)
{
    AUTO(lab_done) struct lab lab = {0};
    json_auto_t *stat = back_up_limited(&lab, "SELECT, LOCK TABLES, SHOW VIEW, EVENT ON other.*",
                                        "--databases other");

    lab_check_succeeded(stat);
    lab_check_warned(stat, "may not see all triggers, routines");
}

Test(LAB, tables_without_transactions_are_a_warning, .timeout = 300, .disabled = FEW)
{
    AUTO(lab_done) struct lab lab = {0};

    open_with_data(&lab);
    json_auto_t *stat = lab_back_up(&lab);
    lab_check_warned(stat, "1 tables have an engine without transactions");
}

/* A server that takes nothing but TLS, and for user `certified` nothing but a certificate. */
static void open_tls(struct lab *lab, const char *client_config, const char *secrets)
{
    AUTO(mem_free) char *command = NULL;
    AUTO(mem_free) char *script = NULL;

    open_server(lab, "mysql", "");
    lab_stop(lab);
    lab_do(TESTS "tls make");
    start(lab,
          "--require-secure-transport=ON --ssl-ca=$LAB/right.crt --ssl-cert=$LAB/db/server.crt "
          "--ssl-key=$LAB/db/server.key");
    sql("CREATE DATABASE shop; CREATE TABLE shop.t (a INT); INSERT INTO shop.t VALUES (1), (2); "
        "CREATE USER certified@localhost REQUIRE X509; GRANT ALL ON *.* TO certified@localhost");
    command = xasprintf(TESTS "tls bind \"%s\" \"%s\" >$LAB/tls.yaml", client_config, secrets);
    script = xasprintf("%s/tls.yaml", getenv("LAB"));
    lab_do(command);
    fake_restart(lab->stage.fake, script);
    lab->stage.flags.appbinding = "mysql-tls";
    lab_set(lab, ARGS, "--databases shop");
}

#define PASSWORD    "secret: {name: db-auth}"
#define CERTIFICATE "secret: {name: certified}, tlsSecret: "

static void check_let_in(const char *client_config, const char *secrets)
{
    AUTO(lab_done) struct lab lab = {0};

    open_tls(&lab, client_config, secrets);
    back_up(&lab);
    sql("DROP DATABASE shop");
    lab_set(&lab, ARGS, "");
    restore(&lab);
    AUTO(mem_free) char *rows = lab_ask(ROOT " -N -e 'SELECT SUM(a) FROM shop.t'");
    cr_assert_str_eq(rows, "3");
}

static void check_shut_out(const char *client_config, const char *secrets, int wait,
                           const char *why)
{
    AUTO(lab_done) struct lab lab = {0};
    int64_t begun;

    open_tls(&lab, client_config, secrets);
    lab.stage.flags.wait_timeout = wait;
    begun = clock_mono_ms();
    json_auto_t *stat = lab_back_up(&lab);
    lab_check_failed(stat, why);
    cr_assert_lt(clock_mono_ms() - begun, 200000, "it waited");
    check_snapshots("0");
}

Test(LAB, a_server_that_the_bundle_vouches_for_is_trusted, .timeout = 300, .disabled = FEW)
{
    check_let_in("caBundle: @right", PASSWORD);
    check_let_in("caBundle: @wrong, insecureSkipTLSVerify: true", PASSWORD);
    check_let_in("caBundle: @right", CERTIFICATE "{name: client-right}");
}

Test(LAB, a_server_that_the_bundle_does_not_vouch_for_gets_no_password, .timeout = 300,
     .disabled = FEW)
{
    check_shut_out("caBundle: @wrong", PASSWORD, 240, "ERROR 2026");
    check_shut_out("caBundle: @wrong", PASSWORD, 240, "certificate");
}

Test(LAB, a_certificate_of_another_authority_is_refused, .timeout = 300, .disabled = FEW)
{
    /* MySQL only hangs up, which may mend itself: it is waited for */
    check_shut_out("caBundle: @right", CERTIFICATE "{name: client-wrong}", 3, "ERROR 20");
    check_shut_out("caBundle: @right", "secret: {name: certified}", 240,
                   "secret certified has no key password");
}

#ifdef SEVERAL
Test(LAB, several_dumps_are_one_stream, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    open_with_data(&lab);
    remember("before");
    lab_set(&lab, SEVERAL, "$args=--databases shop $args=--databases other vacant");
    back_up(&lab);
    lose_everything();
    restore(&lab);
    check_content();
}
#endif

#ifdef GTIDS
/* Stash's own dump of a server with GTIDs, which the same server would refuse (ERROR 3546). */
Test(LAB, gtids_of_a_dump_do_not_end_a_restore, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    open_server(&lab, "mysql", GTIDS);
    lab_do(ROOT " --binary-mode <" TESTS "../sample/make.sql");
    remember("before");
    lab_do("restic init >/dev/null; " DUMP " --no-defaults -u root -S $LAB/db/socket "
           "--all-databases --set-gtid-purged=ON --routines --events 2>/dev/null | " STORE);
    lose_everything();
    json_auto_t *stat = lab_restore(&lab);
    lab_check_succeeded(stat);
    lab_check_warned(stat, "GTID_PURGED was left out");
    check_content();
}
#endif

/* Real servers: data that breaks things comes back, into Redis and into Valkey, and replaces what is there. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "redis_lab.h"
#include "stash/jsonx.h"

static void come_back(const char *program, const char *args)
{
    AUTO(lab_done) struct lab lab = {0};

    redis_lab_open(&lab, program, REDIS_PORT, "");
    redis_lab_bind(&lab, REDIS_URL, REDIS_AUTH);
    lab_do(CLIENT "make 127.0.0.1:" REDIS_PORT " && " CONTENT " >$LAB/before");
    lab_set(&lab, "redis-args", args);
    json_auto_t *stored = lab_back_up(&lab);
    lab_check_succeeded(stored);
    cr_assert_null(jsonx_get(stored, "warnings", NULL));
    lab_do(CLI "FLUSHALL >/dev/null");
    lab_set(&lab, "redis-args", "");
    json_auto_t *restored = lab_restore(&lab);
    lab_check_succeeded(restored);
    cr_assert_null(jsonx_get(restored, "warnings", NULL));
    lab_do(CONTENT " >$LAB/after; diff $LAB/before $LAB/after");
    /* once more over what is there: nothing becomes longer */
    redis_lab_restore(&lab);
    lab_do(CONTENT " >$LAB/after; diff $LAB/before $LAB/after");
}

Test(redis_lab, everything_of_a_redis_comes_back, .timeout = 600)
{
    come_back("redis-server", "");
}

Test(redis_lab, everything_of_a_valkey_comes_back, .timeout = 600)
{
    come_back("valkey-server", "");
}

Test(redis_lab, payloads_come_back_as_well, .timeout = 600)
{
    come_back("redis-server", "--payload=all");
}

/* The other direction: what Stash would do with our dump. A newer server's dump loads into an older one. */
Test(redis_lab, redis_cli_loads_a_dump_of_valkey_into_redis, .timeout = 600)
{
    AUTO(lab_done) struct lab lab = {0};

    redis_lab_open(&lab, "valkey-server", REDIS_PORT, "");
    redis_lab_bind(&lab, REDIS_URL, REDIS_AUTH);
    lab_do(CLIENT "make 127.0.0.1:" REDIS_PORT " && " CONTENT " >$LAB/before");
    redis_lab_back_up(&lab);
    lab_stop(&lab);
    redis_lab_start(&lab, "redis-server", REDIS_PORT, "");
    lab_do("restic dump -q latest dumpfile.resp | " CLI "--pipe >$LAB/said; grep 'errors: 0' "
           "$LAB/said");
    lab_do(CLI "-n 15 DEL __redisdump_total_keys; " CONTENT " >$LAB/after; diff $LAB/before "
               "$LAB/after");
}

Test(redis_lab, a_key_that_comes_back_replaces_and_others_stay, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    redis_lab_plain(&lab);
    lab_do(CLI "RPUSH list a b c >/dev/null; " CLI "SET s v EX 1000 >/dev/null; " CLI
               "HSET h f v >/dev/null");
    redis_lab_back_up(&lab);
    lab_do(CLI "RPUSH list d; " CLI "SET s other; " CLI "DEL h; " CLI "SADD h other; " CLI
               "SET mine 1");
    redis_lab_restore(&lab);
    redis_lab_check(CLI "LRANGE list 0 -1 | xargs", "a b c");
    redis_lab_check(CLI "GET s", "v");
    redis_lab_check(CLI "HGET h f", "v");
    redis_lab_check(CLI "GET mine", "1");
    redis_lab_check(CLI "TTL s | grep -c '^9[0-9][0-9]$'", "1");
}

Test(redis_lab, args_choose_a_database_and_keys, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    redis_lab_plain(&lab);
    lab_do("for n in 0 1 2; do " CLI "-n $n MSET a $n b $n >/dev/null; done");
    lab_set(&lab, "redis-args", "-db 1 -filter a*");
    redis_lab_back_up(&lab);
    lab_do(CLI "FLUSHALL");
    lab_set(&lab, "redis-args", "--pipe-timeout 300");
    redis_lab_restore(&lab);
    redis_lab_check("for n in 0 1 2; do " CLI "-n $n KEYS '*'; done | xargs", "a");
    redis_lab_check(CLI "-n 1 GET a", "1");
}

Test(redis_lab, dumps_of_stash_come_back, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    redis_lab_plain(&lab);
    redis_lab_store(TESTS "data/stash.resp");
    lab_do(CLI "RPUSH long mine; " CLI "SADD set mine");
    redis_lab_restore(&lab);
    redis_lab_check(CLI "LLEN long", "2001");
    redis_lab_check(CLI "LINDEX long -1", "z");
    redis_lab_check(CLI "SMEMBERS set", "m");
    redis_lab_check(CLI "TTL a | grep -c '[0-9][0-9][0-9]'", "1");
    redis_lab_check(CLI "-n 2 KEYS '*'", "only");
}

Test(redis_lab, cut_dumps_and_commands_that_do_harm_are_refused, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    redis_lab_plain(&lab);
    lab_do(CLI "SET mine 1; head -c 5000 " TESTS "data/stash.resp >$LAB/cut");
    redis_lab_store("$LAB/cut");
    json_auto_t *cut = lab_restore(&lab);
    lab_check_failed(cut, "the dump is cut");
    redis_lab_store(TESTS "data/hostile.resp");
    json_auto_t *hostile = lab_restore(&lab);
    lab_check_failed(hostile, "the dump holds the command FLUSHALL");
    redis_lab_check(CLI "GET mine", "1");
}

Test(redis_lab, a_server_without_keys_is_told_and_its_dump_restores_nothing, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    redis_lab_plain(&lab);
    json_auto_t *stored = lab_back_up(&lab);
    lab_check_succeeded(stored);
    lab_check_warned(stored, "the server has no keys: the dump is empty");
    json_auto_t *restored = lab_restore(&lab);
    lab_check_failed(restored, "nothing was restored: the dump holds no key");
}

Test(redis_lab, keys_that_come_go_and_change_are_no_failure, .timeout = 600)
{
    AUTO(lab_done) struct lab lab = {0};

    redis_lab_with_data(&lab);
    lab_do(CLIENT "churn 127.0.0.1:" REDIS_PORT " >/dev/null 2>&1 & echo $! >$LAB/churn; sleep 1");
    json_auto_t *stored = lab_back_up(&lab);
    lab_do("kill $(cat $LAB/churn)");
    lab_check_succeeded(stored);
    lab_do(CONTENT " | grep -vE \"'(queue|longlist|shift|events|come:|short:)\" >$LAB/before; " CLI
                   "FLUSHALL");
    redis_lab_restore(&lab);
    lab_do(CONTENT " | grep -vE \"'(queue|longlist|shift|events|come:|short:)\" >$LAB/after; diff "
                   "$LAB/before $LAB/after");
    redis_lab_check(CLI "LLEN longlist", "20000");
}

Test(redis_lab, keys_that_have_expired_since_are_a_warning, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    redis_lab_plain(&lab);
    lab_do(CLI "SET stays 1; " CLI "SET goes 1 EX 20; " CLI "RPUSH too 1; " CLI "EXPIRE too 20");
    redis_lab_back_up(&lab);
    lab_do("sleep 20; " CLI "FLUSHALL");
    json_auto_t *stat = lab_restore(&lab);
    lab_check_succeeded(stat);
    lab_check_warned(stat, "database 0: 2 of 3 keys have expired");
    redis_lab_check(CLI "KEYS '*'", "stays");
}

/* ---- who may ------------------------------------------------------------------------------------------------------- */

static void check_user(const char *rules, const char *why)
{
    AUTO(lab_done) struct lab lab = {0};
    AUTO(mem_free) char *command = xasprintf(CLI "ACL SETUSER reader on '>r3ader' %s", rules);

    redis_lab_open(&lab, "redis-server", REDIS_PORT, "");
    redis_lab_bind(&lab, REDIS_URL, "secret: {name: redis-user}");
    lab_do(command);
    lab_do(CLI "MSET app:1 1 other 2");
    json_auto_t *stat = lab_back_up(&lab);
    if (why)
        lab_check_failed(stat, why);
    else
        lab_check_succeeded(stat);
    cr_assert_eq(redis_lab_snapshots(), why ? 0 : 1);
}

Test(redis_lab, a_user_with_the_rights_that_the_readme_names_is_enough, .timeout = 300)
{
    check_user("'~*' +@read +@connection +@transaction +info +time +cluster", NULL);
}

Test(redis_lab, a_user_that_may_not_see_all_keys_makes_no_backup, .timeout = 300)
{
    check_user("'~app:*' +@all", "key \"other\"");
}

Test(redis_lab, a_user_that_may_not_ask_is_told_what_lacks, .timeout = 300)
{
    check_user("'~*' +@read +@connection", "NOPERM");
}

Test(redis_lab, a_user_with_the_rights_that_the_readme_names_restores, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    redis_lab_open(&lab, "redis-server", REDIS_PORT, "");
    redis_lab_bind(&lab, REDIS_URL, "secret: {name: redis-user}");
    lab_do(CLI "ACL SETUSER reader on '>r3ader' '~*' +@write +@connection +info +cluster");
    redis_lab_store(TESTS "data/stash.resp");
    redis_lab_restore(&lab);
    redis_lab_check(CLI "LLEN long", "2001");
}

Test(redis_lab, a_wrong_password_and_a_silent_port_are_told, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    redis_lab_plain(&lab);
    redis_lab_bind(&lab, REDIS_URL, "secret: {name: redis-wrong}");
    json_auto_t *wrong = lab_back_up(&lab);
    lab_check_failed(wrong, "WRONGPASS");
    redis_lab_bind(&lab, REDIS_URL, "parameters: {}");
    json_auto_t *none = lab_back_up(&lab);
    lab_check_failed(none, "NOAUTH");
    redis_lab_bind(&lab, "url: 'redis://127.0.0.1:" REDIS_OTHER "'", REDIS_AUTH);
    lab.stage.flags.wait_timeout = 2;
    json_auto_t *silent = lab_back_up(&lab);
    lab_check_failed(silent, "port " REDIS_OTHER);
    cr_assert_eq(redis_lab_snapshots(), 0);
}

Test(redis_lab, a_password_that_nobody_asks_for_does_no_harm, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    redis_lab_plain(&lab);
    lab_do(CLI "SET a 1; " CLI "CONFIG SET requirepass ''");
    redis_lab_back_up(&lab);
}

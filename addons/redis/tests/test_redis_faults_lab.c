/* Whoever dies, stops early, refuses or runs out of memory: it is told, and nothing is half and green. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "redis_lab.h"

#define MANY "DEBUG POPULATE 50000 key 100"
#define MORE "--enable-debug-command yes"

static void open_many(struct lab *lab)
{
    redis_lab_open(lab, "redis-server", REDIS_PORT, MORE);
    redis_lab_bind(lab, REDIS_URL, REDIS_AUTH);
    lab_do(CLI MANY);
}

static void check_not_stored(struct lab *lab, const char *why)
{
    json_auto_t *stat = lab_back_up(lab);

    lab_check_failed(stat, "nothing was stored");
    lab_check_failed(stat, why);
    cr_assert_eq(redis_lab_snapshots(), 0);
}

/* As soon as somebody else is at this command. */
static void kill_server_at(const char *command)
{
    AUTO(mem_free)
    char *wait =
        xasprintf("(until " CLI "CLIENT LIST | grep -q 'cmd=%s'; do sleep 0.05; done; kill "
                  "-KILL $(cat $LAB/server-" REDIS_PORT "/pid)) >/dev/null 2>&1 &",
                  command);

    lab_do(wait);
}

Test(redis_faults_lab, a_server_that_dies_half_way_leaves_no_snapshot, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    open_many(&lab);
    kill_server_at("exec");
    check_not_stored(&lab, "127.0.0.1:" REDIS_PORT);
}

Test(redis_faults_lab, a_dump_that_is_killed_leaves_no_snapshot, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    open_many(&lab);
    redis_lab_replace(&lab, "dump", "$STASH \"$@\" | head -c 3000000; kill -9 $$");
    check_not_stored(&lab, "exit code 137");
}

Test(redis_faults_lab, a_dump_that_ends_early_and_says_done_leaves_no_snapshot, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    open_many(&lab);
    redis_lab_replace(&lab, "dump", "$STASH \"$@\" | head -c 3000000; exit 0");
    check_not_stored(&lab, "the dump is cut");
}

Test(redis_faults_lab, a_dump_without_some_keys_leaves_no_snapshot, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    redis_lab_plain(&lab);
    lab_do(CLI "MSET aaa 111 bbb 222");
    redis_lab_replace(
        &lab, "dump",
        "$STASH \"$@\" | python3 -c \"import sys; "
        "sys.stdout.buffer.write(sys.stdin.buffer.read().replace(b\\\"*3\\\\r\\\\n\\$3"
        "\\\\r\\\\nSET\\\\r\\\\n\\$3\\\\r\\\\nbbb\\\\r\\\\n\\$3\\\\r\\\\n222\\\\r\\\\n"
        "\\\", b\\\"\\\"))\"; exit 0");
    check_not_stored(&lab, "1 of 2 keys are in the dump");
}

/* ---- restores ------------------------------------------------------------------------------------------------------ */

static void check_not_restored(struct lab *lab, const char *why)
{
    json_auto_t *stat = lab_restore(lab);

    lab_check_failed(stat, why);
}

static void restore_with(const char *load, const char *why)
{
    AUTO(lab_done) struct lab lab = {0};

    open_many(&lab);
    redis_lab_back_up(&lab);
    lab_do(CLI "FLUSHALL");
    redis_lab_replace(&lab, "load", load);
    check_not_restored(&lab, why);
}

Test(redis_faults_lab, a_load_that_is_killed_is_no_restore, .timeout = 300)
{
    restore_with("head -c 3000000 | $STASH \"$@\"; kill -9 $$", "exit code 137");
}

Test(redis_faults_lab, a_load_that_does_nothing_and_says_done_is_no_restore, .timeout = 300)
{
    restore_with("cat >/dev/null; exit 0", "how the load went is not known");
}

Test(redis_faults_lab, keys_that_are_gone_after_the_load_are_missed, .timeout = 300)
{
    restore_with("$STASH \"$@\"; redis-cli -p " REDIS_PORT " DEL key:1 key:2 >/dev/null; exit 0",
                 "the server has 49998 keys where 50000 should be");
}

Test(redis_faults_lab, a_server_that_dies_in_a_restore_is_told, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    open_many(&lab);
    redis_lab_back_up(&lab);
    lab_do(CLI "FLUSHALL");
    kill_server_at("set");
    check_not_restored(&lab, "127.0.0.1:" REDIS_PORT);
}

static void restore_into(const char *command, const char *why)
{
    AUTO(lab_done) struct lab lab = {0};

    open_many(&lab);
    redis_lab_back_up(&lab);
    lab_do(CLI "FLUSHALL");
    lab_do(command);
    check_not_restored(&lab, why);
}

Test(redis_faults_lab, a_server_without_memory_is_told_with_the_key, .timeout = 300)
{
    restore_into(CLI "CONFIG SET maxmemory 8mb", "OOM command not allowed");
}

Test(redis_faults_lab, a_server_that_evicts_what_comes_back_is_no_restore, .timeout = 300)
{
    restore_into(CLI "CONFIG SET maxmemory 8mb; " CLI "CONFIG SET maxmemory-policy allkeys-lru",
                 "keys were evicted meanwhile");
}

Test(redis_faults_lab, a_replica_is_refused_in_words, .timeout = 300)
{
    restore_into(CLI "REPLICAOF 127.0.0.1 1", "the server is a replica");
}

Test(redis_faults_lab, a_server_that_cannot_save_is_told, .timeout = 300)
{
    restore_into("mkdir $LAB/server-" REDIS_PORT "/dump.rdb; " CLI "SET a 1; " CLI
                 "CONFIG SET save '3600 1'; " CLI "BGSAVE; sleep 2",
                 "MISCONF");
}

/* What passes is waited for, and told in the server's words when the wait is over. */
Test(redis_faults_lab, a_server_that_has_lost_its_master_is_waited_for, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    redis_lab_plain(&lab);
    lab_do(CLI "CONFIG SET replica-serve-stale-data no; " CLI "REPLICAOF 127.0.0.1 1");
    lab.stage.flags.wait_timeout = 3;
    json_auto_t *stat = lab_back_up(&lab);
    lab_check_failed(stat, "the server is not ready");
    lab_check_failed(stat, "MASTERDOWN");
    lab_do(CLI "REPLICAOF NO ONE; " CLI "SET a 1");
    redis_lab_back_up(&lab);
}

Test(redis_faults_lab, a_server_that_says_nothing_more_is_told, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    open_many(&lab);
    redis_lab_back_up(&lab);
    lab_set(&lab, "redis-args", "--pipe-timeout 2");
    redis_lab_replace(&lab, "load",
                      "kill -STOP $(cat $LAB/server-" REDIS_PORT
                      "/pid); (sleep 8; kill -CONT $(cat $LAB/server-" REDIS_PORT
                      "/pid)) >/dev/null 2>&1 &");
    lab.stage.flags.wait_timeout = 5;
    json_auto_t *stat = lab_restore(&lab);
    lab_check_failed(stat, "gave no answer");
}

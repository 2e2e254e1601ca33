/* A real cluster of three masters: each of them is dumped, and what comes back goes to the one that has its slot. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "redis_lab.h"

#define PORTS  "16381 16382 16383"
#define NODES  "127.0.0.1:16381 127.0.0.1:16382 127.0.0.1:16383"
#define URL    "url: 'redis://127.0.0.1:16382'"
#define ALL    CLIENT "content " NODES
#define FLUSH  "for p in " PORTS "; do redis-cli -p $p FLUSHALL >/dev/null; done"
#define SINGLE "redis-cli -p 16382 "

static void start_cluster(struct lab *lab, const char *program)
{
    redis_lab_start(lab, program, PORTS, "--cluster-enabled yes");
    lab_do("redis-cli --cluster create " NODES " --cluster-yes >$LAB/created && i=0; until " SINGLE
           "CLUSTER INFO | grep -q 'state:ok'; do i=$((i + 1)); [ $i -lt 100 ] || exit 1; sleep "
           "0.2; done");
    redis_lab_bind(lab, URL, REDIS_AUTH);
}

static void go_round(const char *program)
{
    AUTO(lab_done) struct lab lab = {0};

    redis_lab_with_data(&lab);
    lab_set(&lab, "redis-args", "-db 0");
    redis_lab_back_up(&lab);
    lab_do(CONTENT " | grep '^0' >$LAB/before");
    lab_stop(&lab);
    lab_set(&lab, "redis-args", "");
    start_cluster(&lab, program);
    redis_lab_restore(&lab);
    lab_do(ALL " >$LAB/after; diff $LAB/before $LAB/after");
    lab_do("for p in " PORTS "; do [ $(redis-cli -p $p DBSIZE) -gt 3 ] || exit 1; done");

    redis_lab_back_up(&lab);
    lab_do(FLUSH);
    redis_lab_restore(&lab);
    lab_do(ALL " >$LAB/after; diff $LAB/before $LAB/after");
    redis_lab_restore(&lab);
    lab_do(ALL " >$LAB/after; diff $LAB/before $LAB/after");

    /* and into a single server */
    lab_stop(&lab);
    redis_lab_start(&lab, program, REDIS_PORT, "");
    redis_lab_bind(&lab, REDIS_URL, REDIS_AUTH);
    redis_lab_restore(&lab);
    lab_do(CONTENT " >$LAB/after; diff $LAB/before $LAB/after");
}

Test(redis_cluster_lab, a_cluster_of_redis_comes_back, .timeout = 900)
{
    go_round("redis-server");
}

Test(redis_cluster_lab, a_cluster_of_valkey_comes_back, .timeout = 900)
{
    go_round("valkey-server");
}

Test(redis_cluster_lab, a_cluster_without_a_master_makes_no_backup, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    redis_lab_plain(&lab);
    lab_stop(&lab);
    start_cluster(&lab, "redis-server");
    lab_do("for p in " PORTS "; do redis-cli -p $p CONFIG SET cluster-node-timeout 500 >/dev/null; "
           "done; " SINGLE "-c SET a 1; kill -KILL $(cat $LAB/server-16381/pid); sleep 4");
    lab.stage.flags.wait_timeout = 3;
    json_auto_t *stat = lab_back_up(&lab);
    lab_check_failed(stat, "127.0.0.1:16381");
    cr_assert_eq(redis_lab_snapshots(), 0);
}

/*
 * A slot of the last master goes to the first one, which is dumped by then, while the second one is: what it held is in
 * neither's part of the dump, and nobody is asked for it.
 */
#define MASTERS                                                                                    \
    "set -- $(" SINGLE "CLUSTER NODES | awk '/master/{sub(/@.*/, \"\", $2); print $1, $2}'); "     \
    "to=$1 first=${2#*:} second=${4#*:} from=$5 last=${6#*:}; "
#define MOVE                                                                                       \
    MASTERS                                                                                        \
    "slot=$(cat $LAB/slot); until redis-cli -p $second INFO commandstats | grep -q cmdstat_scan; " \
    "do sleep 0.05; done; redis-cli -p $first CLUSTER SETSLOT $slot IMPORTING $from && redis-cli " \
    "-p $last CLUSTER SETSLOT $slot MIGRATING $to && redis-cli -p $last MIGRATE 127.0.0.1 $first " \
    "'' 0 5000 AUTH s3cret KEYS $(cat $LAB/key) && for p in $first $last $second; do redis-cli "   \
    "-p "                                                                                          \
    "$p CLUSTER SETSLOT $slot NODE $to; done"

/* The second one has so much that the move is done before its turn is over. */
static void fill_cluster(void)
{
    lab_do(
        MASTERS
        "own() { i=0; until redis-cli -p $1 SET $2$i}x 1 | grep -q OK; do i=$((i + 1)); done; }; "
        "own $last '{last'; echo \"{last$i}x\" >$LAB/key; " SINGLE
        "CLUSTER KEYSLOT \"{last$i}x\" >$LAB/slot; own $second '{second'; redis-cli -p $second "
        "EVAL \"for i=1,20000 do redis.call('SET', KEYS[1]..i, i) end\" 1 \"{second$i}\" "
        ">/dev/null; for p in " PORTS "; do redis-cli -p $p CONFIG RESETSTAT >/dev/null; done");
}

Test(redis_cluster_lab, slots_that_move_meanwhile_make_no_backup, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    redis_lab_plain(&lab);
    lab_stop(&lab);
    start_cluster(&lab, "redis-server");
    fill_cluster();
    lab_do("(" MOVE ") >$LAB/moved 2>&1 & echo $! >$LAB/mover");
    json_auto_t *stat = lab_back_up(&lab);
    lab_check_failed(stat, "slots of the cluster moved while it was dumped");
    cr_assert_eq(redis_lab_snapshots(), 0);
    lab_do("[ $(grep -c OK $LAB/moved) = 6 ] || { cat $LAB/moved; false; }");
    redis_lab_back_up(&lab);
}

Test(redis_cluster_lab, other_databases_do_not_fit_into_a_cluster, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    redis_lab_plain(&lab);
    lab_stop(&lab);
    start_cluster(&lab, "redis-server");
    redis_lab_store(TESTS "data/stash.resp");
    json_auto_t *stat = lab_restore(&lab);
    lab_check_failed(stat, "a cluster has database 0 alone");
}

/* A Galera cluster behind one address: a restore's statements come to one node, and the count afterwards to another. */
#include <criterion/criterion.h>
#include <signal.h>
#include <sys/wait.h>

#include "lab.h"

#define ROOT(n) CLIENT " --no-defaults -u root -S $LAB/node" #n "/socket"
#define STATE(n, state)                                                                            \
    ROOT(n) " -N -e \"SHOW STATUS LIKE 'wsrep_local_state_comment'\" 2>/dev/null | grep -q " state

struct cluster {
    struct lab lab; /* its server is node 2 */
    pid_t first;
};

static void cluster_done(struct cluster *cluster)
{
    lab_done(&cluster->lab);
    if (cluster->first <= 0)
        return;
    kill(cluster->first, SIGTERM);
    waitpid(cluster->first, NULL, 0);
}
DEFINE_AUTO_VALUE(struct cluster, cluster_done);

/* What counts table t goes to node 2, everything else to node 1. */
static void open_cluster(struct cluster *cluster)
{
    struct lab *lab = &cluster->lab;

    lab_open(lab, "mysql");
    lab->stage.flags.self = STASH;
    if (system("garbd --version >/dev/null 2>&1") != 0)
        cr_skip_test("no Galera: scripts/lab brings it");
    lab_start(lab, "exec " NODES "node 1 new", STATE(1, "Synced"));
    cluster->first = lab->server;
    lab_start(lab, "exec " NODES "node 2 join", STATE(2, "Synced"));
    lab_do(ROOT(1) " <$LAB/node1/init.sql");
    lab_do("mkdir $LAB/front; ln -s \"$(command -v " CLIENT ")\" $LAB/front/" CLIENT
           ".real; printf '#!/bin/sh\\ncase $* in *COUNT*\\\\`t\\\\`*) touch $LAB/counting; "
           "exec $0.real \"$@\" --port=13307;; esac; exec $0.real \"$@\"\\n' >$LAB/front/" CLIENT
           "; chmod +x $LAB/front/" CLIENT);
    AUTO(mem_free) char *path = xasprintf("%s/front:%s", getenv("LAB"), getenv("PATH"));
    setenv("PATH", path, 1);
}

/* Until three seconds after it was asked to count. */
static void let_the_second_lag(void)
{
    lab_do(
        "(echo 'FLUSH TABLES WITH READ LOCK;'; i=0; until [ -e $LAB/counting ] || [ $i = 1200 ]; "
        "do sleep 0.1; i=$((i + 1)); done; sleep 3) | " ROOT(
            2) " >/dev/null 2>&1 & "
               "until " STATE(2, "Desync") "; do sleep 0.1; done");
}

Test(LAB, a_node_that_lags_is_waited_for_before_rows_are_missed, .timeout = 300)
{
    AUTO(cluster_done) struct cluster cluster = {0};
    struct lab *lab = &cluster.lab;

    open_cluster(&cluster);
    lab_do(ROOT(1) " -e 'CREATE DATABASE shop; CREATE TABLE shop.t (a INT PRIMARY KEY); "
                   "INSERT INTO shop.t VALUES (1),(2),(3)'");
    json_auto_t *stored = lab_back_up(lab);
    lab_check_succeeded(stored);
    lab_do(ROOT(1) " -e 'DELETE FROM shop.t'");
    let_the_second_lag();
    json_auto_t *restored = lab_restore(lab);
    lab_check_succeeded(restored);
    AUTO(mem_free) char *rows = lab_ask(ROOT(2) " -N -e 'SELECT COUNT(*) FROM shop.t'");
    cr_assert_str_eq(rows, "3");
}

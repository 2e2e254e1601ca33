/*
 * Copies of a whole Galera cluster: real servers of MariaDB, whose protocol and stream are those of Percona's, the
 * real garbd, donor and restic. What has to come back is what addons/mysql/sample/content says of each node.
 */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "lab.h"
#include "stash/clock.h"
#include "stash/jsonx.h"

#define ROOT(n) "mariadb --no-defaults -u root -S $LAB/node" #n "/socket"
#define READY(n)                                                                                   \
    ROOT(n) " -N -e \"SHOW STATUS LIKE 'wsrep_local_state_comment'\" 2>/dev/null | grep -q Synced"

struct cluster {
    struct lab lab; /* its server is node 1 */
    pid_t second;
};

static void stop_second(struct cluster *cluster)
{
    if (cluster->second <= 0)
        return;
    kill(cluster->second, SIGTERM);
    waitpid(cluster->second, NULL, 0);
    cluster->second = 0;
}

static void cluster_done(struct cluster *cluster)
{
    stop_second(cluster);
    lab_done(&cluster->lab);
}
DEFINE_AUTO_VALUE(struct cluster, cluster_done);

static void start_first(struct cluster *cluster)
{
    lab_start(&cluster->lab, "exec " TESTS "node 1 new", READY(1));
}

/* `how` it begins: joins, or is a cluster by itself. */
static void start_second(struct cluster *cluster, const char *how)
{
    AUTO(mem_free) char *command = xasprintf("exec " TESTS "node 2 %s", how);
    pid_t first = cluster->lab.server;

    lab_start(&cluster->lab, command, READY(2));
    cluster->second = cluster->lab.server;
    cluster->lab.server = first;
}

/* Node 1, with data and further settings. The client of MySQL would not do, because these are servers of MariaDB. */
static void open_cluster(struct cluster *cluster, const char *settings)
{
    struct lab *lab = &cluster->lab;

    lab_open(lab, "mysql-cluster");
    lab->stage.flags.self = STASH;
    if (system("garbd --version >/dev/null 2>&1") != 0)
        cr_skip_test("no Galera: scripts/lab brings it");
    AUTO(mem_free) char *path = xasprintf("%s/front:%s", getenv("LAB"), getenv("PATH"));
    AUTO(mem_free) char *folder = xasprintf("%s/node1/data", getenv("LAB"));
    setenv("SETTINGS", settings, 1);
    lab_do("printf '%b' \"$SETTINGS\" >$LAB/more.cnf; mkdir $LAB/front; ln -s $(command -v "
           "mariadb) $LAB/front/mysql");
    setenv("PATH", path, 1);
    setenv("STASH_XTRADB_FOLDER", folder, 1);
    start_first(cluster);
    lab_do("sed 's/START WITH 5/& INCREMENT BY 0/' " SERVERS
           "make.sql | " ROOT(1) " --binary-mode"); /* a cluster's sequences count so */
    lab_do(ROOT(1) " <$LAB/node1/init.sql");
}

static void check_failed(json_t *stat, const char *why)
{
    json_auto_t *owned = stat;

    lab_check_failed(owned, why);
}

static void check_snapshots(const char *count)
{
    AUTO(mem_free)
    char *text =
        lab_ask("restic snapshots --json --no-cache 2>/dev/null | grep -o short_id | wc -l");

    cr_assert_str_eq(text, count);
}

static void back_up(struct lab *lab)
{
    json_auto_t *stat = lab_back_up(lab);

    lab_check_succeeded(stat);
}

/* As the Job of one replica does, with a volume of its own. */
static void restore_node(struct lab *lab, const char *node)
{
    AUTO(mem_free) char *folder = xasprintf("%s/%s/data", getenv("LAB"), node);

    setenv("STASH_XTRADB_FOLDER", folder, 1);
    lab_do("mkdir -p $STASH_XTRADB_FOLDER");
    json_auto_t *stat = lab_restore(lab);
    lab_check_succeeded(stat);
}

static void check_content_of_second(void)
{
    lab_do(SERVERS "content " ROOT(2) " >$LAB/second && diff $LAB/before $LAB/second");
}

Test(galera_lab, a_cluster_comes_back_from_the_copy_of_a_donor, .timeout = 300)
{
    AUTO(cluster_done) struct cluster cluster = {0};
    struct lab *lab = &cluster.lab;

    open_cluster(&cluster, "");
    start_second(&cluster, "join");
    lab_do(SERVERS "content " ROOT(1) " >$LAB/before");
    back_up(lab);
    check_snapshots("1");
    AUTO(mem_free) char *files = lab_ask("restic ls --no-cache latest 2>/dev/null | tail -n 1");
    cr_assert_str_eq(files, "/xtrabackup.stream");
    lab_do(READY(1) " && " READY(2)); /* no donor is left behind */
    stop_second(&cluster);
    lab_stop(lab);
    lab_do("rm -r $LAB/node1 $LAB/node2");
    lab_set(lab, "target-app-replicas", "2");
    restore_node(lab, "node1");
    restore_node(lab, "node2");
    start_second(&cluster, "new"); /* each node's files are good by themselves */
    check_content_of_second();
    stop_second(&cluster);
    start_first(&cluster);
    lab_do(SERVERS "content " ROOT(1) " >$LAB/after && diff $LAB/before $LAB/after");
    start_second(&cluster, "join");
    check_content_of_second();
}

/* The donor's tool dies in the middle of it. */
Test(galera_lab, a_copy_that_ends_early_leaves_no_snapshot, .timeout = 300)
{
    AUTO(cluster_done) struct cluster cluster = {0};
    struct lab *lab = &cluster.lab;

    open_cluster(&cluster, "");
    lab_do("mkdir $LAB/donor; printf '#!/bin/sh\nmariadb-backup.real \"$@\" | head -c 3000000\n' "
           ">$LAB/donor/mariadb-backup; chmod +x $LAB/donor/mariadb-backup; ln -s $(command -v "
           "mariadb-backup) $LAB/donor/mariadb-backup.real");
    check_failed(lab_back_up(lab), "nothing was stored: the stream is cut: after 3000000 bytes");
    check_snapshots("0");
}

Test(galera_lab, a_copy_that_cannot_be_read_leaves_no_snapshot, .timeout = 300)
{
    AUTO(cluster_done) struct cluster cluster = {0};
    struct lab *lab = &cluster.lab;

    open_cluster(&cluster, "[sst]\ncompressor=gzip\ndecompressor=gzip -d\n");
    check_failed(lab_back_up(lab), "what the donor sends is no xbstream");
    check_snapshots("0");
}

Test(galera_lab, another_name_of_the_cluster_is_told_at_once, .timeout = 300)
{
    AUTO(cluster_done) struct cluster cluster = {0};
    struct lab *lab = &cluster.lab;

    open_cluster(&cluster, "");
    lab->stage.flags.appbinding = "mysql-cluster-other";
    check_failed(lab_back_up(lab), "parameters.group is stock, but the cluster is called shop");
}

/* There is a server, but no node at the cluster's address. */
Test(galera_lab, a_cluster_that_is_not_there_is_named, .timeout = 300)
{
    AUTO(cluster_done) struct cluster cluster = {0};
    struct lab *lab = &cluster.lab;

    open_cluster(&cluster, "");
    lab->stage.flags.appbinding = "mysql-cluster-away";
    lab->stage.flags.wait_timeout = 5;
    check_failed(lab_back_up(lab), "garbd: gave no answer in time");
    check_failed(lab_back_up(lab), "Connection refused");
    check_snapshots("0");
}

Test(galera_lab, files_of_a_server_are_never_overwritten, .timeout = 300)
{
    AUTO(cluster_done) struct cluster cluster = {0};
    struct lab *lab = &cluster.lab;

    open_cluster(&cluster, "");
    lab_set(lab, "target-app-replicas", "3");
    check_failed(lab_restore(lab), "/node1/data is not empty");
}

Test(galera_lab, an_image_without_the_tools_is_told_before_anything_is_written, .timeout = 300)
{
    AUTO(cluster_done) struct cluster cluster = {0};
    struct lab *lab = &cluster.lab;

    lab_open(lab, "mysql-cluster-percona");
    lab_set(lab, "target-app-replicas", "3");
    AUTO(mem_free) char *folder = xasprintf("%s/empty", getenv("LAB"));
    setenv("STASH_XTRADB_FOLDER", folder, 1);
    lab_do("mkdir $LAB/empty");
    check_failed(
        lab_restore(lab),
        "the image lacks what brings this copy back (sstMethod): xtrabackup: no such program");
}

/* The real nats-server, before and after 2.15, with the real client and restic. */
#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "lab.h"
#include "stash/jsonx.h"

static void start(struct lab *lab, const char *version, const char *port)
{
    AUTO(mem_free)
    char *command = xasprintf("exec nats-server-%s -a 127.0.0.1 -p %s -js -sd $LAB/js --user admin "
                              "--pass s3cret -l $LAB/server.log",
                              version, port);

    AUTO(mem_free) char *url = xasprintf("127.0.0.1:%s", port);

    setenv("NATS_URL", url, 1); /* for the test's own commands */
    setenv("NATS_USER", "admin", 1);
    setenv("NATS_PASSWORD", "s3cret", 1);
    lab_start(lab, command, "nats account info >/dev/null 2>&1");
}

static void add_stream(const char *name, int messages, const char *options)
{
    AUTO(mem_free)
    char *command =
        xasprintf("nats stream add %s --subjects '%s.>' --defaults %s >/dev/null && nats pub %s.a "
                  "--count %d 'message {{Count}} of many that are all alike' >/dev/null 2>&1",
                  name, name, options, name, messages);

    lab_do(command);
}

static void check_messages(const char *name, const char *expected)
{
    AUTO(mem_free)
    char *command = xasprintf("nats stream info %s --json | jq .state.messages || echo none", name);
    AUTO(mem_free) char *text = lab_ask(command);

    cr_assert_str_eq(text, expected, "stream %s", name);
}

static void back_up_and_restore(const char *version, const char *port, const char *appbinding)
{
    AUTO(lab_done) struct lab lab = {0};
    bool dumps_memory = strcmp(version, "2.15") == 0;

    lab_open(&lab, appbinding);
    start(&lab, version, port);
    add_stream("A", 3000, "");
    add_stream("B", 100, "");
    add_stream("MEM", 10, "--storage memory");
    lab_do(
        "nats stream rmm A 5 -f && nats stream add EMPTY --subjects 'e.>' --defaults >/dev/null");
    json_auto_t *stored = lab_back_up(&lab);
    lab_check_succeeded(stored);
    if (!dumps_memory)
        lab_check_warned(stored, "stream MEM was not stored");
    else
        cr_assert_null(jsonx_get(stored, "warnings", NULL));
    lab_do("for s in A B EMPTY MEM; do nats stream rm -f $s; done");
    json_auto_t *restored = lab_restore(&lab);
    lab_check_succeeded(restored);
    check_messages("A", "2999");
    check_messages("B", "100");
    check_messages("EMPTY", "0");
    if (dumps_memory)
        check_messages("MEM", "10");
}

Test(nats_lab, streams_come_back_with_a_server_before_2_15, .timeout = 300)
{
    back_up_and_restore("2.10", "14210", "nats210");
}

Test(nats_lab, streams_come_back_with_a_server_from_2_15_on, .timeout = 300)
{
    back_up_and_restore("2.15", "14215", "nats215");
}

Test(nats_lab, messages_that_the_server_lost_are_missed_and_nothing_is_lost_by_an_overwrite,
     .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    lab_open(&lab, "nats212");
    start(&lab, "2.10", "14212");
    add_stream("A", 100, "");
    add_stream("B", 100, "");
    add_stream("LOST", 2000, "");
    lab_set(&lab, "streams", "A,B");
    json_auto_t *stored = lab_back_up(&lab);
    lab_check_succeeded(stored);

    /* A's subjects belong to another stream now, so that A cannot be restored */
    lab_do("nats stream rm -f A && nats stream add OTHER --subjects 'A.>' --defaults >/dev/null");
    lab_set(&lab, "overwrite", "true");
    json_auto_t *restored = lab_restore(&lab);
    lab_check_failed(restored, "restoring stream A");
    check_messages("B", "100");

    /* an archive of no message is a success for the client */
    lab_stop(&lab);
    start(&lab, "2.10", "14212");
    lab_do(": >\"$LAB/js/jetstream/\\$G/streams/LOST/msgs/1.blk\"");
    lab_set(&lab, "streams", "LOST");
    json_auto_t *lost = lab_back_up(&lab);
    lab_check_failed(lost, "stream LOST: the archive holds 0 messages");
}

Test(nats_lab, a_server_without_streams_is_told_and_its_dump_restores_nothing, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    lab_open(&lab, "nats212");
    start(&lab, "2.10", "14212");
    add_stream("A", 100, "");
    json_auto_t *full = lab_back_up(&lab);
    lab_check_succeeded(full);
    cr_assert_null(jsonx_get(full, "warnings", NULL));
    lab_do("nats stream rm -f A");
    json_auto_t *empty = lab_back_up(&lab);
    lab_check_succeeded(empty);
    lab_check_warned(empty, "no stream was stored: the dump is empty");
    cr_assert_eq(json_array_size(jsonx_get(empty, "warnings", NULL)), 2, "the loss is told too");
    json_auto_t *restored = lab_restore(&lab);
    lab_check_failed(restored, "nothing was restored");
}

static char *snapshot_of(const json_t *stat)
{
    return xstrdup(jsonx_str(json_array_get(jsonx_get(stat, "snapshots", NULL), 0), "name", NULL));
}

Test(nats_lab, two_dumps_do_not_become_one, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    lab_open(&lab, "nats212");
    start(&lab, "2.10", "14212");
    add_stream("A", 100, "");
    add_stream("B", 100, "");
    json_auto_t *both = lab_back_up(&lab);
    AUTO(mem_free) char *first = snapshot_of(both);
    lab_do("nats stream rm -f B");
    json_auto_t *one = lab_back_up(&lab);
    AUTO(mem_free) char *second = snapshot_of(one);
    lab_do("nats stream rm -f A");
    AUTO(mem_free) char *list = xasprintf("%s,%s", first, second);
    lab.stage.flags.snapshots = list;
    json_auto_t *mixed = lab_restore(&lab);
    lab_check_failed(mixed, "one dump at a time: list one snapshot, not 2");
    lab.stage.flags.snapshots = first;
    json_auto_t *restored = lab_restore(&lab);
    lab_check_succeeded(restored);
    check_messages("B", "100");
}

/* B goes while A is dumped. */
Test(nats_lab, a_stream_that_is_removed_meanwhile_costs_no_other_its_backup, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    lab_open(&lab, "nats212");
    start(&lab, "2.10", "14212");
    add_stream("A", 100, "");
    add_stream("B", 100, "");
    AUTO(mem_free) char *path = xasprintf("%s/front:%s", getenv("LAB"), getenv("PATH"));
    lab_do("mkdir $LAB/front; ln -s \"$(command -v nats)\" $LAB/front/nats.real; printf "
           "'#!/bin/sh\\ncase \"$*\" in *\"stream backup\"*) nats.real stream rm -f B "
           ">/dev/null 2>&1 ;; esac\\nexec nats.real \"$@\"\\n' >$LAB/front/nats; "
           "chmod +x $LAB/front/nats");
    setenv("PATH", path, 1);
    json_auto_t *stored = lab_back_up(&lab);
    lab_check_succeeded(stored);
    lab_check_warned(stored, "stream B was removed before it was dumped");
    lab_do("nats stream rm -f A");
    json_auto_t *restored = lab_restore(&lab);
    lab_check_succeeded(restored);
    check_messages("A", "100");
    lab_set(&lab, "streams", "A,B");
    json_auto_t *wanted = lab_back_up(&lab);
    lab_check_failed(wanted, "dumping stream B");
}

Test(nats_lab, a_wrong_password_is_told_at_once, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    lab_open(&lab, "nats213");
    lab_start(&lab,
              "exec nats-server-2.10 -a 127.0.0.1 -p 14213 -js -sd $LAB/js --user admin --pass "
              "other -l $LAB/server.log",
              "nats --server 127.0.0.1:14213 --user admin --password other account info >/dev/null "
              "2>&1");
    json_auto_t *stat = lab_back_up(&lab);
    lab_check_failed(stat, "Authorization Violation");
}

#define NODE                                                                                       \
    "exec setpriv --pdeathsig TERM nats-server-2.10 -n $1 -a 127.0.0.1 -p 14$1 -js -sd "           \
    "$LAB/js-$1 "                                                                                  \
    "--user admin --pass s3cret -l $LAB/log-$1 -P $LAB/pid-$1 --cluster_name three "               \
    "--cluster nats://127.0.0.1:15$1 "                                                             \
    "--routes nats://127.0.0.1:15210,nats://127.0.0.1:15212,nats://127.0.0.1:15215"

static void start_cluster(struct lab *lab)
{
    setenv("NATS_URL", "127.0.0.1:14210", 1);
    setenv("NATS_USER", "admin", 1);
    setenv("NATS_PASSWORD", "s3cret", 1);
    lab_start(lab, "node() { " NODE "; }; for n in 210 212 215; do node $n & done; wait",
              "nats stream ls >/dev/null 2>&1");
}

Test(nats_lab, a_stream_of_a_node_that_is_gone_is_missed, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    lab_open(&lab, "nats210");
    start_cluster(&lab);
    lab_do("nats stream add A --subjects 'A.>' --defaults --replicas 1 >/dev/null");
    AUTO(mem_free) char *node = lab_ask("nats stream info A --json | jq -r .cluster.leader");
    setenv("NODE", node, 1);
    lab_do("kill -KILL $(cat $LAB/pid-$NODE)");
    if (strcmp(node, "210") == 0) {
        lab.stage.flags.appbinding = "nats212";
        setenv("NATS_URL", "127.0.0.1:14212", 1);
    }
    lab_do("i=0; until nats stream ls --names 2>/dev/null | grep -q A; do i=$((i + 1)); "
           "[ $i -lt 60 ] || exit 1; sleep 0.5; done");
    json_auto_t *stored = lab_back_up(&lab);
    lab_check_failed(stored, "dumping stream A");
}

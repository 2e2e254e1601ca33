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

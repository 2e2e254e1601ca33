/* What a NATS server can do wrong while its client says "done": a server of files, and archives that a real one wrote. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "stage.h"
#include "stash/jsonx.h"

static void shell(const char *command)
{
    cr_assert_eq(system(command), 0, "%s", command);
}

static void set_folder(const struct stage *stage, const char *variable, const char *name)
{
    AUTO(mem_free) char *path = xasprintf("%s/%s", stage->folder, name);
    AUTO(mem_free) char *make = xasprintf("mkdir -p %s", path);

    shell(make);
    setenv(variable, path, 1);
}

static const char *values[8];

static void open_nats(struct stage *stage)
{
    AUTO(mem_free) char *path = NULL;

    stage_open(stage, "session.yaml");
    path = xasprintf("%sbin:%s", TESTS, getenv("PATH"));
    setenv("PATH", path, 1);
    setenv("TESTS", TESTS, 1);
    setenv("FORGET", ".", 1);
    set_folder(stage, "SERVER", "server");
    set_folder(stage, "BROKEN", "broken");
    set_folder(stage, "INTERIM", "interim");
    set_folder(stage, "SAVED", "saved");
    memset(values, 0, sizeof(values));
    stage->flags.values = values;
    stage->flags.appbinding = "db";
    stage->flags.interim_dir = getenv("INTERIM");
    stage->flags.wait_timeout = 5;
    stage_restic(stage, "backup", stage_summary);
}

static void add_stream(const char *name, const char *archive, int messages, const char *config)
{
    AUTO(mem_free)
    char *command = xasprintf(
        "mkdir $SERVER/%s && cp $TESTS/data/%s.tar.s2 $SERVER/%s/archive && echo '{\"config\":%s,"
        "\"state\":{\"messages\":%d,\"bytes\":100,\"first_seq\":1,\"last_seq\":200}}' "
        ">$SERVER/%s/info.json",
        name, archive, name, config, messages, name);

    shell(command);
}

static void new_job(struct stage *stage, const char *name)
{
    free(stage->output_dir);
    stage->output_dir = xasprintf("%s/%s", stage->folder, name);
    stage->flags.output_dir = stage->output_dir;
}

static json_t *back_up(struct stage *stage)
{
    struct error err;

    cr_assert_eq(stage_back_up(stage, &err), 0, "%s", err.msg);
    return stage_stat(stage);
}

/* The dump of the last backup comes out of the repository. */
static json_t *restore(struct stage *stage)
{
    AUTO(mem_free)
    char *snapshots =
        xasprintf("echo '[{\"id\":\"aaaaaaaaaaaaaaaa\",\"time\":"
                  "\"2026-01-01T00:00:00Z\",\"hostname\":\"h\",\"paths\":[\"%s\"]}]'\n",
                  getenv("INTERIM"));
    struct error err;

    shell("cp -r $INTERIM/. $SAVED");
    stage_restic(stage, "snapshots", snapshots);
    stage_restic(stage, "restore",
                 "cp -r $SAVED/. $INTERIM\n"
                 "echo '{\"message_type\":\"summary\",\"total_files\":1}'\n");
    new_job(stage, "second-job");
    cr_assert_eq(stage_restore(stage, &err), 0, "%s", err.msg);
    return stage_stat(stage);
}

static void check_succeeded(const json_t *stat)
{
    const char *why = jsonx_str(stat, "error", NULL);

    cr_assert_str_eq(jsonx_str(stat, "phase", NULL), "Succeeded", "%s", why ? why : "");
}

static void check_failed(const json_t *stat, const char *why)
{
    cr_assert_str_eq(jsonx_str(stat, "phase", NULL), "Failed");
    cr_assert_not_null(strstr(jsonx_str(stat, "error", NULL), why), "%s",
                       jsonx_str(stat, "error", NULL));
}

static void check_warned(const json_t *stat, const char *what)
{
    const char *warning = json_string_value(json_array_get(jsonx_get(stat, "warnings", NULL), 0));

    check_succeeded(stat);
    cr_assert(warning && strstr(warning, what), "%s", warning ? warning : "no warning");
}

Test(nats, streams_are_stored_and_come_back)
{
    AUTO(stage_done) struct stage stage;

    open_nats(&stage);
    add_stream("A", "small", 197, "{}");
    json_auto_t *stored = back_up(&stage);
    check_succeeded(stored);
    cr_assert_null(jsonx_get(stored, "warnings", NULL));
    shell("rm -r $SERVER/A");
    json_auto_t *restored = restore(&stage);
    check_succeeded(restored);
    shell("cmp $SERVER/A/archive $TESTS/data/small.tar.s2");
}

/* The files of one would lie among those of the other, and the last one's list would say what to load. */
Test(nats, two_dumps_are_not_laid_over_each_other)
{
    AUTO(stage_done) struct stage stage;
    struct error err;

    open_nats(&stage);
    stage.flags.snapshots = "aaaaaaaaaaaaaaaa,bbbbbbbbbbbbbbbb";
    stage_restic(&stage, "snapshots",
                 "echo '[{\"id\":\"aaaaaaaaaaaaaaaa\",\"time\":\"2026-01-01T00:00:00Z\","
                 "\"hostname\":\"h\",\"paths\":[\"/d\"]},{\"id\":\"bbbbbbbbbbbbbbbb\",\"time\":"
                 "\"2026-01-02T00:00:00Z\",\"hostname\":\"h\",\"paths\":[\"/d\"]}]'\n");
    cr_assert_eq(stage_restore(&stage, &err), 0, "%s", err.msg);
    json_auto_t *stat = stage_stat(&stage);
    AUTO(mem_free) char *calls = stage_calls(&stage);
    check_failed(stat, "one dump at a time: list one snapshot, not 2");
    cr_assert_null(strstr(calls, "restore "), "%s", calls);
}

Test(nats, an_archive_without_the_messages_is_no_success)
{
    AUTO(stage_done) struct stage stage;

    open_nats(&stage);
    add_stream("A", "small", 197, "{}");
    add_stream("LOST", "lost", 20000, "{}");
    json_auto_t *stat = back_up(&stage);
    check_failed(stat, "stream LOST: the archive holds 0 messages (0 bytes) of 20000");
    AUTO(mem_free) char *calls = stage_calls(&stage);
    cr_assert_null(strstr(calls, "backup "), "a bad dump was stored");
}

Test(nats, an_archive_with_errors_is_no_success)
{
    AUTO(stage_done) struct stage stage;

    open_nats(&stage);
    add_stream("BAD", "errors", 20000, "{}");
    json_auto_t *stat = back_up(&stage);
    check_failed(stat, "stream BAD: the server could not read all of it: Could not read message "
                       "block [1]");
}

/* The server's answer after the dump differs from the one in it. */
static void open_with_expiry(struct stage *stage, const char *first)
{
    AUTO(mem_free)
    char *move = xasprintf("mkdir $SERVER/../later && sed 's/\"first_seq\":1,/\"first_seq\":%s,/' "
                           "$SERVER/A/info.json >$SERVER/../later/info.json",
                           first);

    open_nats(stage);
    add_stream("A", "small", 250, "{}");
    shell(move);
    shell("printf '%s\\n' '#!/bin/sh' '[ \"$1 $2\" != \"stream info\" ] || exec cat "
          "$SERVER/../later/info.json' 'exec $TESTS/bin/nats \"$@\"' >$SERVER/../later/nats && "
          "chmod +x $SERVER/../later/nats");
    AUTO(mem_free) char *path = xasprintf("%s/later:%s", stage->folder, getenv("PATH"));
    setenv("PATH", path, 1);
}

Test(nats, what_expired_during_the_dump_is_no_failure)
{
    AUTO(stage_done) struct stage stage;

    open_with_expiry(&stage, "90");
    json_auto_t *stat = back_up(&stage);
    check_warned(stat, "stream A: the archive holds");
}

Test(nats, one_message_that_expired_explains_no_loss_of_many)
{
    AUTO(stage_done) struct stage stage;

    open_with_expiry(&stage, "2");
    json_auto_t *stat = back_up(&stage);
    check_failed(stat, "stream A: the archive holds 197 messages");
}

Test(nats, a_stream_in_memory_does_not_cost_the_others)
{
    AUTO(stage_done) struct stage stage;

    open_nats(&stage);
    add_stream("A", "small", 197, "{}");
    add_stream("MEM", "small", 197, "{\"storage\":\"memory\"}");
    shell("touch $SERVER/MEM/memory");
    json_auto_t *stored = back_up(&stage);
    check_warned(stored, "stream MEM was not stored");
    shell("jq -e '. == [\"A\"]' $INTERIM/streams.json >/dev/null && rm -r $SERVER/A");
    json_auto_t *restored = restore(&stage);
    check_succeeded(restored);
}

Test(nats, a_stream_in_memory_that_fails_for_another_reason_is_a_failure)
{
    AUTO(stage_done) struct stage stage;

    open_nats(&stage);
    add_stream("MEM", "small", 197, "{\"storage\":\"memory\"}");
    shell("echo 'write stream.arc.s2: no space left on device' >$SERVER/MEM/memory");
    json_auto_t *stat = back_up(&stage);
    check_failed(stat, "no space left on device");
}

/* busy: a line for every time that the stream breaks off. */
Test(nats, a_stream_that_breaks_off_is_asked_for_again)
{
    AUTO(stage_done) struct stage stage;

    open_nats(&stage);
    add_stream("A", "small", 197, "{}");
    shell("printf 'once\\nmore\\n' >$SERVER/A/busy");
    json_auto_t *stored = back_up(&stage);
    check_succeeded(stored);
    shell("cmp $INTERIM/A/stream.tar.s2 $TESTS/data/small.tar.s2");
}

Test(nats, a_stream_that_always_breaks_off_is_a_failure)
{
    AUTO(stage_done) struct stage stage;

    open_nats(&stage);
    add_stream("A", "small", 197, "{}");
    shell("seq 100 >$SERVER/A/busy");
    json_auto_t *stat = back_up(&stage);
    check_failed(stat, "dumping stream A");
    shell("[ $(wc -l <$SERVER/A/busy) -eq 97 ]");
}

Test(nats, a_stream_that_cannot_be_loaded_costs_no_other)
{
    AUTO(stage_done) struct stage stage;

    open_nats(&stage);
    add_stream("A", "small", 197, "{}");
    add_stream("B", "small", 197, "{}");
    json_auto_t *stored = back_up(&stage);
    check_succeeded(stored);
    shell("touch $BROKEN/A $SERVER/B/mine");
    values[2] = "true"; /* overwrite */
    json_auto_t *restored = restore(&stage);
    check_failed(restored, "restoring stream A");
    shell("[ -e $SERVER/B/mine ]");
}

Test(nats, without_overwrite_nothing_is_touched_when_one_exists)
{
    AUTO(stage_done) struct stage stage;

    open_nats(&stage);
    add_stream("A", "small", 197, "{}");
    add_stream("B", "small", 197, "{}");
    json_auto_t *stored = back_up(&stage);
    check_succeeded(stored);
    shell("rm -r $SERVER/A");
    json_auto_t *restored = restore(&stage);
    check_failed(restored, "nothing was restored: streams [\"B\"] exist");
    shell("[ ! -e $SERVER/A ]");
}

Test(nats, messages_that_are_missing_after_a_restore_are_missed)
{
    AUTO(stage_done) struct stage stage;

    open_nats(&stage);
    add_stream("A", "small", 197, "{}");
    json_auto_t *stored = back_up(&stage);
    check_succeeded(stored);
    shell("rm -r $SERVER/A");
    setenv("FORGET", ".state.messages = 10", 1);
    json_auto_t *restored = restore(&stage);
    check_failed(restored, "after the restore: stream A has 10 messages up to sequence 200; the "
                           "dump has 197 up to 200");
}

Test(nats, messages_that_are_too_old_after_a_restore_are_a_warning)
{
    AUTO(stage_done) struct stage stage;

    open_nats(&stage);
    add_stream("A", "small", 197, "{\"max_age\":1000}");
    json_auto_t *stored = back_up(&stage);
    check_succeeded(stored);
    shell("rm -r $SERVER/A");
    setenv("FORGET", ".state.messages = 10", 1);
    json_auto_t *restored = restore(&stage);
    check_warned(restored, "stream A has 10 messages of the dump's 197");
}

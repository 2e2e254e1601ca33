#include "redis_dump.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "stash/jsonx.h"

/* A dump from words: "SET a 1; SELECT 3". */
static void write_dump(const char *commands, struct buf *ret)
{
    AUTO(mem_free) char *copy = xstrdup(commands);
    char *rest = copy;

    buf_init(ret, LIMIT_MIB);
    for (char *command; (command = strsep(&rest, ";"));) {
        struct resp_text words[16];
        size_t count = 0;

        for (char *word; (word = strsep(&command, " "));)
            if (*word)
                words[count++] = resp_text(word);
        if (count > 0)
            resp_put(ret, words, count);
    }
}

static int count_pieces(const struct buf *dump, size_t len, size_t piece,
                        struct redis_counter *counter, struct error *err)
{
    int r = 0;

    redis_counter_init(counter);
    for (size_t at = 0; r == 0 && at < len; at += piece)
        r = redis_counter_feed(counter, dump->data + at, len - at < piece ? len - at : piece, err);
    return r < 0 ? r : redis_counter_end(counter, err);
}

static void check_counts(const char *commands, const char *expected)
{
    AUTO(buf_done) struct buf dump = {0};

    write_dump(commands, &dump);
    for (size_t piece = 1; piece <= dump.len; piece++) {
        AUTO(redis_counter_done) struct redis_counter counter;
        struct error err;

        cr_assert_eq(count_pieces(&dump, dump.len, piece, &counter, &err), 0, "%s", err.msg);
        json_auto_t *counts = redis_counter_json(&counter);
        AUTO(mem_free) char *text = jsonx_dump(counts);
        cr_assert_str_eq(text, expected, "in pieces of %zu", piece);
    }
}

static void check_refused(const char *commands, const char *why)
{
    AUTO(redis_counter_done) struct redis_counter counter;
    AUTO(buf_done) struct buf dump = {0};
    struct error err = {0};

    write_dump(commands, &dump);
    cr_assert_lt(count_pieces(&dump, dump.len, 7, &counter, &err), 0, "%s", commands);
    cr_assert_not_null(strstr(err.msg, why), "%s", err.msg);
}

#define END "SET __redisdump_total_keys 1"

Test(redis_dump, keys_are_counted_for_each_database)
{
    check_counts("SELECT 0;SET a 1;SET b 2;PEXPIREAT b 5;SELECT 3;DEL l;RPUSH l 1 2;RPUSH l 3;" END,
                 "{\"databases\":{\"0\":{\"keys\":2,\"expires\":1},\"3\":{\"keys\":1,\"expires\":0}"
                 "},\"commands\":9}");
}

Test(redis_dump, groups_and_claims_belong_to_their_stream)
{
    check_counts("SELECT 0;DEL s;XADD s 1-1 f v;XSETID s 2-0;XGROUP CREATE s g 0;"
                 "XCLAIM s g c 0 1-1 FORCE;EXPIREAT s 5;" END,
                 "{\"databases\":{\"0\":{\"keys\":1,\"expires\":1}},\"commands\":8}");
}

Test(redis_dump, one_key_in_two_databases_is_two)
{
    check_counts("SELECT 0;SET a 1;SELECT 1;SET a 1;" END,
                 "{\"databases\":{\"0\":{\"keys\":1,\"expires\":0},\"1\":{\"keys\":1,\"expires\":0}"
                 "},\"commands\":5}");
}

Test(redis_dump, an_empty_one_says_so)
{
    check_counts(END, "{\"databases\":{},\"commands\":1}");
}

Test(redis_dump, a_cut_one_is_refused_wherever_it_is_cut)
{
    AUTO(buf_done) struct buf dump = {0};
    struct error err;

    write_dump("SELECT 0;SET a 1;RPUSH l x y;" END, &dump);
    for (size_t len = 0; len < dump.len; len++) {
        AUTO(redis_counter_done) struct redis_counter counter;

        cr_assert_lt(count_pieces(&dump, len, 5, &counter, &err), 0, "%zu bytes", len);
        cr_assert_not_null(strstr(err.msg, "the dump is cut"), "%s", err.msg);
    }
}

Test(redis_dump, a_command_that_writes_no_data_is_refused)
{
    check_refused("SET a 1;FLUSHALL;" END, "the command FLUSHALL");
    check_refused("CONFIG SET dir /tmp;" END, "the command CONFIG");
    check_refused("EVAL x 0;" END, "the command EVAL");
    check_refused("SETX a 1;" END, "the command SETX");
    check_refused("SET;" END, "without a key");
    check_refused("SELECT x;" END, "selects no database");
    check_refused("SET __redisdump_total_keys many", "does not say how many keys");
}

Test(redis_dump, what_is_no_command_is_refused)
{
    AUTO(redis_counter_done) struct redis_counter counter;
    static const char *const bad[] = {
        "+OK\r\n",          "$3\r\nSET\r\n", "*0\r\n", "*1\r\n*1\r\n", "*2\r\n$3\r\nSET\r\n$-1\r\n",
        "-- PostgreSQL\r\n"};

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct error err;

        redis_counter_init(&counter);
        cr_assert_lt(redis_counter_feed(&counter, bad[i], strlen(bad[i]), &err), 0, "%s", bad[i]);
        redis_counter_done(&counter);
    }
    redis_counter_init(&counter);
}

Test(redis_dump, the_masters_of_a_cluster_say_their_numbers_one_after_the_other)
{
    AUTO(redis_counter_done) struct redis_counter counter;
    AUTO(buf_done) struct buf dump = {0};
    struct error err;

    write_dump("SELECT 0;SET a 1;SET __redisdump_total_keys 2;SELECT 0;SET b 1;SET c 1;"
               "SET __redisdump_total_keys 3",
               &dump);
    cr_assert_eq(count_pieces(&dump, dump.len, 9, &counter, &err), 0, "%s", err.msg);
    cr_assert_eq(counter.dump.total, 3);
    cr_assert_eq(redis_counter_keys(&counter), 3);
}

/* redis-dump-go works at several keys at once, and writes 1000 members in one command. */
static void put_members(struct buf *dump, const char *key, int count)
{
    resp_put_count(dump, count + 2);
    resp_put_word(dump, resp_text("RPUSH"));
    resp_put_word(dump, resp_text(key));
    for (int i = 0; i < count; i++)
        resp_put_word(dump, resp_text("x"));
}

Test(redis_dump, a_key_in_parts_with_others_between_is_one_key)
{
    AUTO(redis_counter_done) struct redis_counter counter;
    AUTO(buf_done) struct buf dump;
    struct error err;

    buf_init(&dump, LIMIT_MIB);
    put_members(&dump, "long", 1000);
    put_members(&dump, "other", 5);
    put_members(&dump, "long", 1000);
    put_members(&dump, "other",
                5); /* the server told it twice: it comes back once, not twice as long */
    put_members(&dump, "long", 1);
    RESP_PUT(&dump, resp_text("SET"), resp_text(REDIS_TOTAL_KEY), resp_text("3"));
    cr_assert_eq(count_pieces(&dump, dump.len, 100, &counter, &err), 0, "%s", err.msg);
    cr_assert_eq(redis_counter_keys(&counter), 3);
}

/* Every byte is in one piece, the key is whole at the first one. */
static void check_pieces(const struct buf *dump, size_t piece, const char *keys)
{
    AUTO(redis_dump_done) struct redis_dump reader;
    AUTO(buf_done) struct buf out;
    AUTO(buf_done) struct buf seen;
    struct error err;

    redis_dump_init(&reader);
    buf_init(&out, LIMIT_MIB);
    buf_init(&seen, LIMIT_MIB);
    for (size_t at = 0; at < dump->len; at += piece) {
        const char *data = dump->data + at;
        size_t left = dump->len - at < piece ? dump->len - at : piece;
        struct redis_piece it;

        while (redis_dump_next(&reader, &data, &left, &it, &err) > 0) {
            struct resp_text key = redis_dump_key(&reader);

            buf_add(&out, it.data, it.len);
            if (it.kind == REDIS_BEGIN)
                buf_addf(&seen, "%.*s%s,", (int)key.len, key.data, reader.is_first ? "!" : "");
        }
    }
    cr_assert_eq(out.len, dump->len);
    cr_assert_eq(memcmp(out.data, dump->data, out.len), 0);
    cr_assert_str_eq(seen.data, keys);
}

Test(redis_dump, every_byte_passes_and_keys_are_known_before)
{
    AUTO(buf_done) struct buf dump = {0};

    write_dump("SELECT 0;SET key value;RPUSH list a b;RPUSH list c;XGROUP CREATE st g 0;" END,
               &dump);
    for (size_t piece = 1; piece <= dump.len; piece++)
        check_pieces(&dump, piece, ",key!,list!,list,st!,__redisdump_total_keys,");
}

Test(redis_dump, a_key_is_as_long_as_allowed_and_no_longer)
{
    AUTO(mem_free) char *key = xcalloc(1, REDIS_KEY_MAX + 2);
    struct error err;

    memset(key, 'k', REDIS_KEY_MAX + 1);
    for (size_t len = REDIS_KEY_MAX; len <= REDIS_KEY_MAX + 1; len++) {
        AUTO(redis_counter_done) struct redis_counter counter;
        AUTO(buf_done) struct buf dump;

        buf_init(&dump, 2 * LIMIT_MIB);
        RESP_PUT(&dump, resp_text("SET"), (struct resp_text){key, len}, resp_text("v"));
        redis_counter_init(&counter);
        cr_assert_eq(redis_counter_feed(&counter, dump.data, dump.len, &err),
                     len > REDIS_KEY_MAX ? -ERR_LIMIT : 0);
    }
}

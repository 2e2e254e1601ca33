/* The archives in data/ are what nats-server 2.10 wrote: a small stream (197 of 200 messages left), one whose block of messages was empty on disk,
 * one whose block was gone. */
#include "nats_archive.h"

#include <criterion/criterion.h>
#include <string.h>

#include "stash/file.h"

static void load(const char *name, char **ret, size_t *ret_len)
{
    AUTO(mem_free) char *path = xasprintf("%s%s", DATA, name);
    struct error err;

    cr_assert_eq(file_read(path, LIMIT_MIB, ret, ret_len, &err), 0, "%s", err.msg);
}

/* In pieces of `piece` bytes; counts in `ret`. */
static int count(const char *data, size_t len, size_t piece, struct nats_state *ret,
                 struct error *err)
{
    const struct nats_state declared = {.first_seq = 1, .last_seq = 20000};
    AUTO(nats_archive_done) struct nats_archive archive;
    int r = 0;

    nats_archive_init(&archive, &declared);
    for (size_t at = 0; r == 0 && at < len; at += piece)
        r = nats_archive_feed(&archive, data + at, at + piece < len ? piece : len - at, err);
    if (r == 0)
        r = nats_archive_end(&archive, err);
    *ret = (struct nats_state){.messages = archive.messages, .bytes = archive.bytes};
    return r;
}

static int count_file(const char *name, struct nats_state *ret, struct error *err)
{
    AUTO(mem_free) char *data = NULL;
    size_t len;

    load(name, &data, &len);
    return count(data, len, len, ret, err);
}

Test(nats_archive, every_message_is_counted_however_the_archive_comes)
{
    AUTO(mem_free) char *data = NULL;
    size_t len;
    struct nats_state found;
    struct error err;

    load("small.tar.s2", &data, &len);
    for (size_t piece = 1; piece < 5000; piece = piece * 3 + 1) {
        cr_assert_eq(count(data, len, piece, &found, &err), 0, "%s", err.msg);
        cr_assert_geq(found.messages, 197);
        cr_assert_leq(found.messages, 200);
        cr_assert_geq(found.bytes, 20187);
    }
}

Test(nats_archive, a_block_that_was_empty_on_the_server_holds_nothing)
{
    struct nats_state found;
    struct error err;

    cr_assert_eq(count_file("lost.tar.s2", &found, &err), 0, "%s", err.msg);
    cr_assert_eq(found.messages, 0);
}

Test(nats_archive, what_the_server_could_not_read_is_told_in_its_words)
{
    struct nats_state found;
    struct error err;

    cr_assert_eq(count_file("errors.tar.s2", &found, &err), -ERR_INVALID);
    cr_assert_not_null(strstr(err.msg, "Could not read message block [1]"), "%s", err.msg);
}

Test(nats_archive, a_cut_archive_is_never_whole)
{
    AUTO(mem_free) char *data = NULL;
    size_t len;
    struct nats_state found;
    struct error err;

    load("small.tar.s2", &data, &len);
    for (size_t cut = 0; cut < len - 1; cut += 97)
        cr_assert_eq(count(data, cut, 4096, &found, &err), -ERR_INVALID, "cut at %zu", cut);
}

Test(nats_archive, a_changed_byte_is_seen)
{
    AUTO(mem_free) char *data = NULL;
    size_t len;
    struct nats_state found;
    struct error err;

    load("small.tar.s2", &data, &len);
    for (size_t at = 0; at < len - 40; at += 61) { /* the end may be padding that nobody reads */
        data[at] ^= 0x55;
        cr_assert_eq(count(data, len, 4096, &found, &err), -ERR_INVALID, "changed at %zu", at);
        data[at] ^= 0x55;
    }
}

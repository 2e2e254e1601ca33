/* A stream of chunks is read in whatever pieces, and whatever is wrong with it is found. */
#include <criterion/criterion.h>
#include <string.h>

#include "stash/buf.h"
#include "stash/file.h"
#include "stash/limits.h"
#include "xbstream.h"

static void add_number(struct buf *out, uint64_t value, int bytes)
{
    for (; bytes > 0; bytes--, value >>= 8)
        buf_addc(out, (char)(value & 0xff));
}

static void add_head(struct buf *out, char kind, const char *path)
{
    buf_add(out, "XBSTCK01\0", 9);
    buf_addc(out, kind);
    add_number(out, strlen(path), 4);
    buf_adds(out, path);
}

static void add_piece(struct buf *out, const char *path, uint64_t offset, const char *text)
{
    add_head(out, 'P', path);
    add_number(out, strlen(text), 8);
    add_number(out, offset, 8);
    add_number(out, xbstream_crc(0, text, strlen(text)), 4);
    buf_adds(out, text);
}

static void add_end(struct buf *out, const char *path)
{
    add_head(out, 'E', path);
}

static void add_file(struct buf *out, const char *path, const char *text)
{
    add_piece(out, path, 0, text);
    add_end(out, path);
}

static void add_own_files(struct buf *out)
{
    add_file(out, "xtrabackup_checkpoints", "to_lsn = 7\n");
    add_file(out, "xtrabackup_info", "tool_name = xtrabackup\n");
}

/* Two files whose pieces take turns, an empty one, one with holes, and the tool's own. */
static void add_everything(struct buf *out)
{
    static const char holes[] = "\x03\0\0\0\x02\0\0\0\x04\0\0\0\x01\0\0\0";

    add_piece(out, "ibdata1", 0, "first");
    add_piece(out, "shop/t.ibd", 0, "XBSTCK01");
    add_piece(out, "ibdata1", 5, "second");
    add_end(out, "shop/t.ibd");
    add_end(out, "ibdata1");
    add_end(out, "empty");
    add_head(out, 'S', "shop/sparse.ibd");
    add_number(out, 2, 4);
    add_number(out, 3, 8);
    add_number(out, 0, 8);
    add_number(out, xbstream_crc(xbstream_crc(0, holes, 16), "abc", 3), 4);
    buf_add(out, holes, 16);
    buf_adds(out, "abc");
    add_piece(out, "shop/sparse.ibd", 10, "d");
    add_end(out, "shop/sparse.ibd");
    add_own_files(out);
}

static int read_all(const struct buf *in, size_t cut, struct xbstream *stream, struct error *err)
{
    int r = xbstream_feed(stream, in->data, cut, err);

    if (r == 0)
        r = xbstream_feed(stream, in->data + cut, in->len - cut, err);
    return r < 0 ? r : xbstream_end(stream, err);
}

Test(xbstream, is_read_whole_at_every_split_point)
{
    AUTO(buf_done) struct buf in;
    struct error err;

    buf_init(&in, LIMIT_MIB);
    add_everything(&in);
    for (size_t cut = 0; cut <= in.len; cut++) {
        AUTO(xbstream_done) struct xbstream stream = {0};
        cr_assert_eq(read_all(&in, cut, &stream, &err), 0, "at %zu: %s", cut, err.msg);
        cr_assert_eq(stream.files, 6);
        cr_assert_eq(stream.bytes, 11 + 8 + 0 + 11 + 11 + 23);
    }
}

Test(xbstream, is_cut_wherever_it_ends_early)
{
    AUTO(buf_done) struct buf in;
    struct error err;

    buf_init(&in, LIMIT_MIB);
    add_everything(&in);
    for (size_t len = 0; len < in.len; len++) {
        AUTO(xbstream_done) struct xbstream stream = {0};
        cr_assert_eq(xbstream_feed(&stream, in.data, len, &err), 0);
        cr_assert_eq(xbstream_end(&stream, &err), -ERR_INVALID, "at %zu", len);
        cr_assert(strstr(err.msg, "the stream is cut"));
    }
}

static void expect_broken(const struct buf *in, const char *why)
{
    AUTO(xbstream_done) struct xbstream stream = {0};
    struct error err = {0};

    cr_assert_eq(read_all(in, in->len / 2, &stream, &err), -ERR_INVALID);
    cr_assert(strstr(err.msg, why), "%s", err.msg);
}

Test(xbstream, a_byte_that_changed_on_its_way_is_found)
{
    AUTO(buf_done) struct buf in;

    buf_init(&in, LIMIT_MIB);
    add_piece(&in, "ibdata1", 0, "first");
    in.data[in.len - 1] ^= 1;
    expect_broken(&in, "bytes of ibdata1 have another checksum");
}

Test(xbstream, a_piece_that_is_missing_is_found)
{
    AUTO(buf_done) struct buf in;

    buf_init(&in, LIMIT_MIB);
    add_piece(&in, "ibdata1", 0, "first");
    add_piece(&in, "ibdata1", 11, "third");
    expect_broken(&in, "ibdata1 goes on at byte 11, after 5 bytes");
}

Test(xbstream, what_is_no_stream_is_refused)
{
    AUTO(buf_done) struct buf in;

    buf_init(&in, LIMIT_MIB);
    buf_adds(&in, "\x1f\x8b what gzip makes");
    expect_broken(&in, "is no xbstream");
    buf_reset(&in);
    add_file(&in, "ibdata1", "first");
    buf_adds(&in, "something that follows");
    expect_broken(&in, "no chunk begins where one should");
    buf_reset(&in);
    add_head(&in, 'Z', "ibdata1");
    expect_broken(&in, "a kind of chunk that is not known");
}

Test(xbstream, a_name_that_leads_elsewhere_is_refused)
{
    static const char *const names[] = {"/etc/passwd", "../other", "shop/../../other"};
    AUTO(buf_done) struct buf in;

    buf_init(&in, LIMIT_MIB);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        buf_reset(&in);
        add_file(&in, names[i], "text");
        expect_broken(&in, "leads out of the server's folder");
    }
}

Test(xbstream, the_checksum_is_that_of_iso_3309)
{
    cr_assert_eq(xbstream_crc(0, "123456789", 9), 0xcbf43926);
    cr_assert_eq(xbstream_crc(xbstream_crc(0, "12345678", 8), "9", 1), 0xcbf43926);
}

/* data/: what mbstream of MariaDB 10.11 wrote, and Percona's chunks with holes. */
Test(xbstream, streams_of_the_tools_are_whole)
{
    static const char *const names[] = {"made-by-mbstream", "with-holes"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        AUTO(xbstream_done) struct xbstream stream = {0};
        AUTO(mem_free) char *path = xasprintf(DATA "%s", names[i]);
        AUTO(mem_free) char *text = NULL;
        struct error err;
        size_t len;

        cr_assert_eq(file_read(path, LIMIT_MIB, &text, &len, &err), 0, "%s", err.msg);
        cr_assert_eq(xbstream_feed(&stream, text, len, &err), 0, "%s: %s", names[i], err.msg);
        cr_assert_eq(xbstream_end(&stream, &err), 0, "%s: %s", names[i], err.msg);
    }
}

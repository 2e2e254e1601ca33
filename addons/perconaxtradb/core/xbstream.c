#include "xbstream.h"

#include <string.h>

#include "stash/path.h"

#define MAGIC       "XBSTCK01"
#define MAGIC_LEN   8
#define HEAD_LEN    14 /* magic, flags, kind, length of the path */
#define HOLES_LEN   4
#define SIZES_LEN   20 /* length, offset, checksum */
#define HOLE_LEN    8  /* to skip, then to write */
#define HOLES_MAX   (1u << 24)
#define PAYLOAD_MAX (1ull << 40)

enum { AT_HEAD, AT_PATH, AT_HOLES, AT_SIZES, AT_HOLE, AT_PAYLOAD };
enum { KIND_PAYLOAD = 'P', KIND_SPARSE = 'S', KIND_END = 'E' };

void xbstream_done(struct xbstream *stream)
{
    for (size_t i = 0; i < stream->open_count; i++)
        free(stream->open[i].path);
    stream->open_count = 0;
}

static uint64_t read_number(const char *at, size_t len)
{
    uint64_t value = 0;

    while (len > 0)
        value = value << 8 | (unsigned char)at[--len];
    return value;
}

static void expect_part(struct xbstream *s, int state, size_t len)
{
    s->state = state;
    s->part_len = 0;
    s->part_want = len;
}

/* ---- files --------------------------------------------------------------------------------------------------------- */

static struct xbstream_file *find_file(struct xbstream *s, const char *path)
{
    for (size_t i = 0; i < s->open_count; i++)
        if (strcmp(s->open[i].path, path) == 0)
            return &s->open[i];
    return NULL;
}

/* NULL: there are too many. */
static struct xbstream_file *begin_file(struct xbstream *s, const char *path)
{
    struct xbstream_file *file;

    if (s->open_count == XBSTREAM_OPEN_MAX)
        return NULL;
    file = &s->open[s->open_count++];
    *file = (struct xbstream_file){.path = xstrdup(path)};
    return file;
}

/* One tool calls them xtrabackup_info, another mariadb_backup_info; compressed ones have an ending. */
static bool is_called(const char *path, const char *what)
{
    static const char *const makers[] = {"xtrabackup_", "mariadb_backup_"};

    for (size_t i = 0; i < ARRAY_LEN(makers); i++) {
        size_t len = strlen(makers[i]);

        if (strncmp(path, makers[i], len) == 0 && strncmp(path + len, what, strlen(what)) == 0)
            return true;
    }
    return false;
}

static void end_file(struct xbstream *s)
{
    struct xbstream_file *file = s->file;

    s->files++;
    s->bytes += file->at;
    s->has_checkpoints |= is_called(file->path, "checkpoints");
    s->has_info |= is_called(file->path, "info");
    free(file->path);
    *file = s->open[--s->open_count];
    s->file = NULL;
}

/* ---- chunks -------------------------------------------------------------------------------------------------------- */

static int fail_broken(const struct xbstream *s, const char *what, struct error *err)
{
    return error_set(err, ERR_INVALID, "the stream is broken before byte %llu: %s",
                     (unsigned long long)s->total, what);
}

static int take_head(struct xbstream *s, struct error *err)
{
    uint64_t path_len = read_number(s->part + 10, 4);

    if (memcmp(s->part, MAGIC, MAGIC_LEN) != 0 && s->total <= HEAD_LEN)
        return error_set(err, ERR_INVALID,
                         "what the donor sends is no xbstream: it may be encrypted or compressed "
                         "on its way (options of [sst] such as encrypt and compressor)");
    if (memcmp(s->part, MAGIC, MAGIC_LEN) != 0)
        return fail_broken(s, "no chunk begins where one should", err);
    s->kind = (unsigned char)s->part[9];
    if (s->kind != KIND_PAYLOAD && s->kind != KIND_SPARSE && s->kind != KIND_END)
        return fail_broken(s, "a kind of chunk that is not known", err);
    if (path_len == 0 || path_len > XBSTREAM_PATH_MAX)
        return fail_broken(s, "the name of a file is too long", err);
    expect_part(s, AT_PATH, path_len);
    return 0;
}

static int take_path(struct xbstream *s, struct error *err)
{
    s->part[s->part_len] = '\0';
    if (strlen(s->part) != s->part_len || *s->part == '/' || path_goes_up(s->part))
        return fail_broken(s, "the name of a file leads out of the server's folder", err);
    s->file = find_file(s, s->part);
    if (!s->file)
        s->file = begin_file(s, s->part);
    if (!s->file)
        return error_set(err, ERR_LIMIT, "the stream holds parts of more than %d files at once",
                         XBSTREAM_OPEN_MAX);
    s->holes = 0;
    if (s->kind == KIND_END) {
        end_file(s);
        expect_part(s, AT_HEAD, HEAD_LEN);
    } else if (s->kind == KIND_SPARSE) {
        expect_part(s, AT_HOLES, HOLES_LEN);
    } else {
        expect_part(s, AT_SIZES, SIZES_LEN);
    }
    return 0;
}

static int take_holes(struct xbstream *s, struct error *err)
{
    s->holes = (uint32_t)read_number(s->part, HOLES_LEN);
    if (s->holes > HOLES_MAX)
        return fail_broken(s, "a file with too many holes", err);
    expect_part(s, AT_SIZES, SIZES_LEN);
    return 0;
}

static int end_chunk(struct xbstream *s, struct error *err)
{
    if (s->sum != s->wanted_sum)
        return error_set(err, ERR_INVALID,
                         "the stream is broken: bytes of %.200s have another checksum than they "
                         "were sent with",
                         s->file->path);
    s->file->at += s->skipped;
    expect_part(s, AT_HEAD, HEAD_LEN);
    return 0;
}

static int begin_payload(struct xbstream *s, struct error *err)
{
    if (s->holes > 0) {
        s->holes--;
        expect_part(s, AT_HOLE, HOLE_LEN);
        return 0;
    }
    s->state = AT_PAYLOAD;
    return s->left == 0 ? end_chunk(s, err) : 0;
}

static int take_sizes(struct xbstream *s, struct error *err)
{
    s->left = read_number(s->part, 8);
    s->offset = read_number(s->part + 8, 8);
    s->wanted_sum = (uint32_t)read_number(s->part + 16, 4);
    s->sum = 0;
    s->skipped = 0;
    if (s->left > PAYLOAD_MAX)
        return fail_broken(s, "a chunk is too long", err);
    if (s->offset != s->file->at)
        return error_set(
            err, ERR_INVALID, "the stream is broken: %.200s goes on at byte %llu, after %llu bytes",
            s->file->path, (unsigned long long)s->offset, (unsigned long long)s->file->at);
    return begin_payload(s, err);
}

static int take_hole(struct xbstream *s, struct error *err)
{
    s->sum = xbstream_crc(s->sum, s->part, HOLE_LEN);
    s->skipped += read_number(s->part, 4);
    return begin_payload(s, err);
}

static int take_part(struct xbstream *s, struct error *err)
{
    static int (*const takers[])(struct xbstream * s, struct error * err) = {
        [AT_HEAD] = take_head,   [AT_PATH] = take_path, [AT_HOLES] = take_holes,
        [AT_SIZES] = take_sizes, [AT_HOLE] = take_hole,
    };

    return takers[s->state](s, err);
}

static size_t at_most(uint64_t left, size_t len)
{
    return left < len ? (size_t)left : len;
}

static int feed_payload(struct xbstream *s, const char *data, size_t len, struct error *err)
{
    s->sum = xbstream_crc(s->sum, data, len);
    s->file->at += len;
    s->left -= len;
    return s->left == 0 ? end_chunk(s, err) : 0;
}

int xbstream_feed(struct xbstream *stream, const char *data, size_t len, struct error *err)
{
    int r = 0;

    if (stream->total == 0)
        expect_part(stream, AT_HEAD, HEAD_LEN);
    while (r == 0 && len > 0) {
        size_t n = at_most(
            stream->state == AT_PAYLOAD ? stream->left : stream->part_want - stream->part_len, len);

        stream->total += n;
        if (stream->state == AT_PAYLOAD) {
            r = feed_payload(stream, data, n, err);
        } else {
            memcpy(stream->part + stream->part_len, data, n);
            stream->part_len += n;
            if (stream->part_len == stream->part_want)
                r = take_part(stream, err);
        }
        data += n;
        len -= n;
    }
    return r;
}

int xbstream_end(const struct xbstream *stream, struct error *err)
{
    if (stream->total > 0 && (stream->state != AT_HEAD || stream->part_len > 0))
        return error_set(err, ERR_INVALID,
                         "the stream is cut: after %llu bytes it ends within %.200s",
                         (unsigned long long)stream->total,
                         stream->file ? stream->file->path : "the head of a chunk");
    if (stream->open_count > 0)
        return error_set(err, ERR_INVALID,
                         "the stream is cut: of %zu files the end did not come, such as %.200s",
                         stream->open_count, stream->open[0].path);
    if (!stream->has_checkpoints || !stream->has_info)
        return error_set(err, ERR_INVALID,
                         "the stream is cut: after %llu files it ends without the tool's own "
                         "(checkpoints and info)",
                         (unsigned long long)stream->files);
    return 0;
}

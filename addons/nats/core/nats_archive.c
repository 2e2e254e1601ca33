#include "nats_archive.h"

#include <stdio.h>
#include <string.h>

#include "stash/format.h"

#define TAR_BLOCK  512
#define ERRORS_MAX (1 * LIMIT_KIB)

/* A record: its length with a flag, sequence with flags, time, length of the subject; then text and a checksum. */
#define RECORD_HEADER  22
#define RECORD_MIN     (RECORD_HEADER + 8)
#define RECORD_MAX     (1U << 30)
#define FLAG_HEADERS   (1U << 31)
#define FLAG_ERASED    (UINT64_C(1) << 63)
#define FLAG_TOMBSTONE (UINT64_C(1) << 62)

static uint64_t little_end_first(const unsigned char *at, size_t bytes)
{
    uint64_t value = 0;

    while (bytes-- > 0)
        value = value << 8 | at[bytes];
    return value;
}

static int archive_damaged(const char *what, struct error *err)
{
    return error_set(err, ERR_INVALID, "the archive is damaged: %s", what);
}

/* ---- messages ------------------------------------------------------------------------------------------------------ */

static void record_count(struct nats_archive *archive, uint64_t len)
{
    uint64_t seq = little_end_first(archive->record + 4, 8);

    if (seq & (FLAG_ERASED | FLAG_TOMBSTONE) || seq < archive->declared.first_seq ||
        seq > archive->declared.last_seq)
        return;
    archive->messages++;
    archive->bytes += len;
}

static void block_feed(struct nats_archive *archive, const char *data, size_t len)
{
    while (len > 0 && !archive->block_bad) {
        size_t used = archive->record_left < len ? archive->record_left : len;

        if (used > 0) {
            archive->record_left -= used;
        } else {
            used = RECORD_HEADER - archive->record_len;
            used = used < len ? used : len;
            memcpy(archive->record + archive->record_len, data, used);
            archive->record_len += used;
        }
        data += used;
        len -= used;
        if (archive->record_len < RECORD_HEADER)
            continue;
        uint64_t size = little_end_first(archive->record, 4) & ~(uint64_t)FLAG_HEADERS;
        archive->block_bad = size < RECORD_MIN || size > RECORD_MAX;
        archive->record_left = size - RECORD_HEADER;
        archive->record_len = 0;
        if (!archive->block_bad)
            record_count(archive, size);
    }
}

/* ---- the tar file -------------------------------------------------------------------------------------------------- */

/* Octal digits, or binary behind a first byte of 0x80. */
static uint64_t tar_number(const unsigned char *at, size_t len)
{
    uint64_t value = 0;

    if (*at & 0x80) {
        for (size_t i = 1; i < len; i++)
            value = value << 8 | at[i];
        return value;
    }
    for (size_t i = 0; i < len && (at[i] == ' ' || (at[i] >= '0' && at[i] <= '7')); i++)
        if (at[i] != ' ')
            value = value << 3 | (uint64_t)(at[i] - '0');
    return value;
}

static bool checksum_fits(const unsigned char *header)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < TAR_BLOCK; i++)
        sum += i >= 148 && i < 156 ? ' ' : header[i];
    return sum == tar_number(header + 148, 8);
}

static bool is_empty(const unsigned char *header)
{
    for (size_t i = 0; i < TAR_BLOCK; i++)
        if (header[i])
            return false;
    return true;
}

static int tar_entry(struct nats_archive *archive, struct error *err)
{
    const char *name = (const char *)archive->header;
    char type = (char)archive->header[156];

    if (archive->record_left > 0 || archive->record_len > 0)
        archive->block_bad = true;
    archive->record_len = 0;
    archive->record_left = 0;
    if (archive->block_bad)
        return archive_damaged("a block of messages is cut", err);
    if (is_empty(archive->header)) {
        archive->ended = true;
        return 0;
    }
    if (!checksum_fits(archive->header))
        return archive_damaged("its list of files", err);
    archive->left = tar_number(archive->header + 124, 12);
    archive->padding = (TAR_BLOCK - archive->left % TAR_BLOCK) % TAR_BLOCK;
    archive->entry = ENTRY_OTHER;
    if (type != '0' && type != '\0') /* attributes of the next file */
        return 0;
    size_t len = strnlen(name, 100);
    if (len == strlen("errors.txt") && memcmp(name, "errors.txt", len) == 0)
        archive->entry = ENTRY_ERRORS;
    else if (len > 9 && memcmp(name, "msgs/", 5) == 0 && memcmp(name + len - 4, ".blk", 4) == 0)
        archive->entry = ENTRY_BLOCK;
    return 0;
}

static void entry_feed(struct nats_archive *archive, const char *data, size_t len)
{
    size_t room = ERRORS_MAX - archive->errors.len;

    if (archive->entry == ENTRY_BLOCK)
        block_feed(archive, data, len);
    else if (archive->entry == ENTRY_ERRORS)
        buf_add(&archive->errors, data, len < room ? len : room);
}

static size_t smaller_size(uint64_t one, size_t two)
{
    return one < two ? (size_t)one : two;
}

static int tar_feed(void *ctx, const char *data, size_t len, struct error *err)
{
    struct nats_archive *archive = ctx;
    int r = 0;

    while (r == 0 && len > 0 && !archive->ended) {
        size_t used;

        if (archive->left > 0) {
            used = smaller_size(archive->left, len);
            entry_feed(archive, data, used);
            archive->left -= used;
        } else if (archive->padding > 0) {
            used = smaller_size(archive->padding, len);
            archive->padding -= used;
        } else {
            used = smaller_size(TAR_BLOCK - archive->header_len, len);
            memcpy(archive->header + archive->header_len, data, used);
            archive->header_len += used;
            if (archive->header_len == TAR_BLOCK) {
                archive->header_len = 0;
                r = tar_entry(archive, err);
            }
        }
        data += used;
        len -= used;
    }
    return r;
}

/* ---- the archive --------------------------------------------------------------------------------------------------- */

void nats_archive_init(struct nats_archive *archive, const struct nats_state *declared)
{
    *archive = (struct nats_archive){.declared = *declared};
    s2_init(&archive->s2, tar_feed, archive);
    buf_init(&archive->errors, ERRORS_MAX);
}

void nats_archive_done(struct nats_archive *archive)
{
    s2_done(&archive->s2);
    buf_done(&archive->errors);
}

int nats_archive_feed(struct nats_archive *archive, const char *data, size_t len, struct error *err)
{
    return s2_feed(&archive->s2, data, len, err);
}

int nats_archive_end(struct nats_archive *archive, struct error *err)
{
    struct text text;
    int r = s2_end(&archive->s2, err);

    if (archive->errors.len > 0) {
        format_text(archive->errors.data, &text);
        return error_set(err, ERR_INVALID, "the server could not read all of it: %.300s", text.s);
    }
    if (r == 0 && !archive->ended)
        r = archive_damaged("it ends too early", err);
    return r;
}

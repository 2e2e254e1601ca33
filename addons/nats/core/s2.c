#include "s2.h"

#include <string.h>

#define HEADER   4
#define CHECKSUM 4

enum { CHUNK_COMPRESSED = 0x00, CHUNK_PLAIN = 0x01, CHUNK_BEGIN = 0xff };
#define CHUNK_SKIPPABLE 0x80

void s2_init(struct s2 *s2, s2_fn fn, void *ctx)
{
    *s2 = (struct s2){.fn = fn, .ctx = ctx};
    buf_init(&s2->chunk, HEADER + CHECKSUM + S2_BLOCK_MAX + LIMIT_MIB);
    buf_init(&s2->plain, S2_BLOCK_MAX);
}

void s2_done(struct s2 *s2)
{
    buf_done(&s2->chunk);
    buf_done(&s2->plain);
}

static int s2_damaged(const char *what, struct error *err)
{
    return error_set(err, ERR_INVALID, "the archive is damaged: %s", what);
}

/* ---- CRC-32C ------------------------------------------------------------------------------------------------------ */

static uint32_t crc_of_byte(uint32_t byte)
{
    for (int bit = 0; bit < 8; bit++)
        byte = byte & 1 ? byte >> 1 ^ 0x82f63b78U : byte >> 1;
    return byte;
}

static uint32_t s2_crc(const unsigned char *data, size_t len)
{
    uint32_t table[256];
    uint32_t sum = ~0U;

    for (uint32_t i = 0; i < 256; i++)
        table[i] = crc_of_byte(i);
    for (size_t i = 0; i < len; i++)
        sum = table[(sum ^ data[i]) & 0xff] ^ sum >> 8;
    return ~sum;
}

/* As the format stores it. */
static uint32_t s2_masked(uint32_t sum)
{
    return (sum >> 15 | sum << 17) + 0xa282ead8U;
}

/* ---- one block ---------------------------------------------------------------------------------------------------- */

struct block {
    const unsigned char *at, *end;
    struct buf *out;
    uint64_t last; /* distance of the copy before: a later one may repeat it */
};

static uint32_t s2_number(const unsigned char *at, size_t bytes)
{
    uint32_t value = 0;

    for (size_t i = 0; i < bytes; i++)
        value |= (uint32_t)at[i] << 8 * i;
    return value;
}

/* The next `bytes` as a number, little end first. */
static bool s2_take(struct block *block, size_t bytes, uint32_t *ret)
{
    if ((size_t)(block->end - block->at) < bytes)
        return false;
    *ret = s2_number(block->at, bytes);
    block->at += bytes;
    return true;
}

static bool s2_literal(struct block *block, unsigned char tag)
{
    uint32_t len = tag >> 2;

    if (len >= 60 && !s2_take(block, len - 59, &len))
        return false;
    if ((uint64_t)len + 1 > (uint64_t)(block->end - block->at) ||
        !buf_add(block->out, block->at, (size_t)len + 1))
        return false;
    block->at += (size_t)len + 1;
    return true;
}

/* It may reach into what it writes itself. */
static bool s2_copy(struct block *block, uint64_t distance, uint64_t len)
{
    if (distance == 0 || distance > block->out->len)
        return false;
    block->last = distance;
    while (len-- > 0)
        if (!buf_addc(block->out, block->out->data[block->out->len - distance]))
            return false;
    return true;
}

/* Distance 0: that of the copy before, and lengths of their own. */
static bool s2_repeat(struct block *block, uint32_t len)
{
    static const uint32_t more[] = {[5] = 4, [6] = 1U << 8, [7] = 1U << 16};
    uint32_t value = len;

    if (len >= 5 && !s2_take(block, len - 4, &value))
        return false;
    return s2_copy(block, block->last, (uint64_t)value + (len >= 5 ? more[len] : 0) + 4);
}

static bool s2_element(struct block *block)
{
    unsigned char tag = *block->at++;
    uint32_t value;

    switch (tag & 3) {
    case 0:
        return s2_literal(block, tag);
    case 1:
        if (!s2_take(block, 1, &value))
            return false;
        value |= (uint32_t)(tag & 0xe0) << 3;
        return value ? s2_copy(block, value, (tag >> 2 & 7) + 4U) : s2_repeat(block, tag >> 2 & 7);
    case 2:
        return s2_take(block, 2, &value) && s2_copy(block, value, (tag >> 2) + 1U);
    default:
        return s2_take(block, 4, &value) && s2_copy(block, value, (tag >> 2) + 1U);
    }
}

/* How long it is when plain: seven bits a byte, the lowest first. */
static bool plain_len(struct block *block, uint64_t *ret)
{
    *ret = 0;
    for (unsigned shift = 0; block->at < block->end && shift < 35; shift += 7) {
        unsigned char byte = *block->at++;

        *ret |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return *ret <= S2_BLOCK_MAX;
    }
    return false;
}

static bool s2_decompress(const unsigned char *data, size_t len, struct buf *out)
{
    struct block block = {data, data + len, out, 0};
    uint64_t expected;

    buf_reset(out);
    if (!plain_len(&block, &expected))
        return false;
    while (block.at < block.end)
        if (!s2_element(&block))
            return false;
    return out->len == expected;
}

/* ---- chunks ------------------------------------------------------------------------------------------------------- */

static int chunk_use(struct s2 *s2, unsigned char type, const unsigned char *body, size_t len,
                     struct error *err)
{
    const char *plain = (const char *)body + CHECKSUM;
    size_t plain_size = len - CHECKSUM;

    if (len < CHECKSUM)
        return s2_damaged("a chunk without a checksum", err);
    if (type == CHUNK_COMPRESSED) {
        if (!s2_decompress(body + CHECKSUM, len - CHECKSUM, &s2->plain))
            return s2_damaged("a block cannot be unpacked", err);
        plain = s2->plain.data;
        plain_size = s2->plain.len;
    }
    if (s2_masked(s2_crc((const unsigned char *)plain, plain_size)) != s2_number(body, CHECKSUM))
        return s2_damaged("a checksum is wrong", err);
    return s2->fn(s2->ctx, plain, plain_size, err);
}

static int chunk_complete(struct s2 *s2, size_t len, struct error *err)
{
    const unsigned char *chunk = (const unsigned char *)s2->chunk.data;
    unsigned char type = chunk[0];

    if (type == CHUNK_BEGIN)
        s2->begun = true;
    if (type == CHUNK_BEGIN)
        return len == 6 && (memcmp(chunk + HEADER, "S2sTwO", 6) == 0 ||
                            memcmp(chunk + HEADER, "sNaPpY", 6) == 0)
                   ? 0
                   : s2_damaged("it is no S2 stream", err);
    if (!s2->begun)
        return s2_damaged("it is no S2 stream", err);
    return chunk_use(s2, type, chunk + HEADER, len, err);
}

/* One step: use what is in `data`, or keep it until there is more. *ret_used says how much. */
static int feed_some(struct s2 *s2, const char *data, size_t len, size_t *ret_used,
                     struct error *err)
{
    size_t have = s2->chunk.len;
    size_t body = have >= HEADER ? s2_number((const unsigned char *)s2->chunk.data + 1, 3) : 0;
    size_t want = have < HEADER ? HEADER - have : HEADER + body - have;
    unsigned char type;

    *ret_used = want < len ? want : len;
    if (!buf_add(&s2->chunk, data, *ret_used))
        return s2_damaged("a block is too large", err);
    if (s2->chunk.len < HEADER || *ret_used < want)
        return 0;
    body = s2_number((const unsigned char *)s2->chunk.data + 1, 3);
    type = (unsigned char)s2->chunk.data[0];
    if (type >= CHUNK_SKIPPABLE && type != CHUNK_BEGIN) {
        s2->skip = body;
        buf_reset(&s2->chunk);
        return 0;
    }
    if (type > CHUNK_PLAIN && type != CHUNK_BEGIN)
        return s2_damaged("a chunk of a kind that nobody knows", err);
    if (s2->chunk.len < HEADER + body)
        return 0;
    int r = chunk_complete(s2, body, err);
    buf_reset(&s2->chunk);
    return r;
}

int s2_feed(struct s2 *s2, const char *data, size_t len, struct error *err)
{
    int r = 0;

    while (r == 0 && len > 0) {
        size_t used = s2->skip < len ? s2->skip : len;

        if (s2->skip > 0)
            s2->skip -= used;
        else
            r = feed_some(s2, data, len, &used, err);
        data += used;
        len -= used;
    }
    return r;
}

int s2_end(const struct s2 *s2, struct error *err)
{
    if (s2->chunk.len > 0 || s2->skip > 0)
        return s2_damaged("it ends within a block", err);
    return s2->begun ? 0 : s2_damaged("it is empty", err);
}

/* xbstream_crc.c - the CRC-32 of ISO 3309, eight bytes at a time: gigabytes pass here. */
#include <string.h>

#include "xbstream.h"

#define POLYNOMIAL 0xedb88320u
#define BYTES      256
#define STEP       8

static uint32_t tables[STEP][BYTES];

static void make_tables(void)
{
    for (uint32_t i = 0; i < BYTES; i++) {
        uint32_t value = i;

        for (int bit = 0; bit < 8; bit++)
            value = value >> 1 ^ (value & 1 ? POLYNOMIAL : 0);
        tables[0][i] = value;
    }
    for (size_t t = 1; t < STEP; t++)
        for (size_t i = 0; i < BYTES; i++)
            tables[t][i] = tables[t - 1][i] >> 8 ^ tables[0][tables[t - 1][i] & 0xff];
}

static uint32_t sum_eight(uint32_t sum, const unsigned char *at)
{
    uint32_t low =
        (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;

    low ^= sum;
    return tables[7][low & 0xff] ^ tables[6][low >> 8 & 0xff] ^ tables[5][low >> 16 & 0xff] ^
           tables[4][low >> 24] ^ tables[3][at[4]] ^ tables[2][at[5]] ^ tables[1][at[6]] ^
           tables[0][at[7]];
}

uint32_t xbstream_crc(uint32_t sum, const void *data, size_t len)
{
    const unsigned char *at = data;

    if (tables[0][1] == 0)
        make_tables();
    sum = ~sum;
    for (; len >= STEP; at += STEP, len -= STEP)
        sum = sum_eight(sum, at);
    for (; len > 0; at++, len--)
        sum = sum >> 8 ^ tables[0][(sum ^ *at) & 0xff];
    return ~sum;
}

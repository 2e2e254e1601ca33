/* Archives of NATS streams: counted or refused, and the same however they come. */
#include <string.h>

#include "fuzz.h"
#include "nats_archive.h"

struct outcome {
    int r;
    uint64_t messages, bytes;
};

static struct outcome count(const char *data, size_t size, size_t piece)
{
    const struct nats_state declared = {.first_seq = 1, .last_seq = UINT64_MAX};
    struct outcome outcome = {0};
    struct nats_archive archive;
    struct error err;

    nats_archive_init(&archive, &declared);
    for (size_t at = 0; outcome.r == 0 && at < size; at += piece)
        outcome.r =
            nats_archive_feed(&archive, data + at, size - at < piece ? size - at : piece, &err);
    if (outcome.r == 0)
        outcome.r = nats_archive_end(&archive, &err);
    outcome.messages = archive.messages;
    outcome.bytes = archive.bytes;
    nats_archive_done(&archive);
    return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct outcome whole = count((const char *)data, size, size ? size : 1);
    struct outcome parts = count((const char *)data, size, 7);

    BUG_ON(whole.r != parts.r);
    BUG_ON(whole.r == 0 && (whole.messages != parts.messages || whole.bytes != parts.bytes));
    return 0;
}

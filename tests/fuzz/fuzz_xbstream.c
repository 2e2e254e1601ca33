/* Copies of clusters: a stream is taken for whole, or refused for the same reason, however it is cut. */
#include <string.h>

#include "fuzz.h"
#include "xbstream.h"

struct outcome {
    struct xbstream stream;
    struct error err;
    int result;
};

static void read_stream(const char *data, size_t size, size_t piece, struct outcome *ret)
{
    *ret = (struct outcome){0};
    for (size_t at = 0; ret->result == 0 && at < size; at += piece)
        ret->result = xbstream_feed(&ret->stream, data + at, size - at < piece ? size - at : piece,
                                    &ret->err);
    if (ret->result == 0)
        ret->result = xbstream_end(&ret->stream, &ret->err);
}

static void check_same(const struct outcome *a, const struct outcome *b)
{
    BUG_ON(a->result != b->result || strcmp(a->err.msg, b->err.msg) != 0);
    BUG_ON(a->stream.files != b->stream.files || a->stream.bytes != b->stream.bytes);
    BUG_ON(a->result == 0 && a->stream.open_count > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct outcome whole, parts;

    read_stream((const char *)data, size, size ? size : 1, &whole);
    read_stream((const char *)data, size, 3, &parts);
    check_same(&whole, &parts);
    xbstream_done(&whole.stream);
    xbstream_done(&parts.stream);
    return 0;
}

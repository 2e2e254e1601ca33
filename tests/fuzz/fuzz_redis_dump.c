/* Dumps of Redis: taken for whole, or refused for the same reason, however they are cut; what passes is what came. */
#include <string.h>

#include "fuzz.h"
#include "redis_dump.h"

struct outcome {
    struct redis_counter counter;
    struct error err;
    int result;
};

static void read_dump(const char *data, size_t size, size_t piece, struct outcome *ret)
{
    *ret = (struct outcome){0};
    redis_counter_init(&ret->counter);
    for (size_t at = 0; ret->result == 0 && at < size; at += piece)
        ret->result = redis_counter_feed(&ret->counter, data + at,
                                         size - at < piece ? size - at : piece, &ret->err);
    if (ret->result == 0)
        ret->result = redis_counter_end(&ret->counter, &ret->err);
}

static void check_same(const struct outcome *a, const struct outcome *b)
{
    BUG_ON(a->result != b->result || strcmp(a->err.msg, b->err.msg) != 0);
    BUG_ON(a->counter.dump.commands != b->counter.dump.commands);
    BUG_ON(redis_counter_keys(&a->counter) != redis_counter_keys(&b->counter));
    BUG_ON(a->counter.dump.total != b->counter.dump.total);
}

/* Bytes that were handed out are those of the input, in their order. */
static void check_passes(const char *data, size_t size)
{
    AUTO(redis_dump_done) struct redis_dump dump;
    const char *at = data;
    size_t left = size, passed = 0;
    struct redis_piece piece;
    struct error err;

    redis_dump_init(&dump);
    while (redis_dump_next(&dump, &at, &left, &piece, &err) > 0) {
        BUG_ON(piece.len > 0 && memcmp(data + passed, piece.data, piece.len) != 0);
        passed += piece.len;
        BUG_ON(piece.kind == REDIS_BEGIN && redis_dump_key(&dump).len > piece.len);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct outcome whole, parts;

    read_dump((const char *)data, size, size ? size : 1, &whole);
    read_dump((const char *)data, size, 3, &parts);
    check_same(&whole, &parts);
    check_passes((const char *)data, size);
    redis_counter_done(&whole.counter);
    redis_counter_done(&parts.counter);
    return 0;
}

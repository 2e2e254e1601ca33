/* Dumps of MySQL and MariaDB: what is stored is what was dumped, and counts and omissions do not depend on how a dump is cut. */
#include <string.h>

#include "fuzz.h"
#include "mysql_dump.h"
#include "stash/jsonx.h"

#define EVERYTHING (MYSQL_OMIT_GTIDS | MYSQL_OMIT_LOCKS | MYSQL_OMIT_SANDBOX)

struct outcome {
    struct mysql_dump dump;
    struct buf out;
    char *counts;
};

static void read_dump(unsigned omit, const char *data, size_t size, size_t piece,
                      struct outcome *ret)
{
    buf_init(&ret->out, size + 1);
    mysql_dump_init(&ret->dump, omit);
    for (size_t at = 0; at < size; at += piece)
        mysql_dump_feed(&ret->dump, data + at, size - at < piece ? size - at : piece, &ret->out);
    mysql_dump_end(&ret->dump);
    ret->counts = jsonx_dump_sorted(ret->dump.counts);
}

static void outcome_done(struct outcome *outcome)
{
    mysql_dump_done(&outcome->dump);
    buf_done(&outcome->out);
    free(outcome->counts);
}

static void check_same_counts(const struct outcome *a, const struct outcome *b)
{
    BUG_ON(strcmp(a->counts, b->counts) != 0);
    BUG_ON(a->dump.rows != b->dump.rows || a->dump.ends != b->dump.ends);
    BUG_ON(mysql_dump_is_whole(&a->dump) != mysql_dump_is_whole(&b->dump));
}

static void check_cuts(unsigned omit, const char *data, size_t size)
{
    struct outcome whole, parts, plain;

    read_dump(omit, data, size, size ? size : 1, &whole);
    read_dump(omit, data, size, 7, &parts);
    read_dump(0, data, size, 3, &plain);
    check_same_counts(&whole, &parts);
    check_same_counts(&whole, &plain);
    BUG_ON(whole.out.len != parts.out.len ||
           memcmp(whole.out.data, parts.out.data, whole.out.len) != 0);
    BUG_ON(plain.out.len != size || memcmp(plain.out.data, data, size) != 0);
    BUG_ON(omit && !whole.dump.omitted && whole.dump.held_len == 0 && whole.out.len != size);
    outcome_done(&whole);
    outcome_done(&parts);
    outcome_done(&plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_cuts(EVERYTHING, (const char *)data, size);
    check_cuts(MYSQL_OMIT_GTIDS, (const char *)data, size);
    return 0;
}

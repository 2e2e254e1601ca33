/* Dumps of PostgreSQL: what is stored is what was dumped, and counts and filter do not depend on how a dump is cut. */
#include <string.h>

#include "fuzz.h"
#include "pg_dump.h"
#include "pg_filter.h"
#include "stash/jsonx.h"

struct outcome {
    int fed, end;
    struct buf out;
    char *counts;
};

static struct outcome read_dump(struct pg_filter *filter, const char *data, size_t size,
                                size_t piece)
{
    struct pg_dump *dump = pg_dump_new(filter ? pg_filter_statement : NULL, filter);
    struct outcome outcome = {0};
    struct error err;

    buf_init(&outcome.out, 4 * size + LIMIT_MIB);
    for (size_t at = 0; outcome.fed >= 0 && at < size; at += piece)
        outcome.fed = pg_dump_feed(dump, data + at, size - at < piece ? size - at : piece,
                                   &outcome.out, &err);
    outcome.end = pg_dump_end(dump, false, &err);
    json_auto_t *counts = pg_dump_counts(dump);
    outcome.counts = jsonx_dump_sorted(counts);
    pg_dump_free(dump);
    return outcome;
}

static void outcome_done(struct outcome *outcome)
{
    buf_done(&outcome->out);
    free(outcome->counts);
}

static void check_same(const struct outcome *a, const struct outcome *b)
{
    BUG_ON(a->fed != b->fed);
    BUG_ON(a->fed >= 0 && (a->end != b->end || strcmp(a->counts, b->counts) != 0));
    BUG_ON(a->fed >= 0 &&
           (a->out.len != b->out.len || memcmp(a->out.data, b->out.data, a->out.len) != 0));
}

static void check_cuts(const json_t *server, const char *data, size_t size)
{
    struct pg_filter filters[2];

    for (size_t i = 0; server && i < 2; i++)
        pg_filter_init(&filters[i], server);
    struct outcome whole = read_dump(server ? &filters[0] : NULL, data, size, size ? size : 1);
    struct outcome parts = read_dump(server ? &filters[1] : NULL, data, size, 7);
    check_same(&whole, &parts);
    BUG_ON(!server && (whole.out.len != size || memcmp(whole.out.data, data, size) != 0));
    for (size_t i = 0; server && i < 2; i++)
        pg_filter_done(&filters[i]);
    outcome_done(&whole);
    outcome_done(&parts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_auto_t *server =
        json_pack("{s:i, s:b, s:s, s:[s,s], s:[s]}", "version", 110000, "restrict", 0, "login",
                  "admin", "roles", "admin", "postgres", "databases", "app");

    check_cuts(NULL, (const char *)data, size);
    check_cuts(server, (const char *)data, size);
    return 0;
}

/* What restic and the step before say: read or refused, never trusted. */
#include <string.h>

#include "fuzz.h"
#include "stash/holdings.h"
#include "stash/jsonx.h"
#include "stash/lines.h"
#include "stash/report.h"
#include "stash/restic_out.h"

/* However the stream is cut, the same summary comes out, and its id is one. */
static void read_stream(const char *text, size_t len)
{
    struct restic_summary whole = {0}, cut = {0};
    struct error err;

    for (int pieces = 0; pieces < 2; pieces++) {
        AUTO(lines_done) struct lines lines;
        struct restic_summary *ret = pieces ? &cut : &whole;
        size_t half = pieces ? len / 2 : len;

        lines_init(&lines, LIMIT_RESTIC_LINE);
        lines_feed(&lines, text, half, restic_out_backup_line, ret, &err);
        lines_feed(&lines, text + half, len - half, restic_out_backup_line, ret, &err);
        lines_end(&lines, restic_out_backup_line, ret);
    }
    BUG_ON(memcmp(whole.snapshot_id, cut.snapshot_id, sizeof(cut.snapshot_id)) != 0);
    BUG_ON(strspn(whole.snapshot_id, "0123456789abcdef") != strlen(whole.snapshot_id));
}

static void read_answers(const char *text, size_t len)
{
    struct restic_forgetting forgetting = {0};
    struct restic_forgotten forgotten;
    struct restic_lock lock;
    struct restic_stats stats;
    char id[RESTIC_ID_SIZE];
    struct error err;
    uint64_t number;

    restic_forgetting_feed(&forgetting, text, len / 2);
    restic_forgetting_feed(&forgetting, text + len / 2, len - len / 2);
    (void)restic_forgetting_end(&forgetting, &forgotten, &err);
    (void)restic_out_stats(text, len, &stats, &err);
    (void)restic_out_check(text, len, &number, &err);
    (void)restic_out_lock(text, len, &lock, &err);
    (void)restic_out_config(text, len, id, &err);
    (void)restic_out_restore(text, len, &number, &err);
}

/* However a listing is cut, it holds the same. */
static void read_listing(const char *text, size_t len)
{
    const struct holdings_wish wish = {.path = "/stash-interim-volume/data", .dump = true};
    const struct holding *found[2] = {NULL, NULL};
    struct holdings holdings[2];
    struct error err;

    for (int pieces = 0; pieces < 2; pieces++) {
        AUTO(restic_listing_done) struct restic_listing listing;
        size_t half = pieces ? len / 2 : len;

        holdings_init(&holdings[pieces], NULL);
        holdings_want(&holdings[pieces], "a");
        restic_listing_init(&listing, holdings_add, &holdings[pieces]);
        restic_listing_feed(&listing, text, half);
        restic_listing_feed(&listing, text + half, len - half);
        (void)restic_listing_end(&listing, &err);
        (void)holdings_choose(&holdings[pieces], &wish, &found[pieces], &err);
    }
    BUG_ON(holdings[0].count != holdings[1].count);
    BUG_ON(!found[0] != !found[1] || (found[0] && strcmp(found[0]->newest, found[1]->newest) != 0));
    holdings_done(&holdings[0]);
    holdings_done(&holdings[1]);
}

static void count_match(void *ctx, const json_t *match)
{
    BUG_ON(!jsonx_str(match, "path", NULL));
    *(size_t *)ctx += 1;
}

static void count_snapshot(void *ctx, const char *id)
{
    *(size_t *)ctx += strlen(id) + 1;
}

/* However the answer to a search is cut, the same was found. */
static void read_finding(const char *text, size_t len)
{
    static const struct restic_found found = {count_match, count_snapshot};
    size_t counts[2] = {0, 0};
    int r[2];

    for (int pieces = 0; pieces < 2; pieces++) {
        AUTO(restic_finding_done) struct restic_finding finding;
        size_t half = pieces ? len / 2 : len;
        struct error err;

        restic_finding_init(&finding, &found, &counts[pieces]);
        restic_finding_feed(&finding, text, half);
        restic_finding_feed(&finding, text + half, len - half);
        r[pieces] = restic_finding_end(&finding, &err);
    }
    BUG_ON(r[0] != r[1] || counts[0] != counts[1]);
}

/* What was read from output.json can be written, and read again. */
static void read_output(const char *text, size_t len)
{
    json_auto_t *stats = NULL;
    json_auto_t *again = NULL;
    struct error err;

    if (report_parse(text, len, &stats, &err) < 0)
        return;
    json_auto_t *ref = json_object();
    json_auto_t *output = report_output(ref, stats, NULL);
    AUTO(mem_free) char *written = jsonx_dump(output);
    BUG_ON(report_parse(written, strlen(written), &again, &err) < 0);
    BUG_ON(!json_equal(stats, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(mem_free) char *text = xstrndup((const char *)data, size);
    size_t len = strlen(text);
    struct text why;
    struct restic_hopeless hopeless;

    read_stream(text, len);
    read_answers(text, len);
    read_listing(text, len);
    read_finding(text, len);
    read_output(text, len);
    restic_out_failure(size > 0 ? data[0] : 1, len <= LIMIT_STDERR_TAIL ? text : "", &why);
    BUG_ON(strlen(why.s) > LIMIT_STATUS_TEXT);
    if (len <= LIMIT_STDERR_TAIL)
        (void)restic_out_is_damage(text, &why);
    if (len <= LIMIT_STDERR_TAIL && restic_out_hopeless(text, &hopeless))
        BUG_ON(strlen(hopeless.why.s) > LIMIT_STATUS_TEXT);
    return 0;
}

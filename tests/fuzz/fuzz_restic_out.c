/* What restic and the step before say: read or refused, never trusted. */
#include <string.h>

#include "fuzz.h"
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
    BUG_ON(whole.found && strspn(whole.snapshot_id, "0123456789abcdef") < 8);
}

static void read_answers(const char *text, size_t len)
{
    AUTO(restic_snapshots_done) struct restic_snapshots snapshots = {0};
    struct restic_forgotten forgotten;
    struct restic_lock lock;
    struct error err;
    uint64_t number;

    (void)restic_out_forget(text, len, &forgotten, &err);
    (void)restic_out_stats(text, len, &number, &err);
    (void)restic_out_check(text, len, &number, &err);
    (void)restic_out_lock(text, len, &lock, &err);
    if (restic_out_snapshots(text, len, &snapshots, &err) == 0)
        (void)restic_snapshots_dump(&snapshots, "/stash-interim-volume/data");
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
    json_auto_t *output = report_output(ref, stats);
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
    read_output(text, len);
    restic_out_failure(size > 0 ? data[0] : 1, len <= LIMIT_STDERR_TAIL ? text : "", &why);
    BUG_ON(strlen(why.s) > LIMIT_STATUS_TEXT);
    if (len <= LIMIT_STDERR_TAIL && restic_out_hopeless(text, &hopeless))
        BUG_ON(strlen(hopeless.why.s) > LIMIT_STATUS_TEXT);
    return 0;
}

#include "stash/report.h"

#include <string.h>

#include "stash/format.h"
#include "stash/jsonx.h"
#include "stash/pair.h"
#include "stash/text.h"
#include "stash/timefmt.h"

json_t *report_snapshot(const struct restic_summary *summary, const char *path)
{
    char total[FORMAT_SIZE], uploaded[FORMAT_SIZE], processing[FORMAT_SIZE];

    format_bytes(summary->bytes_total, total);
    format_bytes(summary->bytes_added, uploaded);
    format_processing((uint64_t)summary->seconds, processing);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:{s:I, s:I, s:I, s:I}}",
                     PAIR("name", summary->snapshot_id), PAIR("path", path),
                     PAIR("totalSize", total), PAIR("uploaded", uploaded),
                     PAIR("processingTime", processing),
                     PAIR("fileStats", PAIR("totalFiles", (json_int_t)summary->files_total),
                          PAIR("newFiles", (json_int_t)summary->files_new),
                          PAIR("modifiedFiles", (json_int_t)summary->files_changed),
                          PAIR("unmodifiedFiles", (json_int_t)summary->files_unmodified)));
}

json_t *report_succeeded(const char *host, int64_t duration_nanos, const json_t *snapshots)
{
    char duration[TIMEFMT_SIZE];

    /* to the millisecond: 1.234567891s says no more than 1.234s */
    timefmt_duration(duration_nanos / 1000000 * 1000000, duration);
    return json_pack("{s:s, s:s, s:s, s:O*}", PAIR("hostname", host), PAIR("phase", "Succeeded"),
                     PAIR("duration", duration), PAIR("snapshots", snapshots));
}

json_t *report_failed(const char *host, const char *why)
{
    struct text text;

    format_text(why, &text);
    return json_pack("{s:s, s:s, s:s}", PAIR("hostname", host), PAIR("phase", "Failed"),
                     PAIR("error", text.s));
}

bool report_is_failed(const json_t *stat_or_stats)
{
    const char *phase = jsonx_str(stat_or_stats, "phase", NULL);
    size_t i;
    json_t *stat;

    json_array_foreach (stat_or_stats, i, stat)
        if (report_is_failed(stat))
            return true;
    return phase && strcmp(phase, "Failed") == 0;
}

void report_warn(json_t *stat, const json_t *warnings)
{
    if (json_array_size(warnings) > 0)
        json_object_set(stat, "warnings", jsonx_unconst(warnings));
}

void report_incomplete(json_t *stat, const json_t *ids)
{
    if (json_array_size(ids) > 0)
        json_object_set(stat, "incomplete", jsonx_unconst(ids));
}

json_t *report_output(const json_t *ref, const json_t *stats, const char *session)
{
    return json_pack("{s:{s:O, s:O}, s:s*}",
                     PAIR("targetStatus", PAIR("ref", ref), PAIR("stats", stats)),
                     PAIR("session", session));
}

bool report_is_of_another(const char *text, size_t len, const char *session)
{
    json_auto_t *doc = NULL;
    struct error ignored;
    const char *its =
        jsonx_parse(text, len, &doc, &ignored) == 0 ? jsonx_str(doc, "session", NULL) : NULL;

    return its && strcmp(its, session) != 0;
}

/* One list after the other; NULL when there is none. */
static json_t *joined_texts(const json_t *one, const json_t *two, const char *key)
{
    const json_t *lists[] = {jsonx_get(one, key, NULL), jsonx_get(two, key, NULL)};
    json_t *all = lists[0] || lists[1] ? json_array() : NULL;

    for (size_t i = 0; all && i < ARRAY_LEN(lists); i++)
        if (json_is_array(lists[i]))
            json_array_extend(all, jsonx_unconst(lists[i]));
    return all;
}

static void add_durations(json_t *both, const json_t *one, const json_t *two)
{
    const char *first = jsonx_str(one, "duration", NULL);
    const char *second = jsonx_str(two, "duration", NULL);
    int64_t a = 0, b = 0;
    char sum[TIMEFMT_SIZE];

    if (!first || !second || !timefmt_parse_duration(first, &a) ||
        !timefmt_parse_duration(second, &b))
        return;
    timefmt_duration(a + b, sum);
    json_object_set_new(both, "duration", json_string(sum));
}

static json_t *combined_stats(const json_t *one, const json_t *two)
{
    const json_t *failed = report_is_failed(one) ? one : two;
    json_t *both = json_copy(jsonx_unconst(failed));
    static const char *const lists[] = {"snapshots", "warnings", "incomplete"};

    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        json_t *list = joined_texts(one, two, lists[i]);

        if (list)
            json_object_set_new(both, lists[i], list);
    }
    if (!report_is_failed(failed))
        add_durations(both, one, two);
    return both;
}

json_t *report_combine(const json_t *before, const json_t *stat)
{
    const char *host = jsonx_str(stat, "hostname", NULL);
    json_t *stats = before ? json_copy(jsonx_unconst(before)) : json_array();
    ptrdiff_t at = jsonx_find(stats, "hostname", host ? host : "");

    if (at < 0)
        json_array_append(stats, jsonx_unconst(stat));
    else
        json_array_set_new(stats, (size_t)at,
                           combined_stats(json_array_get(stats, (size_t)at), stat));
    return stats;
}

static bool is_stat(const json_t *stat)
{
    const char *phase = jsonx_str(stat, "phase", NULL);

    return jsonx_str(stat, "hostname", NULL) && phase &&
           (strcmp(phase, "Succeeded") == 0 || strcmp(phase, "Failed") == 0);
}

static json_t *bounded_warnings(const json_t *warnings)
{
    json_t *kept = json_array();
    struct text text;

    for (size_t i = 0; i < json_array_size(warnings) && i < REPORT_WARNINGS_MAX; i++) {
        const char *warning = json_string_value(json_array_get(warnings, i));

        format_text(warning ? warning : "", &text);
        json_array_append_new(kept, json_string(text.s));
    }
    return kept;
}

/* An entry as we are ready to store it: its error text bounded whoever wrote the file. */
static json_t *bounded_text(const json_t *stat)
{
    json_t *copy = json_copy(jsonx_unconst(stat));
    const char *why = jsonx_str(stat, "error", NULL);
    struct text text;

    if (why) {
        format_text(why, &text);
        json_object_set_new(copy, "error", json_string(text.s));
    }
    if (json_object_get(copy, "warnings"))
        json_object_set_new(copy, "warnings", bounded_warnings(json_object_get(copy, "warnings")));
    return copy;
}

int report_parse(const char *text, size_t len, json_t **ret_stats, struct error *err)
{
    json_auto_t *doc = NULL;
    json_auto_t *kept = json_array();
    const json_t *stats;
    size_t i;
    json_t *stat;
    int r = jsonx_parse(text, len, &doc, err);

    if (r < 0)
        return error_wrap(err, REPORT_OUTPUT_FILE);
    stats = jsonx_get(doc, "targetStatus", "stats", NULL);
    json_array_foreach (stats, i, stat) {
        if (!is_stat(stat))
            return error_set(err, ERR_INVALID,
                             REPORT_OUTPUT_FILE ": entry %zu has no hostname or no phase", i);
        json_array_append_new(kept, bounded_text(stat));
    }
    if (json_array_size(kept) == 0)
        return error_set(err, ERR_INVALID, REPORT_OUTPUT_FILE ": names no host");
    *ret_stats = TAKE(kept);
    return 0;
}

json_t *report_merge(const json_t *have, const json_t *stats)
{
    json_t *merged = json_is_array(have) ? json_copy(jsonx_unconst(have)) : json_array();
    size_t i;
    json_t *stat;

    json_array_foreach (stats, i, stat) {
        const char *host = jsonx_str(stat, "hostname", NULL);
        ptrdiff_t at = jsonx_find(merged, "hostname", host ? host : "");

        if (at >= 0)
            json_array_set(merged, (size_t)at, stat);
        else
            json_array_append(merged, stat);
    }
    return merged;
}

static const char *ref_namespace(const json_t *ref, const char *own)
{
    const char *namespace = jsonx_str(ref, "namespace", NULL);

    return namespace && *namespace ? namespace : own;
}

bool report_same_target(const json_t *one, const json_t *two, const char *own)
{
    return text_is(jsonx_str(one, "kind", NULL), jsonx_str(two, "kind", NULL)) &&
           text_is(jsonx_str(one, "name", NULL), jsonx_str(two, "name", NULL)) &&
           text_is(ref_namespace(one, own), ref_namespace(two, own));
}

ptrdiff_t report_target_index(const json_t *session, const json_t *ref)
{
    size_t i;
    json_t *target;

    json_array_foreach (jsonx_get(session, "status", "targets", NULL), i, target)
        if (report_same_target(jsonx_get(target, "ref", NULL), ref, jsonx_namespace(session)))
            return (ptrdiff_t)i;
    return -1;
}

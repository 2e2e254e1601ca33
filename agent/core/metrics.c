#include <ctype.h>
#include <string.h>

#include "stash/agent_metrics.h"
#include "stash/format.h"
#include "stash/jsonx.h"
#include "stash/quoted.h"
#include "stash/timefmt.h"

#define LABELS_MAX (8 * LIMIT_KIB)

/* A family has two names: the present one and the one that old dashboards know. */
struct prefixes {
    const char *now, *legacy;
};

static const struct prefixes backup_prefixes = {"stash_appscode_com_backupsession_",
                                                "stash_backup_"};
static const struct prefixes restore_prefixes = {"stash_appscode_com_restoresession_",
                                                 "stash_restore_"};
static const struct prefixes repository_prefixes = {"stash_appscode_com_repository_",
                                                    "stash_repository_"};

/* ---- labels ------------------------------------------------------------------------------------ */

static void add_value(struct buf *labels, const char *value)
{
    for (; *value; value++) {
        if (*value == '\n') {
            buf_adds(labels, "\\n");
            continue;
        }
        if (*value == '"' || *value == '\\')
            buf_addc(labels, '\\');
        buf_addc(labels, *value);
    }
}

static void add_label(struct buf *labels, const char *name, const char *value)
{
    if (!value || !*value)
        return;
    buf_addf(labels, "%s%s=\"", labels->len ? "," : "", name);
    add_value(labels, value);
    buf_addc(labels, '"');
}

static bool is_label_name(const char *name, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!isalpha((unsigned char)name[i]) && name[i] != '_' &&
            !(i > 0 && isdigit((unsigned char)name[i])))
            return false;
    return len > 0;
}

/* k=v,k=v; what is no label is left out: a push that the gateway refuses would lose everything. */
static void add_extra(struct buf *labels, const char *extra)
{
    char *pair;

    while (extra && quoted_next(&extra, QUOTED_ITEMS, &pair)) {
        AUTO(mem_free) char *owned = pair;
        char *value = strchr(pair, '=');

        if (value && is_label_name(pair, (size_t)(value - pair))) {
            *value = '\0';
            add_label(labels, owned, value + 1);
        }
    }
}

static void add_base(struct buf *labels, const struct metrics_subject *subject)
{
    add_label(labels, "invoker_kind", subject->invoker_kind);
    add_label(labels, "invoker_name", subject->invoker_name);
    add_label(labels, "driver", "Restic");
    add_label(labels, "repository", subject->repository);
    add_extra(labels, subject->extra);
}

static void add_host(struct buf *labels, const struct metrics_subject *subject, const char *host)
{
    add_base(labels, subject);
    add_label(labels, "namespace", subject->namespace);
    add_label(labels, "kind", subject->target_kind);
    add_label(labels, "group", subject->target_group);
    add_label(labels, "name", subject->target_name);
    add_label(labels, "hostname", host);
}

/* ---- samples ----------------------------------------------------------------------------------- */

struct series {
    const struct prefixes *prefixes;
    const char *labels;
    struct buf *out;
};

static void metric_sample(const struct series *series, const char *prefix, const char *name,
                          double value)
{
    buf_addf(series->out, "# TYPE %s%s gauge\n%s%s{%s} %.17g\n", prefix, name, prefix, name,
             series->labels, value);
}

static void metric_gauge(const struct series *series, const char *name, double value)
{
    metric_sample(series, series->prefixes->now, name, value);
    metric_sample(series, series->prefixes->legacy, name, value);
}

static const struct file_count {
    const char *key, *name;
} file_counts[] = {
    {"totalFiles", "host_files_total"},
    {"newFiles", "host_files_new"},
    {"modifiedFiles", "host_files_modified"},
    {"unmodifiedFiles", "host_files_unmodified"},
};

/* Sums over the host's snapshots, read back from the status texts as Stash does. */
static void sum_snapshots(const struct series *series, const json_t *snapshots)
{
    double size = 0, uploaded = 0, processing = 0, files[ARRAY_LEN(file_counts)] = {0};
    size_t i;
    json_t *snapshot;

    json_array_foreach (snapshots, i, snapshot) {
        double part;

        if (format_parse_bytes(jsonx_str(snapshot, "totalSize", NULL), &part))
            size += part;
        if (format_parse_bytes(jsonx_str(snapshot, "uploaded", NULL), &part))
            uploaded += part;
        if (format_parse_processing(jsonx_str(snapshot, "processingTime", NULL), &part))
            processing += part;
        for (size_t f = 0; f < ARRAY_LEN(file_counts); f++)
            files[f] += (double)jsonx_int(snapshot, 0, "fileStats", file_counts[f].key, NULL);
    }
    metric_gauge(series, "host_data_size_bytes", size);
    metric_gauge(series, "host_data_uploaded_bytes", uploaded);
    metric_gauge(series, "host_data_processing_time_seconds", processing);
    for (size_t f = 0; f < ARRAY_LEN(file_counts); f++)
        metric_gauge(series, file_counts[f].name, files[f]);
}

static bool hosts_succeeded(const json_t *stat)
{
    const char *phase = jsonx_str(stat, "phase", NULL);

    return phase && strcmp(phase, "Succeeded") == 0;
}

static double duration_seconds(const json_t *stat)
{
    const char *duration = jsonx_str(stat, "duration", NULL);
    int64_t nanos = 0;

    return duration && timefmt_parse_duration(duration, &nanos) ? (double)nanos / 1e9 : 0;
}

void metrics_backup_host(const struct metrics_subject *subject, const json_t *stat, struct buf *out)
{
    AUTO(buf_done) struct buf labels;

    buf_init(&labels, LABELS_MAX);
    add_host(&labels, subject, jsonx_str(stat, "hostname", NULL));
    const struct series series = {&backup_prefixes, labels.data, out};

    metric_gauge(&series, "host_backup_success", hosts_succeeded(stat));
    if (!hosts_succeeded(stat))
        return;
    metric_gauge(&series, "host_backup_duration_seconds", duration_seconds(stat));
    sum_snapshots(&series, jsonx_get(stat, "snapshots", NULL));
}

void metrics_restore_host(const struct metrics_subject *subject, const json_t *stat,
                          struct buf *out)
{
    AUTO(buf_done) struct buf labels;

    buf_init(&labels, LABELS_MAX);
    add_host(&labels, subject, jsonx_str(stat, "hostname", NULL));
    const struct series series = {&restore_prefixes, labels.data, out};

    metric_gauge(&series, "host_restore_success", hosts_succeeded(stat));
    if (hosts_succeeded(stat))
        metric_gauge(&series, "host_restore_duration_seconds", duration_seconds(stat));
}

void metrics_repository(const struct metrics_subject *subject,
                        const struct metrics_repository *repository, struct buf *out)
{
    AUTO(buf_done) struct buf labels;

    buf_init(&labels, LABELS_MAX);
    add_base(&labels, subject);
    add_label(&labels, "name", repository->name);
    add_label(&labels, "namespace", repository->namespace);
    add_label(&labels, "backend", repository->backend);
    add_label(&labels, "bucket", repository->bucket);
    add_label(&labels, "prefix", repository->prefix);
    const struct series series = {&repository_prefixes, labels.data, out};

    metric_gauge(&series, "integrity", repository->integrity);
    metric_gauge(&series, "size_bytes", (double)repository->size_bytes);
    metric_gauge(&series, "snapshot_count", (double)repository->snapshot_count);
    metric_gauge(&series, "snapshot_cleaned", (double)repository->snapshots_removed);
}

/* ---- where to ---------------------------------------------------------------------------------- */

static void add_segment(struct buf *path, const char *name, const char *value)
{
    if (!value || !*value)
        return;
    buf_addf(path, "/%s/", name);
    for (; *value; value++)
        if (isalnum((unsigned char)*value) || strchr("-._~", *value))
            buf_addc(path, *value);
        else
            buf_addf(path, "%%%02X", (unsigned char)*value);
}

char *metrics_host_group(const struct metrics_subject *subject, const char *host)
{
    struct buf path;

    buf_init(&path, LABELS_MAX);
    add_segment(&path, "kind", subject->target_kind);
    add_segment(&path, "name", subject->target_name);
    add_segment(&path, "hostname", host);
    return buf_take(&path);
}

/* The suite metrics: `in` holds a subject and a host's entry or a repository's numbers; `want` the pushed lines. */
#include <string.h>

#include "golden.h"
#include "stash/agent_metrics.h"
#include "stash/jsonx.h"
#include "stash/limits.h"

static const char *str(const json_t *in, const char *key)
{
    return jsonx_str(in, key, NULL);
}

static struct metrics_subject subject_of(const json_t *from)
{
    return (struct metrics_subject){
        .invoker_kind = str(from, "invokerKind"),
        .invoker_name = str(from, "invokerName"),
        .namespace = str(from, "namespace"),
        .repository = str(from, "repository"),
        .target_group = str(from, "targetGroup"),
        .target_kind = str(from, "targetKind"),
        .target_name = str(from, "targetName"),
        .extra = str(from, "labels"),
    };
}

static void render_repository(const struct metrics_subject *subject, const json_t *from,
                              struct buf *out)
{
    const struct metrics_repository numbers = {
        .name = str(from, "name"),
        .namespace = str(from, "namespace"),
        .backend = str(from, "backend"),
        .bucket = str(from, "bucket"),
        .prefix = str(from, "prefix"),
        .integrity = jsonx_bool(from, 0, "integrity", NULL),
        .size_bytes = (uint64_t)jsonx_int(from, 0, "sizeBytes", NULL),
        .snapshot_count = (uint64_t)jsonx_int(from, 0, "snapshotCount", NULL),
        .snapshots_removed = (uint64_t)jsonx_int(from, 0, "snapshotsRemoved", NULL),
    };

    metrics_repository(subject, &numbers, out);
}

/* Every sample stands right behind the TYPE of its own family. */
static void check_line(const char *before, const char *line)
{
    size_t len = strcspn(line, "{ ");

    if (*line != '#' && (strncmp(before, "# TYPE ", 7) != 0 || strncmp(before + 7, line, len) != 0))
        golden_fail("no TYPE before: %s", line);
}

static json_t *lines_of(char *text)
{
    json_t *lines = json_array();
    char *rest = NULL;

    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        size_t count = json_array_size(lines);

        check_line(count ? json_string_value(json_array_get(lines, count - 1)) : "", line);
        json_array_append_new(lines, json_string(line));
    }
    return lines;
}

static json_t *run(const json_t *in)
{
    AUTO(buf_done) struct buf text;
    struct metrics_subject subject = subject_of(jsonx_get(in, "subject", NULL));
    const json_t *backup = jsonx_get(in, "backupHost", NULL);
    const json_t *restore = jsonx_get(in, "restoreHost", NULL);
    const json_t *stat = backup ? backup : restore;
    AUTO(mem_free) char *group = NULL;

    buf_init(&text, LIMIT_MIB);
    if (backup)
        metrics_backup_host(&subject, backup, &text);
    if (restore)
        metrics_restore_host(&subject, restore, &text);
    if (!stat)
        render_repository(&subject, jsonx_get(in, "repository", NULL), &text);
    group = stat ? metrics_host_group(&subject, str(stat, "hostname")) : xstrdup("");
    return json_pack("{s:s, s:o}", "group", group, "lines", lines_of(text.data));
}

int main(int argc, char **argv)
{
    return golden_main(argc, argv, run);
}

/* es_verify.c - whether a dump is whole, and whether it all came back. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "es.h"
#include "stash/jsonx.h"
#include "stash/pair.h"

#define PIECE      (64 * LIMIT_KIB)
#define REFRESH_MS 10000
#define NAMES_MAX  300 /* bytes of indices in a message */

/* ---- the folder ---------------------------------------------------------------------------------------------------- */

/* {index: whether its documents are there} of the files in the dump. */
static int read_folder(const struct addon_run *run, json_t **ret, struct error *err)
{
    json_auto_t *indices = json_object();
    DIR *dir = opendir(run->folder);
    const struct dirent *entry;

    if (!dir)
        return error_set_errno(err, errno, "reading the dump's folder %s", run->folder);
    while ((entry = readdir(dir))) {
        bool data = false;
        AUTO(mem_free) char *index = es_files_index(entry->d_name, &data);

        if (index && (data || !json_object_get(indices, index)))
            json_object_set_new(indices, index, json_boolean(data));
    }
    closedir(dir);
    *ret = TAKE(indices);
    return 0;
}

static bool has_suffix(const char *name, const char *suffix)
{
    size_t len = strlen(name), tail = strlen(suffix);

    return len > tail && strcmp(name + len - tail, suffix) == 0;
}

int es_missing_types(const struct addon_run *run, char **ret, struct error *err)
{
    static const char *const types[] = {"template", "settings", "mapping", "alias"};
    bool found[ARRAY_LEN(types)] = {false};
    AUTO(buf_done) struct buf missing;
    DIR *dir = opendir(run->folder);
    const struct dirent *entry;

    buf_init(&missing, LIMIT_KIB);
    if (!dir)
        return error_set_errno(err, errno, "reading the dump's folder %s", run->folder);
    while ((entry = readdir(dir)))
        for (size_t i = 0; i < ARRAY_LEN(types); i++) {
            AUTO(mem_free) char *suffix = xasprintf(".%s.json", types[i]);

            found[i] = found[i] || has_suffix(entry->d_name, suffix);
        }
    closedir(dir);
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (!found[i])
            buf_addf(&missing, "%s%s", missing.len ? "," : "", types[i]);
    *ret = buf_take(&missing);
    return 0;
}

int es_read_lines(const struct addon_run *run, const char *index, struct es_lines *lines,
                  struct error *err)
{
    AUTO(mem_free) char *path = xasprintf("%s/%s.json", run->folder, index);
    AUTO(mem_free) char *piece = xmalloc(PIECE);
    AUTO(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    int r = fd < 0 ? error_set_errno(err, errno, "opening %s", path) : 0;

    while (r == 0) {
        ssize_t n = read(fd, piece, PIECE);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_set_errno(err, errno, "reading %s", path);
        if (n == 0)
            return es_lines_end(lines, err);
        r = es_lines_feed(lines, piece, (size_t)n, err);
    }
    return r;
}

static int count_lines(const struct addon_run *run, const char *index, uint64_t *ret,
                       struct error *err)
{
    AUTO(es_lines_done) struct es_lines lines;
    int r;

    es_lines_init(&lines);
    r = es_read_lines(run, index, &lines, err);
    *ret = lines.count;
    return r;
}

/* Names for a message, as many as fit. */
static void add_name(struct buf *names, const char *name)
{
    if (!names->overflow)
        buf_addf(names, "%s%s", names->len ? ", " : "", name);
}

/* ---- the server ---------------------------------------------------------------------------------------------------- */

#define COUNTERS                                                                                   \
    "_stats/indexing?expand_wildcards=all&filter_path=indices.*.primaries.indexing.index_total,"   \
    "indices.*.primaries.indexing.delete_total"

/*
 * How often a document was written to, or deleted from, each index so far. Where one is closed the server tells it of none,
 * unless it is asked not to mind; not every server knows that word.
 */
static int read_writes(const struct es *es, json_t **ret, struct error *err)
{
    int r = es_get(es, COUNTERS, "the indices' statistics", ret, err);

    return r < 0 && err->code == 400 ? es_get(es, COUNTERS "&forbid_closed_indices=false",
                                              "the indices' statistics", ret, err)
                                     : r;
}

static json_int_t counter_of(const json_t *stats, const char *index, const char *counter)
{
    return jsonx_int(stats, 0, "indices", index, "primaries", "indexing", counter, NULL);
}

bool es_chooses_indices(const struct addon_run *run)
{
    const char *args = addon_text(run, "es-args");

    return es_args_has(args, "match") || es_args_has(args, "matchType") ||
           es_args_has(args, "customMatcher");
}

/* Two indices in one file, or files that come back as another index. `dumped`: of these; NULL: of all. */
static int check_names(const struct addon_run *run, const json_t *dumped, struct error *err)
{
    AUTO(buf_done) struct buf names;
    const char *index;
    json_t *ignored;

    buf_init(&names, NAMES_MAX);
    json_object_foreach (es_of(run)->before, index, ignored)
        if (es_files_is_ambiguous(index) && (!dumped || json_object_get(dumped, index)))
            add_name(&names, index);
    if (names.len == 0)
        return 0;
    return error_set(err, ERR_INVALID,
                     "the tool cannot tell the files of %s from those of other indices: leave them "
                     "out with --match in the parameter args",
                     names.data);
}

/* Not every user may, and a shard that is nowhere is waited for. */
static bool index_refresh(struct es *es)
{
    json_auto_t *answer = NULL;
    struct error ignored;
    long status = 0;
    int r;

    es->left_ms = REFRESH_MS;
    r = es_ask(es, "_refresh", "", &answer, &status, &ignored);
    es->left_ms = 0;
    return r == 0 && status == 200 && jsonx_int(answer, 1, "_shards", "failed", NULL) == 0;
}

int es_look_before_dump(struct addon_run *run, struct error *err)
{
    struct es *es = es_of(run);
    json_auto_t *indices = NULL;
    json_auto_t *stats = NULL;
    const char *index;
    json_t *ignored;
    int r;

    es_look_at_all(run);
    r = es_get(es, "_aliases", "the list of indices", &indices, err);
    if (r == 0)
        r = read_writes(es, &stats, err);
    if (r < 0)
        return r;
    es->refreshed = index_refresh(es);
    json_object_foreach (indices, index, ignored) {
        uint64_t count = 0;
        bool there;
        struct error why;
        bool failed = es_count(es, index, &count, &there, &why) < 0;

        json_object_set_new(
            es->before, index,
            json_pack("{s:I, s:I, s:I, s:s*}", PAIR("count", (json_int_t)count),
                      PAIR("index_total", counter_of(stats, index, "index_total")),
                      PAIR("delete_total", counter_of(stats, index, "delete_total")),
                      PAIR("failed", failed ? why.msg : NULL)));
    }
    return es_chooses_indices(run) ? 0 : check_names(run, NULL, err);
}

bool es_tell_deleted(struct addon_run *run)
{
    json_auto_t *indices = NULL;
    AUTO(buf_done) struct buf names;
    struct error unsaid;
    const char *index;
    json_t *ignored;

    buf_init(&names, NAMES_MAX);
    if (es_get(es_of(run), "_aliases", "the list of indices", &indices, &unsaid) < 0)
        return false;
    json_object_foreach (es_of(run)->before, index, ignored)
        if (!json_object_get(indices, index))
            add_name(&names, index);
    if (names.len > 0)
        addon_warn(run, "deleted while the dump ran, which began anew: index %s", names.data);
    return names.len > 0;
}

/* ---- the dump ------------------------------------------------------------------------------------------------------ */

/* The user asked for a part of the documents. The last ones mean nothing to the tool when it loads. */
static bool is_partial(const struct addon_run *run)
{
    static const char *const options[] = {"size",       "offset",   "transform",
                                          "searchBody", "scrollId", "searchWithTemplate"};
    size_t count = run->step == ADDON_RESTORE ? 3 : ARRAY_LEN(options);

    for (size_t i = 0; i < count; i++)
        if (es_args_has(addon_text(run, "es-args"), options[i]))
            return true;
    return false;
}

static int check_found(struct addon_run *run, const json_t *dumped, struct error *err)
{
    if (json_object_size(dumped) > 0)
        return 0;
    if (json_object_size(es_of(run)->before) == 0) {
        AUTO(mem_free) char *meta = xasprintf("%s/" ES_META_FILE, run->folder);

        remove(meta); /* a dump without a file is what the driver knows as empty */
        addon_warn(run, "the server has no index: the dump is empty");
        return 0;
    }
    return error_set(
        err, ERR_INVALID,
        "no index matches: %zu indices are there, and args \"%s\" chooses none of them",
        json_object_size(es_of(run)->before), addon_text(run, "es-args"));
}

static int check_all_dumped(const struct addon_run *run, const json_t *dumped, struct error *err)
{
    const struct es *es = es_of(run);
    AUTO(buf_done) struct buf names;
    const char *index;
    json_t *ignored;

    buf_init(&names, NAMES_MAX);
    if (es_chooses_indices(run))
        return 0;
    json_object_foreach (es->before, index, ignored) {
        uint64_t count;
        bool there = true;
        struct error unsaid;

        if (!json_object_get(dumped, index) &&
            (es_count(es, index, &count, &there, &unsaid) < 0 || there))
            add_name(&names, index);
    }
    return names.len == 0 ? 0
                          : error_set(err, ERR_INVALID, "not in the dump: index %s", names.data);
}

static int check_health(const struct addon_run *run, const json_t *dumped, struct error *err)
{
    json_auto_t *health = NULL;
    AUTO(buf_done) struct buf names;
    const char *index;
    json_t *its;
    int r = es_get(es_of(run), "_cluster/health?level=indices&filter_path=indices.*.status",
                   "the indices' health", &health, err);

    buf_init(&names, NAMES_MAX);
    if (r < 0)
        return r;
    json_object_foreach (json_object_get(health, "indices"), index, its)
        if (json_object_get(dumped, index) &&
            strcmp(jsonx_str(its, "status", NULL) ? jsonx_str(its, "status", NULL) : "", "red") ==
                0)
            add_name(&names, index);
    return names.len == 0 ? 0
                          : error_set(err, ERR_INVALID, "red, so parts of it are missing: index %s",
                                      names.data);
}

/* What was counted since, as far as the counter is still the same one: a node that restarts begins anew. */
static uint64_t counted_documents(const json_t *before, const json_t *stats, const char *index,
                                  const char *counter)
{
    json_int_t since = counter_of(stats, index, counter) - jsonx_int(before, 0, counter, NULL);

    return since >= 0 ? (uint64_t)since : UINT64_MAX;
}

static uint64_t counter_minus(uint64_t one, uint64_t two)
{
    return one > two ? one - two : 0;
}

/*
 * The dump's view of an index is of some time in between. At least so many documents were in it: what was there before, less
 * what was deleted, and what is there now, less what was written. Without a refresh at the beginning a count is older than
 * the counters: then it says something only when nothing happened.
 */
static uint64_t least_count(const struct es *es, const json_t *stats, const char *index,
                            uint64_t has)
{
    const json_t *before = json_object_get(es->before, index);
    uint64_t had = (uint64_t)jsonx_int(before, 0, "count", NULL);
    uint64_t deleted = counted_documents(before, stats, index, "delete_total");
    uint64_t written = counted_documents(before, stats, index, "index_total");
    uint64_t kept = counter_minus(had, deleted), old = counter_minus(has, written);

    if (!es->refreshed && (deleted > 0 || written > 0 || had != has))
        return 0;
    return kept > old ? kept : old;
}

static int judge_dump(struct addon_run *run, const char *index, uint64_t lines, uint64_t has,
                      struct error *err)
{
    const struct es *es = es_of(run);
    uint64_t had = (uint64_t)jsonx_int(es->before, 0, index, "count", NULL);
    json_auto_t *stats = NULL;
    uint64_t must;
    int r = read_writes(es, &stats, err);

    if (r < 0)
        return r;
    must = least_count(es, stats, index, has);
    if (lines < must)
        return error_set(err, ERR_INVALID, "index %s: %llu of %llu documents are in the dump",
                         index, (unsigned long long)lines, (unsigned long long)must);
    if (lines < (had < has ? had : has))
        addon_warn(run,
                   "index %s changed during the dump: %llu documents are in the dump, the server "
                   "had %llu before and %llu afterwards",
                   index, (unsigned long long)lines, (unsigned long long)had,
                   (unsigned long long)has);
    return 0;
}

static int compare_dump(struct addon_run *run, const char *index, struct error *err)
{
    const struct es *es = es_of(run);
    const json_t *before = json_object_get(es->before, index);
    const char *failed = jsonx_str(before, "failed", NULL);
    uint64_t had = (uint64_t)jsonx_int(before, 0, "count", NULL);
    uint64_t has = 0, lines = 0;
    bool there = false;
    int r =
        failed ? error_set(err, ERR_INVALID, "%s", failed) : es_count(es, index, &has, &there, err);

    if (r < 0 || is_partial(run))
        return r;
    r = count_lines(run, index, &lines, err);
    if (r < 0 || !before || !there || (lines >= had && lines >= has))
        return r;
    return judge_dump(run, index, lines, has, err);
}

static int verify_dump(struct addon_run *run, struct error *err)
{
    json_auto_t *dumped = NULL;
    const char *index;
    json_t *data;
    int r = read_folder(run, &dumped, err);

    if (r == 0)
        r = check_found(run, dumped, err);
    if (r == 0)
        r = check_names(run, dumped, err);
    if (r == 0)
        r = check_all_dumped(run, dumped, err);
    if (r == 0)
        r = check_health(run, dumped, err);
    json_object_foreach (dumped, index, data) {
        if (r == 0 && json_is_true(data))
            r = es_check_shape(run, index, err);
        if (r == 0 && json_is_true(data))
            r = compare_dump(run, index, err);
    }
    return r;
}

/* ---- the load ------------------------------------------------------------------------------------------------------ */

static int verify_fetched(const struct addon_run *run, struct error *err)
{
    json_auto_t *dumped = NULL;
    AUTO(mem_free) char *meta = xasprintf("%s/" ES_META_FILE, run->folder);
    int r = read_folder(run, &dumped, err);

    if (r == 0 && json_object_size(dumped) == 0 && access(meta, F_OK) < 0)
        r = error_set(err, ERR_INVALID, "the snapshot is no dump of Elasticsearch: no index in it");
    return r;
}

int es_look_before_load(struct addon_run *run, struct error *err)
{
    json_auto_t *dumped = NULL;
    const char *index;
    json_t *data;
    int r = read_folder(run, &dumped, err);

    json_object_foreach (dumped, index, data) {
        json_t *written = NULL;

        if (r == 0)
            r = es_look_at_writes(es_of(run), index, &written, err);
        if (r == 0)
            json_object_set_new(es_of(run)->before, index, written);
        if (r == 0)
            r = es_open_index(run, index, err);
    }
    return r;
}

/* Which ones come back is the user's choice then; that none does is not. */
static int compare_part(const struct addon_run *run, const char *index, uint64_t lines,
                        struct error *err)
{
    const struct es *es = es_of(run);
    bool any = lines == 0;
    int r = any ? 0 : es_any_written(es, index, json_object_get(es->before, index), &any, err);

    return r < 0 || any ? r
                        : error_set(err, ERR_INVALID,
                                    "index %s: none of the dump's %llu documents was written",
                                    index, (unsigned long long)lines);
}

static int compare_load(struct addon_run *run, const char *index, struct error *err)
{
    const struct es *es = es_of(run);
    AUTO(mem_free) char *refresh = es_path(es, index, "_refresh");
    json_auto_t *ignored = NULL;
    uint64_t lines = 0, has = 0;
    bool there = false;
    long status;
    int r = count_lines(run, index, &lines, err);

    if (r == 0)
        r = es_ask(es, refresh, "", &ignored, &status, err);
    if (r == 0)
        r = es_count(es, index, &has, &there, err);
    if (r == 0 && !there && !es->chosen && es_chooses_indices(run))
        return 0;
    if (r == 0 && is_partial(run))
        return compare_part(run, index, lines, err);
    if (r == 0 && there && lines > 0)
        r = es_count_written(run, index, json_object_get(es->before, index), &has, err);
    if (r < 0)
        return r;
    if (has >= lines)
        return es_compare_shape(run, index, err);
    return error_set(err, ERR_INVALID,
                     "index %s: %llu of the dump's %llu documents were written; the server refused "
                     "the others (do they fit its mapping? is it read only?)",
                     index, (unsigned long long)has, (unsigned long long)lines);
}

/* The others are what they were before. */
static void keep_chosen(const struct es *es, json_t *dumped)
{
    const char *index;
    json_t *ignored;
    void *next;

    json_object_foreach_safe(dumped, next, index,
                             ignored) if (es->chosen && !json_object_get(es->chosen, index))
        json_object_del(dumped, index);
}

static int verify_load(struct addon_run *run, struct error *err)
{
    json_auto_t *dumped = NULL;
    const char *args = addon_text(run, "es-args");
    const char *index;
    json_t *data;
    int r = read_folder(run, &dumped, err);
    size_t all = json_object_size(dumped);

    keep_chosen(es_of(run), dumped);
    if (r == 0 && all > 0 && json_object_size(dumped) == 0)
        return error_set(err, ERR_INVALID,
                         "nothing was restored: args \"%s\" chooses none of the dump's %zu indices",
                         args, all);
    if (es_args_leave_out_data(args))
        return r;
    json_object_foreach (dumped, index, data) {
        if (r == 0 && json_is_true(data))
            r = compare_load(run, index, err);
        if (r == 0 && json_is_true(data))
            es_tell_stream(run, index);
    }
    return r;
}

int es_verify(struct addon_run *run, enum addon_when when, struct error *err)
{
    switch (when) {
    case ADDON_DUMPED:
        return verify_dump(run, err);
    case ADDON_FETCHED:
        return verify_fetched(run, err);
    case ADDON_LOADED:
        return verify_load(run, err);
    }
    return 0;
}

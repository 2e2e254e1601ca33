/*
 * files.c - what lies in snapshots, for `kubectl stash ls` and `find`. A snapshot may have millions of files and a log must not,
 * so one line at a time is held, and only a page of them is printed; all are counted.
 */
#include <stdio.h>
#include <string.h>

#include "by_hand.h"
#include "stash/jsonx.h"
#include "stash/lines.h"
#include "stash/pair.h"
#include "stash/timefmt.h"

/* Of a container's log, which the kubelet begins anew at 10 MiB: what was printed before is lost to whoever asks then. */
#define PAGE_BYTES (8 * LIMIT_MIB)
#define LINE_COST  64 /* what the container's runtime writes beside each line */

struct page {
    int64_t skip, limit;
    size_t room;
    json_int_t seen, shown;
};

static struct page page_of(int64_t skip, int64_t limit)
{
    return (struct page){.skip = skip, .limit = limit, .room = PAGE_BYTES};
}

/* The page ends with the first line that it has no room for. */
static void page_add(struct page *page, const json_t *line)
{
    if (page->seen++ < page->skip || page->shown >= page->limit || page->room == 0)
        return;
    AUTO(mem_free) char *text = jsonx_dump(line);
    size_t cost = strlen(text) + LINE_COST;
    if (cost > page->room) {
        page->room = 0;
        return;
    }
    page->room -= cost;
    page->shown++;
    puts(text);
}

/* `unread`: why that is perhaps not all; "": it is. */
static void page_end(const struct page *page, const char *unread)
{
    json_auto_t *end = json_pack("{s:I, s:I}", "count", page->seen, "shown", page->shown);

    if (*unread)
        json_object_set_new(end, "unread", json_string(unread));
    answer_print(end);
}

/* What restic says of a file, without what means nothing elsewhere (inode, device). */
static json_t *file_line(const json_t *node)
{
    static const char *const kept[] = {"path",        "type", "size", "mtime",
                                       "permissions", "uid",  "gid"};
    json_t *line = json_object();

    for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
        json_t *value = json_object_get(node, kept[i]);
        if (value)
            json_object_set(line, kept[i], value);
    }
    return line;
}

/* ---- the files of a snapshot -------------------------------------------------------------------------------------- */

struct listed {
    struct lines lines;
    struct page page;
    bool broken;
};

static void take_node(void *ctx, const char *text, size_t len)
{
    struct listed *listed = ctx;
    json_auto_t *node = NULL;
    struct error ignored;

    if (jsonx_parse(text, len, &node, &ignored) < 0) {
        listed->broken = true;
    } else if (jsonx_str(node, "path", NULL)) {
        json_auto_t *line = file_line(node);
        page_add(&listed->page, line);
    }
}

static void feed_nodes(void *ctx, const char *data, size_t len)
{
    struct listed *listed = ctx;
    struct error ignored;

    if (lines_feed(&listed->lines, data, len, take_node, listed, &ignored) < 0)
        listed->broken = true;
}

static int pass_nodes(const struct opened *opened, const struct agent_listing *asked,
                      struct listed *listed, struct error *err)
{
    AUTO(argv_done) struct argv args = {0};
    const struct restic_ls ls = {asked->id, asked->path, asked->recursive};

    restic_args_ls(&opened->restic.options, &ls, &args);
    lines_init(&listed->lines, LIMIT_RESTIC_LINE);
    int r = restic_pass(&opened->restic, &args, feed_nodes, listed, err);
    lines_end(&listed->lines, take_node, listed);
    lines_done(&listed->lines);
    if (r == 0 && listed->broken)
        r = error_set(err, ERR_INVALID, "restic ls: a line of its answer cannot be read");
    return r;
}

int agent_list_files(const struct agent_flags *flags, const struct agent_listing *asked,
                     struct error *err)
{
    AUTO(opened_done) struct opened opened = {0};
    struct listed listed = {.page = page_of(asked->skip, asked->limit)};

    if (!asked->id || !*asked->id)
        return error_set(err, ERR_INVALID, "--id is needed");
    if (asked->path && *asked->path != '/')
        return error_set(err, ERR_INVALID, "\"%s\" is not an absolute path", asked->path);
    int r = opened_from_mounts(flags, &opened, err);
    if (r == 0)
        r = pass_nodes(&opened, asked, &listed, err);
    if (r == 0 && asked->path && strcmp(asked->path, "/") != 0 && listed.page.seen == 0)
        r = error_set(err, ERR_NOT_FOUND, "snapshot %s has no \"%s\"", asked->id, asked->path);
    if (r == 0)
        page_end(&listed.page, "");
    return r;
}

/* ---- the snapshots of a file -------------------------------------------------------------------------------------- */

struct search {
    json_t *snapshots; /* {id: {time, host}} */
    json_t *matches;   /* of the snapshot that passes, as many as the page may still take */
    json_int_t more;   /* that were not kept */
    struct page page;
};

static void note_snapshot(void *ctx, const struct restic_snapshot *snapshot)
{
    struct search *search = ctx;
    char time[TIMEFMT_SIZE];

    timefmt_rfc3339(snapshot->time, time);
    json_object_set_new(search->snapshots, snapshot->id,
                        json_pack("{s:s, s:s*}", PAIR("time", time), PAIR("host", snapshot->host)));
}

static void take_match(void *ctx, const json_t *match)
{
    struct search *search = ctx;
    json_int_t kept = (json_int_t)json_array_size(search->matches);

    if (search->page.shown + kept < search->page.limit)
        json_array_append_new(search->matches, file_line(match));
    else
        search->more++;
}

static void take_snapshot(void *ctx, const char *id)
{
    struct search *search = ctx;
    const json_t *snapshot = json_object_get(search->snapshots, id);
    size_t i;
    json_t *line;

    json_array_foreach (search->matches, i, line) {
        json_object_set_new(line, "id", json_string(id));
        json_object_set(line, "time", json_object_get(snapshot, "time"));
        json_object_set(line, "host", json_object_get(snapshot, "host"));
        page_add(&search->page, line);
    }
    search->page.seen += search->more;
    search->more = 0;
    json_array_clear(search->matches);
}

static void feed_finding(void *ctx, const char *data, size_t len)
{
    restic_finding_feed(ctx, data, len);
}

static int pass_matches(const struct opened *opened, const char *pattern, struct search *search,
                        struct error *err)
{
    static const struct restic_found found = {take_match, take_snapshot};
    AUTO(argv_done) struct argv args = {0};
    AUTO(restic_finding_done) struct restic_finding finding;

    restic_finding_init(&finding, &found, search);
    restic_args_find(&opened->restic.options, pattern, &args);
    int r = restic_pass(&opened->restic, &args, feed_finding, &finding, err);
    return r < 0 ? r : restic_finding_end(&finding, err);
}

int agent_find_files(const struct agent_flags *flags, const char *pattern, int64_t limit,
                     struct error *err)
{
    AUTO(opened_done) struct opened opened = {0};
    json_auto_t *snapshots = json_object();
    json_auto_t *matches = json_array();
    struct search search = {snapshots, matches, 0, page_of(0, limit)};
    struct text unread = {0};

    if (!pattern || !*pattern)
        return error_set(err, ERR_INVALID, "--pattern is needed");
    int r = opened_from_mounts(flags, &opened, err);
    if (r == 0)
        r = restic_list(&opened.restic, note_snapshot, &search, &unread, err);
    if (r == 0)
        r = pass_matches(&opened, pattern, &search, err);
    if (r == 0)
        page_end(&search.page, unread.s);
    return r;
}

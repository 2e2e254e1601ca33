/* The suite restic_out: `in` holds what restic wrote ("text", or "lines" for a stream) and which command it was; want
 * what we read in it, or the error. Streams are fed at every split point. */
#include <string.h>

#include "golden.h"
#include "stash/jsonx.h"
#include "stash/lines.h"
#include "stash/report.h"
#include "stash/restic_out.h"

static json_t *failed(const struct error *err)
{
    return json_pack("{s:s}", "error", err->msg);
}

/* ---- backup: a stream --------------------------------------------------------------------------------------------- */

static json_t *feed(const char *text, size_t cut)
{
    AUTO(lines_done) struct lines lines;
    struct restic_summary summary = {0};
    struct error err;

    lines_init(&lines, LIMIT_RESTIC_LINE);
    lines_feed(&lines, text, cut, restic_out_backup_line, &summary, &err);
    lines_feed(&lines, text + cut, strlen(text) - cut, restic_out_backup_line, &summary, &err);
    lines_end(&lines, restic_out_backup_line, &summary);
    return summary.found ? report_snapshot(&summary, "/data") : json_pack("{s:n}", "summary");
}

static json_t *read_backup(const char *text)
{
    json_t *whole = feed(text, strlen(text));

    for (size_t cut = 0; cut < strlen(text); cut++) {
        json_auto_t *parts = feed(text, cut);

        if (!json_equal(parts, whole))
            golden_fail("cut at %zu it reads otherwise", cut);
    }
    return whole;
}

/* ---- documents ---------------------------------------------------------------------------------------------------- */

/* However it is cut. */
static json_t *read_forget(const char *text)
{
    json_t *answer = NULL;

    for (size_t cut = 0; cut <= strlen(text); cut++) {
        struct restic_forgetting passing = {0};
        struct restic_forgotten forgotten;
        struct error err;
        json_t *its;

        restic_forgetting_feed(&passing, text, cut);
        restic_forgetting_feed(&passing, text + cut, strlen(text) - cut);
        its = restic_forgetting_end(&passing, &forgotten, &err) < 0
                  ? failed(&err)
                  : json_pack("{s:I, s:I}", "kept", (json_int_t)forgotten.kept, "removed",
                              (json_int_t)forgotten.removed);
        if (answer && !json_equal(answer, its))
            golden_fail("cut at %zu it says something else", cut);
        json_decref(answer);
        answer = its;
    }
    return answer;
}

static void take_match(void *ctx, const json_t *match)
{
    json_array_append_new(ctx, json_string(jsonx_str(match, "path", NULL)));
}

static void take_snapshot(void *ctx, const char *id)
{
    json_array_append_new(ctx, json_pack("{s:s}", "snapshot", id));
}

/* However it is cut. */
static json_t *read_find(const char *text)
{
    static const struct restic_found found = {take_match, take_snapshot};
    json_t *answer = NULL;

    for (size_t cut = 0; cut <= strlen(text); cut++) {
        AUTO(restic_finding_done) struct restic_finding finding;
        struct error err;
        json_t *its = json_array();

        restic_finding_init(&finding, &found, its);
        restic_finding_feed(&finding, text, cut);
        restic_finding_feed(&finding, text + cut, strlen(text) - cut);
        if (restic_finding_end(&finding, &err) < 0) {
            json_decref(its);
            its = failed(&err);
        }
        if (answer && !json_equal(answer, its))
            golden_fail("cut at %zu it says something else", cut);
        json_decref(answer);
        answer = its;
    }
    return answer;
}

static json_t *read_stats(const char *text)
{
    struct restic_stats stats;
    struct error err;

    return restic_out_stats(text, strlen(text), &stats, &err) < 0
               ? failed(&err)
               : json_pack("{s:I, s:I}", "bytes", (json_int_t)stats.bytes, "snapshots",
                           (json_int_t)stats.snapshots);
}

static json_t *read_check(const char *text)
{
    struct error err;
    uint64_t errors;

    return restic_out_check(text, strlen(text), &errors, &err) < 0
               ? failed(&err)
               : json_pack("{s:I}", "errors", (json_int_t)errors);
}

static json_t *read_lock(const char *text)
{
    struct restic_lock lock;
    struct error err;

    return restic_out_lock(text, strlen(text), &lock, &err) < 0
               ? failed(&err)
               : json_pack("{s:s, s:b, s:I, s:I}", "host", lock.host, "exclusive", lock.exclusive,
                           "pid", (json_int_t)lock.pid, "time", (json_int_t)lock.time);
}

static void count_snapshot(void *ctx, const struct restic_snapshot *snapshot)
{
    (void)snapshot;
    ++*(json_int_t *)ctx;
}

static json_t *read_snapshots(const char *text)
{
    AUTO(restic_listing_done) struct restic_listing listing;
    json_int_t count = 0;
    struct error err;

    restic_listing_init(&listing, count_snapshot, &count);
    restic_listing_feed(&listing, text, strlen(text));
    return restic_listing_end(&listing, &err) < 0 ? failed(&err)
                                                  : json_pack("{s:I}", "count", count);
}

static json_t *read_config(const char *text)
{
    char id[RESTIC_ID_SIZE];
    struct error err;

    return restic_out_config(text, strlen(text), id, &err) < 0 ? failed(&err)
                                                               : json_pack("{s:s}", "id", id);
}

static json_t *read_restored(const char *text)
{
    uint64_t files;
    struct error err;

    return restic_out_restore(text, strlen(text), &files, &err) < 0
               ? failed(&err)
               : json_pack("{s:I}", "files", (json_int_t)files);
}

static json_t *read_tag(const char *text)
{
    AUTO(lines_done) struct lines lines;
    json_t *changed = json_object();
    struct error err;

    lines_init(&lines, LIMIT_RESTIC_LINE);
    lines_feed(&lines, text, strlen(text), restic_out_tag_line, changed, &err);
    lines_end(&lines, restic_out_tag_line, changed);
    return changed;
}

static json_t *read_damage(const char *text)
{
    struct text why;
    bool damage = restic_out_is_damage(text, &why);

    return json_pack("{s:b, s:s}", "damage", damage, "why", why.s);
}

static json_t *read_unread(const char *text)
{
    struct text what;
    bool unread = restic_out_unread(text, &what);

    return json_pack("{s:b, s:s}", "unread", unread, "what", what.s);
}

static json_t *read_unremoved(const char *text)
{
    struct text what;
    bool unremoved = restic_out_unremoved(text, &what);

    return json_pack("{s:b, s:s}", "unremoved", unremoved, "what", what.s);
}

static json_t *read_hopeless(const char *text)
{
    struct restic_hopeless hopeless;
    bool found = restic_out_hopeless(text, &hopeless);

    if (found != restic_out_hopeless(text, NULL))
        golden_fail("the answer depends on who asks");
    return found ? json_pack("{s:s, s:b}", "why", hopeless.why.s, "notFound",
                             hopeless.kind == ERR_NOT_FOUND)
                 : json_pack("{s:n}", "why");
}

static const struct reader {
    const char *command;
    json_t *(*read)(const char *text);
} readers[] = {{"backup", read_backup},       {"forget", read_forget},
               {"stats", read_stats},         {"check", read_check},
               {"lock", read_lock},           {"snapshots", read_snapshots},
               {"hopeless", read_hopeless},   {"config", read_config},
               {"restored", read_restored},   {"tag", read_tag},
               {"damage", read_damage},       {"unread", read_unread},
               {"unremoved", read_unremoved}, {"find", read_find}};

/* ---- failures ----------------------------------------------------------------------------------------------------- */

static json_t *read_failure(const json_t *in, const char *text)
{
    struct text why;

    restic_out_failure((int)jsonx_int(in, 1, "status", NULL), text, &why);
    if (strlen(why.s) > LIMIT_STATUS_TEXT)
        golden_fail("too long for a status");
    return json_pack("{s:s}", "why", why.s);
}

static json_t *run(const json_t *in)
{
    const char *command = jsonx_str(in, "command", NULL), *text = jsonx_str(in, "text", NULL);

    for (size_t i = 0; i < ARRAY_LEN(readers); i++)
        if (strcmp(readers[i].command, command) == 0)
            return readers[i].read(text);
    return read_failure(in, text);
}

int main(int argc, char **argv)
{
    return golden_main(argc, argv, run);
}

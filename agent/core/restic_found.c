/*
 * restic_found.c - what a `find` matched, while its answer passes.
 *
 * The answer is an array of snapshots {"matches": [{…}, …], "hits": …, "snapshot": "…"}: a pattern may match a million files,
 * so one match is held at a time.
 */
#include <string.h>

#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/restic_out.h"

void restic_finding_init(struct restic_finding *f, const struct restic_found *found, void *ctx)
{
    *f = (struct restic_finding){.found = found, .ctx = ctx};
    elements_init(&f->matches, LIMIT_RESTIC_LINE);
    buf_init(&f->snapshot, LIMIT_KIB);
}

void restic_finding_done(struct restic_finding *f)
{
    elements_done(&f->matches);
    buf_done(&f->snapshot);
}

static void take_match(void *ctx, const char *text, size_t len)
{
    struct restic_finding *f = ctx;
    json_auto_t *match = NULL;
    struct error ignored;

    if (jsonx_parse(text, len, &match, &ignored) < 0 || !jsonx_str(match, "path", NULL))
        f->broken = true;
    else
        f->found->match(f->ctx, match);
}

static void begin_matches(struct restic_finding *f)
{
    elements_done(&f->matches);
    elements_init(&f->matches, LIMIT_RESTIC_LINE);
    f->broken = f->broken || f->has_matches;
    f->inside = f->has_matches = true;
}

/* A match that is too long is left out of no list: it breaks the whole. */
static void end_matches(struct restic_finding *f)
{
    struct error ignored;

    if (elements_end(&f->matches, &ignored) < 0)
        f->broken = true;
    f->inside = false;
    buf_adds(&f->snapshot, "[]");
}

static void end_snapshot(struct restic_finding *f)
{
    json_auto_t *snapshot = NULL;
    struct error ignored;
    const char *id = NULL;

    if (jsonx_parse(f->snapshot.data, f->snapshot.len, &snapshot, &ignored) == 0)
        id = jsonx_str(snapshot, "snapshot", NULL);
    if (!id || !f->has_matches)
        f->broken = true;
    else
        f->found->snapshot(f->ctx, id);
    buf_reset(&f->snapshot);
    f->has_matches = false;
}

/* Outside of matches: braces stand in no string of what restic says of a snapshot. */
static void answer_char(struct restic_finding *f, char c)
{
    bool between = f->snapshot.len == 0;

    if (between && c == '[') {
        f->broken = f->broken || f->begun;
        f->begun = true;
    } else if (between && c == ']') {
        f->ended = f->begun;
    } else if (!between && c == '[') {
        begin_matches(f);
        elements_feed(&f->matches, &c, 1, take_match, f);
    } else if (!between || c == '{') {
        buf_addc(&f->snapshot, c);
        if (c == '}')
            end_snapshot(f);
    } else if (!strchr(", \t\r\n", c)) {
        f->broken = true;
    }
}

void restic_finding_feed(struct restic_finding *f, const char *data, size_t len)
{
    for (size_t i = 0; i < len && !f->broken; i++) {
        if (!f->inside) {
            answer_char(f, data[i]);
            continue;
        }
        elements_feed(&f->matches, data + i, 1, take_match, f);
        if (f->matches.ended)
            end_matches(f);
    }
}

int restic_finding_end(const struct restic_finding *f, struct error *err)
{
    if (f->broken || !f->ended || f->snapshot.len > 0)
        return error_set(
            err, ERR_INVALID,
            "restic find: the answer is not whole: can all of the repository be read?");
    return 0;
}

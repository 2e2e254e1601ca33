#include "source.h"

#include <string.h>

#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/names.h"
#include "stash/quoted.h"
#include "stash/report.h"
#include "stash/text.h"
#include "stash/timefmt.h"

#define LATEST "latest"

void source_done(struct source *source)
{
    for (size_t i = 0; i < source->count; i++) {
        free(source->items[i].path);
        free(source->items[i].paths);
    }
    free(source->items);
    *source = (struct source){0};
}

/* Takes `paths`, which is a heap string. */
static struct source_snapshot *source_add(struct source *source, const char id[RESTIC_ID_SIZE],
                                          const char *path, char *paths)
{
    struct source_snapshot *added;

    source->items = xrealloc(source->items, (source->count + 1) * sizeof(*source->items));
    added = &source->items[source->count++];
    *added = (struct source_snapshot){.path = path ? xstrdup(path) : NULL, .paths = paths};
    memcpy(added->id, id, RESTIC_ID_SIZE);
    return added;
}

/* What is dated later than now, and later than when this restore was asked for, was not made yet: the date is wrong. */
static int64_t latest_date(const struct session *session)
{
    const char *text = jsonx_str(session->object, "metadata", "creationTimestamp", NULL);
    int64_t asked = 0, now = clock_now();

    if (!text || !timefmt_parse(text, &asked))
        asked = 0;
    return (asked > now ? asked : now) + HOLDINGS_CLOCK_SLACK;
}

static char *list_of_one(const char *path)
{
    json_auto_t *list = json_pack("[s]", path);

    return quoted_join(list, QUOTED_ITEMS);
}

/* Where one more goes; NULL: there are enough. */
static json_t *warnings_own(struct session *session)
{
    if (!session->warnings)
        session->warnings = json_array();
    return json_array_size(session->warnings) < REPORT_WARNINGS_MAX ? session->warnings : NULL;
}

/*
 * Two invokers may store the same with other patterns, or another database of the same server. And of two clusters one may
 * have been given up, or stand by: its snapshots say nothing of what the other one did since.
 */
static void warn_of_rival(struct session *session, const struct holdings *holdings,
                          const struct holding *found)
{
    const struct holding *rival = holdings_rival(holdings, found);
    bool here = rival && text_is(rival->cluster, found->cluster);
    char time[TIMEFMT_SIZE];

    if (!rival)
        return;
    timefmt_rfc3339(rival->time, time);
    json_array_append_new(
        warnings_own(session),
        json_sprintf("snapshot %.8s, the newest%s, is of %s; %s%s stores %s of host %s too%s: if "
                     "that is meant, list the id of its snapshot (the newest is %.8s, of %s) in "
                     "the rule's snapshots",
                     found->newest, here ? "" : " of this cluster", found->invoker, rival->invoker,
                     here ? "" : " of another cluster", found->path ? found->path : "several paths",
                     found->host, here ? ", and may leave out other files" : "", rival->newest,
                     time));
}

void source_warn_unlocked(struct session *session, const struct restic *restic)
{
    if (restic->options.unlocked)
        json_array_append_new(
            warnings_own(session),
            json_string("the storage takes no lock of restic's: it was read without one"));
}

static int choose_latest(struct session *session, const struct holdings *holdings,
                         const struct source_wish *wish, struct source *ret, struct error *err)
{
    const char *source = jsonx_annotation(session->object, ANNOTATION_SOURCE_TARGET);
    struct holdings_wish its = {
        .source = source && *source ? source : NULL,
        /* as it is now: the pod may have come before the session began */
        .cluster = jsonx_str(session->object, "status", "cluster", NULL),
        .target = session->target,
        .host = wish->host,
        .until = latest_date(session),
        .dump = wish->dump,
    };

    if (!*wish->paths)
        return error_set(err, ERR_NOT_FOUND,
                         "nothing to restore: the rule names neither paths nor snapshots");
    for (const char *const *path = wish->paths; *path; path++) {
        const struct holding *found = NULL;
        int r;

        its.path = *path;
        r = holdings_choose(holdings, &its, &found, err);
        if (r < 0)
            return r;
        warn_of_rival(session, holdings, found);
        source_add(ret, found->newest, found->path, list_of_one(found->path))->empty =
            found->files == 0;
    }
    return 0;
}

static int choose_id(struct session *session, const struct holdings *holdings, const char *id,
                     struct source *ret, struct error *err)
{
    const struct holdings_wanted *found = NULL;
    int r = holdings_found(holdings, id, &found, err);

    if (r < 0)
        return r;
    source_add(ret, found->id, found->path, xstrdup(found->paths))->empty = found->files == 0;
    if (found->incomplete)
        json_array_append_new(
            warnings_own(session),
            json_sprintf("snapshot %.8s lacks files that could not be read when it was made",
                         found->id));
    return 0;
}

/* It may be the newest one, and another target's is not told from ours. */
static int latest_unknown(const struct text *unread, struct error *err)
{
    return error_set(err, ERR_CONFLICT,
                     "which snapshot is the latest is not known, because one cannot be read: list "
                     "the id of the one that is meant in the rule's snapshots (restic: %s)",
                     unread->s);
}

int source_choose(struct session *session, const struct restic *restic,
                  const struct source_wish *wish, struct source *ret, struct error *err)
{
    AUTO(holdings_done) struct holdings holdings = {0};
    AUTO(argv_done) struct argv ids = {0};
    struct text unread = {0};
    int r;

    argv_add_list(&ids, NULL, wish->snapshots);
    if (ids.count == 0)
        argv_add(&ids, LATEST);
    holdings_init(&holdings, jsonx_get(session->repository, "status", "incomplete", NULL));
    for (size_t i = 0; i < ids.count; i++)
        if (strcmp(ids.items[i], LATEST) != 0)
            holdings_want(&holdings, ids.items[i]);
    r = restic_list(restic, holdings_add, &holdings, &unread, err);
    for (size_t i = 0; r == 0 && i < ids.count; i++)
        r = strcmp(ids.items[i], LATEST) != 0
                ? choose_id(session, &holdings, ids.items[i], ret, err)
            : *unread.s ? latest_unknown(&unread, err)
                        : choose_latest(session, &holdings, wish, ret, err);
    return r;
}

int source_choose_dump(struct session *session, const struct restic *restic,
                       const struct source_wish *wish, struct source *ret, struct error *err)
{
    int r = source_choose(session, restic, wish, ret, err);

    if (r == 0 && ret->count != 1)
        r = error_set(err, ERR_INVALID, "one dump at a time: list one snapshot, not %zu",
                      ret->count);
    return r;
}

int source_begin_writing(struct session *session, struct error *err)
{
    static const struct condition modified = {CONDITION_TARGET_MODIFIED, "True", "RestoreBegan",
                                              "the restore has begun to write into the target"};
    const json_t *conditions = jsonx_get(session->object, "status", "conditions", NULL);

    if (!session->name || !session->restore ||
        condition_is_true(conditions, CONDITION_TARGET_MODIFIED))
        return 0;
    return session_set_condition(session, &modified, err);
}

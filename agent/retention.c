#include "retention.h"

#include <string.h>

#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/names.h"
#include "stash/report.h"
#include "stash/text.h"

/* ---- what is one history ------------------------------------------------------------------------------------------- */

static bool is_dump(const struct session *session)
{
    const char *kind = jsonx_str(session->ref, "kind", NULL);

    return kind && strcmp(kind, "AppBinding") == 0;
}

static const char *path_at(const json_t *stat, size_t at)
{
    const json_t *snapshot = json_array_get(json_object_get(stat, "snapshots"), at);
    const char *path = jsonx_str(snapshot, "path", NULL);

    return path ? path : "";
}

static bool has_path_before(const json_t *stat, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (strcmp(path_at(stat, i), path_at(stat, at)) == 0)
            return true;
    return false;
}

const json_t *retention_doubled(const struct session *session, const json_t *stats,
                                const char **ret_path)
{
    size_t i;
    json_t *stat;

    if (!is_dump(session))
        return NULL;
    json_array_foreach (jsonx_unconst(stats), i, stat)
        for (size_t k = 1; k < json_array_size(json_object_get(stat, "snapshots")); k++)
            if (has_path_before(stat, k)) {
                *ret_path = path_at(stat, k);
                return stat;
            }
    return NULL;
}

/* A streamed dump is "dumpfile.sql" in the session, and "/dumpfile.sql" in restic. */
static bool is_path(const struct holding *row, const char *path)
{
    return row->path && (strcmp(row->path, path) == 0 ||
                         (*row->path == '/' && strcmp(row->path + 1, path) == 0));
}

/* Steps that store different things of one host, say a dump and a folder, have a history for each. */
static bool has_several_paths(const json_t *stats)
{
    size_t i;
    json_t *stat;

    json_array_foreach (jsonx_unconst(stats), i, stat)
        for (size_t k = 1; k < json_array_size(json_object_get(stat, "snapshots")); k++)
            if (strcmp(path_at(stat, k), path_at(stat, 0)) != 0)
                return true;
    return false;
}

static bool stores(const json_t *stats, const struct holding *row)
{
    size_t i;
    json_t *stat;

    json_array_foreach (jsonx_unconst(stats), i, stat)
        for (size_t k = 0; k < json_array_size(json_object_get(stat, "snapshots")); k++)
            if (is_path(row, path_at(stat, k)))
                return true;
    return false;
}

static bool is_interim(const struct holding *row)
{
    return is_path(row, PATH_INTERIM_DATA) || is_path(row, PATH_TMP_INTERIM);
}

/* What a step stored that the Task has no more is no part of the dump's history, which would push it out. */
static bool has_former_paths(const struct holdings *holdings, const struct owner *owner,
                             const json_t *stats)
{
    for (size_t i = 0; i < holdings->count; i++) {
        const struct holding *row = &holdings->items[i];

        if (*row->newest && holdings_are_of(row, owner) && !is_interim(row) && !stores(stats, row))
            return true;
    }
    return false;
}

/* Of a host that failed, the newest may be older than what has to be kept: there is nothing new to make room for. */
json_t *retention_hosts(const json_t *stats)
{
    json_t *hosts = json_array();
    size_t i;
    json_t *stat;

    json_array_foreach (jsonx_unconst(stats), i, stat)
        if (!report_is_failed(stat))
            json_array_append(hosts, json_object_get(stat, "hostname"));
    return hosts;
}

void retention_init(struct retention *retention, const struct session *session,
                    const struct owner *owner, const json_t *stats, const struct holdings *holdings)
{
    *retention = (struct retention){.session = session,
                                    .owner = owner,
                                    .stats = stats,
                                    .grouped = is_dump(session) && !has_several_paths(stats) &&
                                               !has_former_paths(holdings, owner, stats)};
}

/* ---- what holds it ------------------------------------------------------------------------------------------------- */

void retention_expect(struct holdings *holdings, const json_t *stats)
{
    size_t i, k;
    json_t *stat, *snapshot;

    json_array_foreach (jsonx_unconst(stats), i, stat) {
        json_array_foreach (json_object_get(stat, "snapshots"), k, snapshot) {
            const char *id = jsonx_str(snapshot, "name", NULL);

            if (id && *id)
                holdings_want(holdings, id);
        }
    }
}

bool retention_is_bereft(const struct holdings *holdings, struct conclusions *conclusions)
{
    const char *missing = holdings_missing(holdings);

    if (!missing)
        return false;
    conclusion_set(conclusions, CONCLUSION_INTEGRITY, "False", "SnapshotMissing",
                   "snapshot %.8s, which this session stored, is not in the repository: the "
                   "storage did not keep it, or somebody removed it",
                   missing);
    conclusion_set(conclusions, CONCLUSION_RETENTION, "Unknown", "CheckFailed",
                   "no retention while a snapshot of this session is missing");
    return true;
}

static bool is_held_by_restore(const struct session *session, struct conclusions *conclusions)
{
    const char *held = jsonx_str(session->object, "status", "turn", "retentionHeld", NULL);

    if (held)
        conclusion_set(conclusions, CONCLUSION_RETENTION, "Unknown", "RetentionHeld", "%s", held);
    return held != NULL;
}

/* It would count as the newest for ever, and every real one as old. */
static bool has_future(const struct holdings *holdings, const struct owner *owner,
                       struct conclusions *conclusions)
{
    const struct holding *later =
        holdings_later(holdings, owner, clock_now() + HOLDINGS_CLOCK_SLACK);

    if (later)
        conclusion_set(
            conclusions, CONCLUSION_RETENTION, "Unknown", "SnapshotFromTheFuture",
            "snapshot %.8s is dated in the future: remove it (restic forget %.8s), or every later "
            "one would be removed before it",
            later->newest, later->newest);
    return later != NULL;
}

/* A path may stand twice in an invoker: then its host has stored two snapshots of it. Somebody may have tagged them since. */
static bool host_stores(const struct holdings *holdings, const json_t *stat, const char *id)
{
    size_t i;
    json_t *snapshot;

    json_array_foreach (json_object_get(stat, "snapshots"), i, snapshot) {
        const char *name = jsonx_str(snapshot, "name", NULL);
        const struct holdings_wanted *found = NULL;
        struct error unfound;

        if (name && *name && holdings_found(holdings, name, &found, &unfound) == 0 &&
            strcmp(found->id, id) == 0)
            return true;
    }
    return false;
}

/* The path as restic has it, that of a row; NULL when all paths of a host are one history. */
static const char *history_path(const struct retention *retention, const struct holdings *holdings,
                                const char *path)
{
    for (size_t i = 0; !retention->grouped && i < holdings->count; i++)
        if (is_path(&holdings->items[i], path))
            return holdings->items[i].path;
    return retention->grouped ? NULL : path;
}

typedef bool (*history_fn)(const struct holdings *holdings, const struct holdings_history *history,
                           const json_t *stat, struct conclusions *conclusions);

/* Whether `is` holds for one of the histories that the session has added to. */
static bool any_history(const struct retention *retention, const struct holdings *holdings,
                        history_fn is, struct conclusions *conclusions)
{
    size_t i, k;
    json_t *stat, *snapshot;

    json_array_foreach (jsonx_unconst(retention->stats), i, stat) {
        struct holdings_history history = {.owner = *retention->owner,
                                           .host = jsonx_str(stat, "hostname", NULL)};

        json_array_foreach (json_object_get(stat, "snapshots"), k, snapshot) {
            const char *path = jsonx_str(snapshot, "path", NULL);

            if (!history.host || !path)
                continue;
            history.path = history_path(retention, holdings, path);
            if (is(holdings, &history, stat, conclusions))
                return true;
        }
    }
    return false;
}

static bool told_outdated(const char *id, const char *host, struct conclusions *conclusions)
{
    conclusion_set(conclusions, CONCLUSION_RETENTION, "Unknown", "SnapshotFromTheFuture",
                   "snapshot %.8s of host %s is dated later than the one just made, and is "
                   "what `latest` means: the clocks of nodes differ. Nothing is removed "
                   "until a session's own snapshots are the newest",
                   id, host);
    return true;
}

/* What `restic rewrite` made of a snapshot has its date: a policy would keep any one of the two. */
static bool told_twin(const struct holding *newest, struct conclusions *conclusions)
{
    conclusion_set(
        conclusions, CONCLUSION_RETENTION, "Unknown", "SnapshotOfTheSameTime",
        "snapshots %.8s and %.8s of host %s have the same date, and only one of them was "
        "made by this session: nothing is removed until the newest is a session's own. "
        "After `restic rewrite` forget the one that is not wanted",
        newest->newest, newest->twin, newest->host);
    return true;
}

/*
 * A clock that was ahead once, or is behind now: the policy would take the session's own snapshot for an old one. Whatever
 * the times say, what a session has just stored has to be the newest.
 */
static bool is_outdated(const struct holdings *holdings, const struct holdings_history *history,
                        const json_t *stat, struct conclusions *conclusions)
{
    const struct holding *newest = holdings_newest(holdings, history);

    bool own = newest && host_stores(holdings, stat, newest->newest);
    bool twin_own = newest && *newest->twin && host_stores(holdings, stat, newest->twin);

    if (!newest || (own && (!*newest->twin || twin_own)))
        return false;
    return own || twin_own ? told_twin(newest, conclusions)
                           : told_outdated(newest->newest, history->host, conclusions);
}

/* Two steps of a Task that store the same dump of the same host: one would count as the history of the other. */
static bool is_doubled(const struct retention *retention, struct conclusions *conclusions)
{
    const char *path;
    const json_t *stat = retention_doubled(retention->session, retention->stats, &path);

    if (stat)
        conclusion_set(conclusions, CONCLUSION_RETENTION, "Unknown", "SeveralDumpsOfOneHost",
                       "nothing is removed: " RETENTION_DOUBLED, jsonx_str(stat, "hostname", NULL),
                       path);
    return stat != NULL;
}

static bool told_emptied(const struct holdings_history *history, uint64_t lost,
                         struct conclusions *conclusions)
{
    conclusion_set(conclusions, CONCLUSION_RETENTION, "Unknown", "TargetBecameEmpty",
                   "%s of host %s holds no file any more, and %llu snapshots before it do: nothing "
                   "is removed until there are files again. If it is meant to be empty, annotate "
                   "the invoker with " ANNOTATION_RETENTION_OF_EMPTY "=allow",
                   history->path ? history->path : "the dump", history->host,
                   (unsigned long long)lost);
    return true;
}

/*
 * Empty snapshots are no reason to lose those that hold the data: made in this session or before, and also of a path that
 * is not backed up any more, since the policy reaches all paths of a host.
 */
static bool is_emptied(const struct retention *retention, const struct holdings *holdings,
                       struct conclusions *conclusions)
{
    json_auto_t *hosts = retention_hosts(retention->stats);

    for (size_t i = 0; i < holdings->count; i++) {
        const struct holding *row = &holdings->items[i];
        const struct holdings_history history = {.owner = *retention->owner,
                                                 .host = row->host,
                                                 .path = retention->grouped ? NULL : row->path};
        uint64_t lost =
            holdings_are_of(row, retention->owner) && jsonx_find_text(hosts, row->host) >= 0
                ? holdings_lost(holdings, &history)
                : 0;

        if (lost > 0)
            return told_emptied(&history, lost, conclusions);
    }
    return false;
}

static bool may_be_empty(const struct session *session)
{
    const char *allowed = jsonx_annotation(session->invoker, ANNOTATION_RETENTION_OF_EMPTY);

    return allowed && strcmp(allowed, "allow") == 0;
}

bool retention_is_held(const struct retention *retention, const struct holdings *holdings,
                       struct conclusions *conclusions)
{
    return is_held_by_restore(retention->session, conclusions) ||
           has_future(holdings, retention->owner, conclusions) ||
           any_history(retention, holdings, is_outdated, conclusions) ||
           is_doubled(retention, conclusions) ||
           (!may_be_empty(retention->session) && is_emptied(retention, holdings, conclusions));
}

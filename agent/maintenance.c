#include "maintenance.h"

#include <stdio.h>
#include <string.h>

#include "check.h"
#include "conclusion.h"
#include "measure.h"
#include "repository.h"
#include "retention.h"
#include "stash/adopt.h"
#include "stash/clock.h"
#include "stash/holdings.h"
#include "stash/jsonx.h"
#include "stash/log.h"
#include "stash/names.h"
#include "stash/pair.h"
#include "stash/report.h"
#include "stash/spawn.h"
#include "turn.h"

#define MARK_PATIENCE_MS (2 * 60 * 1000) /* marking can wait for the next maintenance */
#define TAG_AT_ONCE      500             /* ids on one command line */

struct maintenance {
    struct session *session;
    const struct agent_flags *flags;
    struct restic *restic;
    const struct backend *backend;
    const json_t *stats_about; /* of the hosts that are recorded when this is done */
    struct owner owner;
    json_t *incomplete; /* ids of snapshots that lack files, marked or not; some of them twice */
    json_t *invokers;   /* that use the Repository, see adoption_is_owned() */
    struct holdings holdings;
    struct restic_stats stats;
    bool integrity, damaged;
    uint64_t removed, removed_incomplete;
    struct error annotation; /* what is wrong with that about adoption; ERR_OK: nothing */
    struct conclusions conclusions;
};

static void maintenance_done(struct maintenance *m)
{
    json_decref(m->incomplete);
    json_decref(m->invokers);
    holdings_done(&m->holdings);
}
DEFINE_AUTO_VALUE(struct maintenance, maintenance_done);

static json_t *invokers_of(const json_t *repository)
{
    json_t *names = json_object();
    size_t i;
    json_t *reference;

    json_array_foreach (jsonx_get(repository, "status", "references", NULL), i, reference) {
        const char *namespace = jsonx_str(reference, "namespace", NULL);
        AUTO(mem_free)
        char *name = owner_name(jsonx_str(reference, "kind", NULL),
                                namespace ? namespace : jsonx_namespace(repository),
                                jsonx_str(reference, "name", NULL));

        const char *target = jsonx_str(reference, "target", NULL);
        json_object_set_new(names, name, target ? json_string(target) : json_null());
    }
    return names;
}

static void maintenance_init(struct maintenance *m)
{
    m->owner = session_owner(m->session);
    m->invokers = invokers_of(m->session->repository);
    if (m->session->invoker_name)
        json_object_set_new(m->invokers, m->session->invoker_name, json_string(m->session->target));
}

/* ---- check ------------------------------------------------------------------------------------------- */

static int repository_check(struct maintenance *m, struct error *err)
{
    struct restic_verdict verdict = {0};
    int r = check_alone(m->restic, &verdict, err);

    if (r == -ERR_CONFLICT)
        return r;
    if (r < 0)
        return error_wrap(err, "the storage failed while the repository was checked");
    m->damaged = verdict.errors > 0;
    if (m->damaged)
        return error_set(err, ERR_INVALID,
                         "restic check found %llu errors, the repository is damaged: %s",
                         (unsigned long long)verdict.errors, verdict.why.s);
    m->integrity = true;
    conclusion_done(&m->conclusions, CONCLUSION_INTEGRITY, "restic check found no errors");
    return 0;
}

/* ---- what is there -------------------------------------------------------------------------------------- */

/* Those that are recorded, and those that are about to be. */
static json_t *stats_of(const struct session *session, const json_t *about)
{
    ptrdiff_t at = report_target_index(session->object, session->ref);
    const json_t *targets = jsonx_get(session->object, "status", "targets", NULL);
    const json_t *row = at < 0 ? NULL : json_array_get(targets, (size_t)at);

    return report_merge(jsonx_get(row, "stats", NULL), about);
}

/* The Repository lists them. Should it not have been told: those of this session and, in the turn, of earlier ones. */
static void gather_incomplete(struct maintenance *m)
{
    const json_t *lists[] = {
        jsonx_get(m->session->repository, "status", "incomplete", NULL),
        jsonx_get(m->session->object, "status", "turn", "incomplete", NULL),
    };
    size_t i;
    json_t *stat;

    json_decref(m->incomplete);
    m->incomplete = json_array();
    for (i = 0; i < ARRAY_LEN(lists); i++)
        json_array_extend(m->incomplete, jsonx_unconst(lists[i]));
    json_array_foreach (m->stats_about, i, stat)
        json_array_extend(m->incomplete, json_object_get(stat, "incomplete"));
}

static int take_stock(struct maintenance *m, struct error *err)
{
    json_auto_t *stats = stats_of(m->session, m->stats_about);

    gather_incomplete(m);
    holdings_done(&m->holdings);
    holdings_init(&m->holdings, m->incomplete);
    retention_expect(&m->holdings, stats);
    return restic_list(m->restic, holdings_add, &m->holdings, NULL, err);
}

static bool edit_marked(void *ctx, json_t *object)
{
    return repository_edit_marked(object, ctx);
}

/* `ids`: snapshots of this target that are to be marked; `old`: that lie beside their marked copy, because the storage kept
 * them or somebody was killed. `settled`: listed ids that need no mention afterwards, since they are marked then, or gone. */
static void sort_incomplete(const struct maintenance *m, struct argv *ids, struct argv *old,
                            json_t *settled)
{
    const json_t *listed = jsonx_get(m->session->repository, "status", "incomplete", NULL);
    json_auto_t *others =
        json_object(); /* listed ids of other targets, which mark them themselves */
    const char *unmarked;
    json_t *its;
    size_t i;
    json_t *id;

    jsonx_foreach_member (m->holdings.unmarked, unmarked, its) {
        const char *as = jsonx_str(its, "listed", NULL);

        if (strcmp(jsonx_str(its, "target", NULL), m->owner.target) == 0)
            argv_add(json_object_get(m->holdings.marked, as) ? old : ids, unmarked);
        else
            json_object_set_new(others, as, json_true());
    }
    json_array_foreach (jsonx_unconst(listed), i, id)
        if (!json_object_get(others, json_string_value(id)))
            json_array_append(settled, id);
}

/* A snapshot that lacks files gets another tag, and with it another id. */
static int mark_incomplete(struct maintenance *m, struct error *err)
{
    AUTO(argv_done) struct argv ids = {0}, old = {0};
    AUTO(mem_free) char *add = xasprintf(TAG_INCOMPLETE "%s", m->owner.target);
    AUTO(mem_free) char *remove = xasprintf(TAG_TARGET "%s", m->owner.target);
    json_auto_t *settled = json_array();
    json_auto_t *changed = json_object();
    int r = 0;

    sort_incomplete(m, &ids, &old, settled);
    if (ids.count > 0) {
        const struct restic_retag retag = {argv_list(&ids), add, remove};

        r = restic_tag(m->restic, &retag, changed, err);
    }
    if (r == 0 && old.count > 0)
        r = restic_drop(m->restic, argv_list(&old), err);
    if (r == 0 && json_array_size(settled) > 0)
        r = repository_update(m->session, edit_marked, settled, err);
    return r < 0 ? error_wrap(err, "marking incomplete snapshots") : 0;
}

static int adopt_some(struct maintenance *m, const struct adoption *adoption, size_t from,
                      struct error *err)
{
    AUTO(argv_done) struct argv ids = {0};
    AUTO(mem_free) char *add = owner_tags(&m->owner);
    AUTO(mem_free) char *remove = adoption_former_tags(adoption, &m->owner);
    json_auto_t *changed = json_object();

    for (size_t i = from; i < adoption->ids.count && i < from + TAG_AT_ONCE; i++)
        argv_add(&ids, adoption->ids.items[i]);
    const struct restic_retag retag = {argv_list(&ids), add, remove};
    return restic_tag(m->restic, &retag, changed, err);
}

/* Snapshots without an owner that the Repository's annotation hands to this invoker. */
static int snapshots_adopt(struct maintenance *m, struct error *err)
{
    const char *annotation = jsonx_annotation(m->session->repository, ANNOTATION_ADOPT_SNAPSHOTS);
    AUTO(adoption_done)
    struct adoption adoption = {.cluster = m->owner.cluster,
                                .invoker = m->owner.invoker,
                                .target = m->owner.target,
                                .incomplete_ids = m->incomplete,
                                .invokers = m->invokers};
    bool wanted;
    int r;

    if (adoption_read(&adoption, annotation, &wanted, &m->annotation) < 0 || !wanted)
        return 0;
    r = restic_list(m->restic, adoption_add, &adoption, NULL, err);
    adoption_choose(&adoption);
    for (size_t from = 0; r == 0 && from < adoption.ids.count; from += TAG_AT_ONCE)
        r = adopt_some(m, &adoption, from, err);
    if (r == 0 && adoption.ids.count > 0) {
        log_info("snapshots were adopted", "invoker", m->owner.invoker);
        r = take_stock(m, err);
    }
    return r < 0 ? error_wrap(err, "adopting snapshots") : 0;
}

/* ---- retention --------------------------------------------------------------------------------------------- */

/* Incomplete snapshots count for nothing: of those, the newest is kept beside the complete ones. */
static int forget_incomplete(struct maintenance *m, const struct retention *retention,
                             const json_t *policy, struct error *err)
{
    AUTO(mem_free) char *tags = owner_tags_incomplete(&m->owner);
    json_auto_t *one = json_pack("{s:i, s:b, s:b}", PAIR("keepLast", 1),
                                 PAIR("prune", jsonx_bool(policy, 0, "prune", NULL)),
                                 PAIR("dryRun", jsonx_bool(policy, 0, "dryRun", NULL)));
    const struct restic_forget forget = {one, tags, NULL, retention->grouped};
    struct restic_forgotten forgotten = {0};
    int r;

    if (holdings_of(&m->holdings, &m->owner).incomplete <= 1)
        return 0;
    r = restic_forget(m->restic, &forget, &forgotten, err);
    if (!jsonx_bool(policy, 0, "dryRun", NULL))
        m->removed_incomplete = forgotten.removed;
    return r;
}

static int snapshots_forget(struct maintenance *m, const struct retention *retention,
                            const json_t *policy, struct error *err)
{
    AUTO(mem_free) char *tags = owner_tags(&m->owner);
    json_auto_t *hosts = retention_hosts(retention->stats);
    const struct restic_forget request = {policy, tags, hosts, retention->grouped};
    struct restic_forgotten forgotten = {0};
    bool dry_run = jsonx_bool(policy, 0, "dryRun", NULL);
    int r = restic_forget(m->restic, &request, &forgotten, err);

    if (r == 0)
        r = forget_incomplete(m, retention, policy, err);
    if (r < 0)
        return r;
    m->removed = dry_run ? 0 : forgotten.removed;
    conclusion_set(&m->conclusions, CONCLUSION_RETENTION, "True", CONCLUSION_RETENTION_DONE,
                   dry_run ? "dry run: %llu of this target's snapshots would be kept, %llu removed"
                           : "%llu of this target's snapshots kept, %llu removed",
                   (unsigned long long)forgotten.kept, (unsigned long long)forgotten.removed);
    return 0;
}

static int apply_retention(struct maintenance *m, struct error *err)
{
    const json_t *policy = jsonx_get(m->session->invoker, "spec", "retentionPolicy", NULL);
    json_auto_t *stats = stats_of(m->session, m->stats_about);
    struct retention retention;

    retention_init(&retention, m->session, &m->owner, stats, &m->holdings);
    if (retention_is_held(&retention, &m->holdings, &m->conclusions))
        return 0;
    if (!restic_args_keeps_some(policy)) {
        conclusion_done(&m->conclusions, CONCLUSION_RETENTION,
                        "the policy has no rule: every snapshot is kept");
        return 0;
    }
    return snapshots_forget(m, &retention, policy, err);
}

/* ---- numbers --------------------------------------------------------------------------------------------------- */

struct repository_report {
    struct repository_facts facts;
    struct condition owned;
};

static bool edit_repository(void *ctx, json_t *object)
{
    const struct repository_report *report = ctx;

    repository_edit_facts(object, &report->facts);
    if (report->owned.type)
        condition_edit(object, &report->owned, clock_now());
    return true;
}

static uint64_t count_incomplete(const struct holdings *holdings)
{
    uint64_t count = 0;

    for (size_t i = 0; i < holdings->count; i++)
        count += holdings->items[i].incomplete;
    return count;
}

/* How many snapshots nobody here owns, and how to change that. */
static char *owned_message(const struct maintenance *m, uint64_t *ret_count)
{
    const json_t *repository = m->session->repository;
    struct text examples;

    *ret_count = 1;
    if (m->annotation.kind != ERR_OK)
        return xstrdup(m->annotation.msg);
    *ret_count = holdings_unowned(&m->holdings, m->owner.cluster, m->invokers, &examples);
    if (*ret_count == 0)
        return xstrdup("every snapshot belongs to an invoker");
    return xasprintf(
        "%llu snapshots belong to no invoker here, and retention leaves them (%s); to "
        "give them to one: kubectl -n %s annotate repository %s " ANNOTATION_ADOPT_SNAPSHOTS
        "='[{\"invoker\":\"BackupConfiguration/NAMESPACE/NAME\",\"host\":\"HOST\","
        "\"paths\":[\"PATH\"]}]'",
        (unsigned long long)*ret_count, examples.s, jsonx_namespace(repository),
        jsonx_name(repository));
}

static int store_numbers(struct maintenance *m, struct error *err)
{
    const char *started = jsonx_str(m->session->object, "metadata", "creationTimestamp", NULL);
    AUTO(mem_free) char *time = xstrdup(started ? started : "");
    AUTO(mem_free) char *message = NULL;
    char size[FORMAT_SIZE];
    uint64_t unowned = 0;
    uint64_t incomplete = count_incomplete(&m->holdings) - m->removed_incomplete;
    struct repository_report report = {
        .facts = {.last_backup_time = time,
                  .integrity = m->integrity,
                  .counted = m->integrity,
                  .snapshot_count = (int64_t)(m->stats.snapshots - incomplete),
                  .snapshots_removed = (int64_t)(m->removed + m->removed_incomplete),
                  .total_size = size},
    };

    format_bytes(m->stats.bytes, size);
    if (m->integrity) {
        message = owned_message(m, &unowned);
        report.owned =
            (struct condition){CONDITION_SNAPSHOTS_OWNED, unowned ? "False" : "True",
                               unowned ? "SnapshotsWithoutOwner" : "EverySnapshotOwned", message};
    }
    return repository_update(m->session, edit_repository, &report, err);
}

static void push_numbers(struct maintenance *m)
{
    const struct session *session = m->session;
    const struct metrics_repository numbers = {
        .name = jsonx_name(session->repository),
        .namespace = jsonx_namespace(session->repository),
        .backend = m->backend->provider->name,
        .bucket = m->backend->container,
        .prefix = m->backend->prefix,
        .integrity = m->integrity,
        .size_bytes = m->stats.bytes,
        .snapshot_count = m->stats.snapshots,
        .snapshots_removed = m->removed,
    };
    struct error err;

    if (!measure_is_wanted(m->flags))
        conclusion_done(&m->conclusions, CONCLUSION_METRICS, "metrics are switched off");
    else if (measure_repository(session, m->flags, &numbers, &err) < 0)
        conclusion_failed(&m->conclusions, CONCLUSION_METRICS, &err);
    else
        conclusion_done(&m->conclusions, CONCLUSION_METRICS, "metrics were pushed");
}

/* ---- the turn ---------------------------------------------------------------------------------------------------- */

/* integrity: false; the numbers stay as they were. */
static void tell_damage(struct maintenance *m)
{
    struct error err;

    m->integrity = false;
    if (store_numbers(m, &err) < 0)
        log_warn("the Repository was not told", "error", err.msg);
    push_numbers(m);
}

/* What was not concluded yet. */
static void maintenance_defer(struct maintenance *m, const struct error *why)
{
    static const int deferred[] = {CONCLUSION_RETENTION, CONCLUSION_INTEGRITY};

    for (size_t i = 0; i < ARRAY_LEN(deferred); i++)
        if (!m->conclusions.of[deferred[i]].status)
            conclusion_set(&m->conclusions, deferred[i], "Unknown", "Deferred",
                           "%s: left to the next session", why->msg);
    log_warn("maintenance is left to the next session", "reason", why->msg);
}

/* Whether restic was ended because there is no more time, and not by an error. */
static bool is_cut_short(const struct maintenance *m, const struct error *err)
{
    int64_t end = m->restic->deadline_ms;

    return err->kind == ERR_TIMEOUT && (spawn_is_cancelled() || (end && clock_mono_ms() >= end));
}

/* The backup is stored: neither its session's deadline nor the end of the pod makes it a failure. */
static void maintenance_break_off(struct maintenance *m)
{
    struct error why;

    if (spawn_is_cancelled())
        error_set(&why, ERR_TIMEOUT, "told to stop");
    else
        error_set(
            &why, ERR_TIMEOUT,
            "it would have gone on beyond the session's deadline (when that is so every time, "
            "spec.timeOut is too short for check and prune of this repository)");
    maintenance_defer(m, &why);
}

static void conclude_bad_check(struct maintenance *m, const struct error *why)
{
    if (is_cut_short(m, why)) {
        maintenance_break_off(m);
        return;
    }
    if (why->kind == ERR_CONFLICT)
        conclusion_set(&m->conclusions, CONCLUSION_INTEGRITY, "Unknown", "RepositoryLocked", "%s",
                       why->msg);
    else
        conclusion_failed(&m->conclusions, CONCLUSION_INTEGRITY, why);
    conclusion_set(&m->conclusions, CONCLUSION_RETENTION, "Unknown", "CheckFailed",
                   "no retention after a check that failed");
    if (m->damaged)
        tell_damage(m);
}

static int repository_clean(struct maintenance *m, struct error *err)
{
    int r = mark_incomplete(m, err);

    if (r == 0)
        r = snapshots_adopt(m, err);
    if (r == 0)
        r = apply_retention(m, err);
    if (r < 0 && conclusion_refused(&m->conclusions, err))
        r = 0; /* what is there can be counted */
    if (r == 0)
        r = restic_stats(m->restic, &m->stats, err);
    return r < 0 ? r : store_numbers(m, err);
}

/* Retention follows a check that found no errors, and nothing else. */
static void repository_maintain(struct maintenance *m)
{
    struct error err;
    int r = repository_check(m, &err);

    if (r < 0) {
        conclude_bad_check(m, &err);
        return;
    }
    r = take_stock(m, &err);
    if (r == 0 && retention_is_bereft(&m->holdings, &m->conclusions)) {
        tell_damage(m);
        return;
    }
    if (r == 0)
        r = repository_clean(m, &err);
    if (r < 0 && is_cut_short(m, &err))
        maintenance_break_off(m);
    else if (r < 0 && err.code == RESTIC_EXIT_LOCKED)
        conclusion_set(&m->conclusions, CONCLUSION_RETENTION, "Unknown", "RepositoryLocked",
                       "%s; retention is left to the next session", err.msg);
    else if (r < 0)
        conclusion_failed(&m->conclusions, CONCLUSION_RETENTION, &err);
    else if (r == 0)
        push_numbers(m);
}

/* The repository could not be opened: that is the failure of the first action. */
static void maintenance_refuse(struct maintenance *m, const struct error *why)
{
    conclusion_failed(&m->conclusions, CONCLUSION_RETENTION, why);
}

static void run_in_turn(struct maintenance *m)
{
    struct error err;
    int r = repository_register(m->session, &err);

    if (r == 0 && !owner_is_whole(&m->owner))
        r = error_set(&err, ERR_INVALID,
                      "the session's status does not say the cluster: is the reconciler older than "
                      "this agent?");
    if (r == 0)
        r = turn_take(m->session, turn_patience_ms(m->session), &err);
    if (r == -ERR_TIMEOUT) {
        maintenance_defer(m, &err);
        return;
    }
    if (r < 0) {
        maintenance_refuse(m, &err);
        return;
    }
    repository_maintain(m);
    turn_give_back(m->session);
}

/* Its locks are the reconciler's to judge, like those that a backup meets. */
static int open_repository(struct maintenance *m, struct backend *backend, json_t **ret_secret,
                           struct error *err)
{
    int r = session_open_restic(m->session, m->flags, backend, ret_secret, m->restic, err);

    m->backend = backend;
    m->restic->on_locked = turn_on_locked;
    m->restic->locked_ctx = m->session;
    m->restic->deadline_ms = turn_end_ms(m->session);
    return r;
}

int maintenance_run(struct session *session, const struct agent_flags *flags, const json_t *stats,
                    struct error *err)
{
    AUTO(restic_done) struct restic restic = {0};
    AUTO(maintenance_done) struct maintenance m = {session, flags, &restic, .removed = 0};
    struct backend backend = {0};
    json_auto_t *secret = NULL;
    struct error why;

    if (!conclusion_is_due(session))
        return 0;
    m.stats_about = stats;
    maintenance_init(&m);
    if (open_repository(&m, &backend, &secret, &why) < 0)
        maintenance_refuse(&m, &why);
    else
        run_in_turn(&m);
    return conclusion_store(&m.conclusions, session, err);
}

/* ---- after a failure ------------------------------------------------------------------------------------------------ */

static int mark_in_turn(struct maintenance *m, struct error *err)
{
    int r = repository_register(m->session, err);

    if (r == 0)
        r = turn_take(m->session, MARK_PATIENCE_MS, err);
    if (r < 0)
        return r;
    r = take_stock(m, err);
    if (r == 0)
        r = mark_incomplete(m, err);
    turn_give_back(m->session);
    return r;
}

void maintenance_mark(struct session *session, const struct agent_flags *flags, const json_t *stats)
{
    AUTO(restic_done) struct restic restic = {0};
    AUTO(maintenance_done) struct maintenance m = {session, flags, &restic, .removed = 0};
    struct backend backend = {0};
    json_auto_t *secret = NULL;
    struct error err;
    int r;

    m.stats_about = stats;
    gather_incomplete(&m);
    if (repository_note_incomplete(session, m.incomplete, &err) < 0)
        log_error("the Repository was not told of incomplete snapshots", "error", err.msg);
    if (json_array_size(m.incomplete) == 0)
        return;
    maintenance_init(&m);
    r = open_repository(&m, &backend, &secret, &err);
    if (r == 0)
        r = mark_in_turn(&m, &err);
    if (r < 0)
        log_warn("incomplete snapshots are marked by the next maintenance", "reason", err.msg);
}

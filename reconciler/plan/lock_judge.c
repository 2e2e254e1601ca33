#include "lock_judge.h"

#include <inttypes.h>
#include <string.h>

#include "failures.h"
#include "stash/jsonx.h"
#include "stash/plan.h"
#include "stash/text.h"
#include "stash/timefmt.h"

/* restic refreshes its lock every 5 minutes, or gives up after 22.5 */
#define LOCK_STALE_DEFAULT 1500
#define LOCKS_MAX          64
#define LOCKS_LEFT_MAX     16 /* of those that nobody names now, the last named */
#define LOCKS_LEFT_SECONDS (7 * 24 * 3600)
#define LOOK_AGAIN_SECONDS 10
#define HOST_NAME_MAX_CUT  63 /* of a pod's name, as its host name */

/* ---- since when a lock is known ----------------------------------------------------------------------------------- */

static json_t *note_of(const struct draft *draft, const char *id)
{
    const json_t *locks = jsonx_get(draft->status, "locks", NULL);
    ptrdiff_t at = jsonx_find(locks, "id", id);
    char text[TIMEFMT_SIZE];

    if (at >= 0)
        return json_incref(json_array_get(locks, (size_t)at));
    timefmt_rfc3339(draft->now, text);
    return json_pack("{s:s, s:s}", "id", id, "seenAt", text);
}

/*
 * Whoever met a lock may have to end before its time is over: the next one goes on from there. Only a lock that has not
 * changed has the same id.
 */
static void keep_left(const struct draft *draft, json_t *locks)
{
    size_t named = json_array_size(locks);
    size_t room = named + LOCKS_LEFT_MAX < LOCKS_MAX ? named + LOCKS_LEFT_MAX : LOCKS_MAX;
    size_t i;
    json_t *note;

    json_array_foreach (jsonx_get(draft->status, "locks", NULL), i, note) {
        const char *id = jsonx_str(note, "id", NULL);
        int64_t seen = failures_time(jsonx_get(note, "seenAt", NULL));

        if (id && jsonx_find(locks, "id", id) < 0 && json_array_size(locks) < room &&
            draft->now - seen < LOCKS_LEFT_SECONDS)
            json_array_append(locks, note);
    }
}

void lock_judge_note(struct draft *draft, const json_t *ids)
{
    json_t *locks = json_array();
    size_t i;
    json_t *id;

    json_array_foreach (jsonx_unconst(ids), i, id) {
        const char *text = json_string_value(id);

        if (text && jsonx_find(locks, "id", text) < 0 && json_array_size(locks) < LOCKS_MAX)
            json_array_append_new(locks, note_of(draft, text));
    }
    keep_left(draft, locks);
    if (json_array_size(locks) > 0)
        json_object_set(draft->status, "locks", locks);
    else
        json_object_del(draft->status, "locks");
    json_decref(locks);
}

/* ---- one holder --------------------------------------------------------------------------------------------------- */

struct judgement {
    bool ended;
    char holder[1024];
};

struct suspect {
    struct draft *draft;
    const json_t *executor;
    const json_t *lock;
    char name[400]; /* "pod letters/x-1" */
};

/* What a pod calls itself; NULL when that is not told by the pod. The caller frees it. */
static char *host_name(const json_t *pod)
{
    const json_t *spec = jsonx_get(pod, "spec", NULL);
    const char *own = jsonx_str(spec, "hostname", NULL);
    const char *override = jsonx_str(spec, "hostnameOverride", NULL);

    if (jsonx_bool(spec, false, "hostNetwork", NULL) ||
        jsonx_bool(spec, false, "setHostnameAsFQDN", NULL) || !jsonx_name(pod))
        return NULL;
    if (override && *override)
        return xstrdup(override);
    if (own && *own)
        return xstrdup(own);
    char *name = xstrndup(jsonx_name(pod), HOST_NAME_MAX_CUT);
    for (size_t len = strlen(name); len > 0 && strchr("-.", name[len - 1]); len--)
        name[len - 1] = '\0'; /* as the kubelet cuts */
    return name;
}

static const json_t *container_status(const json_t *pod, const char *container)
{
    static const char *const lists[] = {"containerStatuses", "initContainerStatuses"};

    for (size_t i = 0; container && i < ARRAY_LEN(lists); i++) {
        const json_t *list = jsonx_get(pod, "status", lists[i], NULL);
        ptrdiff_t at = jsonx_find(list, "name", container);

        if (at >= 0)
            return json_array_get(list, (size_t)at);
    }
    return NULL;
}

/* The API server hears of an end a moment late: one before the row was written is that of the run before. */
static bool has_ended_since(const json_t *state, int64_t began)
{
    const json_t *terminated = jsonx_get(state, "terminated", NULL);
    int64_t finished = failures_time(jsonx_get(terminated, "finishedAt", NULL));

    return terminated && (finished == 0 || finished > began);
}

/*
 * A container that has ended, or was started again after the lock was last written, does not hold it. All times are of
 * the clock of one node.
 */
static bool is_container_over(const struct suspect *suspect, const json_t *pod)
{
    const json_t *executor = suspect->executor;
    const json_t *status = container_status(pod, jsonx_str(executor, "container", NULL));
    int64_t began = failures_time(jsonx_get(executor, "startedAt", NULL));
    int64_t running = failures_time(jsonx_get(status, "state", "running", "startedAt", NULL));
    int64_t locked = failures_time(jsonx_get(suspect->lock, "createdAt", NULL));

    if (locked > 0 && running > locked)
        return true;
    if (jsonx_get(status, "state", "running", NULL))
        return began > 0 && running > began;
    return has_ended_since(jsonx_get(status, "state", NULL), began) ||
           has_ended_since(jsonx_get(status, "lastState", NULL), began);
}

/* When the container last ended, 0: not known, or it has not. */
static int64_t last_end(const json_t *status)
{
    int64_t now = failures_time(jsonx_get(status, "state", "terminated", "finishedAt", NULL));

    return now ? now
               : failures_time(jsonx_get(status, "lastState", "terminated", "finishedAt", NULL));
}

/*
 * Was the lock written when the run that this row tells of was over? Then it is somebody else's, who has the same host
 * name: a StatefulSet of another cluster, say, or a person in the container. A later run has a row of its own.
 */
static bool is_written_after(const struct suspect *suspect, const json_t *pod)
{
    const json_t *status = container_status(pod, jsonx_str(suspect->executor, "container", NULL));
    int64_t began = failures_time(jsonx_get(suspect->executor, "startedAt", NULL));
    int64_t running = failures_time(jsonx_get(status, "state", "running", "startedAt", NULL));
    int64_t locked = failures_time(jsonx_get(suspect->lock, "createdAt", NULL));
    int64_t end = last_end(status);

    if (began > 0 && running > began) /* started anew: after the end, which may not be told */
        end = end > began ? end : running;
    return locked > 0 && end > began && locked > end + 1; /* an end is told in whole seconds */
}

static bool is_pod_over(const json_t *pod)
{
    const char *phase = jsonx_str(pod, "status", "phase", NULL);

    return text_is(phase, "Succeeded") || text_is(phase, "Failed");
}

static void judge_say(struct judgement *ret, bool ended, const char *who, const char *what)
{
    ret->ended = ended;
    snprintf(ret->holder, sizeof(ret->holder), "%s %s", who, what);
}

static void say_at_work(struct judgement *ret, const struct suspect *suspect)
{
    const char *session = jsonx_str(suspect->executor, "session", NULL);

    ret->ended = false;
    snprintf(ret->holder, sizeof(ret->holder), "%s is at work%s%s", suspect->name,
             session ? " for " : "", session ? session : "");
}

/* Leaves `ret` alone where this executor cannot have written the lock. */
static void judge_living(const struct suspect *suspect, const json_t *pod, struct judgement *ret)
{
    const char *claimed = jsonx_str(suspect->executor, "hostname", NULL);
    AUTO(mem_free) char *host = host_name(pod);

    if (is_written_after(suspect, pod))
        return;
    if (!host)
        judge_say(ret, false, suspect->name,
                  "may have the host name of others: only a person can tell");
    else if (!text_is(host, claimed))
        judge_say(ret, false, suspect->name, "has another host name: only a person can tell");
    else if (is_pod_over(pod) || is_container_over(suspect, pod) ||
             failures_time(jsonx_get(suspect->executor, "endedAt", NULL)))
        judge_say(ret, true, suspect->name, "has ended");
    else
        say_at_work(ret, suspect);
}

static int64_t seen_at(const struct suspect *suspect)
{
    const char *id = jsonx_str(suspect->lock, "id", NULL);
    const json_t *locks = jsonx_get(suspect->draft->status, "locks", NULL);
    ptrdiff_t at = id ? jsonx_find(locks, "id", id) : -1;

    return at >= 0 ? failures_time(jsonx_get(json_array_get(locks, (size_t)at), "seenAt", NULL))
                   : 0;
}

/* Who lives writes its lock anew every few minutes. `what` tells why nothing else can be said of `suspect`. */
static void judge_by_age(const struct suspect *suspect, const char *what, struct judgement *ret)
{
    struct draft *draft = suspect->draft;
    int64_t stale = jsonx_int(draft->world, LOCK_STALE_DEFAULT, "config", "lockStaleSeconds", NULL);
    int64_t seen = seen_at(suspect);
    int64_t end = (seen ? seen : draft->now) + stale;
    bool minutes = stale % 60 == 0;

    ret->ended = draft->now >= end;
    snprintf(ret->holder, sizeof(ret->holder),
             ret->ended ? "%s %s, and its lock has not changed for %" PRId64 " %s"
                        : "%s %s; its lock is given %" PRId64 " %s to change",
             suspect->name, what, minutes ? stale / 60 : stale, minutes ? "minutes" : "seconds");
    if (!ret->ended)
        draft_requeue(draft, end - draft->now);
}

static void judge_lock(const struct suspect *suspect, struct judgement *ret)
{
    const json_t *pods = jsonx_get(suspect->draft->world, "pods", NULL);
    const char *uid = jsonx_str(suspect->executor, "uid", NULL);
    const json_t *pod = uid ? json_object_get(pods, uid) : NULL;

    if (!uid || !pod) {
        judge_say(ret, false, suspect->name, "could not be looked at");
        draft_requeue(suspect->draft, LOOK_AGAIN_SECONDS);
    } else if (json_is_null(pod) || !text_is(jsonx_uid(pod), uid)) {
        /* a node may have lost its API server: the pod goes on there */
        judge_by_age(suspect, "is gone", ret);
    } else {
        judge_living(suspect, pod, ret);
    }
}

/* ---- the lock ----------------------------------------------------------------------------------------------------- */

static bool may_hold(const json_t *executor, const json_t *lock)
{
    return text_is(jsonx_str(executor, "hostname", NULL), jsonx_str(lock, "hostname", NULL));
}

/*
 * What began after the lock was written, or had ended before, never held it. Others may have the same host name: a lock
 * that none of the rows covers is somebody's of whom nothing is known.
 */
static bool round_covers(const json_t *executor, const json_t *lock)
{
    int64_t began = failures_time(jsonx_get(executor, "startedAt", NULL));
    int64_t ended = failures_time(jsonx_get(executor, "endedAt", NULL));
    int64_t locked = failures_time(jsonx_get(lock, "createdAt", NULL));

    return locked == 0 || (began <= locked && (ended == 0 || locked <= ended));
}

/* Whether a run of the container that has no row any more may have left it. */
static bool may_be_of_earlier_run(const json_t *executor, const json_t *lock)
{
    int64_t since = failures_time(jsonx_get(executor, "earlierSince", NULL));
    int64_t locked = failures_time(jsonx_get(lock, "createdAt", NULL));

    return since > 0 && locked >= since;
}

static struct suspect suspect_of(struct draft *draft, const json_t *executor, const json_t *lock)
{
    struct suspect suspect = {.draft = draft, .executor = executor, .lock = lock};
    const char *namespace = jsonx_str(executor, "namespace", NULL);
    const char *name = jsonx_str(executor, "pod", NULL);

    snprintf(suspect.name, sizeof(suspect.name), "pod %s/%s", namespace ? namespace : "?",
             name ? name : "?");
    return suspect;
}

/* Nobody known can have written it: perhaps a run of which no more is known than since when there were such. */
static void judge_unknown(struct draft *draft, const json_t *lock, struct judgement *ret)
{
    const json_t *executors = jsonx_get(draft->object, "status", "executors", NULL);
    const char *host = jsonx_str(lock, "hostname", NULL);
    size_t i;
    json_t *executor;

    json_array_foreach (jsonx_unconst(executors), i, executor) {
        struct suspect suspect = suspect_of(draft, executor, lock);

        if (!may_hold(executor, lock) || !may_be_of_earlier_run(executor, lock))
            continue;
        judge_by_age(&suspect, "had earlier runs, which may have been killed", ret);
        return;
    }
    ret->ended = false;
    snprintf(ret->holder, sizeof(ret->holder), "unknown host \"%.253s\": only a person can tell",
             host ? host : "");
}

void lock_judge(struct draft *draft, json_t *lock)
{
    const json_t *executors = jsonx_get(draft->object, "status", "executors", NULL);
    struct judgement verdict = {.ended = true, .holder = ""};
    size_t i;
    json_t *executor;

    json_array_foreach (jsonx_unconst(executors), i, executor) {
        struct suspect suspect = suspect_of(draft, executor, lock);

        if (may_hold(executor, lock) && round_covers(executor, lock) && verdict.ended)
            judge_lock(&suspect, &verdict);
    }
    if (!*verdict.holder)
        judge_unknown(draft, lock, &verdict);
    jsonx_repair_text(verdict.holder);
    json_object_set_new(lock, "ended", json_boolean(verdict.ended));
    json_object_set_new(lock, "holder", json_string(verdict.holder));
}

/* ---- whom to look at ---------------------------------------------------------------------------------------------- */

static bool is_named(const json_t *users, const json_t *executor)
{
    size_t i;
    size_t k;
    json_t *user;
    json_t *lock;

    json_array_foreach (jsonx_unconst(users), i, user) {
        json_array_foreach (jsonx_get(user, "status", "turn", "locks", NULL), k, lock) {
            if (may_hold(executor, lock))
                return true;
        }
    }
    return false;
}

json_t *plan_holders(const json_t *repository, const json_t *users)
{
    json_t *holders = json_array();
    size_t i;
    json_t *executor;

    json_array_foreach (jsonx_get(repository, "status", "executors", NULL), i, executor) {
        const char *uid = jsonx_str(executor, "uid", NULL);

        if (uid && jsonx_str(executor, "namespace", NULL) && jsonx_str(executor, "pod", NULL) &&
            is_named(users, executor) && jsonx_find(holders, "uid", uid) < 0)
            json_array_append(holders, executor);
    }
    return holders;
}

#include "turn.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "repository.h"
#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/log.h"
#include "stash/pair.h"
#include "stash/spawn.h"
#include "stash/timefmt.h"

#define PATIENCE_SECONDS 1800
#define PATIENCE_MAX     (7 * 24 * 3600)
#define RENEW_SECONDS    120
#define END_RESERVE_MS   60000 /* what is left of the session's deadline then: to report */
#define LOOK_FIRST_MS    50
#define LOOK_LAST_MS     5000
/* the locks themselves are looked at this often while they are waited for */
#define LOCKS_AGAIN_MS 30000

static int64_t patience_of(const char *variable)
{
    const char *text = getenv(variable);
    char *end = NULL;
    long long seconds = text ? strtoll(text, &end, 10) : 0;

    if (!text || !*text || *end || seconds <= 0)
        seconds = PATIENCE_SECONDS;
    return 1000 * (seconds < PATIENCE_MAX ? seconds : PATIENCE_MAX);
}

int64_t turn_end_ms(const struct session *session)
{
    const char *text = jsonx_str(session->object, "status", "sessionDeadline", NULL);
    int64_t deadline;

    if (!text || !timefmt_parse(text, &deadline))
        return 0;
    return clock_mono_ms() + (deadline - clock_now()) * 1000 - END_RESERVE_MS;
}

/* Neither a turn nor a lock is a reason to miss the session's deadline with a backup that is stored. */
static int64_t patience_within(const struct session *session, int64_t patience)
{
    int64_t end = turn_end_ms(session);
    int64_t left = end - clock_mono_ms();

    if (!end)
        return patience;
    return left < 0 ? 0 : left < patience ? left : patience;
}

int64_t turn_patience_ms(const struct session *session)
{
    return patience_within(session, patience_of("STASH_TURN_PATIENCE"));
}

/* ---- keeping it ---------------------------------------------------------------------------------- */

/* Renews the turn while its holder waits for restic. */
struct turn_keeper {
    const struct session *session;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t stopped;
    bool stop;
};

static bool edit_renewed(void *ctx, json_t *object)
{
    (void)ctx;
    return session_edit_turn_renewed(object, clock_now());
}

static bool keeper_sleep(struct turn_keeper *keeper)
{
    struct timespec until;
    bool stop;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += RENEW_SECONDS;
    pthread_mutex_lock(&keeper->mutex);
    while (!keeper->stop && pthread_cond_timedwait(&keeper->stopped, &keeper->mutex, &until) == 0)
        ;
    stop = keeper->stop;
    pthread_mutex_unlock(&keeper->mutex);
    return !stop;
}

static void *keeper_main(void *ctx)
{
    struct turn_keeper *keeper = ctx;
    struct error err;

    while (keeper_sleep(keeper))
        if (session_write(keeper->session, edit_renewed, NULL, &err) < 0)
            log_warn("the turn could not be renewed", "error", err.msg);
    return NULL;
}

static void keeper_start(struct session *session)
{
    struct turn_keeper *keeper = xcalloc(1, sizeof(*keeper));
    pthread_condattr_t monotonic;

    keeper->session = session;
    pthread_mutex_init(&keeper->mutex, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&keeper->stopped, &monotonic);
    pthread_condattr_destroy(&monotonic);
    BUG_ON(pthread_create(&keeper->thread, NULL, keeper_main, keeper) != 0);
    session->keeper = keeper;
    session->give_back = turn_give_back;
}

static void keeper_stop(struct session *session)
{
    struct turn_keeper *keeper = TAKE(session->keeper);

    if (!keeper)
        return;
    pthread_mutex_lock(&keeper->mutex);
    keeper->stop = true;
    pthread_cond_signal(&keeper->stopped);
    pthread_mutex_unlock(&keeper->mutex);
    pthread_join(keeper->thread, NULL);
    pthread_cond_destroy(&keeper->stopped);
    pthread_mutex_destroy(&keeper->mutex);
    free(keeper);
}

/* ---- asking, waiting, giving back ------------------------------------------------------------------ */

static bool edit_wish(void *ctx, json_t *object)
{
    return session_edit_turn_wish(object, ctx, clock_now());
}

static bool edit_returned(void *ctx, json_t *object)
{
    (void)ctx;
    return session_edit_turn_returned(object);
}

static bool is_granted(const struct session *session)
{
    return strcmp(session_turn_state(session->object), "Granted") == 0;
}

typedef bool (*turn_answer_fn)(const struct session *session);

/* Look again and again until the answer is there. ERR_TIMEOUT: not in time, or told to stop. */
static int turn_await(struct session *session, turn_answer_fn is_there, int64_t end,
                      struct error *err)
{
    int64_t pause = LOOK_FIRST_MS;
    int64_t renew_at = clock_mono_ms() + RENEW_SECONDS * 1000;

    while (!is_there(session)) {
        int r = 0;

        if (spawn_is_cancelled())
            return error_set(err, ERR_TIMEOUT, "told to stop");
        if (clock_mono_ms() + pause > end)
            return error_set(err, ERR_TIMEOUT, "the Repository was in use all the time");
        spawn_sleep_ms(pause);
        pause = pause * 2 < LOOK_LAST_MS ? pause * 2 : LOOK_LAST_MS;
        if (clock_mono_ms() < renew_at) {
            r = session_reload(session, err);
        } else { /* also when it was taken back meanwhile: it is still wanted */
            r = session_update(session, edit_wish, NULL, err);
            renew_at = clock_mono_ms() + RENEW_SECONDS * 1000;
        }
        if (r < 0 && !error_retriable(err))
            return r;
    }
    return 0;
}

int turn_take(struct session *session, int64_t patience_ms, struct error *err)
{
    int r;

    if (!session->name || session->keeper)
        return 0;
    r = session_update(session, edit_wish, NULL, err);
    if (r == 0)
        r = turn_await(session, is_granted, clock_mono_ms() + patience_ms, err);
    if (r < 0) {
        turn_give_back(session);
        return error_wrap(err, "waiting for the Repository's turn");
    }
    keeper_start(session);
    log_info("the Repository is ours for maintenance", "session", session->name);
    return 0;
}

void turn_give_back(struct session *session)
{
    struct error err;

    keeper_stop(session);
    if (session->name && session_update(session, edit_returned, NULL, &err) < 0)
        log_warn("the turn could not be given back: it expires", "error", err.msg);
}

/* ---- locks ----------------------------------------------------------------------------------------- */

static json_t *lock_row(const struct restic_lock *lock)
{
    char time[TIMEFMT_SIZE];

    timefmt_rfc3339(lock->time, time);
    return json_pack("{s:s, s:s, s:I, s:b, s:s}", PAIR("id", lock->id),
                     PAIR("hostname", lock->host), PAIR("pid", (json_int_t)lock->pid),
                     PAIR("exclusive", lock->exclusive), PAIR("createdAt", time));
}

static json_t *lock_rows(const struct restic_locks *locks)
{
    json_t *rows = json_array();

    for (size_t i = 0; i < locks->count; i++)
        json_array_append_new(rows, lock_row(&locks->items[i]));
    return rows;
}

static bool may_unlock(const struct session *session)
{
    return session_turn_may_unlock(session->object);
}

/* Whether every lock that there is now is one that was declared dead. */
static bool are_declared(const struct session *session, const struct restic_locks *locks)
{
    const json_t *declared = jsonx_get(session->object, "status", "turn", "locks", NULL);

    for (size_t i = 0; i < locks->count; i++)
        if (jsonx_find(declared, "id", locks->items[i].id) < 0)
            return false;
    return true;
}

/* In the turn, with all holders declared dead: look once more, and remove. 1: done; 0: there is a new lock. */
static int remove_declared(struct session *session, struct restic *restic, struct error *err)
{
    struct restic_locks locks;
    int r = restic_locks(restic, &locks, err);

    if (r < 0)
        return r;
    if (!are_declared(session, &locks))
        return 0;
    if (locks.count > 0)
        r = locks_remove(restic, true, err);
    if (r == 0)
        log_info("locks of executors that have ended were removed", "session", session->name);
    return r < 0 ? r : 1;
}

static int still_locked(const struct session *session, struct error *err)
{
    const json_t *lock = session_turn_living_lock(session->object);
    const char *holder = jsonx_str(lock, "holder", NULL);

    if (!lock)
        return error_set_code(err, ERR_CONFLICT, RESTIC_EXIT_LOCKED,
                              "the repository stays locked, and the Repository was in use all the "
                              "time");
    return error_set_code(
        err, ERR_CONFLICT, RESTIC_EXIT_LOCKED,
        "the repository is locked: lock %.8s of host \"%s\", process %lld, of %s%s%s; when "
        "nobody works there any more: restic unlock --remove-all",
        jsonx_str(lock, "id", NULL), jsonx_str(lock, "hostname", NULL),
        (long long)jsonx_int(lock, 0, "pid", NULL), jsonx_str(lock, "createdAt", NULL),
        holder ? ": " : "", holder ? holder : "");
}

/* 1: the locks are gone; 0: they are still there; an error: something else is wrong. */
static int look_at_locks(struct session *session, struct restic *restic, int64_t end,
                         struct error *err)
{
    struct restic_locks locks;
    json_auto_t *rows = NULL;
    struct error unanswered;
    int64_t again = clock_mono_ms() + LOCKS_AGAIN_MS;
    int r = restic_locks(restic, &locks, err);

    if (r < 0)
        return r;
    if (locks.count == 0)
        return 1;
    rows = lock_rows(&locks);
    r = session_update(session, edit_wish, rows, err);
    if (r < 0)
        return r;
    r = turn_await(session, may_unlock, again < end ? again : end, &unanswered);
    if (r == -ERR_TIMEOUT)
        return 0;
    if (r < 0) {
        *err = unanswered;
        return r;
    }
    return remove_declared(session, restic, err);
}

static const struct restic_lock *find_held_here(const struct restic_locks *locks)
{
    for (size_t i = 0; i < locks->count; i++)
        if (lock_is_held_here(&locks->items[i]))
            return &locks->items[i];
    return NULL;
}

/*
 * Somebody may work with restic in this container. When our own restic is said to have ended, his lock would be taken
 * for what it left.
 */
static int await_company(struct session *session, const struct restic *restic, struct error *err)
{
    struct restic_locks locks;
    const struct restic_lock *held;
    int r;

    while ((r = restic_locks(restic, &locks, err)) == 0 && (held = find_held_here(&locks))) {
        turn_give_back(session);
        if (clock_mono_ms() + LOOK_LAST_MS > session->locked_until_ms ||
            !spawn_sleep_ms(LOOK_LAST_MS))
            return error_set_code(err, ERR_CONFLICT, RESTIC_EXIT_LOCKED,
                                  "the repository is locked: somebody works with restic in this "
                                  "very container, process %lld",
                                  (long long)held->pid);
    }
    return r;
}

int turn_on_locked(void *ctx, struct restic *restic, struct error *err)
{
    struct session *session = ctx;
    bool held = session->keeper != NULL;
    int r = 0;

    if (!session->name)
        return -(int)err->kind;
    if (!session->locked_until_ms)
        session->locked_until_ms =
            clock_mono_ms() + patience_within(session, patience_of("STASH_LOCK_PATIENCE"));
    log_warn("the repository is locked", "session", session->name);
    keeper_stop(session);
    r = await_company(session, restic, err);
    if (r == 0)
        repository_unregister(
            session); /* a lock that a restic of ours left, when it was killed, is a dead one too */
    while (r == 0) {
        r = look_at_locks(session, restic, session->locked_until_ms, err);
        if (r == 0 &&
            (spawn_is_cancelled() || clock_mono_ms() + LOOK_LAST_MS > session->locked_until_ms))
            r = still_locked(session, err);
    }
    if (r == 1)
        r = repository_register(session, err);
    if (r == 0 && held && is_granted(session)) {
        keeper_start(session);
        return 0;
    }
    turn_give_back(session);
    return r == 0 && held ? turn_take(session, turn_patience_ms(session), err) : r;
}

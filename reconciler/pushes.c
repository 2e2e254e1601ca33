#include "pushes.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/queue.h>

#include "stash/clock.h"
#include "stash/error.h"
#include "stash/limits.h"
#include "stash/log.h"
#include "stash/pair.h"
#include "stash/push.h"

#define THREADS       4
#define WAITING_LIMIT (16 * LIMIT_MIB) /* texts that wait */
#define ENDED_LIMIT   20000            /* outcomes that are remembered */

enum place { PLACE_NONE, PLACE_WAITING, PLACE_ENDED };

/* The group of one URL. `body` is what waits; while another text of the group is under way, the group is in no list. */
struct group {
    TAILQ_ENTRY(group) link;
    enum place place;
    bool busy;
    char *url, *session, *wake, *body;
    int64_t created;
    const char *state;
    char *error;
    int64_t at;
};

TAILQ_HEAD(group_list, group);

struct pushes {
    void (*wake)(void *ctx, const char *key);
    void *ctx;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    json_t *groups; /* URL -> address of its group, as an integer */
    struct group_list waiting, ended;
    size_t waiting_bytes, ended_count;
    atomic_bool stopping;
    pthread_t threads[THREADS];
};

static struct group *group_find(const struct pushes *pushes, const char *url)
{
    return (struct group *)(uintptr_t)json_integer_value(json_object_get(pushes->groups, url));
}

static void group_free(struct group *group)
{
    free(group->url);
    free(group->session);
    free(group->wake);
    free(group->body);
    free(group->error);
    free(group);
}

/* ---- lists; the lock is held --------------------------------------------------------------------- */

static void group_unlink(struct pushes *pushes, struct group *group)
{
    if (group->place == PLACE_WAITING)
        TAILQ_REMOVE(&pushes->waiting, group, link);
    if (group->place == PLACE_ENDED) {
        TAILQ_REMOVE(&pushes->ended, group, link);
        pushes->ended_count--;
    }
    group->place = PLACE_NONE;
}

static void forget_oldest(struct pushes *pushes)
{
    struct group *oldest = TAILQ_FIRST(&pushes->ended);

    group_unlink(pushes, oldest);
    json_object_del(pushes->groups, oldest->url);
    group_free(oldest);
}

static void group_end(struct pushes *pushes, struct group *group, const char *state,
                      const char *error)
{
    group_unlink(pushes, group);
    group->state = state;
    free(group->error);
    group->error = error ? xstrdup(error) : NULL;
    group->at = clock_now();
    group->place = PLACE_ENDED;
    TAILQ_INSERT_TAIL(&pushes->ended, group, link);
    if (++pushes->ended_count > ENDED_LIMIT)
        forget_oldest(pushes);
}

static void group_wait(struct pushes *pushes, struct group *group)
{
    group_unlink(pushes, group);
    group->state = "Pending";
    group->place = PLACE_WAITING;
    TAILQ_INSERT_TAIL(&pushes->waiting, group, link);
    pthread_cond_signal(&pushes->changed);
}

static struct group *group_make(struct pushes *pushes, const char *url)
{
    struct group *group = group_find(pushes, url);

    if (group)
        return group;
    group = xcalloc(1, sizeof(*group));
    group->url = xstrdup(url);
    group->session = xstrdup("");
    group->created = INT64_MIN;
    json_object_set_new(pushes->groups, url, json_integer((json_int_t)(uintptr_t)group));
    return group;
}

/* ---- threads ------------------------------------------------------------------------------------- */

/* What is under way: a newer request may come to the group meanwhile. */
struct trip {
    struct group *group;
    char *wake, *body;
};

static bool take_trip(struct pushes *pushes, struct trip *ret)
{
    struct group *group;

    while (!atomic_load(&pushes->stopping) && !TAILQ_FIRST(&pushes->waiting))
        pthread_cond_wait(&pushes->changed, &pushes->lock);
    if (atomic_load(&pushes->stopping))
        return false;
    group = TAILQ_FIRST(&pushes->waiting);
    group_unlink(pushes, group);
    group->busy = true;
    pushes->waiting_bytes -= strlen(group->body);
    *ret = (struct trip){group, xstrdup(group->wake), TAKE(group->body)};
    return true;
}

/* A newer text came meanwhile: then this outcome is nobody's. */
static void trip_arrived(struct pushes *pushes, const struct trip *trip, const struct error *err)
{
    struct group *group = trip->group;

    group->busy = false;
    if (group->body)
        group_wait(pushes, group);
    else
        group_end(pushes, group, err ? "Failed" : "Pushed", err ? err->msg : NULL);
}

static void *push_main(void *arg)
{
    struct pushes *pushes = arg;
    struct trip trip;
    struct error err;

    pthread_mutex_lock(&pushes->lock);
    while (take_trip(pushes, &trip)) {
        pthread_mutex_unlock(&pushes->lock);
        int r = push_metrics(trip.group->url, trip.body, &pushes->stopping, &err);
        if (r < 0)
            log_warn("metrics not pushed", "session", trip.wake, "error", err.msg);
        pthread_mutex_lock(&pushes->lock);
        trip_arrived(pushes, &trip, r < 0 ? &err : NULL);
        pthread_mutex_unlock(&pushes->lock);
        pushes->wake(pushes->ctx, trip.wake);
        free(trip.wake);
        free(trip.body);
        pthread_mutex_lock(&pushes->lock);
    }
    pthread_mutex_unlock(&pushes->lock);
    return NULL;
}

struct pushes *pushes_new(void (*wake)(void *ctx, const char *key), void *ctx)
{
    struct pushes *pushes = xcalloc(1, sizeof(*pushes));

    pushes->wake = wake;
    pushes->ctx = ctx;
    pushes->groups = json_object();
    TAILQ_INIT(&pushes->waiting);
    TAILQ_INIT(&pushes->ended);
    pthread_mutex_init(&pushes->lock, NULL);
    pthread_cond_init(&pushes->changed, NULL);
    for (size_t i = 0; i < THREADS; i++)
        BUG_ON(pthread_create(&pushes->threads[i], NULL, push_main, pushes) != 0);
    return pushes;
}

void pushes_free(struct pushes *pushes)
{
    const char *url;
    json_t *value;

    if (!pushes)
        return;
    pthread_mutex_lock(&pushes->lock);
    atomic_store(&pushes->stopping, true);
    pthread_cond_broadcast(&pushes->changed);
    pthread_mutex_unlock(&pushes->lock);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(pushes->threads[i], NULL);
    json_object_foreach (pushes->groups, url, value)
        group_free(group_find(pushes, url));
    json_decref(pushes->groups);
    pthread_cond_destroy(&pushes->changed);
    pthread_mutex_destroy(&pushes->lock);
    free(pushes);
}

/* ---- the workers' side --------------------------------------------------------------------------- */

static void drop_body(struct pushes *pushes, struct group *group)
{
    if (group->body)
        pushes->waiting_bytes -= strlen(group->body);
    free(TAKE(group->body));
}

/* The group is the request's now. What is under way for an older one goes on; this one comes after it. */
static void group_request(struct pushes *pushes, struct group *group,
                          const struct push_request *request)
{
    size_t bytes = strlen(request->body);

    drop_body(pushes, group);
    free(group->session);
    group->session = xstrdup(request->session);
    free(group->wake);
    group->wake = xstrdup(request->wake);
    group->created = request->created;
    if (!group->busy && pushes->waiting_bytes + bytes > WAITING_LIMIT) {
        group_end(pushes, group, "Failed", "too many metrics wait for the Pushgateway");
        return;
    }
    group->body = xstrdup(request->body);
    pushes->waiting_bytes += bytes;
    group->state = "Pending";
    if (!group->busy)
        group_wait(pushes, group);
}

void pushes_add(struct pushes *pushes, const struct push_request *request)
{
    AUTO(mem_free) char *superseded = NULL;

    pthread_mutex_lock(&pushes->lock);
    struct group *group = group_make(pushes, request->url);
    if (request->created >= group->created) {
        if (group->body && strcmp(group->session, request->session) != 0)
            superseded = xstrdup(group->wake);
        group_request(pushes, group, request);
    }
    pthread_mutex_unlock(&pushes->lock);
    if (superseded)
        pushes->wake(pushes->ctx, superseded);
}

json_t *pushes_outcome(struct pushes *pushes, const char *url, const char *session, int64_t created)
{
    json_t *outcome = NULL;

    pthread_mutex_lock(&pushes->lock);
    const struct group *group = group_find(pushes, url);
    if (group && strcmp(group->session, session) == 0)
        outcome = json_pack("{s:s, s:s*, s:I}", PAIR("state", group->state),
                            PAIR("error", group->error), PAIR("at", (json_int_t)group->at));
    else if (group && group->created > created)
        outcome = json_pack("{s:s}", "state", "Superseded");
    pthread_mutex_unlock(&pushes->lock);
    return outcome;
}

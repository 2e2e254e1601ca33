/*
 * The queue, what it refuses and the slots under many threads at once: no change is lost, and no more work than may.
 * A plain program, worth most under the tsan preset.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "slots.h"
#include "stash/clock.h"
#include "stash/jsonx.h"
#include "wakes.h"

#define TENANTS 3
#define OBJECTS 200
#define CHANGES 20000
#define WORKERS 4
#define KEYS    50

static void expect(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "%s\n", what);
    exit(1);
}

/* ---- changes, and workers that look ---------------------------------------------------------------------------------- */

static struct queue *queue;
static struct wakes *wakes;
static atomic_int changed[TENANTS][OBJECTS], seen[TENANTS][OBJECTS];

static void wake_object(int tenant, int object)
{
    char name[16], key[32];

    snprintf(name, sizeof(name), "t%d", tenant);
    snprintf(key, sizeof(key), "%d/%d", tenant, object);
    wakes_add(wakes, name, key, -1000);
}

static void *change_objects(void *arg)
{
    int tenant = *(int *)arg;

    for (int i = 0; i < CHANGES; i++) {
        int object = (i * 37) % OBJECTS;

        atomic_fetch_add(&changed[tenant][object], 1);
        wake_object(tenant, object);
    }
    return NULL;
}

static void *look(void *unused)
{
    (void)unused;
    for (;;) {
        AUTO(mem_free) char *key = queue_take(queue);
        char *end;

        if (!key)
            return NULL;
        long tenant = strtol(key, &end, 10), object = strtol(end + 1, NULL, 10);
        atomic_store(&seen[tenant][object], atomic_load(&changed[tenant][object]));
        queue_done(queue, key, QUEUE_DONE);
    }
}

static json_t *tell(void *unused, const char *name, const json_t *place)
{
    int tenant = atoi(name + 1);

    (void)unused;
    for (int i = (int)json_integer_value(place); i < OBJECTS; i++) {
        if (!queue_has_room(queue, name, 90))
            return json_integer(i);
        wake_object(tenant, i);
    }
    return json_null();
}

static bool all_seen(void)
{
    for (int tenant = 0; tenant < TENANTS; tenant++)
        for (int i = 0; i < OBJECTS; i++)
            if (atomic_load(&seen[tenant][i]) != atomic_load(&changed[tenant][i]))
                return false;
    return true;
}

static void no_change_is_lost(void)
{
    pthread_t changers[TENANTS], workers[WORKERS];
    int names[TENANTS];
    int64_t until = clock_mono_ms() + 60000;

    queue = queue_new(KEYS);
    wakes = wakes_new(queue);
    wakes_open(wakes);
    for (int i = 0; i < WORKERS; i++)
        pthread_create(&workers[i], NULL, look, NULL);
    for (int i = 0; i < TENANTS; i++) {
        names[i] = i;
        pthread_create(&changers[i], NULL, change_objects, &names[i]);
    }
    for (int i = 0; i < TENANTS; i++)
        pthread_join(changers[i], NULL);
    while (!all_seen()) {
        expect(clock_mono_ms() < until, "a change was never looked at");
        wakes_make_good(wakes, tell, NULL);
        clock_sleep_ms(1);
    }
    queue_stop(queue);
    for (int i = 0; i < WORKERS; i++)
        pthread_join(workers[i], NULL);
    expect(wakes_refused(wakes) > 0, "the queue was never full: nothing is proved");
    wakes_free(wakes);
    queue_free(queue);
}

/* ---- slots ------------------------------------------------------------------------------------------------------------ */

#define TOTAL 3
#define TURNS 3000

static struct slots *slots;
static pthread_mutex_t store = PTHREAD_MUTEX_INITIALIZER;
static size_t at_work[WORKERS]; /* of each namespace */

static size_t count(void *unused, const char *namespace, size_t most)
{
    size_t sum = 0;

    (void)unused;
    pthread_mutex_lock(&store);
    for (size_t i = 0; i < WORKERS; i++)
        if (!namespace || (size_t)atoi(namespace + 1) == i)
            sum += at_work[i] < most ? at_work[i] : most;
    pthread_mutex_unlock(&store);
    return sum;
}

static void wake(void *unused, const char *key)
{
    (void)unused, (void)key;
}

static void set_at_work(int worker, bool works)
{
    size_t sum = 0;

    pthread_mutex_lock(&store);
    at_work[worker] = works;
    for (size_t i = 0; i < WORKERS; i++)
        sum += at_work[i];
    pthread_mutex_unlock(&store);
    expect(sum <= TOTAL, "more were at work than may");
}

static void *back_up(void *arg)
{
    int worker = *(int *)arg;
    char namespace[16], session[16];

    snprintf(namespace, sizeof(namespace), "n%d", worker);
    for (int turn = 0; turn < TURNS; turn++) {
        snprintf(session, sizeof(session), "%d-%d", worker, turn);
        const struct slot_request request = {session, namespace, session, namespace, turn};
        json_auto_t *answers = slots_take(slots, &request, 1, INT64_MAX);
        bool is_given = json_is_null(json_object_get(answers, session));

        if (is_given)
            set_at_work(worker, true);
        slots_settle(slots, namespace, answers);
        if (is_given)
            set_at_work(worker, false);
        slots_release(slots, session);
        slots_wake(slots);
    }
    return NULL;
}

static void no_more_are_at_work_than_may(void)
{
    pthread_t threads[WORKERS];
    int names[WORKERS];

    slots = slots_new(&(struct slots_config){.total = TOTAL, .count = count, .wake = wake});
    for (int i = 0; i < WORKERS; i++) {
        names[i] = i;
        pthread_create(&threads[i], NULL, back_up, &names[i]);
    }
    for (int i = 0; i < WORKERS; i++)
        pthread_join(threads[i], NULL);
    slots_free(slots);
}

int main(void)
{
    no_change_is_lost();
    no_more_are_at_work_than_may();
    return 0;
}

#include "wakes.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "stash/clock.h"
#include "stash/log.h"
#include "stash/text.h"

#define TELL_MS 60000

struct wakes {
    struct queue *queue;
    pthread_mutex_t lock;
    json_t *refused; /* {namespace: true} since it was last told from its beginning */
    json_t *telling; /* {namespace: place}; only of the thread that makes good */
    atomic_ulong count;
    atomic_bool is_open;
    int64_t told_ms; /* when the log was last told; 0: never */
};

struct wakes *wakes_new(struct queue *queue)
{
    struct wakes *wakes = xcalloc(1, sizeof(*wakes));

    wakes->queue = queue;
    wakes->refused = json_object();
    wakes->telling = json_object();
    pthread_mutex_init(&wakes->lock, NULL);
    return wakes;
}

void wakes_free(struct wakes *wakes)
{
    if (!wakes)
        return;
    json_decref(wakes->refused);
    json_decref(wakes->telling);
    pthread_mutex_destroy(&wakes->lock);
    free(wakes);
}

void wakes_open(struct wakes *wakes)
{
    atomic_store(&wakes->is_open, true);
}

/* Whether the log is to hear of it. */
static bool note_refusal(struct wakes *wakes, const char *tenant)
{
    int64_t now = clock_mono_ms();

    pthread_mutex_lock(&wakes->lock);
    json_object_set_new(wakes->refused, tenant, json_true());
    bool is_due = wakes->told_ms == 0 || now - wakes->told_ms >= TELL_MS;
    if (is_due)
        wakes->told_ms = now;
    pthread_mutex_unlock(&wakes->lock);
    return is_due;
}

void wakes_add(struct wakes *wakes, const char *tenant, const char *key, int64_t delay_ms)
{
    const char *name = text_or_empty(tenant);
    char count[24];

    if (!atomic_load(&wakes->is_open) || queue_add(wakes->queue, name, key, delay_ms))
        return;
    snprintf(count, sizeof(count), "%lu", atomic_fetch_add(&wakes->count, 1) + 1);
    if (note_refusal(wakes, name))
        log_warn("a namespace has so many objects to be looked at that more must wait until there "
                 "is room",
                 "namespace", name, "object", key, "refused", count);
}

void wakes_add_surely(struct wakes *wakes, const char *key, int64_t delay_ms)
{
    if (atomic_load(&wakes->is_open))
        queue_add(wakes->queue, NULL, key, delay_ms);
}

unsigned long wakes_refused(struct wakes *wakes)
{
    return atomic_load(&wakes->count);
}

/* One that is being told stays among the refused until it can begin anew: what was refused may be behind its place. */
static void begin_telling(struct wakes *wakes)
{
    const char *tenant;
    json_t *value;
    void *next;

    pthread_mutex_lock(&wakes->lock);
    json_object_foreach_safe(wakes->refused, next, tenant, value)
    {
        if (json_object_get(wakes->telling, tenant))
            continue;
        json_object_set_new(wakes->telling, tenant, json_null());
        json_object_del(wakes->refused, tenant);
    }
    pthread_mutex_unlock(&wakes->lock);
}

void wakes_make_good(struct wakes *wakes, wakes_tell_fn tell, void *ctx)
{
    const char *tenant;
    json_t *place;
    void *next;

    begin_telling(wakes);
    json_object_foreach_safe(wakes->telling, next, tenant, place)
    {
        json_t *reached = tell(ctx, tenant, place);

        if (json_is_null(reached))
            json_object_del(wakes->telling, tenant);
        else
            json_object_set(wakes->telling, tenant, reached);
        json_decref(reached);
    }
}

#include "queue.h"

#include <jansson.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "address.h"
#include "stash/clock.h"
#include "stash/error.h"

#define REST_FACTOR      4
#define REST_MIN_MS      40 /* what takes a few milliseconds needs no rest */
#define REST_MAX_MS      5000
#define BACKOFF_FIRST_MS 5
#define BACKOFF_MAX_MS   (5 * 60 * 1000)

/* A namespace whose objects brought keys that are here. */
struct tenant {
    char *name;
    size_t keys;
};

struct entry {
    char *key;
    struct tenant *tenant;
    size_t place; /* in the heap, while it waits */
    int64_t due_ms;
    unsigned failures;
    int64_t cpu_ms;    /* what its worker had used when it took it */
    int64_t rested_ms; /* it is not taken before that */
    bool waiting;      /* in the heap */
    bool idle;         /* there only until it has rested */
    bool busy;         /* a worker has it */
    bool again;        /* added while busy, due at due_ms */
};

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    json_t *entries;     /* key -> address of its entry, as an integer */
    json_t *tenants;     /* name -> address of its tenant, as an integer */
    struct entry **heap; /* waiting entries, the earliest first */
    size_t count, cap, limit;
    size_t counted; /* entries that have a tenant */
    bool stopped;
};

struct queue *queue_new(size_t limit)
{
    struct queue *queue = xcalloc(1, sizeof(*queue));
    pthread_condattr_t attr;

    queue->entries = json_object();
    queue->tenants = json_object();
    queue->limit = limit;
    pthread_mutex_init(&queue->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&queue->changed, &attr);
    pthread_condattr_destroy(&attr);
    return queue;
}

/* ---- tenants ----------------------------------------------------------------------------------------------------- */

static size_t tenant_keys(const struct queue *queue, const char *name)
{
    const struct tenant *tenant = name ? address_of(json_object_get(queue->tenants, name)) : NULL;

    return tenant ? tenant->keys : 0;
}

/* How many keys it may have: as many as are free now. */
static size_t tenant_share(const struct queue *queue)
{
    return queue->counted < queue->limit ? queue->limit - queue->counted : 0;
}

static struct tenant *tenant_enter(struct queue *queue, const char *name)
{
    struct tenant *tenant = address_of(json_object_get(queue->tenants, name));

    if (!tenant) {
        tenant = xcalloc(1, sizeof(*tenant));
        tenant->name = xstrdup(name);
        json_object_set_new(queue->tenants, name, address_new(tenant));
    }
    tenant->keys++;
    queue->counted++;
    return tenant;
}

static void tenant_leave(struct queue *queue, struct tenant *tenant)
{
    queue->counted--;
    if (--tenant->keys > 0)
        return;
    json_object_del(queue->tenants, tenant->name);
    free(tenant->name);
    free(tenant);
}

/* ---- entries ----------------------------------------------------------------------------------------------------- */

static void entry_free(struct queue *queue, struct entry *entry)
{
    if (entry->tenant)
        tenant_leave(queue, entry->tenant);
    free(entry->key);
    free(entry);
}

void queue_free(struct queue *queue)
{
    const char *key;
    json_t *value;

    if (!queue)
        return;
    json_object_foreach (queue->entries, key, value)
        entry_free(queue, address_of(value));
    json_decref(queue->entries);
    json_decref(queue->tenants);
    free(queue->heap);
    pthread_cond_destroy(&queue->changed);
    pthread_mutex_destroy(&queue->lock);
    free(queue);
}

static void heap_put(struct queue *queue, size_t place, struct entry *entry)
{
    queue->heap[place] = entry;
    entry->place = place;
}

static void heap_swap(struct queue *queue, size_t a, size_t b)
{
    struct entry *entry = queue->heap[a];

    heap_put(queue, a, queue->heap[b]);
    heap_put(queue, b, entry);
}

static void sift_up(struct queue *queue, size_t i)
{
    while (i > 0 && queue->heap[i]->due_ms < queue->heap[(i - 1) / 2]->due_ms) {
        heap_swap(queue, i, (i - 1) / 2);
        i = (i - 1) / 2;
    }
}

static void sift_down(struct queue *queue, size_t i)
{
    for (;;) {
        size_t least = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < queue->count; child++)
            if (queue->heap[child]->due_ms < queue->heap[least]->due_ms)
                least = child;
        if (least == i)
            return;
        heap_swap(queue, i, least);
        i = least;
    }
}

static void heap_push(struct queue *queue, struct entry *entry)
{
    if (queue->count == queue->cap) {
        queue->cap = queue->cap ? 2 * queue->cap : 64;
        queue->heap = xrealloc(queue->heap, queue->cap * sizeof(struct entry *));
    }
    heap_put(queue, queue->count++, entry);
    entry->waiting = true;
    sift_up(queue, queue->count - 1);
}

static struct entry *heap_pop(struct queue *queue)
{
    struct entry *entry = queue->heap[0];

    heap_put(queue, 0, queue->heap[--queue->count]);
    sift_down(queue, 0);
    entry->waiting = false;
    return entry;
}

/* A waiting key that is now due at another time. */
static void entry_move(struct queue *queue, struct entry *entry, int64_t due_ms)
{
    entry->due_ms = due_ms;
    sift_up(queue, entry->place);
    sift_down(queue, entry->place);
}

static struct entry *entry_new(struct queue *queue, const char *tenant, const char *key)
{
    struct entry *entry = xcalloc(1, sizeof(*entry));

    entry->key = xstrdup(key);
    entry->tenant = tenant ? tenant_enter(queue, tenant) : NULL;
    json_object_set_new(queue->entries, key, address_new(entry));
    return entry;
}

static void entry_schedule(struct queue *queue, struct entry *entry, int64_t wanted_ms)
{
    int64_t due_ms = wanted_ms < entry->rested_ms ? entry->rested_ms : wanted_ms;

    if (entry->busy) {
        entry->due_ms = entry->again && entry->due_ms < wanted_ms ? entry->due_ms : wanted_ms;
        entry->again = true;
    } else if (!entry->waiting) {
        entry->due_ms = due_ms;
        heap_push(queue, entry);
    } else if (entry->idle || due_ms < entry->due_ms) {
        entry_move(queue, entry, due_ms);
    }
    entry->idle = false;
}

/* Of what is due at once, a tenant's thousands come after another one's few. */
static int64_t head_start(int64_t delay_ms, size_t keys)
{
    int64_t behind = (int64_t)keys;

    if (delay_ms >= 0)
        return delay_ms;
    return behind < -delay_ms ? delay_ms + behind : 0;
}

bool queue_add(struct queue *queue, const char *tenant, const char *key, int64_t delay_ms)
{
    pthread_mutex_lock(&queue->lock);
    size_t keys = tenant_keys(queue, tenant);
    json_t *known = json_object_get(queue->entries, key);
    bool fits = known || !tenant || keys < tenant_share(queue);
    if (fits) {
        struct entry *entry = known ? address_of(known) : entry_new(queue, tenant, key);
        entry_schedule(queue, entry, clock_mono_ms() + head_start(delay_ms, keys));
        pthread_cond_signal(&queue->changed);
    }
    pthread_mutex_unlock(&queue->lock);
    return fits;
}

bool queue_has_room(struct queue *queue, const char *tenant, size_t percent)
{
    pthread_mutex_lock(&queue->lock);
    bool has_room = tenant_keys(queue, tenant) * 100 < tenant_share(queue) * percent;
    pthread_mutex_unlock(&queue->lock);
    return has_room;
}

/* Wait until the first key is due or something changes. */
static void wait_for_change(struct queue *queue)
{
    if (queue->count == 0) {
        pthread_cond_wait(&queue->changed, &queue->lock);
        return;
    }
    int64_t due = queue->heap[0]->due_ms;
    struct timespec until = {.tv_sec = due / 1000, .tv_nsec = due % 1000 * 1000000};
    pthread_cond_timedwait(&queue->changed, &queue->lock, &until);
}

static void entry_forget(struct queue *queue, struct entry *entry)
{
    json_object_del(queue->entries, entry->key);
    entry_free(queue, entry);
}

/* The first key that is due, NULL when there is none now. */
static struct entry *take_due(struct queue *queue)
{
    while (queue->count > 0 && queue->heap[0]->due_ms <= clock_mono_ms()) {
        struct entry *entry = heap_pop(queue);

        if (!entry->idle)
            return entry;
        entry_forget(queue, entry);
    }
    return NULL;
}

/* What this thread has used of a processor. */
static int64_t processor_ms(void)
{
    struct timespec used;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return used.tv_sec * 1000 + used.tv_nsec / 1000000;
}

char *queue_take(struct queue *queue)
{
    struct entry *entry = NULL;
    char *key = NULL;

    pthread_mutex_lock(&queue->lock);
    while (!queue->stopped && !(entry = take_due(queue)))
        wait_for_change(queue);
    if (entry) {
        entry->busy = true;
        entry->cpu_ms = processor_ms();
        key = xstrdup(entry->key);
    }
    pthread_mutex_unlock(&queue->lock);
    return key;
}

static int64_t entry_backoff(unsigned failures)
{
    int64_t delay = failures < 20 ? (int64_t)BACKOFF_FIRST_MS << failures : BACKOFF_MAX_MS;

    delay = delay < BACKOFF_MAX_MS ? delay : BACKOFF_MAX_MS;
    return delay + clock_random((uint32_t)delay / 5 + 1);
}

static void entry_rest(struct entry *entry)
{
    int64_t rest = REST_FACTOR * (processor_ms() - entry->cpu_ms);

    rest = rest < REST_MAX_MS ? rest : REST_MAX_MS;
    entry->rested_ms = rest < REST_MIN_MS ? 0 : clock_mono_ms() + rest;
}

void queue_done(struct queue *queue, const char *key, enum queue_outcome outcome)
{
    pthread_mutex_lock(&queue->lock);
    struct entry *entry = address_of(json_object_get(queue->entries, key));
    BUG_ON(!entry || !entry->busy);
    bool again = entry->again;
    int64_t due_ms =
        entry->due_ms; /* of what came meanwhile: an event does not wait for the back-off */
    entry->busy = entry->again = false;
    entry_rest(entry);
    if (outcome == QUEUE_FAILED)
        entry_schedule(queue, entry, clock_mono_ms() + entry_backoff(entry->failures++));
    else
        entry->failures = 0;
    if (again)
        entry_schedule(queue, entry, due_ms);
    if (!entry->waiting && entry->rested_ms) { /* what comes meanwhile waits for it */
        entry_schedule(queue, entry, entry->rested_ms);
        entry->idle = true;
    }
    if (!entry->waiting)
        entry_forget(queue, entry);
    pthread_cond_signal(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
}

void queue_stop(struct queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->stopped = true;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
}

size_t queue_depth(struct queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    size_t depth = json_object_size(queue->entries);
    pthread_mutex_unlock(&queue->lock);
    return depth;
}

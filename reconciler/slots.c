#include "slots.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "address.h"
#include "stash/clock.h"
#include "stash/error.h"
#include "stash/jsonx.h"
#include "stash/plan.h"

/* Who finds no place among so many is asked again when its Repository is looked at. */
#define WAITING_MAX 100000
/* One in so many of the cluster's slots is for namespaces with nobody at work. */
#define KEPT_PART 4
/* Of a queue longer than this, those who come next are looked for this often at most. */
#define LONG_QUEUE    1000
#define LONG_QUEUE_MS 100

/* A namespace that was asked about. */
struct space {
    char *name;
    size_t users;    /* entries that name it */
    int64_t at_work; /* in this walk */
    size_t before;   /* how many of it wait before the place where the walk is */
    uint64_t walk;
};

/* A session that waits, or that has just been given a slot. */
struct entry {
    char *session, *name, *repository;
    int64_t created;
    int64_t told; /* its position, when it was last woken for that */
    struct space *space;
};

struct slots {
    struct slots_config config;
    pthread_mutex_t lock;
    json_t *spaces;         /* name -> address of its space, as an integer */
    json_t *given;          /* uid -> address of its entry, as an integer */
    json_t *queued;         /* the same for those who wait */
    struct entry **waiting; /* the oldest first */
    size_t count;
    uint64_t walk;
    int64_t walked_ms; /* when those who wait were last woken */
    bool has_moved;    /* since then */
};

struct slots *slots_new(const struct slots_config *config)
{
    struct slots *slots = xcalloc(1, sizeof(*slots));

    slots->config = *config;
    slots->spaces = json_object();
    slots->given = json_object();
    slots->queued = json_object();
    pthread_mutex_init(&slots->lock, NULL);
    return slots;
}

/* ---- entries ------------------------------------------------------------------------------------------------------- */

static struct space *space_use(struct slots *slots, const char *name)
{
    struct space *space = address_of(json_object_get(slots->spaces, name));

    if (!space) {
        space = xcalloc(1, sizeof(*space));
        space->name = xstrdup(name);
        json_object_set_new(slots->spaces, name, address_new(space));
    }
    space->users++;
    return space;
}

static void space_leave(struct slots *slots, struct space *space)
{
    if (--space->users > 0)
        return;
    json_object_del(slots->spaces, space->name);
    free(space->name);
    free(space);
}

static struct entry *entry_new(struct slots *slots, const struct slot_request *request)
{
    struct entry *entry = xcalloc(1, sizeof(*entry));

    entry->session = xstrdup(request->session);
    entry->name = xstrdup(request->name);
    entry->repository = xstrdup(request->repository);
    entry->created = request->created;
    entry->space = space_use(slots, request->namespace);
    return entry;
}

/* Its invoker may name another Repository by now: that one is to be woken. */
static void entry_move(struct entry *entry, const char *repository)
{
    if (strcmp(entry->repository, repository) == 0)
        return;
    free(entry->repository);
    entry->repository = xstrdup(repository);
}

static void entry_free(struct slots *slots, struct entry *entry)
{
    space_leave(slots, entry->space);
    free(entry->session);
    free(entry->name);
    free(entry->repository);
    free(entry);
}

void slots_free(struct slots *slots)
{
    const char *key;
    json_t *value;

    if (!slots)
        return;
    for (size_t i = 0; i < slots->count; i++)
        entry_free(slots, slots->waiting[i]);
    json_object_foreach (slots->given, key, value)
        entry_free(slots, address_of(value));
    free(slots->waiting);
    json_decref(slots->given);
    json_decref(slots->queued);
    json_decref(slots->spaces);
    pthread_mutex_destroy(&slots->lock);
    free(slots);
}

/* ---- who waits ----------------------------------------------------------------------------------------------------- */

/* The order of session_compare_age(); of namesakes one is gone, and comes before or after all the same. */
static int compare_age(const struct slot_request *a, const struct slot_request *b)
{
    int order = (a->created > b->created) - (a->created < b->created);

    if (order == 0)
        order = strcmp(a->namespace, b->namespace);
    if (order == 0)
        order = strcmp(a->name, b->name);
    return order ? order : strcmp(a->session, b->session);
}

static struct slot_request request_of(const struct entry *entry)
{
    return (struct slot_request){.session = entry->session,
                                 .namespace = entry->space->name,
                                 .name = entry->name,
                                 .created = entry->created};
}

static bool goes_before(const struct entry *entry, const struct slot_request *request)
{
    const struct slot_request its = request_of(entry);

    return compare_age(&its, request) < 0;
}

/* Where it is among those who wait. */
static size_t place_of(const struct slots *slots, const struct entry *entry)
{
    const struct slot_request request = request_of(entry);
    size_t low = 0, high = slots->count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (goes_before(slots->waiting[middle], &request))
            low = middle + 1;
        else
            high = middle;
    }
    BUG_ON(low == slots->count || slots->waiting[low] != entry);
    return low;
}

static struct entry *waiting_find(const struct slots *slots, const char *session)
{
    return address_of(json_object_get(slots->queued, session));
}

static void waiting_remove(struct slots *slots, struct entry *entry)
{
    size_t place = place_of(slots, entry);

    slots->count--;
    memmove(&slots->waiting[place], &slots->waiting[place + 1],
            (slots->count - place) * sizeof(struct entry *));
    json_object_del(slots->queued, entry->session);
}

/* ---- walking the queue: who gets what is free ---------------------------------------------------------------------- */

/* Who is at work in the cluster, while the queue is walked from its beginning. */
struct walk {
    struct slots *slots;
    int64_t spaces; /* namespaces with somebody at work */
    int64_t others; /* sessions beyond the first of each */
};

/* What was written by others than us may say that more are at work than may be: it takes no slot that is kept. */
static bool cluster_has_room(const struct walk *walk, bool is_first_of_its_space)
{
    int64_t total = walk->slots->config.total, for_all = total - total / KEPT_PART;
    int64_t others = walk->others < for_all ? walk->others : for_all;

    return total <= 0 || walk->spaces + others < (is_first_of_its_space ? total : for_all);
}

static void walk_look(const struct walk *walk, struct space *space)
{
    const struct slots_config *config = &walk->slots->config;

    if (space->walk == walk->slots->walk)
        return;
    space->walk = walk->slots->walk;
    space->before = 0;
    space->at_work = (int64_t)config->count(config->ctx, space->name, SIZE_MAX);
}

static void walk_take(struct walk *walk, struct space *space)
{
    walk_look(walk, space);
    if (space->at_work++ == 0)
        walk->spaces++;
    else
        walk->others++;
}

static struct walk walk_begin(struct slots *slots)
{
    const struct slots_config *config = &slots->config;
    size_t most = config->per_namespace > 0 ? (size_t)config->per_namespace : SIZE_MAX;
    struct walk walk = {.slots = slots};
    const char *session;
    json_t *given;

    slots->walk++;
    walk.spaces = (int64_t)config->count(config->ctx, NULL, 1);
    walk.others = (int64_t)config->count(config->ctx, NULL, most) - walk.spaces;
    json_object_foreach (slots->given, session, given)
        walk_take(&walk, ((struct entry *)address_of(given))->space);
    return walk;
}

/* NULL when the next one gets a slot, else the limit that is reached. */
static const char *walk_next(struct walk *walk, struct space *space)
{
    int64_t per_namespace = walk->slots->config.per_namespace;

    walk_look(walk, space);
    if (per_namespace > 0 && space->at_work >= per_namespace)
        return SLOT_LIMIT_NAMESPACE;
    if (!cluster_has_room(walk, space->at_work == 0))
        return SLOT_LIMIT_CLUSTER;
    walk_take(walk, space);
    return NULL;
}

/* Those whose turn has come are looked at, and those of whom half the queue before them has gone. */
static void wake_those_who_move(struct slots *slots)
{
    struct walk walk = walk_begin(slots);

    for (size_t i = 0; i < slots->count; i++) {
        struct entry *entry = slots->waiting[i];
        const char *limit = walk_next(&walk, entry->space);

        if (limit && (int64_t)i + 1 > entry->told / 2)
            continue;
        entry->told = (int64_t)i + 1;
        slots->config.wake(slots->config.ctx, entry->repository);
    }
    slots->walked_ms = clock_mono_ms();
    slots->has_moved = false;
}

/* A walk costs as much as there are who wait: a long queue is not walked for each session that ends. */
static void move_queue(struct slots *slots)
{
    bool is_long = slots->count > LONG_QUEUE;

    slots->has_moved = slots->count > 0;
    if (slots->has_moved && (!is_long || clock_mono_ms() - slots->walked_ms >= LONG_QUEUE_MS))
        wake_those_who_move(slots);
}

/* ---- asking -------------------------------------------------------------------------------------------------------- */

/* A walk in which those who ask take what is free, and all others find their places in the queue that results. */
struct asking {
    struct walk walk;
    struct entry **queue;
    size_t count;
    json_t *answers;
};

static void asking_append(struct asking *asking, struct entry *entry)
{
    entry->space->before++;
    asking->queue[asking->count++] = entry;
}

/* One that waits and does not ask now: what is free may be for it. */
static void pass_over(struct asking *asking, struct entry *entry)
{
    walk_next(&asking->walk, entry->space);
    asking_append(asking, entry);
}

static json_t *answer_of(const char *limit, size_t position)
{
    return json_pack("{s:s, s:I}", "limit", limit, "position", (json_int_t)position);
}

/* As of keys in queue.c: a namespace may have as many waiting as there is room for others. */
static bool has_place(const struct slots *slots, const struct space *space)
{
    size_t waiting = json_object_size(slots->queued);

    return waiting < WAITING_MAX && space->users <= WAITING_MAX - waiting;
}

static json_t *wait_here(struct asking *asking, struct entry *entry, const char *limit)
{
    struct slots *slots = asking->walk.slots;
    bool is_of_cluster = strcmp(limit, SLOT_LIMIT_CLUSTER) == 0;
    json_t *answer = answer_of(limit, 1 + (is_of_cluster ? asking->count : entry->space->before));

    if (!waiting_find(slots, entry->session) && !has_place(slots, entry->space)) {
        entry_free(slots, entry);
        return answer;
    }
    json_object_set_new(slots->queued, entry->session, address_new(entry));
    asking_append(asking, entry);
    entry->told = (int64_t)asking->count;
    return answer;
}

/* Null when it is given: then, or when it has been given before. `entry` is NULL for one that does not wait yet. */
static json_t *ask_one(struct asking *asking, struct entry *entry,
                       const struct slot_request *request)
{
    struct slots *slots = asking->walk.slots;

    if (json_object_get(slots->given, request->session))
        return json_null();
    BUG_ON(entry != waiting_find(slots, request->session));
    if (entry)
        entry_move(entry, request->repository);
    else
        entry = entry_new(slots, request);
    const char *limit = walk_next(&asking->walk, entry->space);
    if (limit)
        return wait_here(asking, entry, limit);
    json_object_del(slots->queued, entry->session);
    json_object_set_new(slots->given, entry->session, address_new(entry));
    return json_null();
}

static int compare_requests(const void *a, const void *b)
{
    return compare_age(a, b);
}

/* Both are in the order of their age, so one walk answers all. */
static void ask_all(struct asking *asking, const struct slot_request *requests, size_t count,
                    int64_t room)
{
    struct slots *slots = asking->walk.slots;
    size_t next = 0;

    for (size_t i = 0; i < count && room > 0; i++) {
        while (next < slots->count && goes_before(slots->waiting[next], &requests[i]))
            pass_over(asking, slots->waiting[next++]);
        bool waits =
            next < slots->count && strcmp(slots->waiting[next]->session, requests[i].session) == 0;
        struct entry *entry = waits ? slots->waiting[next++] : NULL;
        json_t *answer = ask_one(asking, entry, &requests[i]);
        room -= json_is_null(answer);
        json_object_set_new(asking->answers, requests[i].session, answer);
    }
    while (next < slots->count)
        asking_append(asking, slots->waiting[next++]);
}

json_t *slots_take(struct slots *slots, const struct slot_request *requests, size_t count,
                   int64_t room)
{
    struct asking asking = {.answers = json_object()};
    AUTO(mem_free)
    struct slot_request *sorted = xcalloc(count + 1, sizeof(struct slot_request));

    if (count > 0)
        memcpy(sorted, requests, count * sizeof(struct slot_request));
    qsort(sorted, count, sizeof(struct slot_request), compare_requests);
    pthread_mutex_lock(&slots->lock);
    asking.walk = walk_begin(slots);
    asking.queue = xcalloc(slots->count + count + 1, sizeof(struct entry *));
    ask_all(&asking, sorted, count, room);
    free(slots->waiting);
    slots->waiting = asking.queue;
    slots->count = asking.count;
    pthread_mutex_unlock(&slots->lock);
    return asking.answers;
}

/* ---- giving back --------------------------------------------------------------------------------------------------- */

static bool take_back(struct slots *slots, const char *session)
{
    struct entry *entry = address_of(json_object_get(slots->given, session));

    if (!entry)
        return false;
    json_object_del(slots->given, session);
    entry_free(slots, entry);
    return true;
}

/*
 * Its Repository may be full, be maintained, or be gone, or the session's invoker: what does not ask cannot take the slot
 * that is kept for it. It finds its place again when it asks.
 */
static bool drop_who_did_not_ask(struct slots *slots, const char *repository, const json_t *asked)
{
    size_t kept = 0, count = slots->count;

    for (size_t i = 0; i < count; i++) {
        struct entry *entry = slots->waiting[i];

        if (strcmp(entry->repository, repository) != 0 || json_object_get(asked, entry->session)) {
            slots->waiting[kept++] = entry;
            continue;
        }
        json_object_del(slots->queued, entry->session);
        entry_free(slots, entry);
    }
    slots->count = kept;
    return kept < count;
}

void slots_settle(struct slots *slots, const char *repository, const json_t *asked)
{
    const char *session;
    json_t *slot;
    bool changed = false;

    pthread_mutex_lock(&slots->lock);
    json_object_foreach (jsonx_unconst(asked), session, slot)
        changed = take_back(slots, session) || changed;
    changed = drop_who_did_not_ask(slots, repository, asked) || changed;
    if (changed)
        move_queue(slots);
    pthread_mutex_unlock(&slots->lock);
}

void slots_release(struct slots *slots, const char *session)
{
    pthread_mutex_lock(&slots->lock);
    struct entry *entry = waiting_find(slots, session);
    if (entry) {
        waiting_remove(slots, entry);
        entry_free(slots, entry);
    }
    move_queue(slots);
    pthread_mutex_unlock(&slots->lock);
}

void slots_wake(struct slots *slots)
{
    pthread_mutex_lock(&slots->lock);
    if (slots->has_moved)
        wake_those_who_move(slots);
    pthread_mutex_unlock(&slots->lock);
}

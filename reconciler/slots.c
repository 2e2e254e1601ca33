#include "slots.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "stash/jsonx.h"
#include "stash/plan.h"

#define WAITING_MAX                                                                                \
    100000 /* who finds no place here is asked again when its Repository is looked at */
#define KEPT_PART                                                                                  \
    4 /* one in so many of the cluster's slots is for namespaces with nobody at work */

/* A namespace that was asked about. */
struct space {
    char *name;
    size_t users;    /* entries that name it */
    int64_t at_work; /* in this walk */
    uint64_t walk;
};

/* A session that waits, or that has just been given a slot. */
struct entry {
    char *session, *repository;
    int64_t created;
    int64_t told; /* its position, when it was last woken for that */
    struct space *space;
};

struct slots {
    struct slots_config config;
    pthread_mutex_t lock;
    json_t *spaces;         /* name -> address of its space, as an integer */
    json_t *given;          /* uid -> address of its entry, as an integer */
    struct entry **waiting; /* the oldest first */
    size_t count, cap;
    uint64_t walk;
};

struct slots *slots_new(const struct slots_config *config)
{
    struct slots *slots = xcalloc(1, sizeof(*slots));

    slots->config = *config;
    slots->spaces = json_object();
    slots->given = json_object();
    pthread_mutex_init(&slots->lock, NULL);
    return slots;
}

static void *address_of(const json_t *value)
{
    return (void *)(uintptr_t)json_integer_value(value);
}

static json_t *address_new(const void *address)
{
    return json_integer((json_int_t)(uintptr_t)address);
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
    json_decref(slots->spaces);
    pthread_mutex_destroy(&slots->lock);
    free(slots);
}

/* ---- who waits ----------------------------------------------------------------------------------------------------- */

static bool goes_before(const struct entry *entry, int64_t created, const char *session)
{
    return entry->created < created ||
           (entry->created == created && strcmp(entry->session, session) < 0);
}

/* Where it is among those who wait, or would be. */
static size_t place_of(const struct slots *slots, int64_t created, const char *session)
{
    size_t low = 0, high = slots->count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (goes_before(slots->waiting[middle], created, session))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct entry *entry_at(const struct slots *slots, size_t place, const char *session)
{
    bool is_there = place < slots->count && strcmp(slots->waiting[place]->session, session) == 0;

    return is_there ? slots->waiting[place] : NULL;
}

static void insert_at(struct slots *slots, size_t place, struct entry *entry)
{
    if (slots->count == slots->cap) {
        slots->cap = slots->cap ? 2 * slots->cap : 64;
        slots->waiting = xrealloc(slots->waiting, slots->cap * sizeof(struct entry *));
    }
    memmove(&slots->waiting[place + 1], &slots->waiting[place],
            (slots->count - place) * sizeof(struct entry *));
    slots->waiting[place] = entry;
    slots->count++;
}

static struct entry *remove_at(struct slots *slots, size_t place)
{
    struct entry *entry = slots->waiting[place];

    slots->count--;
    memmove(&slots->waiting[place], &slots->waiting[place + 1],
            (slots->count - place) * sizeof(struct entry *));
    return entry;
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

/* Of the cluster's queue, or of its namespace's. */
static int64_t position_of(const struct slots *slots, size_t place, const struct space *space,
                           const char *limit)
{
    int64_t before = 0;

    if (strcmp(limit, SLOT_LIMIT_CLUSTER) == 0)
        return (int64_t)place + 1;
    for (size_t i = 0; i < place; i++)
        before += slots->waiting[i]->space == space;
    return before + 1;
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
}

/* ---- asking -------------------------------------------------------------------------------------------------------- */

static json_t *wait_here(struct slots *slots, size_t place, const struct slot_request *request,
                         const char *limit)
{
    struct entry *entry = entry_at(slots, place, request->session);
    bool fits = entry || slots->count < WAITING_MAX;

    if (!entry && fits)
        insert_at(slots, place, entry = entry_new(slots, request));
    if (entry) {
        entry->told = (int64_t)place + 1;
        entry_move(entry, request->repository);
    }
    int64_t position = entry ? position_of(slots, place, entry->space, limit) : WAITING_MAX;
    return json_pack("{s:s, s:I}", "limit", limit, "position", (json_int_t)position);
}

static void give(struct slots *slots, size_t place, const struct slot_request *request)
{
    struct entry *entry = entry_at(slots, place, request->session) ? remove_at(slots, place)
                                                                   : entry_new(slots, request);

    json_object_set_new(slots->given, entry->session, address_new(entry));
}

json_t *slots_take(struct slots *slots, const struct slot_request *request)
{
    json_t *answer = NULL;

    pthread_mutex_lock(&slots->lock);
    size_t place = place_of(slots, request->created, request->session);
    struct space *space = space_use(slots, request->namespace);
    struct walk walk = walk_begin(slots);
    bool is_given = json_object_get(slots->given, request->session) != NULL;
    for (size_t i = 0; i < place; i++)
        walk_next(&walk, slots->waiting[i]->space);
    const char *limit = is_given ? NULL : walk_next(&walk, space);
    if (limit)
        answer = wait_here(slots, place, request, limit);
    else if (!is_given)
        give(slots, place, request);
    space_leave(slots, space);
    pthread_mutex_unlock(&slots->lock);
    return answer ? answer : json_null();
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

        if (strcmp(entry->repository, repository) == 0 && !json_object_get(asked, entry->session))
            entry_free(slots, entry);
        else
            slots->waiting[kept++] = entry;
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
        wake_those_who_move(slots);
    pthread_mutex_unlock(&slots->lock);
}

void slots_release(struct slots *slots, const char *session)
{
    pthread_mutex_lock(&slots->lock);
    for (size_t i = 0; i < slots->count; i++)
        if (strcmp(slots->waiting[i]->session, session) == 0) {
            entry_free(slots, remove_at(slots, i));
            break;
        }
    if (slots->count > 0)
        wake_those_who_move(slots);
    pthread_mutex_unlock(&slots->lock);
}

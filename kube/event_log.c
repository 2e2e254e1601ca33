#include "event_log.h"

#include <pthread.h>
#include <string.h>

#include "stash/digest.h"

#define WINDOW_S    600 /* how long the same event is the same event */
#define SIMILAR_MAX 10
#define BURST       25
#define REFILL_S    300
#define ID_SIZE     17

/* What a slot counts. The same table holds all three, told apart by their id. */
enum slot_use { USE_SAME = 's', USE_SIMILAR = 'g', USE_OBJECT = 'o' };

struct slot {
    char id[ID_SIZE];
    char *name; /* USE_SAME: of the stored event */
    int64_t first, last;
    int count;
    int64_t used; /* tick of the last use */
};

struct event_log {
    pthread_mutex_t lock;
    struct slot slots[EVENT_LOG_MAX];
    size_t count;
    int64_t tick;
};

struct event_log *event_log_new(void)
{
    struct event_log *log = xcalloc(1, sizeof(*log));
    pthread_mutex_init(&log->lock, NULL);
    return log;
}

void event_log_free(struct event_log *log)
{
    if (!log)
        return;
    for (size_t i = 0; i < log->count; i++)
        free(log->slots[i].name);
    pthread_mutex_destroy(&log->lock);
    free(log);
}

void event_log_lock(struct event_log *log)
{
    pthread_mutex_lock(&log->lock);
}

void event_log_unlock(struct event_log *log)
{
    pthread_mutex_unlock(&log->lock);
}

static void id_of(enum slot_use use, const struct event_key *key, bool combined, char out[ID_SIZE])
{
    char digest[DIGEST_HEX_SIZE];
    bool whole = use != USE_OBJECT;
    bool exact = use == USE_SAME && !combined;
    AUTO(mem_free)
    char *text = xasprintf("%c\x1f%d\x1f%s\x1f%s\x1f%s\x1f%s\x1f%s", use, combined, key->component,
                           key->object, whole ? key->type : "", whole ? key->reason : "",
                           exact ? key->message : "");
    digest_hex(text, strlen(text), digest);
    memcpy(out, digest, ID_SIZE - 1);
    out[ID_SIZE - 1] = '\0';
}

static struct slot *slot_find(struct event_log *log, const char *id)
{
    for (size_t i = 0; i < log->count; i++)
        if (strcmp(log->slots[i].id, id) == 0)
            return &log->slots[i];
    return NULL;
}

static struct slot *slot_oldest(struct event_log *log)
{
    struct slot *oldest = &log->slots[0];
    for (size_t i = 1; i < log->count; i++)
        if (log->slots[i].used < oldest->used)
            oldest = &log->slots[i];
    return oldest;
}

/* The slot of `id`, made if need be; a new one has count 0. */
static struct slot *slot_take(struct event_log *log, const char *id, int64_t now)
{
    struct slot *slot = slot_find(log, id);
    if (!slot) {
        slot = log->count < EVENT_LOG_MAX ? &log->slots[log->count++] : slot_oldest(log);
        free(slot->name);
        *slot = (struct slot){.first = now, .last = now};
        memcpy(slot->id, id, ID_SIZE);
    }
    slot->used = ++log->tick;
    return slot;
}

static void slot_restart(struct slot *slot, int64_t now)
{
    free(TAKE(slot->name));
    slot->first = now;
    slot->count = 0;
}

/* A bucket of BURST tokens; count is what was taken out, one comes back each REFILL_S. */
static bool has_token(struct event_log *log, const struct event_key *key, int64_t now)
{
    char id[ID_SIZE];
    id_of(USE_OBJECT, key, false, id);
    struct slot *bucket = slot_take(log, id, now);
    int64_t refilled = (now - bucket->last) / REFILL_S;
    if (refilled > 0) {
        bucket->count = refilled >= bucket->count ? 0 : bucket->count - (int)refilled;
        bucket->last += refilled * REFILL_S;
    }
    if (bucket->count >= BURST)
        return false;
    bucket->count++;
    return true;
}

/* Whether so many that differ in their message alone were seen that this one joins a common event. */
static bool is_crowd(struct event_log *log, const struct event_key *key, int64_t now)
{
    char id[ID_SIZE];
    id_of(USE_SIMILAR, key, false, id);
    struct slot *group = slot_take(log, id, now);
    if (now - group->last > WINDOW_S)
        slot_restart(group, now);
    group->last = now;
    return ++group->count > SIMILAR_MAX;
}

void event_log_decide(struct event_log *log, const struct event_key *key, int64_t now,
                      struct event_decision *ret)
{
    char id[ID_SIZE];
    *ret = (struct event_decision){.verdict = EVENT_DROP, .first = now, .count = 1};
    if (!has_token(log, key, now))
        return;
    id_of(USE_SAME, key, false, id);
    struct slot *same = slot_find(log, id);
    bool is_known = same && now - same->last <= WINDOW_S;
    if (!is_known && is_crowd(log, key, now)) {
        ret->combined = true;
        id_of(USE_SAME, key, true, id);
        same = slot_find(log, id);
        is_known = same && now - same->last <= WINDOW_S;
    }
    ret->verdict = EVENT_CREATE;
    if (!is_known)
        return;
    same->used = ++log->tick;
    same->last = now;
    ret->verdict = EVENT_COUNT_UP;
    ret->name = same->name;
    ret->first = same->first;
    ret->count = ++same->count;
}

void event_log_stored(struct event_log *log, const struct event_key *key, bool combined,
                      const char *name, int64_t now)
{
    char id[ID_SIZE];
    id_of(USE_SAME, key, combined, id);
    struct slot *slot = slot_take(log, id, now);
    slot_restart(slot, now);
    slot->name = xstrdup(name);
    slot->last = now;
    slot->count = 1;
}

/*
 * lane.c - the thread for reviews that take time, so that those which are answered from memory at once, pods, do not wait
 * behind them: an API server brings the reviews of all tenants, and one of these may send hundreds of costly ones.
 *
 * Into the lane go large bodies, reviews of our own kinds (their rules look at other objects), and for half a minute those of a
 * namespace of which one was costly. There the namespaces take turns, whoever sends how many. A review that was not
 * answered in the time that the API server gives it is not looked at any more.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "server.h"
#include "stash/clock.h"
#include "stash/limits.h"
#include "stash/mem.h"

#define HOT_S     30
#define HEAD_SIZE (4 * LIMIT_KIB) /* API servers say the namespace before anything of the object */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LANE_COSTLY 100000 /* microseconds of processor time; everything takes longer there */
#else
#define LANE_COSTLY 2000
#endif
#define LANE_HOT  64 /* namespaces that are remembered as costly */
#define LANE_NAME 64 /* of one, with its end */
#define LANE_BODY (64 * LIMIT_KIB)
/* half of the time-outs in manifests/webhooks: the answer has to be made and sent, too */
#define LANE_INJECT_MS 500
#define LANE_ADMIT_MS  2500

struct lane {
    pthread_t thread;
    bool running;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stopping;         /* under lock, as those below */
    struct request *first; /* in the order in which they came */
    uint64_t turn;         /* of the last one that was answered */
    struct hot {
        char namespace[LANE_NAME];
        int64_t until; /* monotonic seconds */
    } hot[LANE_HOT];

    _Atomic int64_t hot_until; /* of the last of them */
};

/* ---- whose it is -------------------------------------------------------------------------------------------------- */

/*
 * The namespace as the review's head names it; empty: it names none. Namespaces are compared by name: with a hash of it,
 * somebody could find himself a name with which to stand in another's place. Who makes his up gains a turn by it, no more.
 */
static struct slice namespace_of(const struct request *request)
{
    static const char key[] = "\"namespace\"";
    size_t len = request->body.len < HEAD_SIZE ? request->body.len : HEAD_SIZE;
    const char *at = len ? memmem(request->body.data, len, key, sizeof(key) - 1) : NULL;
    const char *end = request->body.data + len;

    at = at ? memchr(at + sizeof(key) - 1, '"', (size_t)(end - at) - (sizeof(key) - 1)) : NULL;
    if (!at)
        return (struct slice){0};
    const char *stop = memchr(at + 1, '"', (size_t)(end - at - 1));
    return stop ? (struct slice){at + 1, (size_t)(stop - at - 1)} : (struct slice){0};
}

static bool is_same(struct slice one, struct slice other)
{
    return one.len == other.len && (one.len == 0 || memcmp(one.at, other.at, one.len) == 0);
}

/* Under lock: where the namespace is remembered, or else where it can be. */
static struct hot *hot_find(struct lane *lane, struct slice namespace)
{
    struct hot *oldest = lane->hot;

    for (struct hot *hot = lane->hot; hot < lane->hot + LANE_HOT; hot++) {
        if (is_same((struct slice){hot->namespace, strlen(hot->namespace)}, namespace))
            return hot;
        if (hot->until < oldest->until)
            oldest = hot;
    }
    return oldest;
}

static void hot_note(struct lane *lane, struct slice namespace, int64_t until)
{
    if (namespace.len == 0 || namespace.len >= LANE_NAME)
        return;
    pthread_mutex_lock(&lane->lock);
    struct hot *hot = hot_find(lane, namespace);
    memcpy(hot->namespace, namespace.at, namespace.len);
    hot->namespace[namespace.len] = '\0';
    hot->until = until;
    pthread_mutex_unlock(&lane->lock);
    atomic_store(&lane->hot_until, until);
}

static bool is_hot(struct lane *lane, struct slice namespace, int64_t now)
{
    pthread_mutex_lock(&lane->lock);
    struct hot *hot = hot_find(lane, namespace);
    bool found = hot->until > now &&
                 is_same((struct slice){hot->namespace, strlen(hot->namespace)}, namespace);
    pthread_mutex_unlock(&lane->lock);
    return found;
}

int64_t lane_clock(void)
{
    struct timespec spent;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
    return spent.tv_sec * INT64_C(1000000) + spent.tv_nsec / 1000;
}

void lane_note(struct request *request, int64_t began)
{
    struct lane *lane = request->webhook->lane;

    if (clock_now_micros() - request->began_us < LANE_COSTLY || lane_clock() - began < LANE_COSTLY)
        return;
    hot_note(lane, namespace_of(request), clock_mono_ms() / 1000 + HOT_S);
}

bool lane_wants(struct request *request)
{
    struct lane *lane = request->webhook->lane;

    if (!lane->running)
        return false;
    if (request->route != ROUTE_INJECT || request->body.len > LANE_BODY)
        return true;
    int64_t now = clock_mono_ms() / 1000;
    return atomic_load_explicit(&lane->hot_until, memory_order_relaxed) > now &&
           is_hot(lane, namespace_of(request), now);
}

/* ---- turns ---------------------------------------------------------------------------------------------------------- */

/* Behind the last one of its namespace, or with the next ones. */
static void queue_add(struct lane *lane, struct request *request)
{
    struct request **end = &lane->first;

    request->namespace = namespace_of(request);
    request->turn = lane->turn + 1;
    for (; *end; end = &(*end)->next)
        if (is_same((*end)->namespace, request->namespace) && (*end)->turn >= request->turn)
            request->turn = (*end)->turn + 1;
    request->next = NULL;
    *end = request;
}

static struct request *unlink_at(struct request **slot)
{
    struct request *request = *slot;

    *slot = request->next;
    request->next = NULL;
    return request;
}

/* Its client will have gone before there is an answer. Who waits for the snapshot is answered when that is over. */
static bool is_late(const struct request *request)
{
    int64_t patience_ms = request->route == ROUTE_INJECT ? LANE_INJECT_MS : LANE_ADMIT_MS;

    return request->wait_until == 0 && clock_now_micros() - request->began_us > patience_ms * 1000;
}

static void send_away(struct request *request)
{
    request->refused = 503;
    MHD_resume_connection(request->connection);
}

static void drop_late(struct lane *lane, bool all)
{
    struct request **slot = &lane->first;

    while (*slot) {
        if (all || is_late(*slot))
            send_away(unlink_at(slot));
        else
            slot = &(*slot)->next;
    }
}

/* Whose turn it is: of the lowest turn the one that came first. */
static struct request *queue_take(struct lane *lane)
{
    struct request **best = &lane->first;

    for (struct request **slot = &lane->first; *slot; slot = &(*slot)->next)
        if ((*slot)->turn < (*best)->turn)
            best = slot;
    if (!*best)
        return NULL;
    struct request *request = unlink_at(best);
    lane->turn = request->turn;
    return request;
}

/* ---- the thread ----------------------------------------------------------------------------------------------------- */

static void answer_request(struct request *request)
{
    int64_t began = lane_clock();
    bool may_wait = request->wait_until == 0 || clock_mono_ms() < request->wait_until;

    route_response_done(&request->response);
    request_ask(request, may_wait);
    lane_note(request, began);
    if (request->response.wait && keeper_hand(request))
        return;
    if (request->response.wait)
        request_ask(request, false);
    MHD_resume_connection(request->connection);
}

static void *lane_run(void *ctx)
{
    struct webhook *webhook = ctx;
    struct lane *lane = webhook->lane;

    pthread_mutex_lock(&lane->lock);
    while (!lane->stopping) {
        drop_late(lane, false);
        struct request *request = queue_take(lane);
        if (!request) {
            pthread_cond_wait(&lane->changed, &lane->lock);
            continue;
        }
        pthread_mutex_unlock(&lane->lock);
        answer_request(request);
        pthread_mutex_lock(&lane->lock);
    }
    drop_late(lane, true);
    pthread_mutex_unlock(&lane->lock);
    return NULL;
}

struct lane *lane_new(void)
{
    struct lane *lane = xcalloc(1, sizeof(*lane));

    pthread_mutex_init(&lane->lock, NULL);
    pthread_cond_init(&lane->changed, NULL);
    return lane;
}

void lane_free(struct lane *lane)
{
    pthread_mutex_destroy(&lane->lock);
    pthread_cond_destroy(&lane->changed);
    free(lane);
}

int lane_start(struct webhook *webhook, struct error *err)
{
    struct lane *lane = webhook->lane;
    int r = pthread_create(&lane->thread, NULL, lane_run, webhook);

    if (r != 0)
        return error_set_errno(err, r, "starting a thread");
    lane->running = true;
    return 0;
}

void lane_stop(struct webhook *webhook)
{
    struct lane *lane = webhook->lane;

    if (!lane->running)
        return;
    pthread_mutex_lock(&lane->lock);
    lane->stopping = true;
    pthread_cond_signal(&lane->changed);
    pthread_mutex_unlock(&lane->lock);
    pthread_join(lane->thread, NULL);
}

static bool take_in(struct request *request, bool suspend)
{
    struct lane *lane = request->webhook->lane;

    pthread_mutex_lock(&lane->lock);
    bool is_open = lane->running && !lane->stopping;
    if (is_open && suspend)
        MHD_suspend_connection(request->connection);
    if (is_open) {
        queue_add(lane, request);
        pthread_cond_signal(&lane->changed);
    }
    pthread_mutex_unlock(&lane->lock);
    return is_open;
}

bool lane_add(struct request *request)
{
    return take_in(request, true);
}

bool lane_hand(struct request *request)
{
    return take_in(request, false);
}

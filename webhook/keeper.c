/* The thread that watches the clock: connections that are late are cut, requests that wait are asked again. */
#include <errno.h>
#include <time.h>

#include "server.h"
#include "stash/clock.h"

#define TICK_MS      1000
#define WAIT_TICK_MS 100
#define WAIT_MS      500 /* half of the pod webhook's time-out */

/* Ask again; true when there is an answer (or no more time). */
static bool wait_is_over(struct request *request, bool stopping)
{
    bool may_wait = !stopping && clock_mono_ms() < request->wait_until;

    route_response_done(&request->response);
    request_ask(request, may_wait);
    return !request->response.wait;
}

/* Ask for all that wait, without the lock: it takes time, and requests that come meanwhile must not be held up. */
static void waiting_sweep(struct webhook *webhook)
{
    struct request *batch = TAKE(webhook->waiting);
    bool stopping = webhook->stopping;

    pthread_mutex_unlock(&webhook->lock);
    struct request *keep = NULL, **end = &keep;
    while (batch) {
        struct request *request = batch;
        batch = request->next;
        if (request->is_slow && !stopping && lane_hand(request))
            continue;
        if (wait_is_over(request, stopping)) {
            MHD_resume_connection(request->connection);
            continue;
        }
        *end = request;
        end = &request->next;
    }
    pthread_mutex_lock(&webhook->lock);
    *end = webhook->waiting;
    webhook->waiting = keep;
}

static void sleep_until_change(struct webhook *webhook, int64_t ms)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += (ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_cond_timedwait(&webhook->changed, &webhook->lock, &until);
}

static void *keeper_run(void *ctx)
{
    struct webhook *webhook = ctx;
    int64_t swept = 0;

    pthread_mutex_lock(&webhook->lock);
    while (!webhook->stopping) {
        sleep_until_change(webhook, webhook->waiting ? WAIT_TICK_MS : TICK_MS);
        waiting_sweep(webhook);
        if (clock_mono_ms() - swept < TICK_MS)
            continue;
        swept = clock_mono_ms();
        atomic_fetch_add(&webhook->metrics.cut, guard_sweep(&webhook->guard));
    }
    waiting_sweep(webhook); /* stopping: nobody may wait any longer */
    pthread_mutex_unlock(&webhook->lock);
    return NULL;
}

int keeper_start(struct webhook *webhook, struct error *err)
{
    int r = pthread_create(&webhook->keeper, NULL, keeper_run, webhook);

    if (r != 0)
        return error_set_errno(err, r, "starting a thread");
    webhook->keeping = true;
    return 0;
}

void keeper_stop(struct webhook *webhook)
{
    if (!webhook->keeping)
        return;
    pthread_mutex_lock(&webhook->lock);
    webhook->stopping = true;
    pthread_cond_signal(&webhook->changed);
    pthread_mutex_unlock(&webhook->lock);
    pthread_join(webhook->keeper, NULL);
    webhook->keeping = false;
}

static bool take_in(struct request *request, bool suspend)
{
    struct webhook *webhook = request->webhook;

    pthread_mutex_lock(&webhook->lock);
    bool waits = !webhook->stopping;
    if (waits) {
        if (request->wait_until == 0)
            request->wait_until = clock_mono_ms() + WAIT_MS;
        if (suspend)
            MHD_suspend_connection(request->connection);
        request->next = webhook->waiting;
        webhook->waiting = request;
        pthread_cond_signal(&webhook->changed);
    }
    pthread_mutex_unlock(&webhook->lock);
    return waits;
}

bool keeper_wait(struct request *request)
{
    return take_in(request, true);
}

bool keeper_hand(struct request *request)
{
    return take_in(request, false);
}

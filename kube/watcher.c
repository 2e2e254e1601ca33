#include <pthread.h>
#include <string.h>

#include "client.h"
#include "stash/clock.h"
#include "stash/log.h"
#include "watch.h"

#define POLL_MAX_MS 60000

struct watcher {
    struct kube *kube;
    struct store *store;
    struct watch **watches;
    size_t count;
    CURLM *multi;
    pthread_t thread;
    bool is_running;
    atomic_bool stopping;
};

struct watcher *watcher_new(struct kube *kube, struct store *store)
{
    struct watcher *watcher = xcalloc(1, sizeof(*watcher));
    watcher->kube = kube;
    watcher->store = store;
    atomic_init(&watcher->stopping, false);
    return watcher;
}

void watcher_add(struct watcher *watcher, const struct watch_spec *spec)
{
    BUG_ON(watcher->is_running);
    struct watch *watch = xcalloc(1, sizeof(*watch));
    watch_init(watch, watcher->kube, watcher->store, spec);
    watcher->watches = xrealloc(watcher->watches, (watcher->count + 1) * sizeof(struct watch *));
    watcher->watches[watcher->count++] = watch;
}

/* ---- the thread -------------------------------------------------------------------------------------------------- */

static void watches_begin(struct watcher *watcher, struct watch *watch, int64_t now_ms)
{
    struct error err = {0};
    int r = watch_begin(watch, now_ms, &err);
    if (r < 0) {
        watch_fail(watch, &err, now_ms);
        return;
    }
    BUG_ON(curl_multi_add_handle(watcher->multi, watch->curl) != CURLM_OK);
}

/* Until when a watch has nothing to do but to wait for the server. */
static int64_t due_of(const struct watch *watch)
{
    if (watch->phase == WATCH_WAITING)
        return watch->due_ms;
    return watch->phase == WATCH_STREAMING && watch->crowded > 0 ? watch->room_due_ms : INT64_MAX;
}

/* Start what is due; how long until the next one is. */
static int64_t begin_due(struct watcher *watcher)
{
    int64_t now_ms = clock_mono_ms();
    int64_t wait_ms = POLL_MAX_MS;
    for (size_t i = 0; i < watcher->count; i++) {
        struct watch *watch = watcher->watches[i];
        if (watch_has_room_again(watch, now_ms)) {
            curl_multi_remove_handle(watcher->multi, watch->curl);
            watch_list_again(watch, now_ms);
        }
        if (watch->phase == WATCH_WAITING && watch->due_ms <= now_ms)
            watches_begin(watcher, watch, now_ms);
        if (due_of(watch) - now_ms < wait_ms)
            wait_ms = due_of(watch) > now_ms ? due_of(watch) - now_ms : 0;
    }
    return wait_ms;
}

/* Whether any exchange ended. */
static bool end_finished(struct watcher *watcher)
{
    int left = 0;
    bool any = false;
    for (CURLMsg *msg = NULL; (msg = curl_multi_info_read(watcher->multi, &left));) {
        struct watch *watch = NULL;
        CURLcode code = msg->data.result;
        CURL *curl = msg->easy_handle;
        if (msg->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(curl, CURLINFO_PRIVATE, &watch);
        curl_multi_remove_handle(watcher->multi, curl);
        watch_end(watch, code, clock_mono_ms());
        any = true;
    }
    return any;
}

static void *watcher_run(void *ctx)
{
    struct watcher *watcher = ctx;
    while (!atomic_load(&watcher->stopping)) {
        int running = 0;
        int64_t wait_ms = begin_due(watcher);
        CURLMcode code = curl_multi_perform(watcher->multi, &running);
        if (end_finished(watcher))
            continue;
        if (code == CURLM_OK)
            code = curl_multi_poll(watcher->multi, NULL, 0, (int)wait_ms, NULL);
        if (code != CURLM_OK) {
            log_error("watch loop", "error", curl_multi_strerror(code));
            clock_sleep_ms(1000);
        }
    }
    return NULL;
}

/* ---- life cycle -------------------------------------------------------------------------------------------------- */

int watcher_start(struct watcher *watcher, struct error *err)
{
    BUG_ON(watcher->is_running);
    watcher->multi = curl_multi_init();
    if (!watcher->multi)
        return error_set(err, ERR_INTERNAL, "libcurl: no multi handle");
    for (size_t i = 0; i < watcher->count; i++) {
        watcher->watches[i]->curl = curl_easy_init();
        if (!watcher->watches[i]->curl)
            return error_set(err, ERR_INTERNAL, "libcurl: no handle");
    }
    int r = pthread_create(&watcher->thread, NULL, watcher_run, watcher);
    if (r != 0)
        return error_set_errno(err, r, "starting the watch thread");
    watcher->is_running = true;
    return 0;
}

bool watcher_synced(struct watcher *watcher)
{
    for (size_t i = 0; i < watcher->count; i++)
        if (!atomic_load(&watcher->watches[i]->synced))
            return false;
    return true;
}

int64_t watcher_age(struct watcher *watcher)
{
    int64_t now_ms = clock_mono_ms();
    int64_t oldest_ms = now_ms;
    for (size_t i = 0; i < watcher->count; i++) {
        int64_t alive_ms = atomic_load(&watcher->watches[i]->alive_ms);
        if (alive_ms < oldest_ms)
            oldest_ms = alive_ms;
    }
    return (now_ms - oldest_ms) / 1000;
}

static bool has_died(struct watch *watch, int64_t now_ms)
{
    return now_ms - atomic_load(&watch->alive_ms) > WATCH_DEAD_S * INT64_C(1000);
}

bool watcher_is_good(struct watcher *watcher, struct error *ret_why)
{
    int64_t now_ms = clock_mono_ms();
    for (size_t i = 0; i < watcher->count; i++) {
        struct watch *watch = watcher->watches[i];
        bool synced = atomic_load(&watch->synced);
        enum error_kind failure = (enum error_kind)atomic_load(&watch->failure_kind);
        const char *why = failure == ERR_OK ? "no answer" : error_kind_name(failure);
        if (synced && !has_died(watch, now_ms))
            continue;
        error_set(ret_why, ERR_TRANSPORT, "%s %s (%s); the log says more",
                  synced ? "for long no news of any" : "no list yet of every",
                  watch->spec.resource->kind, why);
        return false;
    }
    return true;
}

void watcher_free(struct watcher *watcher)
{
    if (!watcher)
        return;
    atomic_store(&watcher->stopping, true);
    if (watcher->is_running) {
        curl_multi_wakeup(watcher->multi);
        pthread_join(watcher->thread, NULL);
    }
    for (size_t i = 0; i < watcher->count; i++) {
        struct watch *watch = watcher->watches[i];
        if (watch->curl && watcher->multi)
            curl_multi_remove_handle(watcher->multi, watch->curl);
        curl_easy_cleanup(watch->curl);
        watch_done(watch);
        free(watch);
    }
    curl_multi_cleanup(watcher->multi);
    free(watcher->watches);
    free(watcher);
}

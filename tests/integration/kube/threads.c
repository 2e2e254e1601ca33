/*
 * Readers, callers and watchers of one client at the same time, and watchers that start and stop meanwhile. What it
 * looks for is found by ThreadSanitizer or AddressSanitizer; by itself it checks that every answer is whole.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "fake.h"
#include "resources.h"
#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/log.h"

#define READERS 3
#define CALLERS 12 /* more than calls may run at once */
#define ROUNDS  5

static struct kube *kube;
static struct store *store;
static atomic_bool done;
static atomic_int changes, answers, faults;

static void expect(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "FAIL %s\n", what);
    atomic_fetch_add(&faults, 1);
}

static void by_app(const json_t *object, store_emit_fn emit, void *ctx)
{
    const char *app = jsonx_label(object, "app");
    if (app)
        emit(ctx, app);
}

static bool look_at(void *ctx, json_t *object)
{
    (void)ctx;
    expect(jsonx_name(object) && jsonx_label(object, "app"), "a listed pod is whole");
    return true;
}

static void *read_store(void *ctx)
{
    (void)ctx;
    while (!atomic_load(&done)) {
        json_auto_t *one = store_get(store, &pods, "demo", "a");
        json_auto_t *all = store_list(store, &pods, NULL, "app=x");
        json_auto_t *found = store_by_index(store, &pods, "app", "x");
        expect(!one || jsonx_label(one, "app"), "a pod is whole");
        expect(json_array_size(all) <= 2 && json_array_size(found) <= 2, "no pod is there twice");
        store_each(store, &pods, "demo", NULL, look_at, NULL);
    }
    return NULL;
}

static void *call(void *ctx)
{
    json_auto_t *about = json_pack("{s:s, s:s, s:{s:s, s:s}}", "apiVersion", "v1", "kind", "Pod",
                                   "metadata", "name", "a", "namespace", "demo");
    const struct kube_event event = {
        .object = about, .component = "threads", .reason = "Tried", .message = ctx};
    while (!atomic_load(&done)) {
        struct error err = {0};
        json_auto_t *object = NULL;
        expect(kube_get(kube, &pods, "demo", "a", &object, &err) == 0, err.msg);
        expect(kube_event(kube, &event, &err) == 0, err.msg);
        atomic_fetch_add(&answers, 1);
    }
    return NULL;
}

static void on_change(void *ctx, const struct resource *resource, enum watch_change change,
                      const json_t *object)
{
    (void)ctx, (void)resource, (void)change, (void)object;
    atomic_fetch_add(&changes, 1);
}

/* Start a watcher, let it work until it has told something, stop it. */
static void watch_a_while(void)
{
    struct error err = {0};
    const struct watch_spec spec = {.resource = &pods, .on_change = on_change};
    struct watcher *watcher = watcher_new(kube, store);
    int before = atomic_load(&changes);
    int64_t until = clock_mono_ms() + 10000;
    watcher_add(watcher, &spec);
    expect(watcher_start(watcher, &err) == 0, err.msg);
    while (atomic_load(&changes) < before + 100 && clock_mono_ms() < until)
        clock_sleep_ms(5);
    expect(watcher_synced(watcher) && watcher_age(watcher) < 10, "the watch works");
    watcher_free(watcher);
}

int main(void)
{
    static char message[] = "it was tried";
    struct fake *fake = fake_start(SCRIPTS "threads.yaml");
    pthread_t threads[READERS + CALLERS];
    log_set_level(LOG_LEVEL_ERROR);
    json_object_seed(0);
    kube = fake_open(fake);
    store = store_new();
    store_index(store, &pods, "app", by_app);
    for (int i = 0; i < READERS + CALLERS; i++)
        pthread_create(&threads[i], NULL, i < READERS ? read_store : call, message);
    for (int i = 0; i < ROUNDS; i++)
        watch_a_while();
    atomic_store(&done, true);
    for (int i = 0; i < READERS + CALLERS; i++)
        pthread_join(threads[i], NULL);
    store_free(store);
    kube_close(kube);
    fake_stop(fake);
    printf("%d changes, %d answers, %d faults\n", changes, answers, faults);
    return faults > 0 || answers == 0 || changes < 100;
}

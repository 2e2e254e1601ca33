#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>

#include "fake.h"
#include "resources.h"
#include "stash/buf.h"
#include "stash/clock.h"
#include "stash/file.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/log.h"

/* A watch of all pods, and what it told us: "+name" "-name" "?name" (cannot be read) "." (synced). Only the watch thread writes `told`. */
struct scene {
    struct fake *fake;
    struct kube *kube;
    struct store *store;
    struct watcher *watcher;
    pthread_mutex_t lock;
    struct buf told;
};

static void on_change(void *ctx, const struct resource *resource, enum watch_change change,
                      const json_t *object)
{
    struct scene *scene = ctx;
    cr_assert_eq(resource, &pods);
    pthread_mutex_lock(&scene->lock);
    if (change == WATCH_SYNCED)
        buf_adds(&scene->told, ".");
    else
        buf_addf(&scene->told, "%c%s", "+-?"[change], jsonx_name(object));
    pthread_mutex_unlock(&scene->lock);
}

static void scene_open(struct scene *scene, const char *script)
{
    AUTO(mem_free) char *path = xasprintf("%s%s.yaml", SCRIPTS, script);
    *scene = (struct scene){.fake = fake_start(path), .store = store_new()};
    pthread_mutex_init(&scene->lock, NULL);
    buf_init(&scene->told, 10 * LIMIT_KIB);
    log_set_level(LOG_LEVEL_ERROR);
    scene->kube = fake_open(scene->fake);
    scene->watcher = watcher_new(scene->kube, scene->store);
}

static void scene_watch(struct scene *scene, const struct watch_spec *spec)
{
    struct watch_spec all = spec ? *spec : (struct watch_spec){0};
    struct error err = {0};
    all.resource = &pods;
    all.on_change = on_change;
    all.ctx = scene;
    watcher_add(scene->watcher, &all);
    cr_assert_eq(watcher_start(scene->watcher, &err), 0, "%s", err.msg);
}

static void scene_begin(struct scene *scene, const char *script, const struct watch_spec *spec)
{
    scene_open(scene, script);
    scene_watch(scene, spec);
}

static void scene_end(struct scene *scene)
{
    watcher_free(scene->watcher);
    store_free(scene->store);
    kube_close(scene->kube);
    fake_stop(scene->fake);
    buf_done(&scene->told);
    pthread_mutex_destroy(&scene->lock);
}

/* Wait until exactly this was told. */
static void expect(struct scene *scene, const char *want)
{
    int64_t until = clock_mono_ms() + 15000;
    bool same = false;
    while (!same && clock_mono_ms() < until) {
        clock_sleep_ms(10);
        pthread_mutex_lock(&scene->lock);
        same = strcmp(scene->told.data, want) == 0;
        pthread_mutex_unlock(&scene->lock);
    }
    cr_assert(same, "told %s, want %s", scene->told.data, want);
}

#define LISTS   "/api/v1/pods?limit=500"
#define STREAMS "watch=1"

Test(watch, lists_page_by_page_then_follows_the_stream_and_its_bookmarks)
{
    struct scene scene;
    scene_begin(&scene, "watch_usual", NULL);
    expect(&scene, "+a+b.+c+a-b+last");
    json_auto_t *changed = store_get(scene.store, &pods, "demo", "a");
    cr_assert_str_eq(jsonx_label(changed, "x"), "y");
    cr_assert_str_eq(jsonx_str(changed, "kind", NULL), "Pod");
    cr_assert_eq(store_count(scene.store, &pods), 3);
    cr_assert(watcher_synced(scene.watcher));
    cr_assert(watcher_age(scene.watcher) < 10);
    cr_assert_eq(fake_count(scene.fake, "GET", LISTS), 2);
    scene_end(&scene);
}

Test(watch, takes_a_broken_stream_up_where_it_was)
{
    struct scene scene;
    scene_begin(&scene, "watch_cut", NULL);
    expect(&scene, ".+a+b+last");
    cr_assert_eq(fake_count(scene.fake, "GET", LISTS), 1);
    scene_end(&scene);
}

Test(watch, lists_again_when_the_answer_is_410_and_tells_only_differences)
{
    struct scene scene;
    scene_begin(&scene, "watch_gone_answer", NULL);
    expect(&scene, "+a+b.+last-b.");
    cr_assert_eq(store_count(scene.store, &pods), 2);
    scene_end(&scene);
}

Test(watch, lists_again_when_an_event_says_410)
{
    struct scene scene;
    scene_begin(&scene, "watch_gone_event", NULL);
    expect(&scene, "+a+b.+last-b.");
    scene_end(&scene);
}

Test(watch, lists_again_after_a_line_that_it_cannot_read)
{
    struct scene scene;
    scene_begin(&scene, "watch_bad_line", NULL);
    expect(&scene, "+a+b.+last-b.");
    scene_end(&scene);
}

Test(watch, lists_again_after_a_line_above_the_ceiling)
{
    struct scene scene;
    scene_begin(&scene, "watch_long_line", NULL);
    expect(&scene, "+a+b.+last-b.");
    scene_end(&scene);
}

Test(watch, goes_on_watching_after_a_passing_error_event)
{
    struct scene scene;
    scene_begin(&scene, "watch_error_event", NULL);
    expect(&scene, ".+a+last");
    cr_assert_eq(fake_count(scene.fake, "GET", LISTS), 1);
    scene_end(&scene);
}

Test(watch, asks_for_the_list_in_one_piece_when_its_pages_expire)
{
    struct scene scene;
    scene_begin(&scene, "watch_expired_page", NULL);
    expect(&scene, "+a+last-a.");
    scene_end(&scene);
}

Test(watch, takes_a_kind_that_is_not_served_for_an_empty_list, .timeout = 40)
{
    struct scene scene;
    scene_begin(&scene, "watch_missing", NULL);
    expect(&scene, ".+a.-a.");
    cr_assert(watcher_synced(scene.watcher));
    cr_assert_eq(store_count(scene.store, &pods), 0);
    scene_end(&scene);
}

Test(watch, reads_the_token_again_when_it_is_refused)
{
    struct scene scene;
    struct error err = {0};
    scene_begin(&scene, "watch_token", NULL);
    clock_sleep_ms(100);
    cr_assert_not(watcher_synced(scene.watcher));
    cr_assert_eq(file_write(fake_token_file(scene.fake), "second", 6, 0600, &err), 0);
    expect(&scene, ".+last");
    scene_end(&scene);
}

Test(watch, outlives_a_server_that_ends_and_comes_back)
{
    struct scene scene;
    scene_begin(&scene, "watch_before", NULL);
    expect(&scene, "+a+b.");
    fake_restart(scene.fake, SCRIPTS "watch_after.yaml");
    expect(&scene, "+a+b.+last-b.");
    scene_end(&scene);
}

Test(watch, goes_on_without_what_it_cannot_read_and_knows_its_names)
{
    struct scene scene;
    scene_begin(&scene, "watch_hostile", NULL);
    expect(&scene, "+a+nul+large?huge?twice+z.?z+twice-huge+last");
    cr_assert_eq(fake_count(scene.fake, "GET", LISTS), 1);
    cr_assert(watcher_synced(scene.watcher));
    cr_assert_eq(store_count(scene.store, &pods), 5);
    cr_assert_eq(store_unread_count(scene.store), 1);
    cr_assert(store_is_unread(scene.store, &pods, "demo", "z"));
    cr_assert_not(store_is_unread(scene.store, &pods, "demo", "twice"));
    cr_assert_null(store_get(scene.store, &pods, "demo", "z"));
    json_auto_t *unread = store_unread(scene.store, &pods, NULL);
    AUTO(mem_free) char *sentence = unread_sentence(json_array_get(unread, 0));
    cr_assert_str_eq(sentence, "Pod demo/z cannot be read: it is larger than 4 MiB");
    scene_end(&scene);
}

static int refuse_unwanted(const json_t *object, struct error *err)
{
    return jsonx_bool(object, false, "spec", "unwanted", NULL)
               ? error_set(err, ERR_LIMIT, "it is not wanted")
               : 0;
}

Test(watch, leaves_out_what_is_too_large_or_not_accepted)
{
    const struct watch_spec spec = {.max_bytes = LIMIT_KIB, .accept = refuse_unwanted};
    struct scene scene;
    scene_begin(&scene, "watch_bounds", &spec);
    expect(&scene, "+a?large?unwanted.?a+large-unwanted+last");
    cr_assert(store_is_unread(scene.store, &pods, "demo", "a"));
    cr_assert_null(store_get(scene.store, &pods, "demo", "a"));
    json_auto_t *unread = store_unread(scene.store, &pods, NULL);
    AUTO(mem_free) char *sentence = unread_sentence(json_array_get(unread, 0));
    cr_assert_str_eq(sentence, "Pod demo/a cannot be read: it is larger than 1 KiB");
    scene_end(&scene);
}

static const struct resource others = {"ConfigMap", "", "v1", "configmaps", true};

/* Objects of another kind that leave a namespace no room. */
#define FILLER_BYTES (4 * LIMIT_MIB)
#define FILLERS      (LIMIT_NAMESPACE / FILLER_BYTES)

static void fill(struct store *store)
{
    AUTO(mem_free) char *text = xmalloc(FILLER_BYTES);
    memset(text, 'x', FILLER_BYTES - 64); /* the rest of the object is of this size */
    text[FILLER_BYTES - 64] = '\0';
    for (size_t i = 0; i < FILLERS; i++) {
        json_auto_t *object = json_pack("{s:{s:s, s:o}, s:s}", "metadata", "namespace", "demo",
                                        "name", json_sprintf("filler-%zu", i), "data", text);
        cr_assert(store_put(store, &others, object));
    }
}

Test(watch, brings_back_what_found_no_room_as_soon_as_there_is_some)
{
    struct scene scene;
    scene_open(&scene, "watch_room");
    fill(scene.store);
    scene_watch(&scene, NULL);
    expect(&scene, "?a?b+elsewhere.?last");
    clock_sleep_ms(3000);
    cr_assert_eq(fake_count(scene.fake, "GET", LISTS), 1, "nothing changed, and it was listed");
    cr_assert(store_remove(scene.store, &others, "demo", "filler-0"));
    expect(&scene, "?a?b+elsewhere.?last+a+b+last.");
    clock_sleep_ms(3000);
    cr_assert_eq(fake_count(scene.fake, "GET", LISTS), 2);
    scene_end(&scene);
}

Test(watch, says_why_it_is_not_good)
{
    struct scene scene;
    struct error why = {0};
    scene_begin(&scene, "watch_refused", NULL);
    clock_sleep_ms(300);
    cr_assert_not(watcher_is_good(scene.watcher, &why));
    cr_assert_str_eq(why.msg, "no list yet of every Pod (denied); the log says more");
    scene_end(&scene);
    scene_begin(&scene, "watch_usual", NULL);
    expect(&scene, "+a+b.+c+a-b+last");
    cr_assert(watcher_is_good(scene.watcher, &why));
    scene_end(&scene);
}

static void trim(json_t *object)
{
    json_object_del(jsonx_own(object, "metadata"), "annotations");
}

Test(watch, asks_for_metadata_alone_and_trims_it)
{
    struct scene scene;
    const struct watch_spec spec = {
        .namespace = "demo", .selector = {.label = "a=b", .trim = trim}, .metadata_only = true};
    scene_begin(&scene, "watch_metadata", &spec);
    expect(&scene, "+last.");
    json_auto_t *kept = store_get(scene.store, &pods, "demo", "last");
    cr_assert_str_eq(jsonx_str(kept, "kind", NULL), "Pod");
    cr_assert_str_eq(jsonx_str(kept, "apiVersion", NULL), "v1");
    cr_assert_null(jsonx_get(kept, "metadata", "annotations", NULL));
    scene_end(&scene);
}

Test(watch, stops_at_once_in_the_middle_of_an_answer)
{
    struct scene scene;
    scene_begin(&scene, "watch_silent", NULL);
    clock_sleep_ms(300);
    int64_t began = clock_mono_ms();
    cr_assert_not(watcher_synced(scene.watcher));
    watcher_free(TAKE(scene.watcher));
    cr_assert(clock_mono_ms() - began < 1000);
    scene_end(&scene);
}

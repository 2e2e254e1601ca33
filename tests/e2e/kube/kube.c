/*
 * Every verb of stash/kube.h against a real API server, in a namespace of its own that is removed again.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/kube.h"

static const struct resource namespaces = {"Namespace", "", "v1", "namespaces", false};
static const struct resource config_maps = {"ConfigMap", "", "v1", "configmaps", true};
static const struct resource secrets = {"Secret", "", "v1", "secrets", true};
static const struct resource deployments = {"Deployment", "apps", "v1", "deployments", true};
static const struct resource events = {"Event", "", "v1", "events", true};
static const struct resource leases = {"Lease", "coordination.k8s.io", "v1", "leases", true};
static const struct resource unknown = {"Unknown", "none.example.com", "v1", "unknowns", true};

static char space[40];
static struct kube *kube;
static int failures;

static void check(bool ok, const char *what, const struct error *err)
{
    printf("%s %s%s%s\n", ok ? "ok  " : "FAIL", what, ok ? "" : ": ", ok ? "" : err->msg);
    failures += !ok;
}

#define CHECK(cond) check((cond), #cond, &err)

static json_t *config_map(const char *name, const char *value)
{
    return json_pack("{s:s, s:s, s:{s:s, s:s, s:{s:s}}, s:{s:s}}", "apiVersion", "v1", "kind",
                     "ConfigMap", "metadata", "name", name, "namespace", space, "labels", "set",
                     "one", "data", "key", value);
}

static bool set_to_three(void *ctx, json_t *object)
{
    int *calls = ctx;
    /* the first time, somebody else writes in between */
    if ((*calls)++ == 0) {
        struct error err = {0};
        json_auto_t *patch = json_pack("{s:{s:s}}", "data", "other", "there");
        kube_patch(kube, &config_maps, space, "a", KUBE_PATCH_MERGE, patch, NULL, NULL, &err);
    }
    json_object_set_new(jsonx_own(object, "data"), "key", json_string("three"));
    return true;
}

static void try_verbs(void)
{
    struct error err = {0};
    json_auto_t *made = config_map("a", "one");
    json_auto_t *stored = NULL;
    json_auto_t *patched = NULL;
    json_auto_t *updated = NULL;
    json_auto_t *metadata = NULL;
    int calls = 0;
    CHECK(kube_create(kube, &config_maps, made, NULL, &stored, &err) == 0);
    CHECK(kube_create(kube, &config_maps, made, NULL, NULL, &err) == -ERR_CONFLICT);
    CHECK(strstr(err.msg, "already exists") && err.code == 409);
    json_auto_t *patch = json_pack("{s:{s:s}}", "data", "key", "two");
    CHECK(kube_patch(kube, &config_maps, space, "a", KUBE_PATCH_MERGE, patch, NULL, &patched,
                     &err) == 0);
    CHECK(strcmp(jsonx_str(patched, "data", "key", NULL), "two") == 0);
    CHECK(kube_replace(kube, &config_maps, stored, NULL, NULL, &err) == -ERR_CONFLICT);
    CHECK(kube_update(kube, &config_maps, space, "a", NULL, set_to_three, &calls, &updated, &err) ==
          0);
    CHECK(calls == 2 && jsonx_str(updated, "data", "other", NULL) != NULL);
    CHECK(kube_get_metadata(kube, &config_maps, space, "a", &metadata, &err) == 0);
    CHECK(jsonx_uid(metadata) && !jsonx_get(metadata, "data", NULL) &&
          strcmp(jsonx_str(metadata, "kind", NULL), "ConfigMap") == 0);
    const struct kube_delete wrong = {.uid = "00000000-0000-0000-0000-000000000000",
                                      .grace_seconds = -1};
    const struct kube_delete right = {.uid = jsonx_uid(metadata), .grace_seconds = -1};
    CHECK(kube_delete(kube, &config_maps, space, "a", &wrong, &err) == -ERR_CONFLICT);
    CHECK(kube_delete(kube, &config_maps, space, "a", &right, &err) == 0);
    json_t *gone = NULL;
    CHECK(kube_get(kube, &config_maps, space, "a", &gone, &err) == -ERR_NOT_FOUND && !gone);
    CHECK(kube_get(kube, &unknown, space, "a", &gone, &err) == -ERR_NOT_FOUND);
}

static void try_write_options(void)
{
    struct error err = {0};
    const struct kube_write dry = {.dry_run = true};
    const struct kube_write ours = {.field_manager = "ours"};
    const struct kube_write force = {.field_manager = "theirs", .force = true};
    const struct kube_write polite = {.field_manager = "theirs"};
    json_auto_t *one = config_map("applied", "one");
    json_auto_t *two = config_map("applied", "two");
    json_t *gone = NULL;
    json_auto_t *stored = NULL;
    CHECK(kube_create(kube, &config_maps, one, &dry, NULL, &err) == 0);
    CHECK(kube_get(kube, &config_maps, space, "applied", &gone, &err) == -ERR_NOT_FOUND);
    CHECK(kube_patch(kube, &config_maps, space, "applied", KUBE_PATCH_APPLY, one, &ours, NULL,
                     &err) == 0);
    CHECK(kube_patch(kube, &config_maps, space, "applied", KUBE_PATCH_APPLY, two, &polite, NULL,
                     &err) == -ERR_CONFLICT);
    CHECK(kube_patch(kube, &config_maps, space, "applied", KUBE_PATCH_APPLY, two, &force, &stored,
                     &err) == 0);
    json_auto_t *bad = config_map("Not_A_Name", "x");
    CHECK(kube_create(kube, &config_maps, bad, NULL, NULL, &err) == -ERR_INVALID &&
          err.code == 422);
    json_auto_t *operations =
        json_pack("[{s:s, s:s, s:s}]", "op", "replace", "path", "/data/key", "value", "json");
    CHECK(kube_patch(kube, &config_maps, space, "applied", KUBE_PATCH_JSON, operations, NULL, NULL,
                     &err) == 0);
}

static void try_subresource(void)
{
    struct error err = {0};
    json_auto_t *deployment = json_pack(
        "{s:s, s:s, s:{s:s, s:s}, s:{s:i, s:{s:{s:s}}, s:{s:{s:{s:s}}, s:{s:[{s:s, s:s}]}}}}",
        "apiVersion", "apps/v1", "kind", "Deployment", "metadata", "name", "d", "namespace", space,
        "spec", "replicas", 0, "selector", "matchLabels", "app", "d", "template", "metadata",
        "labels", "app", "d", "spec", "containers", "name", "c", "image", "none.test/none");
    json_auto_t *status =
        json_pack("{s:{s:[{s:s, s:s, s:s, s:s}]}}", "status", "conditions", "type", "StashProbe",
                  "status", "True", "reason", "Tried", "message", "by a test");
    json_auto_t *stored = NULL;
    const struct kube_write options = {.subresource = "status"};
    CHECK(kube_create(kube, &deployments, deployment, NULL, NULL, &err) == 0);
    CHECK(kube_patch(kube, &deployments, space, "d", KUBE_PATCH_STRATEGIC, status, &options,
                     &stored, &err) == 0);
    CHECK(jsonx_find(jsonx_get(stored, "status", "conditions", NULL), "type", "StashProbe") >= 0);
    const struct kube_delete foreground = {.foreground = true, .grace_seconds = -1};
    CHECK(kube_delete(kube, &deployments, space, "d", &foreground, &err) == 0);
}

#define MANY 1203

static void try_pages(void)
{
    struct error err = {0};
    const struct kube_selector set = {.label = "set=one"};
    const struct kube_selector one = {.field = "metadata.name=m-0007"};
    json_auto_t *all = NULL;
    json_auto_t *named = NULL;
    for (int i = 0; i < MANY && err.kind == ERR_OK; i++) {
        AUTO(mem_free) char *name = xasprintf("m-%04d", i);
        json_auto_t *object = config_map(name, name);
        kube_create(kube, &config_maps, object, NULL, NULL, &err);
    }
    CHECK(kube_list(kube, &config_maps, space, &set, &all, &err) == 0);
    CHECK(json_array_size(all) == MANY + 1); /* and "applied" */
    CHECK(kube_list(kube, &config_maps, NULL, &one, &named, &err) == 0);
    CHECK(json_array_size(named) == 1 &&
          strcmp(jsonx_str(json_array_get(named, 0), "kind", NULL), "ConfigMap") == 0);
}

/* ---- watching ---------------------------------------------------------------------------------------------------- */

static atomic_int puts_seen, removals_seen;

static void on_change(void *ctx, const struct resource *resource, enum watch_change change,
                      const json_t *object)
{
    (void)ctx, (void)resource, (void)object;
    if (change != WATCH_SYNCED)
        atomic_fetch_add(change == WATCH_PUT ? &puts_seen : &removals_seen, 1);
}

static bool wait_for(bool (*is_true)(void *ctx), void *ctx, int64_t timeout_ms)
{
    int64_t until = clock_mono_ms() + timeout_ms;
    while (!is_true(ctx) && clock_mono_ms() < until)
        clock_sleep_ms(20);
    return is_true(ctx);
}

static bool is_synced(void *ctx)
{
    return watcher_synced(ctx);
}

static bool has_changes(void *ctx)
{
    const int *want = ctx;
    return atomic_load(&puts_seen) == want[0] && atomic_load(&removals_seen) == want[1];
}

static void try_watch(void)
{
    struct error err = {0};
    AUTO(store_free) struct store *store = store_new();
    AUTO(watcher_free) struct watcher *watcher = watcher_new(kube, store);
    const struct watch_spec maps = {.resource = &config_maps,
                                    .namespace = space,
                                    .selector = {.label = "set=one"},
                                    .on_change = on_change};
    const struct watch_spec hidden = {
        .resource = &secrets, .namespace = space, .metadata_only = true};
    const struct watch_spec absent = {.resource = &unknown};
    int want[2] = {MANY + 2, 0};
    watcher_add(watcher, &maps);
    watcher_add(watcher, &hidden);
    watcher_add(watcher, &absent);
    CHECK(watcher_start(watcher, &err) == 0);
    CHECK(wait_for(is_synced, watcher, 20000));
    CHECK(store_count(store, &config_maps) == MANY + 1);
    json_auto_t *added = config_map("added", "x");
    json_auto_t *secret =
        json_pack("{s:s, s:s, s:{s:s, s:s}, s:{s:s}}", "apiVersion", "v1", "kind", "Secret",
                  "metadata", "name", "hush", "namespace", space, "stringData", "k", "hidden");
    CHECK(kube_create(kube, &config_maps, added, NULL, NULL, &err) == 0);
    CHECK(kube_create(kube, &secrets, secret, NULL, NULL, &err) == 0);
    CHECK(wait_for(has_changes, want, 5000));
    /* losing the label is a removal for this watch */
    json_auto_t *unlabel = json_pack("{s:{s:{s:n}}}", "metadata", "labels", "set");
    CHECK(kube_patch(kube, &config_maps, space, "added", KUBE_PATCH_MERGE, unlabel, NULL, NULL,
                     &err) == 0);
    CHECK(kube_delete(kube, &config_maps, space, "m-0001", NULL, &err) == 0);
    want[1] = 2;
    CHECK(wait_for(has_changes, want, 5000));
    json_auto_t *kept = store_get(store, &secrets, space, "hush");
    CHECK(kept && !jsonx_get(kept, "data", NULL) &&
          !jsonx_get(kept, "metadata", "managedFields", NULL));
    CHECK(watcher_age(watcher) < 30);
}

/* ---- lease and events -------------------------------------------------------------------------------------------- */

struct runner {
    struct lease *lease;
    atomic_int started;
    int result;
};

static void on_started(void *ctx)
{
    struct runner *runner = ctx;
    atomic_fetch_add(&runner->started, 1);
}

static void *run_lease(void *ctx)
{
    struct runner *runner = ctx;
    struct error err = {0};
    runner->result = lease_run(runner->lease, on_started, runner, &err);
    return NULL;
}

static bool has_started(void *ctx)
{
    struct runner *runner = ctx;
    return atomic_load(&runner->started) > 0;
}

static void try_lease(void)
{
    struct error err = {0};
    struct lease_config config = {space, "lead", "one", 3, 2, 1};
    struct runner one = {.lease = lease_new(kube, &config)};
    config.identity = "two";
    struct runner two = {.lease = lease_new(kube, &config)};
    pthread_t threads[2];
    json_auto_t *lease = NULL;
    pthread_create(&threads[0], NULL, run_lease, &one);
    CHECK(wait_for(has_started, &one, 5000));
    pthread_create(&threads[1], NULL, run_lease, &two);
    clock_sleep_ms(4000); /* longer than the lease lasts: it is renewed */
    CHECK(lease_is_held(one.lease) && !lease_is_held(two.lease) && two.started == 0);
    lease_stop(one.lease);
    pthread_join(threads[0], NULL);
    CHECK(one.result == 0 && wait_for(has_started, &two, 5000));
    CHECK(kube_get(kube, &leases, space, "lead", &lease, &err) == 0);
    CHECK(jsonx_int(lease, 0, "spec", "leaseTransitions", NULL) >= 1);
    lease_stop(two.lease);
    pthread_join(threads[1], NULL);
    lease_free(one.lease);
    lease_free(two.lease);
}

static void try_events(void)
{
    struct error err = {0};
    json_auto_t *about = NULL;
    json_auto_t *found = NULL;
    const struct kube_selector reason = {.field = "reason=Tried"};
    CHECK(kube_get(kube, &config_maps, space, "applied", &about, &err) == 0);
    const struct kube_event event = {.object = about,
                                     .component = "Test Controller",
                                     .reason = "Tried",
                                     .message = "it was tried",
                                     .warning = true};
    for (int i = 0; i < 3; i++)
        CHECK(kube_event(kube, &event, &err) == 0);
    CHECK(kube_list(kube, &events, space, &reason, &found, &err) == 0);
    CHECK(json_array_size(found) == 1 &&
          jsonx_int(json_array_get(found, 0), 0, "count", NULL) == 3);
}

int main(void)
{
    struct error err = {0};
    snprintf(space, sizeof(space), "kube-e2e-%08x", clock_random(UINT32_MAX));
    json_auto_t *object = json_pack("{s:{s:s}}", "metadata", "name", space);
    CHECK(kube_open(NULL, "e2e-kube", &kube, &err) == 0);
    if (!kube)
        return 1;
    CHECK(kube_create(kube, &namespaces, object, NULL, NULL, &err) == 0);
    try_verbs();
    try_write_options();
    try_subresource();
    try_pages();
    try_watch();
    try_lease();
    try_events();
    CHECK(kube_delete(kube, &namespaces, NULL, space, NULL, &err) == 0);
    kube_close(kube);
    printf("%d failures\n", failures);
    return failures > 0;
}

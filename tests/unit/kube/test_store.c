#include <criterion/criterion.h>
#include <string.h>

#include "stash/buf.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "store_private.h"

static const struct resource pods = {"Pod", "", "v1", "pods", true};
static const struct resource same_pods = {"Pod", "", "v1", "pods", true};
static const struct resource nodes = {"Node", "", "v1", "nodes", false};

static json_t *pod(const char *namespace, const char *name, const char *version, const char *label)
{
    return json_pack("{s:{s:s*, s:s, s:s*, s:s, s:{s:s*}}}", "metadata", "namespace", namespace,
                     "name", name, "resourceVersion", version, "uid", name, "labels", "app", label);
}

static bool put(struct store *store, const char *namespace, const char *name, const char *version,
                const char *label)
{
    json_auto_t *object = pod(namespace, name, version, label);
    return store_put(store, &pods, object);
}

/* "a/x b/y" of an array that is consumed. */
static char *names(json_t *array)
{
    AUTO(buf_done) struct buf out;
    size_t i = 0;
    json_t *object = NULL;
    buf_init(&out, 1000);
    json_array_foreach (array, i, object)
        buf_addf(&out, "%s%s/%s", i ? " " : "", jsonx_namespace(object), jsonx_name(object));
    json_decref(array);
    return buf_take(&out);
}

#define ASSERT_NAMES(array, want)                                                                  \
    do {                                                                                           \
        AUTO(mem_free) char *got = names(array);                                                   \
        cr_assert_str_eq(got, want);                                                               \
    } while (0)

Test(store, gives_back_what_was_put)
{
    AUTO(store_free) struct store *store = store_new();
    json_auto_t *object = pod("a", "x", "1", "web \u00e4");
    cr_assert(store_put(store, &pods, object));
    json_auto_t *got = store_get(store, &same_pods, "a", "x");
    cr_assert(json_equal(got, object));
    cr_assert_null(store_get(store, &pods, "b", "x"));
    cr_assert_null(store_get(store, &nodes, "a", "x"));
}

Test(store, knows_an_unchanged_document_by_its_version)
{
    AUTO(store_free) struct store *store = store_new();
    cr_assert(put(store, "a", "x", "1", "web"));
    cr_assert_not(put(store, "a", "x", "1", "web"));
    cr_assert(put(store, "a", "x", "2", "web"));
    cr_assert_eq(store_count(store, &pods), 1);
}

Test(store, compares_documents_that_have_no_version)
{
    AUTO(store_free) struct store *store = store_new();
    cr_assert(put(store, "a", "x", NULL, "web"));
    cr_assert_not(put(store, "a", "x", NULL, "web"));
    cr_assert(put(store, "a", "x", NULL, "db"));
}

Test(store, drops_managed_fields_and_leaves_the_given_document_alone)
{
    AUTO(store_free) struct store *store = store_new();
    json_auto_t *object = pod("a", "x", "1", NULL);
    json_object_set_new(json_object_get(object, "metadata"), "managedFields", json_pack("[{}]"));
    cr_assert(store_put(store, &pods, object));
    json_auto_t *got = store_get(store, &pods, "a", "x");
    cr_assert_null(jsonx_get(got, "metadata", "managedFields", NULL));
    cr_assert_not_null(jsonx_get(object, "metadata", "managedFields", NULL));
}

Test(store, refuses_what_has_no_name)
{
    AUTO(store_free) struct store *store = store_new();
    json_auto_t *object = json_pack("{s:{}}", "metadata");
    cr_assert_not(store_put(store, &pods, object));
    cr_assert_eq(store_count(store, &pods), 0);
}

Test(store, removes_once)
{
    AUTO(store_free) struct store *store = store_new();
    put(store, "a", "x", "1", NULL);
    cr_assert(store_remove(store, &pods, "a", "x"));
    cr_assert_not(store_remove(store, &pods, "a", "x"));
    cr_assert_not(store_remove(store, &nodes, NULL, "x"));
    cr_assert_eq(store_count(store, &pods), 0);
}

Test(store, lists_in_order_by_namespace_and_label)
{
    AUTO(store_free) struct store *store = store_new();
    put(store, "b", "y", "1", "web");
    put(store, "a", "z", "2", "db");
    put(store, "a", "x", "3", "web");
    put(store, "b", "x", "4", "webs");
    ASSERT_NAMES(store_list(store, &pods, NULL, NULL), "a/x a/z b/x b/y");
    ASSERT_NAMES(store_list(store, &pods, "b", NULL), "b/x b/y");
    ASSERT_NAMES(store_list(store, &pods, NULL, "app=web"), "a/x b/y");
    ASSERT_NAMES(store_list(store, &pods, "a", "app=web,app=web"), "a/x");
    ASSERT_NAMES(store_list(store, &pods, NULL, "app=web,tier=x"), "");
    ASSERT_NAMES(store_list(store, &nodes, NULL, NULL), "");
}

Test(store, gives_the_same_tree_again_until_the_document_changes)
{
    AUTO(store_free) struct store *store = store_new();
    put(store, "a", "x", "1", "web");
    json_auto_t *once = store_get(store, &pods, "a", "x");
    json_auto_t *again = store_get(store, &pods, "a", "x");
    cr_assert_eq(once, again);
    put(store, "a", "x", "2", "db");
    json_auto_t *changed = store_get(store, &pods, "a", "x");
    cr_assert_str_eq(jsonx_label(changed, "app"), "db");
    cr_assert_str_eq(jsonx_label(once, "app"), "web");
}

Test(store, answers_the_same_however_few_trees_it_keeps)
{
    AUTO(store_free) struct store *store = store_new();
    store_keep_parsed(store, 1);
    put(store, "a", "x", "1", "web");
    put(store, "a", "y", "2", "db");
    for (int i = 0; i < 3; i++) {
        json_auto_t *x = store_get(store, &pods, "a", "x");
        json_auto_t *y = store_get(store, &pods, "a", "y");
        cr_assert_str_eq(jsonx_name(x), "x");
        cr_assert_str_eq(jsonx_name(y), "y");
    }
}

/* Each pod under its app label and, once more, under "all". */
static void by_app(const json_t *object, store_emit_fn emit, void *ctx)
{
    const char *app = jsonx_label(object, "app");
    if (app)
        emit(ctx, app);
    emit(ctx, "all");
    emit(ctx, "all");
}

Test(store, finds_documents_by_a_second_key_as_they_come_change_and_go)
{
    AUTO(store_free) struct store *store = store_new();
    put(store, "a", "x", "1", "web");
    store_index(store, &pods, "app", by_app);
    put(store, "b", "y", "2", "web");
    ASSERT_NAMES(store_by_index(store, &pods, "app", "web"), "a/x b/y");
    put(store, "a", "x", "3", "db");
    ASSERT_NAMES(store_by_index(store, &pods, "app", "web"), "b/y");
    ASSERT_NAMES(store_by_index(store, &pods, "app", "db"), "a/x");
    ASSERT_NAMES(store_by_index(store, &pods, "app", "all"), "a/x b/y");
    cr_assert_eq(store_count_by_index(store, &pods, "app", "all"), 2);
    cr_assert_eq(store_count_by_index(store, &pods, "app", "none"), 0);
    cr_assert_eq(store_count_all(store, &pods, "app", 9), 4, "two of all, one of web, one of db");
    cr_assert_eq(store_count_all(store, &pods, "app", 1), 3, "no more than one of each");
    cr_assert_eq(store_count_all(store, &pods, "none", 9), 0);
    store_remove(store, &pods, "b", "y");
    ASSERT_NAMES(store_by_index(store, &pods, "app", "web"), "");
    ASSERT_NAMES(store_by_index(store, &pods, "none", "web"), "");
}

static bool renew(struct store *store, const char *version, const char *uid, const char *label)
{
    json_auto_t *object = pod("a", "x", version, label);
    json_object_set_new(json_object_get(object, "metadata"), "uid", json_string(uid));
    return store_renew(store, &pods, object);
}

Test(store, renews_only_an_older_version_of_the_same_object)
{
    AUTO(store_free) struct store *store = store_new();
    cr_assert_not(renew(store, "5", "x", "ghost"));
    cr_assert_eq(store_count(store, &pods), 0);
    put(store, "a", "x", "9", "web");
    cr_assert_not(renew(store, "8", "x", "older"));
    cr_assert_not(renew(store, "9", "x", "same"));
    cr_assert_not(renew(store, "12", "another", "namesake"));
    cr_assert_not(renew(store, "1a", "x", "not a number"));
    cr_assert(renew(store, "10", "x", "newer"));
    ASSERT_NAMES(store_list(store, &pods, NULL, "app=newer"), "a/x");
}

Test(store, leaves_a_renewed_document_to_the_watch_that_brought_it)
{
    AUTO(store_free) struct store *store = store_new();
    int watch = 0;
    json_auto_t *object = pod("a", "x", "1", NULL);
    store_put_marked(store, &pods, object, &watch, 1);
    cr_assert(renew(store, "2", "x", NULL));
    ASSERT_NAMES(store_sweep(store, &pods, &watch, 1), "");
    ASSERT_NAMES(store_sweep(store, &pods, &watch, 2), "a/x");
}

static bool put_event(struct store *store, const char *version, const char *label,
                      const void *watch, unsigned mark)
{
    json_auto_t *object = pod("a", "x", version, label);
    return store_put_event(store, &pods, object, watch, mark);
}

Test(store, does_not_go_back_when_the_watch_comes_after_an_answer)
{
    AUTO(store_free) struct store *store = store_new();
    int watch = 0;
    cr_assert(put_event(store, "1", "one", &watch, 1));
    cr_assert(renew(store, "3", "x", "three"));
    cr_assert_not(put_event(store, "2", "two", &watch, 2));
    ASSERT_NAMES(store_list(store, &pods, NULL, "app=three"), "a/x");
    cr_assert(put_event(store, "4", "four", &watch, 2));
    ASSERT_NAMES(store_list(store, &pods, NULL, "app=four"), "a/x");
    ASSERT_NAMES(store_sweep(store, &pods, &watch, 2), "");
}

Test(store, sweeps_what_the_last_list_of_the_same_source_did_not_show)
{
    AUTO(store_free) struct store *store = store_new();
    int one = 0;
    int two = 0;
    json_auto_t *kept = pod("a", "kept", "1", NULL);
    json_auto_t *lost = pod("a", "lost", "2", NULL);
    json_auto_t *foreign = pod("a", "foreign", "3", NULL);
    store_put_marked(store, &pods, kept, &one, 1);
    store_put_marked(store, &pods, lost, &one, 1);
    store_put_marked(store, &pods, foreign, &two, 1);
    cr_assert_not(store_put_marked(store, &pods, kept, &one, 2));
    ASSERT_NAMES(store_sweep(store, &pods, &one, 2), "a/lost");
    ASSERT_NAMES(store_sweep(store, &pods, &one, 2), "");
    ASSERT_NAMES(store_list(store, &pods, NULL, NULL), "a/foreign a/kept");
}

Test(store, stays_right_with_many_documents)
{
    AUTO(store_free) struct store *store = store_new();
    store_index(store, &pods, "app", by_app);
    for (int i = 0; i < 2000; i++) {
        AUTO(mem_free) char *name = xasprintf("p%d", i * 7919 % 2000);
        AUTO(mem_free) char *label = xasprintf("l%d", i % 10);
        put(store, "a", name, "1", label);
    }
    for (int i = 0; i < 2000; i += 2) {
        AUTO(mem_free) char *name = xasprintf("p%d", i);
        cr_assert(store_remove(store, &pods, "a", name));
    }
    json_auto_t *all = store_by_index(store, &pods, "app", "all");
    cr_assert_eq(store_count(store, &pods), 1000);
    cr_assert_eq(json_array_size(all), 1000);
}

static void put_made_at(struct store *store, const char *name, const char *time)
{
    json_auto_t *object = pod("a", name, "1", "web");
    json_object_set_new(json_object_get(object, "metadata"), "creationTimestamp",
                        json_string(time));
    store_put(store, &pods, object);
}

static bool note_two(void *found, json_t *object)
{
    json_array_append(found, object);
    return json_array_size(found) < 2;
}

Test(store, shows_the_oldest_of_a_key_first_and_no_more_than_are_wanted)
{
    AUTO(store_free) struct store *store = store_new();
    json_t *two = json_array();
    json_t *one = json_array();
    store_index(store, &pods, "app", by_app);
    put_made_at(store, "a", "2026-01-03T00:00:00Z");
    put_made_at(store, "c", "2026-01-01T00:00:00Z");
    put_made_at(store, "b", "2026-01-01T00:00:00Z");
    ASSERT_NAMES(store_by_index(store, &pods, "app", "web"), "a/b a/c a/a");
    store_each_by_index(store, &pods, &(struct store_key){"app", "web", 0}, note_two, two);
    ASSERT_NAMES(two, "a/b a/c");
    store_each_by_index(store, &pods, &(struct store_key){"app", "web", 1}, note_two, one);
    ASSERT_NAMES(one, "a/b");
    cr_assert(store_remove(store, &pods, "a", "b"));
    ASSERT_NAMES(store_by_index(store, &pods, "app", "web"), "a/c a/a");
}

static bool put_unread(struct store *store, const char *name, const char *version)
{
    json_auto_t *outline = pod("a", name, version, "web");
    json_object_set_new(outline, "unread", json_string("it is too large"));
    return store_put_unread(store, &pods, outline, NULL, 0, 0);
}

Test(store, knows_what_cannot_be_read_and_shows_it_to_nobody)
{
    AUTO(store_free) struct store *store = store_new();
    store_index(store, &pods, "app", by_app);
    put(store, "a", "x", "1", "web");
    cr_assert(put_unread(store, "x", "2"));
    cr_assert(put_unread(store, "y", "1"));
    cr_assert_not(put_unread(store, "y", "1"));
    cr_assert_null(store_get(store, &pods, "a", "x"));
    ASSERT_NAMES(store_list(store, &pods, NULL, NULL), "");
    ASSERT_NAMES(store_by_index(store, &pods, "app", "web"), "");
    ASSERT_NAMES(store_unread(store, &pods, NULL), "a/x a/y");
    ASSERT_NAMES(store_unread(store, &pods, "b"), "");
    cr_assert_eq(store_count(store, &pods), 0);
    cr_assert_eq(store_unread_count(store), 2);
    cr_assert(store_is_unread(store, &pods, "a", "x"));
    cr_assert_not(store_is_unread(store, &pods, "a", "z"));
    /* it is mended, or goes */
    cr_assert(put(store, "a", "x", "3", "web"));
    cr_assert(store_remove(store, &pods, "a", "y"));
    ASSERT_NAMES(store_by_index(store, &pods, "app", "web"), "a/x");
    cr_assert_eq(store_count(store, &pods), 1);
    cr_assert_eq(store_unread_count(store), 0);
}

Test(store, a_namespace_has_only_so_much_room)
{
    AUTO(store_free) struct store *store = store_new();
    json_auto_t *large = pod("a", "x", "1", "web");
    json_auto_t *other = pod("a", "y", "1", "web");
    json_auto_t *elsewhere = pod("b", "x", "1", "web");
    AUTO(mem_free) char *text = xcalloc(1001, 1);

    memset(text, 'x', 1000);
    json_object_set_new(large, "text", json_string(text));
    cr_assert(store_has_room(store, &pods, large, LIMIT_NAMESPACE));
    cr_assert_not(store_has_room(store, &pods, large, LIMIT_NAMESPACE + 1));
    cr_assert(store_put(store, &pods, large));
    cr_assert(store_has_room(store, &pods, large, LIMIT_NAMESPACE), "in its own place");
    cr_assert(store_has_room(store, &pods, other, LIMIT_NAMESPACE - 2000));
    cr_assert_not(store_has_room(store, &pods, other, LIMIT_NAMESPACE - 1000));
    cr_assert(store_has_room(store, &pods, elsewhere, LIMIT_NAMESPACE), "others have their own");
    store_remove(store, &pods, "a", "x");
    cr_assert(store_has_room(store, &pods, other, LIMIT_NAMESPACE), "what goes makes room");
}

static void emit_many(const json_t *doc, void (*emit)(void *ctx, const char *key), void *ctx)
{
    (void)doc;
    for (size_t i = 0; i < 1000; i++) {
        AUTO(mem_free) char *key = xasprintf("PersistentVolumeClaim/a/data-%zu", i);
        emit(ctx, key);
    }
}

/* A thousand keys are some 150 KB of memory, though the object that has them is small. */
static void expect_keys_count(struct store *store)
{
    json_auto_t *other = pod("a", "y", "1", "web");

    cr_expect_not(store_has_room(store, &pods, other, LIMIT_NAMESPACE - 100000));
    cr_expect(store_has_room(store, &pods, other, LIMIT_NAMESPACE - 400000));
    store_remove(store, &pods, "a", "x");
    cr_expect(store_has_room(store, &pods, other, LIMIT_NAMESPACE));
}

Test(store, what_an_object_is_found_by_counts_of_the_room_of_its_namespace)
{
    AUTO(store_free) struct store *before = store_new();
    AUTO(store_free) struct store *after = store_new();
    json_auto_t *object = pod("a", "x", "1", "web");
    json_auto_t *renewed = pod("a", "x", "2", "web");

    store_index(before, &pods, "claims", emit_many);
    store_put(before, &pods, object);
    store_put(before, &pods, renewed);
    expect_keys_count(before);
    store_put(after, &pods, object);
    store_index(after, &pods, "claims", emit_many);
    expect_keys_count(after);
}

static void add_name(void *names, const struct resource *resource, const char *namespace,
                     const char *name)
{
    cr_assert_str_eq(resource->kind, "Pod");
    buf_addf(names, "%s/%s ", namespace, name);
}

Test(store, tells_names_without_documents)
{
    AUTO(store_free) struct store *store = store_new();
    AUTO(buf_done) struct buf names;
    buf_init(&names, 1000);
    store_index(store, &pods, "app", by_app);
    cr_assert(put(store, "a", "x", "1", "web"));
    cr_assert(put(store, "b", "y", "2", "web"));
    cr_assert(put(store, "b", "z", "3", "db"));
    store_names_by_index(store, &pods, &(struct store_key){"app", "web", 0}, add_name, &names);
    cr_assert_str_eq(names.data, "a/x b/y ");
    buf_reset(&names);
    store_names_by_index(store, &pods, &(struct store_key){"app", "web", 1}, add_name, &names);
    cr_assert_str_eq(names.data, "a/x ");
}

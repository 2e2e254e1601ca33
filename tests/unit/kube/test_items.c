#include "items.h"

#include <criterion/criterion.h>
#include <string.h>

#include "stash/jsonx.h"
#include "stash/limits.h"

static int collect(void *ctx, const char *text, size_t len, struct error *err)
{
    (void)err;
    buf_addf(ctx, "<%.*s>", (int)len, text);
    return 0;
}

/* A page that holds every trap: "items" as a value, nested "items", brackets and quotes in strings. */
static const char *const page =
    "{\"kind\":\"items\",\"metadata\":{\"items\":[{\"not\":1}],\"continue\":\"next\"},\n"
    " \"items\" : [ {\"a\":\"]}\\\"{\",\"items\":[{}]} ,\n{\"b\":[[],{}]}],\"tail\":\"\\\\\"}\n";
static const char *const elements = "<{\"a\":\"]}\\\"{\",\"items\":[{}]}><{\"b\":[[],{}]}>";

Test(items, gives_the_same_elements_at_every_split_point)
{
    for (size_t cut = 0; cut <= strlen(page); cut++) {
        AUTO(items_done) struct items items;
        AUTO(buf_done) struct buf out;
        struct error err = {0};
        json_auto_t *envelope = NULL;
        items_init(&items);
        buf_init(&out, 1000);
        cr_assert_eq(items_feed(&items, page, cut, collect, &out, &err), 0);
        cr_assert_eq(items_feed(&items, page + cut, strlen(page) - cut, collect, &out, &err), 0);
        cr_assert_str_eq(out.data, elements, "cut at %zu", cut);
        cr_assert_eq(items_end(&items, &envelope, &err), 0, "%s", err.msg);
        cr_assert_str_eq(jsonx_str(envelope, "metadata", "continue", NULL), "next");
        cr_assert_str_eq(jsonx_str(envelope, "tail", NULL), "\\");
        cr_assert_eq(json_array_size(jsonx_get(envelope, "items", NULL)), 0);
    }
}

/* A random document; strings are made of what could confuse a splitter. */
static json_t *random_document(unsigned *seed, int depth)
{
    static const char *const texts[] = {"items", "", "\"", "\\", "]}", "{[", ":,", "a\\\"b"};
    switch (rand_r(seed) % (depth > 0 ? 5U : 3U)) {
    case 0:
        return json_string(texts[(unsigned)rand_r(seed) % ARRAY_LEN(texts)]);
    case 1:
        return json_integer(rand_r(seed));
    case 2:
        return json_null();
    case 3: {
        json_t *array = json_array();
        for (int i = rand_r(seed) % 4; i > 0; i--)
            json_array_append_new(array, random_document(seed, depth - 1));
        return array;
    }
    default: {
        json_t *object = json_object();
        for (int i = rand_r(seed) % 4; i > 0; i--)
            json_object_set_new(object, texts[(unsigned)rand_r(seed) % ARRAY_LEN(texts)],
                                random_document(seed, depth - 1));
        return object;
    }
    }
}

static int parse_into(void *ctx, const char *text, size_t len, struct error *err)
{
    json_t *item = NULL;
    int r = jsonx_parse(text, len, &item, err);
    if (r == 0)
        json_array_append_new(ctx, item);
    return r;
}

Test(items, agrees_with_a_whole_parse_on_random_lists)
{
    for (unsigned seed = 1; seed <= 1000; seed++) {
        unsigned state = seed;
        json_auto_t *list = json_object();
        json_t *members = json_array();
        json_object_set_new(list, "kind", random_document(&state, 3));
        json_object_set_new(list, "items", members);
        json_object_set_new(list, "metadata", random_document(&state, 3));
        for (int i = rand_r(&state) % 5; i > 0; i--)
            json_array_append_new(members, json_pack("{s:o}", "x", random_document(&state, 3)));
        AUTO(mem_free)
        char *text = json_dumps(list, seed % 2 ? JSON_COMPACT : JSON_INDENT((seed % 7)));
        size_t cut = (size_t)rand_r(&state) % (strlen(text) + 1);
        AUTO(items_done) struct items items;
        struct error err = {0};
        json_auto_t *found = json_array();
        json_auto_t *envelope = NULL;
        items_init(&items);
        cr_assert_eq(items_feed(&items, text, cut, parse_into, found, &err), 0, "%s", text);
        cr_assert_eq(items_feed(&items, text + cut, strlen(text) - cut, parse_into, found, &err), 0,
                     "%s", text);
        cr_assert_eq(items_end(&items, &envelope, &err), 0, "%s", text);
        cr_assert(json_equal(found, members), "%s", text);
        cr_assert(
            json_equal(json_object_get(envelope, "metadata"), json_object_get(list, "metadata")),
            "%s", text);
    }
}

Test(items, knows_an_answer_that_was_cut_off)
{
    for (size_t cut = 0; cut + 2 < strlen(page); cut++) {
        AUTO(items_done) struct items items;
        AUTO(buf_done) struct buf out;
        struct error err = {0};
        json_t *envelope = NULL;
        items_init(&items);
        buf_init(&out, 1000);
        cr_assert_eq(items_feed(&items, page, cut, collect, &out, &err), 0);
        cr_assert_eq(items_end(&items, &envelope, &err), -ERR_TRANSPORT, "cut at %zu", cut);
    }
}

Test(items, takes_lists_without_elements)
{
    const char *pages[] = {"{\"items\":[],\"metadata\":{}}", "{\"items\":null}",
                           "{\"metadata\":{}}"};
    for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
        AUTO(items_done) struct items items;
        AUTO(buf_done) struct buf out;
        struct error err = {0};
        json_auto_t *envelope = NULL;
        items_init(&items);
        buf_init(&out, 1000);
        cr_assert_eq(items_feed(&items, pages[i], strlen(pages[i]), collect, &out, &err), 0);
        cr_assert_eq(items_end(&items, &envelope, &err), 0, "%s", pages[i]);
        cr_assert_eq(out.len, 0);
    }
}

Test(items, refuses_elements_that_are_not_objects)
{
    const char *pages[] = {"{\"items\":[1]}", "{\"items\":[\"x\"]}", "{\"items\":[{},null]}"};
    for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
        AUTO(items_done) struct items items;
        AUTO(buf_done) struct buf out;
        struct error err = {0};
        items_init(&items);
        buf_init(&out, 1000);
        cr_assert_eq(items_feed(&items, pages[i], strlen(pages[i]), collect, &out, &err),
                     -ERR_INVALID, "%s", pages[i]);
    }
}

static int measure(void *ctx, const char *text, size_t len, struct error *err)
{
    size_t *longest = ctx;
    (void)err;
    *longest = text ? len : 0;
    return 0;
}

/* How long the element was when it was handed over; 0: it was not. */
static size_t feed_element_of(size_t len)
{
    AUTO(items_done) struct items items;
    AUTO(mem_free) char *filler = xmalloc(len);
    struct error err = {0};
    size_t got = 1;
    memset(filler, 'x', len);
    items_init(&items);
    cr_assert_eq(items_feed(&items, "{\"items\":[{\"", 12, measure, &got, &err), 0);
    cr_assert_eq(items_feed(&items, filler, len - 6, measure, &got, &err), 0);
    cr_assert_eq(items_feed(&items, "\":1}]}", 6, measure, &got, &err), 0);
    return got;
}

Test(items, bounds_one_element_exactly)
{
    /* {" and ":1} around the filler are six bytes */
    cr_assert_eq(feed_element_of(LIMIT_WATCH_LINE - 1), LIMIT_WATCH_LINE - 1);
    cr_assert_eq(feed_element_of(LIMIT_WATCH_LINE), LIMIT_WATCH_LINE);
    cr_assert_eq(feed_element_of(LIMIT_WATCH_LINE + 1), 0);
}

/* Names of elements; "!name" for one that was too long. */
struct naming {
    struct items items;
    struct buf out;
};

static int name_it(void *ctx, const char *text, size_t len, struct error *err)
{
    struct naming *naming = ctx;
    json_auto_t *item = NULL;
    if (!text) {
        buf_addf(&naming->out, "!%s/%s ", naming->items.outline.namespace,
                 naming->items.outline.name);
        return 0;
    }
    int r = jsonx_parse(text, len, &item, err);
    json_t *object = jsonx_get(item, "object", NULL);
    buf_addf(&naming->out, "%s ", jsonx_name(object ? object : item));
    return r;
}

static void feed_long(struct naming *naming, const char *before, const char *after)
{
    AUTO(mem_free) char *filler = xmalloc(LIMIT_MIB);
    struct error err = {0};
    memset(filler, 'x', LIMIT_MIB);
    cr_assert_eq(items_feed(&naming->items, before, strlen(before), name_it, naming, &err), 0);
    for (int i = 0; i < 5; i++)
        cr_assert_eq(items_feed(&naming->items, filler, LIMIT_MIB, name_it, naming, &err), 0);
    cr_assert_eq(items_feed(&naming->items, after, strlen(after), name_it, naming, &err), 0, "%s",
                 err.msg);
}

Test(items, names_what_is_too_long_and_keeps_what_is_around_it)
{
    struct naming naming = {0};
    struct error err = {0};
    json_auto_t *envelope = NULL;
    items_init(&naming.items);
    buf_init(&naming.out, 1000);
    feed_long(
        &naming,
        "{\"items\":[{\"metadata\":{\"name\":\"a\"}},{\"metadata\":{\"annotations\":{\"name\":\"",
        "\"},\"name\":\"b\",\"namespace\":\"n\"},\"spec\":{\"name\":\"not\"}},"
        "{\"metadata\":{\"name\":\"c\"}}],\"tail\":1}");
    cr_assert_str_eq(naming.out.data, "a !n/b c ");
    cr_assert_eq(items_end(&naming.items, &envelope, &err), 0);
    cr_assert_eq(jsonx_int(envelope, 0, "tail", NULL), 1);
    items_done(&naming.items);
    buf_done(&naming.out);
}

Test(items, cuts_a_stream_of_events_in_the_same_way)
{
    struct naming naming = {0};
    items_init_stream(&naming.items);
    buf_init(&naming.out, 1000);
    feed_long(&naming,
              "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"a\"}}}\n"
              "{\"type\":\"MODIFIED\",\"object\":{\"metadata\":{\"labels\":{\"x\":\"",
              "\"},\"name\":\"b\",\"namespace\":\"n\",\"resourceVersion\":\"7\"}}}\n"
              "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"c\"}}}\n");
    cr_assert_str_eq(naming.out.data, "a !n/b c ");
    cr_assert_str_eq(naming.items.outline.type, "MODIFIED");
    cr_assert_str_eq(naming.items.outline.version, "7");
    items_done(&naming.items);
    buf_done(&naming.out);
}

Test(items, knows_that_a_stream_holds_nothing_but_events)
{
    struct naming naming = {0};
    struct error err = {0};
    items_init_stream(&naming.items);
    buf_init(&naming.out, 1000);
    cr_assert_eq(items_feed(&naming.items, "<html>", 6, name_it, &naming, &err), -ERR_INVALID);
    items_done(&naming.items);
    buf_done(&naming.out);
}

static int refuse(void *ctx, const char *text, size_t len, struct error *err)
{
    (void)ctx, (void)text, (void)len;
    return error_set(err, ERR_DENIED, "enough");
}

Test(items, hands_on_the_failure_of_the_receiver)
{
    AUTO(items_done) struct items items;
    struct error err = {0};
    items_init(&items);
    cr_assert_eq(items_feed(&items, page, strlen(page), refuse, NULL, &err), -ERR_DENIED);
    cr_assert_str_eq(err.msg, "enough");
}

Test(items, starts_again_after_a_reset)
{
    AUTO(items_done) struct items items;
    AUTO(buf_done) struct buf out;
    struct error err = {0};
    json_auto_t *envelope = NULL;
    items_init(&items);
    buf_init(&out, 1000);
    cr_assert_eq(items_feed(&items, page, 100, collect, &out, &err), 0);
    items_reset(&items);
    buf_reset(&out);
    cr_assert_eq(items_feed(&items, page, strlen(page), collect, &out, &err), 0);
    cr_assert_str_eq(out.data, elements);
    cr_assert_eq(items_end(&items, &envelope, &err), 0);
}

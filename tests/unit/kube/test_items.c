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

static int feed_element_of(size_t len)
{
    AUTO(items_done) struct items items;
    AUTO(buf_done) struct buf out;
    AUTO(mem_free) char *filler = xmalloc(len);
    struct error err = {0};
    memset(filler, 'x', len);
    items_init(&items);
    buf_init(&out, LIMIT_WATCH_LINE + 10);
    cr_assert_eq(items_feed(&items, "{\"items\":[{\"", 12, collect, &out, &err), 0);
    int r = items_feed(&items, filler, len - 6, collect, &out, &err);
    return r < 0 ? r : items_feed(&items, "\":1}]}", 6, collect, &out, &err);
}

Test(items, bounds_one_element_exactly)
{
    /* {" and ":1} around the filler are six bytes */
    cr_assert_eq(feed_element_of(LIMIT_WATCH_LINE - 1), 0);
    cr_assert_eq(feed_element_of(LIMIT_WATCH_LINE), 0);
    cr_assert_eq(feed_element_of(LIMIT_WATCH_LINE + 1), -ERR_LIMIT);
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

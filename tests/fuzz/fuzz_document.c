/* What the API server answers, made of what users stored: read, or named and left out. */
#include <string.h>

#include "document.h"
#include "fuzz.h"
#include "items.h"
#include "outline.h"
#include "stash/jsonx.h"

/* What is held can be written, and is then read as it is. */
static void read_document(const char *text, size_t len)
{
    json_auto_t *plain = NULL;
    json_auto_t *held = NULL;
    json_auto_t *again = NULL;
    struct error err;
    bool is_plain = jsonx_parse(text, len, &plain, &err) == 0;

    if (document_parse(text, len, &held, &err) < 0) {
        BUG_ON(is_plain);
        return;
    }
    BUG_ON(is_plain && !json_equal(plain, held));
    AUTO(mem_free) char *written = json_dumps(held, JSON_COMPACT | JSON_ENCODE_ANY);
    BUG_ON(!written || jsonx_parse(written, strlen(written), &again, &err) < 0);
    BUG_ON(!json_equal(held, again));
}

static bool is_named(const char *outlined, const char *parsed)
{
    return !*outlined || (parsed && strcmp(outlined, parsed) == 0);
}

/* The outline never says another name than the parser does. */
static void read_outline(const char *text, size_t len)
{
    json_auto_t *document = NULL;
    struct outline outline;
    struct error err;

    outline_init(&outline, false);
    outline_feed(&outline, text, len);
    BUG_ON(strlen(outline.name) >= sizeof(outline.name));
    if (jsonx_parse(text, len, &document, &err) < 0)
        return;
    BUG_ON(!is_named(outline.name, jsonx_name(document)));
    BUG_ON(!is_named(outline.namespace, jsonx_namespace(document)));
    BUG_ON(!is_named(outline.uid, jsonx_uid(document)));
}

static int sum(void *ctx, const char *text, size_t len, struct error *err)
{
    size_t *total = ctx;

    (void)err;
    *total = *total * 31 + (text ? len : 0) + 1;
    return 0;
}

/* However the answer is cut, the same elements come out. */
static void cut_answer(const char *text, size_t len, bool is_stream)
{
    size_t totals[2] = {0};
    int results[2];

    for (int pieces = 0; pieces < 2; pieces++) {
        AUTO(items_done) struct items items;
        struct error err;
        size_t half = pieces ? len / 2 : len;
        is_stream ? items_init_stream(&items) : items_init(&items);
        int r = items_feed(&items, text, half, sum, &totals[pieces], &err);
        if (r == 0)
            r = items_feed(&items, text + half, len - half, sum, &totals[pieces], &err);
        results[pieces] = r;
    }
    BUG_ON(totals[0] != totals[1] || results[0] != results[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;

    read_document(text, size);
    read_outline(text, size);
    cut_answer(text, size, false);
    cut_answer(text, size, true);
    return 0;
}

/* Lists as text: whatever text is read as a list, that list survives being written and read again. */
#include <string.h>

#include "fuzz.h"
#include "stash/error.h"
#include "stash/mem.h"
#include "stash/quoted.h"

static json_t *read_all(const char *text, const char *separators)
{
    json_t *items = json_array();
    char *item;

    while (quoted_next(&text, separators, &item)) {
        json_array_append_new(items, json_stringn_nocheck(item, strlen(item)));
        free(item);
    }
    return items;
}

static void survive(const char *text, const char *separators)
{
    json_auto_t *items = read_all(text, separators);
    AUTO(mem_free) char *again = quoted_join(items, separators);
    json_auto_t *others = read_all(again, separators);

    BUG_ON(!json_equal(items, others));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(mem_free) char *text = xstrndup((const char *)data, size < 4096 ? size : 4096);

    survive(text, QUOTED_WORDS);
    survive(text, QUOTED_ITEMS);
    return 0;
}

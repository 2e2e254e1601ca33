/* Lists as text: what is rendered comes back, and so does what was read from any text. */
#include <string.h>

#include "fuzz.h"
#include "stash/limits.h"
#include "stash/mem.h"
#include "stash/quoted.h"

static void check(const json_t *list, enum quoted_form form)
{
    AUTO(mem_free) char *text = NULL;
    json_auto_t *back = NULL;
    struct error err;

    if (quoted_render(list, form, &text, &err) < 0)
        return;
    BUG_ON(strlen(text) > LIMIT_TEMPLATE);
    BUG_ON(strstr(text, "$(") || strstr(text, "${") || strstr(text, "$$"));
    back = quoted_parse(text, form);
    BUG_ON(!json_equal(back, list));
}

/* The first byte says where the items end, so that items may hold anything else. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_auto_t *items = json_array();
    size_t begin = 1;

    for (size_t i = 1; i <= size; i++) {
        if (i < size && data[i] != data[0])
            continue;
        json_t *item = json_stringn((const char *)data + begin, i - begin);
        if (item && strlen(json_string_value(item)) == i - begin)
            json_array_append(items, item);
        json_decref(item);
        begin = i + 1;
    }
    for (int form = QUOTED_LIST; form <= QUOTED_WORDS; form++) {
        AUTO(mem_free) char *text = xstrndup((const char *)data, size);
        json_auto_t *read = quoted_parse(text, form);

        check(items, form);
        check(read, form);
    }
    return 0;
}

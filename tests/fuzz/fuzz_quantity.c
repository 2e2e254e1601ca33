/* Quantities: what parses equals itself, and its negative is that. */
#include "fuzz.h"
#include "stash/error.h"
#include "stash/mem.h"
#include "stash/quantity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(mem_free) char *text = xstrndup((const char *)data, size);
    AUTO(mem_free) char *negative = xasprintf("-%s", text);
    int64_t units, minus;

    if (!quantity_parse(text, &units))
        return 0;
    BUG_ON(!quantity_equal(text, text));
    if (*text != '-' && *text != '+')
        BUG_ON(!quantity_parse(negative, &minus) || minus != -units);
    return 0;
}

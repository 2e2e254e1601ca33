/* Quantities and durations: what parses equals itself and survives being printed. */
#include <string.h>

#include "fuzz.h"
#include "stash/error.h"
#include "stash/mem.h"
#include "stash/quantity.h"
#include "stash/timefmt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(mem_free) char *text = xstrndup((const char *)data, size);
    AUTO(mem_free) char *negative = xasprintf("-%s", text);
    int64_t units, minus, nanos, again;
    char printed[TIMEFMT_SIZE];

    if (quantity_parse(text, &units)) {
        BUG_ON(!quantity_equal(text, text));
        if (*text != '-' && *text != '+')
            BUG_ON(!quantity_parse(negative, &minus) || minus != -units);
    }
    if (timefmt_parse_duration(text, &nanos)) {
        timefmt_duration(nanos, printed);
        BUG_ON(!timefmt_parse_duration(printed, &again) || again != nanos);
    }
    return 0;
}

/* Durations: what parses survives being printed. */
#include "fuzz.h"
#include "stash/error.h"
#include "stash/mem.h"
#include "stash/timefmt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(mem_free) char *text = xstrndup((const char *)data, size);
    int64_t nanos, again;
    char printed[TIMEFMT_SIZE];

    if (!timefmt_parse_duration(text, &nanos))
        return 0;
    timefmt_duration(nanos, printed);
    BUG_ON(!timefmt_parse_duration(printed, &again) || again != nanos);
    return 0;
}

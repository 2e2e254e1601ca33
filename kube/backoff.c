#include "backoff.h"

int64_t backoff_next(struct backoff *backoff, int64_t now_ms, uint32_t random)
{
    if (backoff->failures > 0 && now_ms - backoff->last_ms > BACKOFF_CALM_MS)
        backoff->failures = 0;
    int64_t full = BACKOFF_FIRST_MS;
    for (unsigned i = 0; i < backoff->failures && full < BACKOFF_MAX_MS; i++)
        full *= 2;
    if (full > BACKOFF_MAX_MS)
        full = BACKOFF_MAX_MS;
    backoff->failures++;
    backoff->last_ms = now_ms;
    return full / 2 + (int64_t)(random % (uint32_t)(full / 2 + 1));
}

#include "outage.h"

#define PAUSE_FIRST_MS 200
#define PAUSE_MAX_MS   5000
#define WARM_UP_MS     15000 /* how long a server that came back may know less than before */

static bool is_away(long status)
{
    return status == 0 || status >= 500 || status == 429;
}

/* An answer that the server may give only because it has just started. */
static bool is_doubtful(const struct outage *outage, long status, int64_t now_ms)
{
    return outage->began_ms && (status == 401 || status == 403 || status == 404) &&
           now_ms - outage->returned_ms < WARM_UP_MS;
}

int64_t outage_wait(struct outage *outage, long status, int64_t patience_ms, int64_t now_ms)
{
    bool away = is_away(status);

    if (patience_ms <= 0)
        return -1;
    if (away && !outage->began_ms)
        *outage = (struct outage){.began_ms = now_ms, .pause_ms = PAUSE_FIRST_MS};
    if (away)
        outage->returned_ms = 0;
    else if (!outage->returned_ms)
        outage->returned_ms = now_ms;
    if (!away && !is_doubtful(outage, status, now_ms))
        return -1;
    if (now_ms - outage->began_ms >= patience_ms)
        return -1;
    int64_t pause = outage->pause_ms;
    outage->pause_ms = pause * 2 < PAUSE_MAX_MS ? pause * 2 : PAUSE_MAX_MS;
    return pause;
}

#include "stash/clock.h"

#include <sys/random.h>
#include <time.h>

static struct timespec clock_get(clockid_t id)
{
    struct timespec ts;

    clock_gettime(id, &ts);
    return ts;
}

int64_t clock_now(void)
{
    return clock_get(CLOCK_REALTIME).tv_sec;
}

int64_t clock_now_micros(void)
{
    struct timespec ts = clock_get(CLOCK_REALTIME);

    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t clock_mono_ms(void)
{
    struct timespec ts = clock_get(CLOCK_MONOTONIC);

    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void clock_sleep_ms(int64_t ms)
{
    struct timespec ts = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

    nanosleep(&ts, NULL);
}

uint32_t clock_random(uint32_t below)
{
    uint32_t value = 0;

    if (below < 2 || getrandom(&value, sizeof(value), 0) != sizeof(value))
        return 0;
    return value % below;
}

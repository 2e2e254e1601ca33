/*
 * spawn.h - run programs from argument vectors, alone or as a pipe, and learn how every one of them ended.
 *
 * Never a shell. Children get exactly the environment they are given, the last stage's standard output is streamed to a
 * callback, standard error is kept as a bounded tail per stage. A deadline or spawn_cancel() sends SIGTERM, then
 * SIGKILL. No zombie and no descriptor is left behind.
 */
#ifndef STASH_SPAWN_H
#define STASH_SPAWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stash/error.h"
#include "stash/limits.h"

#define SPAWN_MAX_STAGES 4

struct spawn_request {
    const char *const *stages[SPAWN_MAX_STAGES]; /* NULL-ended argument vectors, in pipe order */
    size_t count;
    const char *const *env; /* NULL-ended "KEY=value" list: the whole environment */
    const char *const *envs[SPAWN_MAX_STAGES]; /* a stage's own in place of `env`; NULL: `env` */
    const char *cwd;                           /* NULL: the present one */
    int stdin_fd;                              /* of the first stage; -1: /dev/null */
    int64_t timeout_ms;                        /* 0: none */
    int64_t quiet_ms; /* end it when nothing is said, moved or computed for so long; 0: never */
    /* asked then, with `watched`: true gives it quiet_ms again, because others work for it; NULL: nobody does */
    bool (*is_working)(const void *watched);
    const void *watched;
    int64_t grace_ms; /* between SIGTERM and SIGKILL; 0: five seconds */
    /* it may speak with the person at the terminal: what it says to standard error goes there too, and with the
     * terminal as stdin_fd it is the one that reads from it meanwhile */
    bool talks;
    bool (*is_hopeless)(
        const char *said); /* end it when true of the tail of a standard error; NULL: never */
    void (*on_stdout)(void *ctx, const char *data, size_t len); /* NULL: discarded */
    void *ctx;
};

struct spawn_exit {
    int status; /* exit code, or 128 + signal */
    bool signaled;
    char stderr_tail[LIMIT_STDERR_TAIL + 1];
};

struct spawn_result {
    struct spawn_exit exits[SPAWN_MAX_STAGES];
    size_t count;
    bool timed_out;
    bool stalled; /* nothing moved for quiet_ms; timed_out is true too */
    bool gave_up; /* is_hopeless() was true; the run is no error, its exits tell the rest */
};

/**
 * Run to the end. 0 when every stage ran (look at the exits!), an error when one could not be started or the deadline
 * passed (then the exits say what is known).
 */
int spawn_run(const struct spawn_request *request, struct spawn_result *ret, struct error *err);

/** Index of the first stage that did not end with 0, or -1. */
int spawn_first_failure(const struct spawn_result *result);

/** Make every running and later spawn_run() of the process end soon with ERR_TIMEOUT; async-signal-safe. */
void spawn_cancel(void);
/** Whether spawn_cancel() was called. */
bool spawn_is_cancelled(void);

/** Sleep, but not beyond a cancellation: false then, at once. */
bool spawn_sleep_ms(int64_t ms);

#endif

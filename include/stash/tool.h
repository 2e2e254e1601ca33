/*
 * tool.h - run one of a database's own tools, and watch it.
 */
#ifndef STASH_TOOL_H
#define STASH_TOOL_H

#include <stdint.h>

#include "stash/argv.h"
#include "stash/buf.h"
#include "stash/child_env.h"
#include "stash/error.h"
#include "stash/spawn.h"

/** Begin an environment with this process's own (child_env_init). */
void tool_env(struct child_env *env, const char *scratch);

/**
 * How long a tool may say nothing, move nothing and compute nothing before it is ended (unless somebody works for it): half
 * an hour, or STASH_TOOL_PATIENCE seconds (0: for ever).
 */
int64_t tool_patience_ms(void);

struct tool_request {
    const struct argv *args;
    const struct argv *env;
    struct buf *output; /* gets standard output; NULL: nobody */
    void (*on_stdout)(void *ctx, const char *data, size_t len); /* NULL: nobody listens */
    void *ctx;
    /* gets the end of standard error of a tool that ended well; NULL: nobody */
    struct buf *complaints;
    bool (*is_working)(const void *watched); /* as in spawn.h */
    const void *watched;
    int64_t timeout_ms; /* 0: none beside tool_patience_ms() */
};

/**
 * Run to the end. Anything but exit 0 is an error (ERR_SYSTEM, code = exit status) with the last lines of what the tool
 * said; one that had to be ended is ERR_TIMEOUT. The error never holds arguments or environment.
 */
int tool_run(const struct tool_request *request, struct error *err);

/** How a stage of a pipe failed, in the same words. */
int tool_failure(const char *name, const struct spawn_exit *ended, const char *said,
                 struct error *err);

/** That a stage was ended because it did nothing for tool_patience_ms(), in the same words. */
int tool_stalled(const char *name, const struct spawn_exit *ended, struct error *err);

#endif

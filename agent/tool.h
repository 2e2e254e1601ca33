/*
 * tool.h - run one of a database's own tools.
 */
#ifndef STASH_AGENT_TOOL_H
#define STASH_AGENT_TOOL_H

#include "stash/argv.h"
#include "stash/buf.h"
#include "stash/child_env.h"
#include "stash/error.h"

/** Begin an environment with this process's own (child_env_init). */
void tool_env(struct child_env *env, const char *scratch);

/**
 * Run to the end; standard output goes into `output` when given. Anything but exit 0 is an error (ERR_SYSTEM, code = exit
 * status) with the last lines of what the tool said. The error never holds arguments or environment.
 */
int tool_run(const struct argv *args, const struct child_env *env, struct buf *output,
             struct error *err);

#endif

/*
 * lab.h - an addon's real server and tools for one test: a repository of the real restic, an API server from a script.
 */
#ifndef TEST_LAB_H
#define TEST_LAB_H

#include <jansson.h>

#include "stage.h"

struct lab {
    struct stage stage;
    const char *values[16]; /* of the addon's parameters */
    pid_t server;           /* 0: none runs */
    int jobs;
};

/** Skips the test without STASH_LAB_TOOLS. The tools are in the PATH, $LAB is a folder for the server. */
void lab_open(struct lab *lab, const char *appbinding);
void lab_done(struct lab *lab);
DEFINE_AUTO_VALUE(struct lab, lab_done);

/** Start a server from a shell command (exec it), and wait until the shell command `ready` succeeds. */
void lab_start(struct lab *lab, const char *command, const char *ready);
void lab_stop(struct lab *lab);

/** Set a parameter. */
void lab_set(struct lab *lab, const char *flag, const char *value);

/** A shell command that has to succeed. */
void lab_do(const char *command);
/** What a shell command says, without the last line feed. Heap string. */
char *lab_ask(const char *command);

/** Run a step in a Job of its own; the host's entry of output.json. New reference. */
json_t *lab_back_up(struct lab *lab);
json_t *lab_restore(struct lab *lab);

void lab_check_succeeded(const json_t *stat);
void lab_check_failed(const json_t *stat, const char *why);
void lab_check_warned(const json_t *stat, const char *what);

#endif

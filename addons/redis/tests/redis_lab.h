/*
 * redis_lab.h - real servers for the tests of label lab.
 */
#ifndef TEST_REDIS_LAB_H
#define TEST_REDIS_LAB_H

#include "lab.h"

#define REDIS_PORT  "16379"
#define REDIS_OTHER "16380"
#define REDIS_URL   "url: 'redis://127.0.0.1:" REDIS_PORT "'"
#define REDIS_AUTH  "secret: {name: redis-auth}"

/** The dump program's environment has it as well: commands of the test's own are logged in. */
#define CLI     "redis-cli -p " REDIS_PORT " "
#define CLIENT  TESTS "client.py "
#define CONTENT CLIENT "content 127.0.0.1:" REDIS_PORT

/** A lab with servers of this program at these ports; skips the test without it. */
void redis_lab_open(struct lab *lab, const char *program, const char *ports, const char *options);
/** Start them again, without data. */
void redis_lab_start(struct lab *lab, const char *program, const char *ports, const char *options);
/** What the AppBinding says. */
void redis_lab_bind(struct lab *lab, const char *config, const char *spec);

/** A Redis at REDIS_PORT, bound. */
void redis_lab_plain(struct lab *lab);
/** With the data that breaks things. */
void redis_lab_with_data(struct lab *lab);

void redis_lab_back_up(struct lab *lab);
void redis_lab_restore(struct lab *lab);
void redis_lab_check(const char *command, const char *expected);
int redis_lab_snapshots(void);

/** Store a file as Stash does. */
void redis_lab_store(const char *path);

/** In place of our own program DUMP or LOAD runs this shell command; $STASH is the real one. */
void redis_lab_replace(struct lab *lab, const char *program, const char *command);

#endif

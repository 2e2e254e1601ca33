/*
 * redis_args.h - who logs in where, and what the parameter args says. Pure.
 *
 * What a login needs goes into the environment, because the processes of a run have nothing else in common.
 */
#ifndef STASH_REDIS_ARGS_H
#define STASH_REDIS_ARGS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "stash/argv.h"
#include "stash/child_env.h"
#include "stash/error.h"

struct redis_source {
    const json_t *app, *secret, *tls_secret; /* secrets may be JSON null or NULL */
};

/** AppBinding and Secrets to the environment and secret files. */
int redis_env(const struct redis_source *source, struct child_env *env, struct error *err);

/** A login as an environment has it; borrowed from there. */
struct redis_login {
    const char *host;            /* host:port */
    const char *user, *password; /* NULL: none */
    bool tls, insecure;
    const char *ca, *cert, *key; /* files; NULL: none */
};
void redis_login_read(const struct argv *env, struct redis_login *ret);

enum redis_payload { REDIS_COMMANDS, REDIS_PAYLOAD_MODULES, REDIS_PAYLOAD_ALL };

/** The parameter args. */
struct redis_options {
    int64_t database;   /* -db; -1: all */
    const char *filter; /* -filter: a pattern of keys; NULL: all. Borrowed from the words */
    bool drop_expiry;   /* -ttl=false */
    enum redis_payload payload;
    int64_t quiet_s; /* --pipe-timeout: how long the server may answer nothing; 0: for ever */
};
int redis_options_dump(const struct argv *words, struct redis_options *ret, struct error *err);
int redis_options_load(const struct argv *words, struct redis_options *ret, struct error *err);

#endif

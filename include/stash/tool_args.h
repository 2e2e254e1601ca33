/*
 * tool_args.h - how the databases' own tools are called: environments, argument vectors, lists. Pure.
 */
#ifndef STASH_TOOL_ARGS_H
#define STASH_TOOL_ARGS_H

#include <jansson.h>
#include <stdbool.h>

#include "stash/argv.h"
#include "stash/child_env.h"
#include "stash/error.h"

/* ---- NATS -------------------------------------------------------------------------------------------------------- */

/** Every way to log in that the secret (JSON null: none) holds, as the nats client reads it. */
int nats_env(const json_t *app, const json_t *secret, struct child_env *env, struct error *err);

/** streams.json or `nats stream ls --json`: an array of names, or null. ERR_INVALID for a name that cannot be a folder. */
int nats_streams_parse(const char *text, size_t len, json_t **ret_names, struct error *err);
/** The `streams` parameter: comma separated; the same checks. */
int nats_streams_split(const char *list, json_t **ret_names, struct error *err);

void nats_args_check(const char *warning_threshold, struct argv *ret);
void nats_args_list(struct argv *ret);
void nats_args_backup(const char *args, const char *stream, const char *folder, struct argv *ret);
void nats_args_restore(const char *args, const char *folder, struct argv *ret);
void nats_args_remove(const char *stream, struct argv *ret);

/* ---- Elasticsearch ----------------------------------------------------------------------------------------------- */

#define ES_AUTH_FILE "auth.txt"

/** User and password; heap strings. */
int es_credentials(const json_t *secret, char **ret_user, char **ret_password, struct error *err);
/** Environment, CA file and auth file; `*ret_auth` is the auth file's path (borrowed). */
int es_env(const json_t *app, const json_t *secret, struct child_env *env, const char **ret_auth,
           struct error *err);

struct es_dump {
    const char *url, *folder, *auth_file;
    const char *args;   /* the user's, split at blanks */
    const char *ignore; /* types to add to --ignoreType, comma separated; NULL: none */
};
void es_args_dump(const struct es_dump *dump, struct argv *ret);
void es_args_load(const struct es_dump *dump, struct argv *ret);

#endif

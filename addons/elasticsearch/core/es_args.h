/*
 * es_args.h - how multielasticdump is called: environment, credentials, argument vectors. Pure.
 */
#ifndef STASH_ES_ARGS_H
#define STASH_ES_ARGS_H

#include <jansson.h>
#include <stdbool.h>

#include "stash/argv.h"
#include "stash/child_env.h"
#include "stash/error.h"

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
    bool whole;         /* the server refuses to answer in part */
};

/** ERR_INVALID names one of the user's words that is not his to say. */
int es_args_check(const char *args, struct error *err);
/** Whether they choose some of the indices; all, or all without those of the server that begin with a dot, is no choice. */
bool es_args_choose_some(const char *args);
/** Whether they ask for no documents. */
bool es_args_leave_out_data(const char *args);
/** Whether they hold this option (without its dashes). */
bool es_args_has(const char *args, const char *option);
/** Its value; NULL: none. Heap string. */
char *es_args_value(const char *args, const char *option);
/** {index: true} of the indices that the tool, as it said at its beginning, loads. NULL: it did not say. New reference. */
json_t *es_args_chosen(const char *said);
void es_args_dump(const struct es_dump *dump, struct argv *ret);
void es_args_load(const struct es_dump *dump, struct argv *ret);

#endif

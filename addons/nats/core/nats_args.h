/*
 * nats_args.h - how the nats client is called: environment, argument vectors, lists of streams. Pure.
 */
#ifndef STASH_NATS_ARGS_H
#define STASH_NATS_ARGS_H

#include <jansson.h>
#include <stdbool.h>

#include "stash/argv.h"
#include "stash/child_env.h"
#include "stash/error.h"

/** Every way to log in that the secret (JSON null: none) holds, as the nats client reads it. */
int nats_env(const json_t *app, const json_t *secret, struct child_env *env, struct error *err);

/** streams.json: an array of names, or null. ERR_INVALID for a name that cannot be a folder. */
int nats_streams_parse(const char *text, size_t len, json_t **ret_names, struct error *err);
/** What the client lists, a name in each line; the same checks. */
int nats_streams_lines(const char *text, json_t **ret_names, struct error *err);
/** The `streams` parameter: comma separated; the same checks. */
int nats_streams_split(const char *list, json_t **ret_names, struct error *err);

/** ERR_INVALID names a word of the parameter args that leads elsewhere, or with which the client would do nothing. */
int nats_args_check_words(const char *args, struct error *err);
void nats_args_check(const char *warning_threshold, struct argv *ret);
void nats_args_list(struct argv *ret);
void nats_args_backup(const char *args, const char *stream, const char *folder, struct argv *ret);
void nats_args_restore(const char *args, const char *folder, struct argv *ret);
/** What the server says of a stream. */
void nats_args_info(const char *stream, struct argv *ret);
/** What an archive of a server from 2.15 on holds: read to its end. */
void nats_args_archive(const char *folder, struct argv *ret);
void nats_args_remove(const char *stream, struct argv *ret);

#endif
